"""Which visits a request may touch, shared by every page of the room."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from inspections.models import Inspection, State
from inspections.rules import Row
from stations.http import OfficerRequest


def reachable(request: OfficerRequest, pk: int) -> Inspection:
    """The visit with everything its pages print; 404 outside the officer's scope."""
    visits = Inspection.objects.for_user(request.user).select_related(
        "unit__category", "checklist", "station__brigade", "lead__organisation", "second__organisation", "assistant"
    )
    return get_object_or_404(visits, pk=pk)


def writable(request: OfficerRequest, inspection: Inspection) -> bool:
    """Whether this officer may fill the visit in; the actions ask again under the lock."""
    return inspection.state == State.DRAFT and request.user.pk in (inspection.lead_id, inspection.second_id)


def same_person(request: OfficerRequest) -> None:
    """What one officer entered while signed out is never sent in another one's name."""
    entered_by = request.POST.get("as", "")
    if entered_by and entered_by != str(request.user.pk):
        raise PermissionDenied("这些检查结果是另一个账号填写的")


def row_url(inspection: Inspection, row: Row) -> str:
    """The fill page, at the group and row of ``row``."""
    return f"{reverse('inspections:fill', args=[inspection.pk])}?group={row.item.group}#item-{row.item.code}"
