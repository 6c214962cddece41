"""Who inspected, who came along, who signs."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from fire_supervision.lib.refusals import Refusal
from inspections import actions
from inspections.forms import PeopleForm
from inspections.models import Inspection, Signature, Signer
from inspections.papers import receivers_of, seen_digest
from inspections.rules import Sheet, sheet_of, urged
from inspections.views.fill import lacking
from inspections.views.reach import reachable, writable
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can


@requires(Can.INSPECT)
def people(request: OfficerRequest, pk: int) -> HttpResponse:
    """Save the people and their signatures; 将要产生 follows once nothing is missing."""
    inspection = reachable(request, pk)
    if not writable(request, inspection):
        return redirect("inspections:detail", pk)
    sheet = sheet_of(inspection)
    form = _form(request, inspection, sheet)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(request, inspection, form, sheet)
        except Refusal as refusal:
            messages.error(request, refusal.faults[0].words)
            return redirect("inspections:people", pk)
        sheet = sheet_of(saved)
        if request.POST.get("go") and not lacking(saved, sheet):
            return redirect("conclude", pk)
        if not request.POST.get("go"):
            messages.success(request, "已保存")
            return redirect("inspections:people", pk)
        inspection, form = saved, _form(request, saved, sheet, fresh=True)
    context = _context(inspection, sheet, form, show_gaps=bool(request.POST.get("go")))
    return render(request, "inspections/people_form.html", context)


def _form(request: OfficerRequest, inspection: Inspection, sheet: Sheet, *, fresh: bool = False) -> PeopleForm:
    colleagues = User.objects.working().of_station(inspection.station_id).order_by("number")
    data = request.POST if request.method == "POST" and not fresh else None
    initial: dict[str, Any] = {name: getattr(inspection, name) for name in actions.PEOPLE_FIELDS}
    initial["second"], initial["assistant"] = inspection.second_id, inspection.assistant_id
    initial["ink"] = "1" if inspection.ink else ""
    initial["companion"] = inspection.companion or ("" if inspection.refusal else inspection.unit.person)
    initial["place"] = inspection.unit.address
    initial |= {f"sign_{signer.lower()}": json.dumps(given.strokes) for signer, given in sheet.signatures.items()}
    return PeopleForm(data, inspection=inspection, colleagues=colleagues, initial=initial)


def _save(request: OfficerRequest, inspection: Inspection, form: PeopleForm, before: Sheet) -> Inspection:
    saved = actions.set_people(inspection, request.user, form.people())
    if saved.ink:
        return saved
    _tell_fallen(request, saved, before)
    seen, place = request.POST.get("seen", ""), form.signed_at()
    for signer, strokes in form.strokes().items():
        if strokes != _drawn(before.signatures.get(signer)) and _named(saved, signer):
            actions.sign(saved, request.user, signer, strokes, now(), place=place, seen=seen)
    return saved


def _tell_fallen(request: OfficerRequest, saved: Inspection, before: Sheet) -> None:
    """Say whose signatures fell because other people or another remark were entered after them."""
    standing = set(saved.signatures.values_list("signer", flat=True))
    fallen = [Signer(signer).label for signer in before.signatures if signer not in standing]
    if fallen:
        messages.warning(request, f"内容有改动，{'、'.join(fallen)}先前的签名已取消，没有重签的请重新签名")


def _drawn(signature: Signature | None) -> Any:
    return signature.strokes if signature else None


def _named(inspection: Inspection, signer: Signer) -> bool:
    """Whether somebody is named who can sign as ``signer``."""
    return {
        Signer.LEAD: True,
        Signer.SECOND: inspection.second is not None,
        Signer.COMPANION: bool(inspection.companion) and not inspection.refusal,
    }[signer]


def _context(inspection: Inspection, sheet: Sheet, form: PeopleForm, *, show_gaps: bool) -> dict[str, Any]:
    second = inspection.second.name if inspection.second else "第二检查人"
    form.show_as_needed()
    names = {Signer.LEAD: inspection.lead.name, Signer.SECOND: second, Signer.COMPANION: inspection.companion}
    return {
        "nav_key": "inspections",
        "inspection": inspection,
        "sheet": sheet,
        "noted": [(finding, sheet.ends.get(finding.pk)) for finding in sheet.findings],
        "receivers": receivers_of(inspection, sheet),
        "urged": urged(inspection, sheet),
        "seen": seen_digest(inspection, sheet),
        "form": form,
        "pads": [
            {
                "signer": signer,
                "name": names[signer] or "随同人员",
                "field": form[f"sign_{signer.lower()}"],
                "given": sheet.signatures.get(signer),
            }
            for signer in Signer
        ],
        "lacking": lacking(inspection, sheet),
        "at_people": True,
        "show_gaps": show_gaps,
    }
