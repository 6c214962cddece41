"""The seals of the offices: the security administrator's pages."""

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib.paging import page_of
from fire_supervision.lib.upload_limits import takes_files
from records import sealing
from records.forms import SealFilter, SealForm
from records.models import Seal
from records.seals import MAX_MB
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind
from stations.permissions import Can

# Who issues papers; a police office issues those of its station.
SEALED = (OrganisationKind.BUREAU, OrganisationKind.STATION)


def _offices(request: OfficerRequest) -> QuerySet[Organisation]:
    kept = Organisation.objects.managed_by(request.user).filter(kind__in=SEALED)
    return kept.filter(Q(is_active=True) | Q(pk__in=Seal.objects.values("organisation")))


@requires(Can.MANAGE_SETTINGS)
@require_GET
def seals(request: OfficerRequest) -> HttpResponse:
    offices = _offices(request)
    form = SealFilter(request.GET)
    current = Prefetch("seals", Seal.objects.current().select_related("uploaded_by"), to_attr="seals_in_use")
    page = page_of(form.narrow(offices).prefetch_related(current), ["kind", "name"], request.GET.get("cursor", ""))
    context = {"form": form, "page": page, "of": offices.count(), "nav_key": "seals"}
    return render(request, "records/seal_list.html", context)


@requires(Can.MANAGE_SETTINGS)
@takes_files(MAX_MB)
def seal(request: OfficerRequest, pk: int) -> HttpResponse:
    """The seal an office prints with, those before it, and the place for a new one."""
    office = get_object_or_404(_offices(request), pk=pk)
    form = SealForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sealing.set_seal(office, form.cleaned_data["image"], request.user, now())
        messages.success(request, "印章已启用，以后签发的文书印这一枚，已签发的不变。")
        return redirect("records:seal", pk=office.pk)
    kept = list(office.seals.select_related("uploaded_by", "ended_by"))
    context = {
        "office": office,
        "form": form,
        "current": next((each for each in kept if each.until is None), None),
        "ended": [each for each in kept if each.until],
        "nav_key": "seals",
    }
    return render(request, "records/seal_detail.html", context, status=422 if form.errors else 200)


@requires(Can.MANAGE_SETTINGS)
@require_POST
def end_seal(request: OfficerRequest, pk: int) -> HttpResponse:
    current = get_object_or_404(Seal.objects.for_user(request.user).current(), organisation=pk)
    sealing.end_seal(current, request.user, request.POST.get("reason", ""), now())
    messages.success(request, "印章已停用，以后签发的文书留出盖章的位置。")
    return redirect("records:seal", pk=pk)


@requires(Can.MANAGE_SETTINGS)
@require_GET
def seal_image(request: OfficerRequest, pk: int, seal_pk: int) -> FileResponse:
    kept = get_object_or_404(Seal.objects.for_user(request.user), organisation=pk, pk=seal_pk)
    try:
        response = FileResponse(kept.image.open("rb"), content_type="image/png")
    except FileNotFoundError:
        raise Http404("印模不在存储中") from None
    # Whoever has the picture can seal anything.
    response["Cache-Control"] = "no-store"
    return response
