"""Words planted in every text of the rows of others: in no answer, workbook, paper, job, message or log of ours."""

# ruff: noqa: F811 - the stage is a fixture

import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django import forms
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpResponse
from django.test.signals import template_rendered
from pytest_django import Settings

from assessments.models import Assessment, Bulletin, Indicator, Scheme, Score
from assessments.quarters import Quarter
from desk import volume_binding
from desk.volume import ask_case, ask_quarter, ask_unit
from fire_supervision.celery import app
from inspections.models import Inspection
from records.models import Bundle, Document
from stations.models import Message, Organisation
from stations.permissions import ROLE_CAN, Role
from tests.desk.volumes import printed, read
from tests.fire_supervision.crawling import Walk
from tests.fire_supervision.marks import DRAWN, FAR, NEIGHBOUR, Rows, bears, plant, text_of
from tests.fire_supervision.stage import NOBODY, Owner, Stage, _files_stay_in_the_test_and_passwords_are_cheap, stage  # noqa: F401
from tests.fire_supervision.world import TODAY, add_cases
from tests.hazards.conftest import moment
from trail.record import record
from units.models import Unit

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]
# Who reaches the rows of his own station alone, and who those of the bureau or the brigade.
AT_HOME = (Role.ASSISTANT, Role.OFFICER, Role.CHIEF, Role.SUPERVISOR, NOBODY)
ABOVE = tuple(role for role in Role if role not in AT_HOME)
HIDDEN = dict.fromkeys(AT_HOME, (NEIGHBOUR, FAR)) | dict.fromkeys(ABOVE, (FAR,))
NOT_REACHED = {NEIGHBOUR: Owner.SIBLING, FAR: Owner.OTHER}
NOW = moment(TODAY, 9)


@pytest.fixture(scope="module")
def planted(stage: Stage, django_db_blocker: Any) -> dict[str, set[str]]:
    """The columns that bear the word, of each place of others; the trail tells it of each."""
    found = {}
    for mark, owner in NOT_REACHED.items():
        station, rows = stage.places[owner].station, stage.rows[owner]
        if mark == FAR:
            rows = rows | {Organisation: {station.pk, station.bureau_id, station.brigade_id}} | _assessed(stage, owner)
        found[mark] = plant(rows, mark, names=mark == FAR)
        _tell(stage, owner, mark)
    return found


def _assessed(stage: Stage, owner: Owner) -> Rows:
    """A quarter of the bureau, published, with its own scheme and what it writes to its stations."""
    station, actor = stage.places[owner].station, stage.places[owner].officer
    scheme = Scheme.objects.create(bureau=station.bureau, name="考核办法", since=date(2026, 1, 1))
    indicator = Indicator.objects.create(
        scheme=scheme, code="COVERAGE", name="检查覆盖", formula="已检查 ÷ 应检查", weight=100, order=1
    )
    quarter = {"bureau": station.bureau, "year": 2026, "quarter": 3}
    assessed = Assessment.objects.create(
        **quarter, station=station, scheme=scheme, points=88, rank=1, published_at=NOW, published_by=actor
    )
    facts = {"done": [], "missed": [], "note": "漏检"}
    score = Score.objects.create(assessment=assessed, indicator=indicator, done=0, due=1, weight=100, detail=facts)
    bulletin = Bulletin.objects.create(
        **quarter, station=station.bureau, situation="火灾形势", demands="工作要求", signer=actor, edited_by=actor,
        edited_at=NOW,
    )  # fmt: skip
    return {type(row): {row.pk} for row in (scheme, indicator, assessed, score, bulletin)}


def _tell(stage: Stage, owner: Owner, mark: str) -> None:
    """An entry with the word in every column a person reads."""
    unit = Unit.objects.get(pk=stage.worlds[owner]["rows"]["unit_page"])
    with transaction.atomic():
        record(
            stage.places[owner].officer, "units.edit", unit, f"{mark}修改单位", reason=f"{mark}改错字",
            before={"name": f"{mark}旧名", "more": [mark]}, after={"name": f"{mark}新名"},
        )  # fmt: skip


