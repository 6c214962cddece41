"""Capabilities as they stand, and what a bureau sets for itself: the security administrator's pages."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from stations import actions
from stations.forms import NumberPatternForm
from stations.http import OfficerRequest, requires
from stations.models import BureauSetting, Organisation, OrganisationKind, OrganisationQuerySet
from stations.permissions import ROLE_CAN, Can, Role
from stations.rules import sample_number


def _bureaus(request: OfficerRequest) -> OrganisationQuerySet:
    return Organisation.objects.managed_by(request.user).filter(kind=OrganisationKind.BUREAU, is_active=True)


@requires(Can.MANAGE_SETTINGS)
def overview(request: OfficerRequest) -> HttpResponse:
    saved = {row.bureau_id: row for row in BureauSetting.objects.all()}
    settings = [saved.get(bureau.pk, BureauSetting(bureau=bureau)) for bureau in _bureaus(request)]
    context = {
        "rows": [(setting, sample_number(setting.number_pattern, setting.bureau.code_word)) for setting in settings],
        "roles": list(Role),
        "matrix": [(can.label, [can in ROLE_CAN[role] for role in Role]) for can in Can],
        "by_role": [(role.label, [can.label for can in Can if can in ROLE_CAN[role]]) for role in Role],
        "nav_key": "settings",
    }
    return render(request, "stations/setting_list.html", context)


@requires(Can.MANAGE_SETTINGS)
def numbers(request: OfficerRequest, pk: int) -> HttpResponse:
    """How document numbers of a bureau read; under htmx only the sample of what is being typed."""
    bureau = get_object_or_404(_bureaus(request), pk=pk)
    setting = BureauSetting.objects.filter(bureau=bureau).first() or BureauSetting(bureau=bureau)
    if request.htmx:
        return render(request, "stations/_number_sample.html", _sample(request.GET.get("number_pattern", ""), bureau))
    form = NumberPatternForm(
        request.POST or None, instance=setting, initial={"confirmed": setting.confirmed_on is not None}
    )
    shown = _sample(form["number_pattern"].value(), bureau)
    if form.is_valid():
        confirmed_on = localdate() if form.cleaned_data["confirmed"] else None
        actions.set_number_pattern(request.user, bureau, form.cleaned_data["number_pattern"], confirmed_on)
        notices.success(request, "执法文书号已保存，以后出具的文书照此编号，已出具的不变。")
        return redirect("stations:settings")
    context = {"form": form, "bureau": bureau, "nav_key": "settings", **shown}
    return render(request, "stations/setting_form.html", context)


def _sample(pattern: str, bureau: Organisation) -> dict[str, str]:
    try:
        return {"sample": sample_number(pattern, bureau.code_word)}
    except ValueError as refused:
        return {"refused": str(refused)}
