"""Where the series of a station stand, and how the numbers of a bureau read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from records import actions
from records.forms import PatternForm, StartForm, StationStartForm
from records.models import (
    FORMS,
    UNSETTLED,
    Document,
    DocumentCounter,
    Kind,
    NumberPattern,
    State,
    default_pattern,
    kinds_of_station,
)
from records.numbers import GivenUp, given_up
from records.patterns import check, patterns_of, printed, resolved, sample
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind, OrganisationQuerySet
from stations.permissions import Can

# A complaint is numbered when it comes in; its paper is made when it is dealt with.
NUMBERED_FIRST = frozenset({Kind.COMPLAINT})
# In an address, where a kind would stand: the enforcement papers together.
TOGETHER = "ENFORCEMENT"


@dataclass(frozen=True)
class Series:
    """One kind's numbers of a year: every one of them is a paper, valid or void, or was used before the system.

    ``void``: with those ``given_up``, taken back before there was a paper. ``used``: the last one taken for good; less
    than ``last`` while a start can still be corrected.
    """

    kind: Kind
    last: int
    skipped: int
    valid: int
    void: int
    next: str
    used: int
    given_up: int = 0

    @property
    def papers(self) -> int:
        return self.valid + self.void - self.given_up

    @property
    def open_start(self) -> bool:
        return self.used < self.last

    @property
    def open(self) -> int:
        """Numbers without a paper; never below zero, as one given before there were papers may get one later."""
        return max(0, self.last - self.skipped - self.valid - self.void)

    @property
    def gaps(self) -> int:
        return 0 if self.kind in NUMBERED_FIRST else self.open


@requires(Can.SET_NUMBERS)
def counters(request: OfficerRequest) -> HttpResponse:
    """Where the series of the chief's station stand this year, and where one goes on."""
    station, year = request.user.home_station, localdate().year
    form = StationStartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_start(request.user, station, year=year, **form.cleaned_data)
        messages.success(request, "已设定起始号")
        return redirect(reverse("records:counters"))
    taken_back = given_up(station, year)
    series = _series(station, year, kinds_of_station(), taken_back)
    context = {"form": form, "series": series, "year": year, "station": station, "nav_key": "papers"}
    context["given_up"] = taken_back
    return render(request, "records/counter_list.html", context, status=422 if form.errors else 200)


def _series(station: Organisation, year: int, kinds: list[Kind], taken_back: Iterable[GivenUp] = ()) -> list[Series]:
    counters = {row.kind: row for row in DocumentCounter.objects.filter(station=station, year=year)}
    papers = Document.objects.filter(station=station, year=year).order_by().values_list("kind")
    void = Count("pk", filter=Q(state=State.VOID))
    kept = {kind: (count - voided, voided) for kind, count, voided in papers.annotate(Count("pk"), void=void)}
    patterns = patterns_of(station.bureau_id)
    back = Counter(number.kind for number in taken_back)
    series = []
    for kind in kinds:
        row = counters.get(kind, DocumentCounter())
        following = printed(patterns[kind], station, kind, year, row.last + 1)
        valid, void = kept.get(kind, (0, 0))
        counted = Series(kind, row.last, row.skipped, valid, void + back[kind], following, row.used, back[kind])
        series.append(counted)
    return series


def _bureaus(request: OfficerRequest) -> OrganisationQuerySet:
    return Organisation.objects.managed_by(request.user).filter(kind=OrganisationKind.BUREAU, is_active=True)


@requires(Can.MANAGE_SETTINGS)
@require_GET
def patterns(request: OfficerRequest) -> HttpResponse:
    """How the numbers of each bureau read, kind by kind, and what is still to be confirmed."""
    bureaus = list(_bureaus(request))
    saved: dict[int, dict[str, NumberPattern]] = {bureau.pk: {} for bureau in bureaus}
    for row in NumberPattern.objects.filter(bureau__in=bureaus):
        saved[row.bureau_id][row.kind] = row
    shown = [(bureau, _rows(bureau, saved[bureau.pk])) for bureau in bureaus]
    return render(request, "records/pattern_list.html", {"bureaus": shown, "nav_key": "settings"})


