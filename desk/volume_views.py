"""下载与案卷: one's own bundles, asking for one, fetching it.

Only fetching takes papers out of the house, and is proved each time; to ask for a bundle is not.
"""

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from desk.volume import ask_case, ask_quarter, ask_unit, still_reaches
from desk.volume_forms import QuarterForm
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.paging import page_of
from inspections.models import Inspection
from records.bundles import hand_out, renew
from records.models import Bundle
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can
from units.models import Unit


@requires(Can.EXPORT, acts=False)
@require_GET
def listing(request: OfficerRequest) -> HttpResponse:
    """Everything one asked for, the newest first."""
    page = page_of(_own(request), ["-requested_at"], request.GET.get("cursor", ""))
    for each in page.rows:
        _with_reach(each, request.user)
    context = {"page": page, "days": settings.BUNDLE_DAYS, "nav_key": "papers"}
    context["can_pack"] = not request.user.is_in_office
    return render(request, "desk/bundle_list.html", context)


def _with_reach(bundle: Bundle, user: User) -> Bundle:
    bundle.is_narrowed = not bundle.suits(user)  # type: ignore[attr-defined] # for the template
    return bundle


def _own(request: OfficerRequest) -> QuerySet[Bundle]:
    return Bundle.objects.own(request.user).select_related("station")


def _bundle(request: OfficerRequest, pk: int) -> Bundle:
    found = get_object_or_404(_own(request), pk=pk)
    if not still_reaches(request.user, found):
        raise Http404
    return found


@requires(Can.EXPORT, acts=False)
@require_GET
def bundle(request: OfficerRequest, pk: int) -> HttpResponse:
    """Its row, which asks for itself until it is made; the list for whoever opens the address."""
    found = _bundle(request, pk)
    shown = {"bundle": _with_reach(found, request.user)}
    return render(request, "desk/_bundle.html", shown) if request.htmx else redirect("bundles")


@requires(Can.EXPORT, takes_out=True)
@require_GET
def download(request: OfficerRequest, pk: int) -> FileResponse:
    found = _bundle(request, pk)
    content = hand_out(found, request.user, timezone.now(), exports.reason_of(request))
    response = FileResponse(content, as_attachment=True, filename=found.file_name)
    response["Cache-Control"] = "no-store"
    return response


@requires(Can.EXPORT, acts=False)
@require_POST
def again(request: OfficerRequest, pk: int) -> HttpResponse:
    """Try a failed one again, ask anew for one that has expired."""
    renew(_bundle(request, pk), request.user, timezone.now())
    return redirect("bundles")


@requires(Can.EXPORT, acts=False)
@require_POST
def bind_unit(request: OfficerRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    ask_unit(unit, request.user, timezone.now())
    return redirect("bundles")


@requires(Can.EXPORT, acts=False)
@require_POST
def bind_case(request: OfficerRequest, pk: int) -> HttpResponse:
    inspection = get_object_or_404(Inspection.objects.for_user(request.user).select_related("unit"), pk=pk)
    ask_case(inspection, request.user, timezone.now())
    return redirect("bundles")


@requires(Can.EXPORT, acts=False)
def bind_quarter(request: OfficerRequest) -> HttpResponse:
    """本季文书打包: which quarter of which station. Who works in a 警务室 sees no whole station."""
    if request.user.is_in_office:
        raise RuleError("警务室账号只看得到本警务室的文书，不能打包全所的", remedy="请所里的同事打包。")
    form = QuarterForm(request.POST or None, user=request.user, today=localdate())
    if request.method == "POST" and form.is_valid():
        ask_quarter(form.cleaned_data["station"], form.cleaned_data["quarter"], request.user, timezone.now())
        return redirect("bundles")
    context = {"form": form, "nav_key": "papers"}
    return render(request, "desk/bundle_form.html", context, status=422 if form.errors else 200)
