"""The organisation tree and who guides which station: the system administrator's pages."""

from django.contrib import messages as notices
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stations import actions, exports
from stations.forms import ASKED, GuidanceForm, OrganisationForm, ReasonForm
from stations.http import OfficerRequest, requires
from stations.models import Guidance, Organisation, OrganisationKind, OrganisationQuerySet, User
from stations.permissions import Can, Role
from stations.rules import GUIDED_AT_MOST
from stations.tree import Branch, branches


def _kept(request: OfficerRequest) -> OrganisationQuerySet:
    return Organisation.objects.managed_by(request.user).select_related("parent", "bureau", "brigade")


def _organisation(request: OfficerRequest, pk: int) -> Organisation:
    return get_object_or_404(_kept(request), pk=pk)


@requires(Can.MANAGE_ORGANISATIONS)
def tree(request: OfficerRequest) -> HttpResponse:
    counted = _kept(request).annotate(head_count=Count("people", filter=Q(people__is_active=True)))
    rows = branches(counted)
    if request.GET.get("export"):
        return _export(request, rows)
    kinds = [(kind.value, kind.label) for kind in OrganisationKind]
    context = {"rows": rows, "kinds": kinds, "nav_key": "organisations"}
    return render(request, "stations/organisation_list.html", context)


def _export(request: OfficerRequest, rows: list[Branch]) -> HttpResponse:
    header = ["名称", "类别", "上级机构", "简称", "文书抬头", "机关代字", "业务指导大队", "在用人员", "状态"]
    cells = (
        [
            row.name, row.get_kind_display(), row.parent and row.parent.name, row.short_name, row.issuer_name,
            row.code_word, row.brigade and row.brigade.name, getattr(row, "head_count", 0),
            "启用" if row.is_active else "停用",
        ]
        for row in (branch.organisation for branch in rows)
    )  # fmt: skip
    return exports.table(request, f"机构 {localdate()}.xlsx", "机构", header, cells)


@requires(Can.MANAGE_ORGANISATIONS)
def create(request: OfficerRequest, kind: str) -> HttpResponse:
    if kind not in ASKED:
        raise Http404
    above = (
        _kept(request).filter(pk=request.GET["parent"]).first() if request.GET.get("parent", "").isdecimal() else None
    )
    new = Organisation(kind=kind)
    form = OrganisationForm(
        request.POST or None, _kept(request), new, parent=above, code_word=above.code_word if above else ""
    )
    if form.is_valid():
        actions.create_organisation(request.user, {"kind": kind, **form.cleaned_data})
        notices.success(request, f"{form.cleaned_data['name']}已新建。")
        return redirect("stations:organisations")
    context = {"form": form, "organisation": new, "nav_key": "organisations"}
    return render(request, "stations/organisation_form.html", context)


@requires(Can.MANAGE_ORGANISATIONS)
def detail(request: OfficerRequest, pk: int) -> HttpResponse:
    organisation = _organisation(request, pk)
    context = {
        "organisation": organisation,
        "reasons": actions.reasons_to_keep(organisation),
        "people": organisation.people.filter(is_active=True).order_by("number"),
        "children": organisation.children.order_by("kind", "name"),
        "guidance": Guidance.objects.filter(station=organisation).select_related("supervisor", "substitute").first(),
        "nav_key": "organisations",
    }
    return render(request, "stations/organisation_detail.html", context)


@requires(Can.MANAGE_ORGANISATIONS)
def edit(request: OfficerRequest, pk: int) -> HttpResponse:
    organisation = _organisation(request, pk)
    form = OrganisationForm(request.POST or None, _kept(request), organisation)
    if form.is_valid():
        actions.edit_organisation(request.user, pk, form.cleaned_data)
        notices.success(request, "机构已修改，以后出具的文书用新的名称。")
        return redirect("stations:organisation", pk)
    context = {"form": form, "organisation": organisation, "nav_key": "organisations"}
    return render(request, "stations/organisation_form.html", context)


@requires(Can.MANAGE_ORGANISATIONS)
@require_POST
def switch(request: OfficerRequest, pk: int) -> HttpResponse:
    """Disable an organisation in use, enable one that is not; with a reason."""
    organisation = _organisation(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        notices.error(request, "没有填写原因，机构没有改动。")
        return redirect("stations:organisation", pk)
    wanted = request.GET.get("to") == "on"
    act = actions.enable_organisation if wanted else actions.disable_organisation
    act(request.user, pk, form.cleaned_data["reason"])
    notices.success(request, f"{organisation}已{'启用' if wanted else '停用'}。")
    return redirect("stations:organisation", pk)


# ---------- guidance ----------


@requires(Can.MANAGE_ORGANISATIONS)
def guidance(request: OfficerRequest) -> HttpResponse:
    """Who guides what: the stations with their supervisor, and the supervisors with their load."""
    stations = _kept(request).stations().order_by("brigade__name", "name")
    found = Guidance.objects.filter(station__in=stations).select_related("supervisor", "substitute")
    guides = {row.station_id: row for row in found}
    rows = [(station, guides.get(station.pk)) for station in stations]
    supervisors = (
        User.objects.managed_by(request.user)
        .working()
        .filter(role=Role.SUPERVISOR)
        .select_related("organisation")
        .prefetch_related("guidances__station")
        .order_by("organisation__name", "number")
    )
    context = {"rows": rows, "supervisors": supervisors, "most": GUIDED_AT_MOST, "nav_key": "organisations"}
    context["unguided"] = sum(guide is None or not guide.supervisor.is_active for _, guide in rows)
    return render(request, "stations/guidance_list.html", context)


@requires(Can.MANAGE_ORGANISATIONS)
def guide(request: OfficerRequest, pk: int) -> HttpResponse:
    """Name the supervisor and the substitute of a station."""
    station = get_object_or_404(_kept(request).stations(), pk=pk)
    supervisors = User.objects.working().filter(role=Role.SUPERVISOR, organisation=station.brigade_id)
    form = GuidanceForm(request.POST or None, supervisors, Guidance.objects.filter(station=station).first())
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        actions.set_guidance(request.user, station, asked["supervisor"], asked["substitute"])
        notices.success(request, f"{station}的业务指导已保存。")
        return redirect("stations:guidance")
    context = {"form": form, "station": station, "nav_key": "organisations"}
    return render(request, "stations/guidance_form.html", context)
