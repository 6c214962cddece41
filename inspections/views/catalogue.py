"""隐患库: to read for everybody, to confirm and change for bureau and brigade."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from inspections import confirming
from inspections.bases import bases_of
from inspections.forms import BasisForm, CatalogueFilter, HazardTypeForm
from inspections.models import HazardType, HazardTypeQuerySet, OrderBasis
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import OrganisationKind, User
from stations.permissions import Can
from stations.shared import check_keeps, keeps_shared

HEADER = (
    "代码", "类别", "标准表述", "违反条款", "处罚依据", "责令依据", "技术标准", "整改措施", "方式", "建议天数", "级别",
    "核定", "其他规定（待核定，不印在文书上）",
)  # fmt: skip
PAGE = 100


@requires(Can.CATALOGUE)
def catalogue(request: OfficerRequest) -> HttpResponse:
    in_force = HazardType.objects.in_force(localdate())
    form = CatalogueFilter(request.GET)
    types = form.narrow(in_force)
    if request.GET.get("export"):
        return _export(request, types)
    page = page_of(types, [], request.GET.get("cursor", ""), size=PAGE)
    bases = bases_of(page.rows, request.user.organisation.bureau_id, localdate())
    context = {
        "nav_key": "catalogue",
        "form": form,
        "page": page,
        "rows": [(kind, bases[kind.pk]) for kind in page.rows],
        "of": in_force.count(),
        "may_export": request.user.can(Can.EXPORT),
    }
    return render(request, "inspections/hazard_type_list.html", context)


def _export(request: OfficerRequest, types: HazardTypeQuerySet) -> HttpResponse:
    bases = bases_of(types, request.user.organisation.bureau_id, localdate())
    table = (
        (
            kind.code, kind.get_category_display(), kind.name, kind.violates, kind.penalty,
            bases[kind.pk].words, kind.standard, kind.measure,
            kind.get_mode_display(), kind.days, kind.severity, "已核定" if kind.confirmed else "待核定",
            kind.hint,
        )
        for kind in types
    )  # fmt: skip
    return exports.table(request, "隐患库.xlsx", "隐患库", HEADER, table)


@requires(Can.CATALOGUE)
def hazard_type(request: OfficerRequest, code: str) -> HttpResponse:
    """One entry: read it, and, with the capability, change and confirm it."""
    kind = get_object_or_404(HazardType, code=code)
    may_edit = request.user.can(Can.EDIT_CATALOGUE)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied(Can.EDIT_CATALOGUE.label)
        check_keeps(request.user, "隐患库")
    form = HazardTypeForm(request.POST or None, instance=kind) if may_edit and keeps_shared(request.user) else None
    if form is not None and form.is_valid():
        confirming.set_hazard_type(kind.pk, form.cleaned_data, request.user)
        messages.success(request, f"{kind.code} 已保存")
        return redirect("inspections:hazard_type", code)
    return _entry(request, kind, form)


def _entry(
    request: OfficerRequest, kind: HazardType, form: HazardTypeForm | None, refused: BasisForm | None = None
) -> HttpResponse:
    """The page of an entry, with the form of the bureau's own basis as it was ``refused``."""
    bureau = request.user.organisation.bureau_id
    local = OrderBasis.objects.filter(bureau_id=bureau, hazard_type=kind).first()
    context = {
        "nav_key": "catalogue",
        "kind": kind,
        "form": form,
        "basis": bases_of([kind], bureau, localdate())[kind.pk],
        "local": local,
        "basis_form": refused or (BasisForm(instance=local) if _sets_bases(request.user) else None),
        "items": kind.items.select_related("checklist").order_by("checklist_id", "order"),
    }
    return render(request, "inspections/hazard_type_detail.html", context)


def _sets_bases(user: User) -> bool:
    """A basis belongs to a bureau, so it is the bureau's officer who names it."""
    return user.can(Can.EDIT_CATALOGUE) and user.organisation.kind == OrganisationKind.BUREAU


@requires(Can.EDIT_CATALOGUE)
@require_POST
def basis(request: OfficerRequest, code: str) -> HttpResponse:
    """Name the bureau's own basis for an entry, change it, or take it away with an empty one."""
    kind = get_object_or_404(HazardType, code=code)
    if not _sets_bases(request.user):
        raise PermissionDenied(Can.EDIT_CATALOGUE.label)
    form = BasisForm(request.POST)
    if not form.is_valid():
        return _entry(request, kind, HazardTypeForm(instance=kind) if keeps_shared(request.user) else None, form)
    confirming.set_basis(request.user.organisation, kind, form.cleaned_data["basis"], request.user)
    messages.success(request, "本地责令依据已保存")
    return redirect("inspections:hazard_type", code)
