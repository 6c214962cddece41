"""消防安全责任书: the register of who has signed, the form both parties sign, one pledge to read and to void."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.refusals import Refusal, show_faults
from records import drafts
from records.signatures import check
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from units import pledging
from units.models import Pledge, PledgeState, Unit
from units.papers import shown_digest
from units.pledge_forms import PledgeFilter, PledgeForm, VoidPledgeForm
from units.standing import TONES, Pledged, pledged
from units.terms import terms_on

NAV: dict[str, Any] = {"nav_key": "units"}
HEADER = (
    "单位",
    "地址",
    "类别",
    "派出所",
    "责任民警",
    "责任书编号",
    "责任期限自",
    "至",
    "甲方",
    "甲方签名人",
    "乙方签名人",
    "状态",
)


@dataclass(frozen=True)
class Row:
    """A unit of the register and how it stands with its pledges."""

    unit: Unit
    pledged: Pledged


@requires(Can.VIEW_UNITS)
@require_GET
def listing(request: OfficerRequest) -> HttpResponse:
    """Every open unit with the pledge that runs; ``?export=xlsx`` is the same list as a workbook."""
    today = localdate()
    form = PledgeFilter(request.GET, user=request.user)
    everything = Unit.objects.for_user(request.user).open()
    standing = Pledge.objects.running_on(today) | Pledge.objects.coming_on(today)
    standing = standing.select_related("document", "signer_a").order_by("since")
    units = form.narrow(everything, today).select_related("category", "station", "officer")
    units = units.prefetch_related(Prefetch("pledges", standing, to_attr="standing"))
    if request.GET.get("export"):
        rows = (_exported(_row(unit, today)) for unit in units.order_by("name_key", "pk").iterator(chunk_size=500))
        return exports.table(request, f"消防安全责任书{today}.xlsx", "责任书", HEADER, rows)
    page = page_of(units, ("name_key",), request.GET.get("cursor", ""))
    context = NAV | {
        "form": form,
        "page": page,
        "rows": [_row(unit, today) for unit in page.rows],
        "of": everything.count(),
        "signed": Pledge.objects.for_user(request.user).running_on(today).filter(unit__state="OPEN").count(),
        "several_stations": "station" in form.fields,
        "may_export": request.user.can(Can.EXPORT),
        "may_sign": request.user.can(Can.ISSUE_PAPERS),
    }
    return render(request, "units/pledge_list.html", context)


def _row(unit: Unit, today: date) -> Row:
    return Row(unit, pledged(unit.standing, today))  # type: ignore[attr-defined] # prefetched by the list


def _exported(row: Row) -> list[Any]:
    unit, pledge = row.unit, row.pledged.shown
    own = [unit.name, unit.address, str(unit.category or unit.get_kind_display()), unit.station.name]
    own.append(unit.officer.name if unit.officer else "")
    if pledge is None or pledge.document is None:
        return [*own, *[""] * 6, row.pledged.words]
    return [
        *own, pledge.document.number, pledge.since, pledge.last_day, pledge.party_a, pledge.by_whom, pledge.signer_b,
        row.pledged.words,
    ]  # fmt: skip


@requires(Can.ISSUE_PAPERS)
def sign(request: OfficerRequest, pk: int) -> HttpResponse:
    """The terms to read, who signs, both signatures; one act numbers and issues the paper."""
    unit, today = get_object_or_404(Unit.objects.for_user(request.user).select_related("station"), pk=pk), localdate()
    terms = terms_on(unit, today)
    seen = shown_digest(unit, terms)
    form = PledgeForm(unit, _signers(unit), request.user, today, request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = partial(pledging.sign_pledge, unit, request.user, key=form.cleaned_data["key"], at=now())
        try:
            if drafts.is_asked(request):
                return drafts.answer(partial(act, form.signing().to_read()))
            pledge = act(form.signing())
        except Refusal as refusal:
            show_faults(form, refusal)
            form.drop_outdated(seen, "sign_a", "sign_b")
        else:
            messages.success(request, "责任书已签订，打印一式两份，双方各执一份")
            return redirect(pledge)
    former = unit.pledges.filter(state=PledgeState.ACTIVE).first()
    context = NAV | {"unit": unit, "form": form, "terms": terms, "seen": seen, "former": former, "today": today}
    return render(request, "units/pledge_form.html", context)


def _signers(unit: Unit) -> Iterable[User]:
    return User.objects.enforcers().of_station(unit.station_id).select_related("organisation").order_by("number")


def _reached(request: OfficerRequest, pk: int) -> Pledge:
    related = ("unit", "station", "document", "signer_a", "signed_by", "terms", "follows__document")
    return get_object_or_404(Pledge.objects.for_user(request.user).select_related(*related), pk=pk)


@requires(Can.VIEW_UNITS)
@require_GET
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    pledge = _reached(request, pk)
    standing = pledge.standing(localdate())
    context = NAV | {
        "pledge": pledge,
        "standing": standing,
        "tone": TONES[standing],
        "signed": check(pledge.document) if pledge.document else [],
        "follower": pledge.followers.exclude(state=PledgeState.VOID).select_related("document").first(),
        "may_void": request.user.can(Can.VOID_PAPERS) and pledge.state != PledgeState.VOID,
        "may_read": request.user.can(Can.VIEW_HAZARDS),
    }
    return render(request, "units/pledge_detail.html", context)


@requires(Can.VOID_PAPERS)
def void(request: OfficerRequest, pk: int) -> HttpResponse:
    pledge = _reached(request, pk)
    form = VoidPledgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        pledging.void_pledge(pledge, request.user, form.cleaned_data["reason"], localdate())
        messages.success(request, "责任书已作废，编号保留")
        return redirect(pledge)
    return render(request, "units/pledge_void.html", NAV | {"pledge": pledge, "form": form})
