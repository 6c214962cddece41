"""Global search: units by name, code and address, papers by number, hazards by wording."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from fire_supervision.lib.sought import sealed
from fire_supervision.lib.text import squeezed
from hazards.models import Hazard
from records.models import Document
from stations.models import User
from units.models import Unit

SHOWN = 10


@dataclass(frozen=True)
class Hit:
    """One found row: its words and its page."""

    title: str
    detail: str
    url: str
    state: str


@dataclass(frozen=True)
class Section:
    """What was found of one kind; ``more_url`` is the list with the same words when there is more."""

    title: str
    hits: list[Hit]
    more_url: str


def find(user: User, typed: str) -> list[Section]:
    """Sections with at least one hit, at most `SHOWN` rows each; nothing for fewer than two characters."""
    words = squeezed(typed)
    if len(words) < 2:
        return []
    sections = [_units(user, words), _papers(user, words), _hazards(user, words)]
    return [section for section in sections if section.hits]


def _more(user: User, found: int, url_name: str, words: str) -> str:
    return f"{reverse(url_name)}?{urlencode({'q': sealed(words, user.pk)})}" if found > SHOWN else ""


def _units(user: User, words: str) -> Section:
    matching = Q(name_key__contains=words) | Q(address_key__contains=words)
    # A code is typed in whole or by its head; a middle part is never meant.
    matching |= Q(credit_code__startswith=words.upper())
    rows = list(
        Unit.objects.for_user(user)
        .filter(matching)
        .select_related("category", "station")
        .order_by("state", "name_key")[: SHOWN + 1]
    )
    hits = [
        Hit(
            unit.name,
            f"{unit.category or unit.get_kind_display()}，{unit.address}，{unit.station.name}",
            reverse("unit_page", args=[unit.pk]),
            "" if unit.state == "OPEN" else unit.get_state_display(),
        )
        for unit in rows[:SHOWN]
    ]
    return Section("单位", hits, _more(user, len(rows), "units:list", words))


def _papers(user: User, words: str) -> Section:
    # Numbers are printed with full-width brackets; whoever types 消限字0031 or (2026) means the same paper.
    rows = list(Document.objects.for_user(user).filter(_number_like(words)).order_by("-id")[: SHOWN + 1])
    hits = [
        Hit(
            paper.number,
            f"{paper.title}，{paper.unit_name}",
            reverse("records:document", args=[paper.pk]),
            paper.status,
        )
        for paper in rows[:SHOWN]
    ]
    return Section("文书", hits, _more(user, len(rows), "records:list", words))


def _number_like(words: str) -> Q:
    condition = Q()
    for part in "".join(" " if character in "()[]〔〕（）【】第号-" else character for character in words).split():
        condition &= Q(number__contains=part)
    return condition or Q(pk__in=[])


def _hazards(user: User, words: str) -> Section:
    rows = list(
        Hazard.objects.for_user(user)
        .filter(wording__contains=words)
        .select_related("unit")
        .order_by("-found_on", "-id")[: SHOWN + 1]
    )
    hits = [
        Hit(
            hazard.wording,
            f"{hazard.unit.name}，{hazard.found_on}",
            reverse("hazards:hazard", args=[hazard.pk]),
            hazard.get_state_display(),
        )
        for hazard in rows[:SHOWN]
    ]
    return Section("隐患", hits, _more(user, len(rows), "hazards:list", words))