def test_the_words_stand_in_every_room(planted: dict[str, set[str]]) -> None:
    names = {f"stations.Organisation.{name}" for name in ("name", "short_name", "issuer_name", "code_word")}
    # What a bureau assesses its stations by is read by all of them, and by no other bureau.
    names |= {
        f"assessments.{name}"
        for name in (
            "Scheme.name", "Indicator.name", "Indicator.formula", "Score.detail", "Bulletin.situation",
            "Bulletin.demands",
        )
    }  # fmt: skip
    assert planted[FAR] - planted[NEIGHBOUR] == names
    assert planted[NEIGHBOUR] - planted[FAR] == set()
    within = {"records.Document.context", "deadlines.Clock.explanation", "filings.MonthlyReport.figures"}
    assert planted[FAR] & within == within
    rooms = {column.split(".")[0] for column in planted[FAR]}
    assert rooms == {"stations", "deadlines", "records", "units", "inspections", "hazards", "filings", "assessments"}
    assert len(planted[FAR]) > 80


def starts(stage: Stage, who: str) -> list[str]:
    """Every address without an id that ``who`` may open."""
    return [
        each.url
        for each in stage.addresses
        if not each.values and each.name not in ("stations:logout", "styleguide")
        and (each.capability is None or (who != NOBODY and each.capability in ROLE_CAN[Role(who)]))
    ]  # fmt: skip


def foreign_numbers(stage: Stage, who: str) -> tuple[int, ...]:
    """A station, a person and a unit of each place ``who`` does not reach."""
    places = [stage.places[NOT_REACHED[mark]] for mark in HIDDEN[who]]
    units = [stage.worlds[NOT_REACHED[mark]]["rows"]["unit_page"] for mark in HIDDEN[who]]
    return (*(place.station.pk for place in places), *(place.officer.pk for place in places), *units)


class Choices:
    """The rows that the forms of rendered pages offer."""

    def __init__(self) -> None:
        self.found: dict[str, set[tuple[type[Any], Any]]] = {}
        self.fields = 0

    def __call__(self, context: Any, **_: Any) -> None:
        for layer in getattr(context, "dicts", ()):
            for value in layer.values():
                for form in value.forms if isinstance(value, forms.BaseFormSet) else [value]:
                    if isinstance(form, forms.BaseForm):
                        self._take(form)

    def _take(self, form: forms.BaseForm) -> None:
        for name, field in form.fields.items():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                self.fields += 1
                rows = {(field.queryset.model, pk) for pk in field.queryset.values_list("pk", flat=True)}
                self.found.setdefault(f"{type(form).__name__}.{name}", set()).update(rows)


@pytest.fixture
def choices() -> Iterator[Choices]:
    listening = Choices()
    template_rendered.connect(listening)
    yield listening
    template_rendered.disconnect(listening)