def _rows(bureau: Organisation, own: dict[str, NumberPattern]) -> list[dict[str, object]]:
    """The enforcement papers together first, then every kind; one without a pattern of its own follows the first."""
    taken = resolved({kind: row.pattern for kind, row in own.items()})
    together = own.get("", NumberPattern(pattern=default_pattern(None)))
    first = {"code": TOGETHER, "title": "执法文书（除另设外）", "own": True, "row": together}
    rows = [first | {"sample": sample(together.pattern, None, bureau.code_word)}]
    for kind in Kind:
        row = own.get(kind) or (NumberPattern(pattern=default_pattern(kind)) if FORMS[kind].official else together)
        mine = kind in own or FORMS[kind].official
        words = {"code": kind.value, "title": kind.label, "own": mine, "row": row, "unsettled": kind in UNSETTLED}
        rows.append(words | {"sample": sample(taken[kind], kind, bureau.code_word)})
    return rows


@requires(Can.MANAGE_SETTINGS)
def pattern(request: OfficerRequest, pk: int, kind: str) -> HttpResponse:
    """How numbers of one kind read; under htmx only the sample of what is being typed."""
    bureau, of = get_object_or_404(_bureaus(request), pk=pk), _kind(kind)
    if request.htmx:
        shown = _sample(request.GET.get("pattern", ""), of, bureau)
        return render(request, "records/_pattern_sample.html", shown)
    row = NumberPattern.objects.filter(bureau=bureau, kind=of or "").first()
    if request.method == "POST" and "drop" in request.POST and of is not None:
        actions.drop_pattern(request.user, bureau, of)
        messages.success(request, f"{of.label}不再单设格式")
        return redirect("number_patterns")
    form = PatternForm(request.POST or None, bureau=bureau, kind=of, row=row)
    if form.is_valid():
        confirmed_on = localdate() if form.cleaned_data["confirmed"] else None
        actions.set_pattern(request.user, bureau, of, form.cleaned_data["pattern"], confirmed_on)
        messages.success(request, "文书号格式已保存，以后出具的文书照此编号，已出具的不变。")
        return redirect("number_patterns")
    context = {"form": form, "bureau": bureau, "kind": of, "row": row, "nav_key": "settings"}
    context["official"] = of is not None and FORMS[of].official
    context["unsettled"] = of in UNSETTLED
    context |= _sample(form["pattern"].value(), of, bureau)
    return render(request, "records/pattern_form.html", context, status=422 if form.errors else 200)


@requires(Can.MANAGE_SETTINGS)
def official_start(request: OfficerRequest, pk: int, kind: str) -> HttpResponse:
    """Where the bureau's own series of a kind of 公文 goes on this year."""
    bureau, of, year = get_object_or_404(_bureaus(request), pk=pk), _kind(kind), localdate().year
    if of is None or not FORMS[of].official:
        raise Http404("这种文书由派出所编号")
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_start(request.user, bureau, of, year=year, **form.cleaned_data)
        messages.success(request, "已设定起始号")
        return redirect("records:official_start", pk, kind)
    [series] = _series(bureau, year, [of])
    context = {"form": form, "bureau": bureau, "series": series, "year": year, "nav_key": "settings"}
    return render(request, "records/start_form.html", context, status=422 if form.errors else 200)


def _kind(code: str) -> Kind | None:
    if code == TOGETHER:
        return None
    if code not in Kind.values:
        raise Http404("没有这种文书")
    return Kind(code)


def _sample(words: str, kind: Kind | None, bureau: Organisation) -> dict[str, str]:
    try:
        check(words, kind)
        return {"sample": sample(words, kind, bureau.code_word)}
    except ValueError as refused:
        return {"refused": str(refused)}
