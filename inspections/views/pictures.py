"""Photographs: taken at the row, shown to whoever may see the visit."""

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.text import is_number
from fire_supervision.lib.upload_limits import takes_files
from inspections import actions
from inspections.models import ChecklistItem, Inspection
from inspections.rules import sheet_of
from inspections.views.reach import reachable, row_url
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@requires(Can.INSPECT)
@require_POST
@takes_files("UPLOAD_PHOTO_MAX_MB", several=True)
def add_photo(request: OfficerRequest, pk: int) -> HttpResponse:
    """Keep what the camera sent, one or several pictures, at a row or for the whole visit."""
    inspection = reachable(request, pk)
    item = None
    if request.POST.get("item"):
        number = request.POST["item"] if is_number(request.POST["item"]) else "0"
        item = get_object_or_404(ChecklistItem, checklist_id=inspection.checklist_id, pk=number)
    uploads = request.FILES.getlist("photo")
    if not uploads:
        raise RuleError("没有收到照片。", remedy="请重新拍照。")
    for upload in uploads:
        actions.add_photo(inspection, request.user, upload, now(), item)
    return _strip(request, inspection, item)


@requires(Can.VIEW_INSPECTIONS)
def photo(request: OfficerRequest, pk: int, photo_id: int) -> HttpResponseBase:
    """The picture itself; what every answer says (headers.py) keeps it out of the browser's store."""
    picture = get_object_or_404(reachable(request, pk).photos, pk=photo_id)
    response = FileResponse(picture.file.open("rb"), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="photo-{picture.pk}.jpg"'
    return response


@requires(Can.INSPECT)
@require_POST
def remove_photo(request: OfficerRequest, pk: int, photo_id: int) -> HttpResponse:
    inspection = reachable(request, pk)
    picture = get_object_or_404(inspection.photos.select_related("item", "inspection"), pk=photo_id)
    actions.remove_photo(picture, request.user)
    return _strip(request, inspection, picture.item)


def _strip(request: OfficerRequest, inspection: Inspection, item: ChecklistItem | None) -> HttpResponse:
    sheet = sheet_of(inspection)
    row = sheet.row(item.pk) if item else None
    if request.htmx:
        context = {"inspection": inspection, "row": row, "photos": row.photos if row else sheet.photos}
        return render(request, "inspections/_photos.html", context)
    return redirect(row_url(inspection, row)) if row else redirect("inspections:people", inspection.pk)