@pytest.mark.parametrize("who", list(HIDDEN))
def test_nothing_of_others_stands_in_anything_one_is_shown_or_offered(
    who: str, stage: Stage, planted: dict[str, set[str]], choices: Choices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    walk = Walk(stage, who, starts(stage, who), foreign_numbers(stage, who))
    found, broken, reached = [], [], set()
    for url, response in walk.answers():
        text = text_of(response)
        found += [f"{mark} in {url}: {_around(text, mark)}" for mark in HIDDEN[who] if bears(text, mark)]
        reached |= {mark for mark in NOT_REACHED if bears(text, mark)}
        if response.status_code >= 500:
            broken.append(f"{response.status_code} {url}")
    foreign = {
        (model, pk) for mark in HIDDEN[who] for model, pks in stage.rows[NOT_REACHED[mark]].items() for pk in pks
    }
    offered = {name: rows & foreign for name, rows in choices.found.items() if rows & foreign}

    assert not broken, "\n".join(broken)
    assert not found, f"{len(found)}:\n" + "\n".join(found[:60])
    assert offered == {}
    assert [mark for mark in HIDDEN[who] if mark in caplog.text] == []
    # The word is found where it may be seen.
    assert (NEIGHBOUR in reached) == (who in (Role.BRIGADE_LEADER, Role.BUREAU_OFFICER, Role.BUREAU_LEADER,
                                              Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN))  # fmt: skip


def _around(text: str, mark: str) -> str:
    at = text.find(mark)
    return re.sub(r"\s+", " ", text[max(0, at - 60) : at + 40])


DRAWN_PAGES = ("stations:totp", "stations:passkey", "stations:logout")


@pytest.mark.parametrize("who", [Role.ASSISTANT, Role.OFFICER, Role.CHIEF, Role.SUPERVISOR])
def test_three_rows_of_others_change_no_page_and_no_count(who: str, stage: Stage) -> None:
    lists = [
        each.url + asked
        for each in stage.addresses
        if not each.values and each.name not in DRAWN_PAGES
        and each.capability is not None and each.capability in ROLE_CAN[Role(who)]
        for asked in ("", "?q=万家福")
    ]  # fmt: skip

    def pages() -> dict[str, str]:
        return {url: DRAWN.sub("", getattr(stage.ask(who, "GET", url), "content", b"").decode()) for url in lists}

    with transaction.atomic():
        before = pages()
        for owner in NOT_REACHED.values():
            add_cases(stage.places[owner], 2)
        differing = [url for url, page in pages().items() if page != before[url]]
        transaction.set_rollback(True)
    assert len(lists) > 40
    assert differing == []


def test_nobody_of_ours_is_told_of_others(stage: Stage, planted: dict[str, set[str]]) -> None:
    """Messages, at home none of next door, and above none of another bureau."""
    told = {
        who: [message.title + message.body for message in Message.objects.filter(user=stage.people[who])]
        for who in HIDDEN if who in stage.people
    }  # fmt: skip
    assert sum(map(len, told.values())) > 3
    assert [(who, words) for who, all_words in told.items() for words in all_words
            if any(mark in words for mark in HIDDEN[who])] == []  # fmt: skip


# What runs by itself and tells people, or writes of them into the log.
TELLING = (
    "units.open_year", "units.end_pledges", "hazards.open_due", "hazards.effect_notices", "hazards.fell_extensions",
    "hazards.end_links", "deadlines.remind", "filings.open_month", "stations.watch",
)  # fmt: skip


def test_what_runs_by_itself_tells_nobody_of_others_and_logs_none_of_it(
    stage: Stage, planted: dict[str, set[str]], caplog: pytest.LogCaptureFixture, mailoutbox: list[EmailMessage],
    settings: Settings,
) -> None:  # fmt: skip
    app.loader.import_default_modules()
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    settings.SECURITY_ALARM_TO = ["security@example.org"]
    with transaction.atomic():
        known = set(Message.objects.values_list("pk", flat=True))
        with time_machine.travel(NOW + timedelta(days=45), tick=False):
            for name in TELLING:
                app.tasks[name]()
        told = Message.objects.exclude(pk__in=known)
        who = {user.pk: role for role, user in stage.people.items()}
        found = [
            (who[message.user_id], message.title, message.body) for message in told.filter(user__in=who)
            if any(mark in message.title + message.body for mark in HIDDEN.get(who[message.user_id], ()))
        ]  # fmt: skip
        reached = {mark for mark in NOT_REACHED for each in told if mark in each.title + each.body}
        transaction.set_rollback(True)
    assert found == []
    # The sweeps have told those whose business it is.
    assert reached == set(NOT_REACHED)
    assert [mark for mark in NOT_REACHED if mark in caplog.text] == []
    assert [each.subject for each in mailoutbox if bears(each.subject + str(each.body), NEIGHBOUR)] == []


def test_what_is_bound_for_one_station_holds_papers_of_no_other(stage: Stage, planted: dict[str, set[str]]) -> None:
    with transaction.atomic():
        for paper in Document.objects.all():
            printed(paper)
        world, place = stage.worlds[Owner.OWN], stage.places[Owner.OWN]
        unit = Unit.objects.get(pk=world["rows"]["unit_page"])
        visit = Inspection.objects.get(pk=world["own"]["bind_case"]["pk"])
        asked = [
            ask_unit(unit, place.chief, NOW), ask_case(visit, place.chief, NOW),
            ask_quarter(place.station, Quarter(2026, 3), place.chief, NOW),
        ]  # fmt: skip
        for bundle in asked:
            volume_binding.bind(bundle.pk, NOW)
            bound = Bundle.objects.get(pk=bundle.pk)
            text = _text(read(bound))
            own = set(Document.objects.filter(station=place.station).values_list("pk", flat=True))
            papers = {int(number) for number in re.findall(r"PAPER(\d+)\.", text)}
            assert papers
            assert papers - own == set()
            assert [mark for mark in NOT_REACHED if bears(text, mark)] == []
        transaction.set_rollback(True)


def _text(content: bytes) -> str:
    return text_of(HttpResponse(content))
