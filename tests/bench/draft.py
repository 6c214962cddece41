"""A finished visit nobody has signed yet, with five hazards and their photographs: what 完成检查 has most work with."""

from datetime import datetime
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from inspections.actions import add_finding, add_photo, answer, set_people, start
from inspections.entries import FindingDraft, People
from inspections.models import HazardType, Inspection, Mark
from inspections.rules import sheet_of
from stations.models import User
from units.models import Kind, State, Unit

HAZARDS = 5


def draft(officer: User, at: datetime) -> Inspection:
    """A visit of ``officer`` to the first shop of his scope, answered to the end."""
    unit = Unit.objects.for_user(officer).filter(kind=Kind.PREMISES, state=State.OPEN).order_by("pk")[0]
    visit = start(officer, unit, at.date(), at)
    types = list(HazardType.objects.in_force(at.date()).prefetch_related("items"))
    failed = 0
    for row in sheet_of(visit).rows:
        if row.item.is_text:
            continue
        kind = next((kind for kind in types if row.item in kind.items.all()), None)
        wrong = next((entry["value"] for entry in row.item.values if entry["mark"] == Mark.FAIL), None)
        if kind is None or wrong is None or failed >= HAZARDS:
            answer(visit, officer, row.item, row.item.values[0]["value"])
            continue
        failed += 1
        answer(visit, officer, row.item, wrong)
        add_finding(visit, officer, row.item, kind, FindingDraft("一层东侧", kind.name[:20], "2", kind.mode, 10))
        add_photo(visit, officer, picture(failed), at, row.item)
    colleagues = User.objects.enforcers().of_station(visit.station_id).exclude(pk=officer.pk)
    people = People(second=colleagues[0], showed_id=True, companion=unit.person, companion_post="负责人", ink=True)
    return set_people(visit, officer, people)


def picture(shade: int) -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (320, 240), (shade, shade, shade)).save(data, "JPEG")
    return SimpleUploadedFile(f"{shade}.jpg", data.getvalue(), "image/jpeg")
