"""Papers of the list printed in one go."""

from django.http import FileResponse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from records.forms import DocumentFilter, StackForm
from records.models import Document
from records.stack import stack
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@require_GET
@requires(Can.VIEW_HAZARDS)
def stacked(request: OfficerRequest) -> FileResponse:
    """The pages of those ticked, or of all the filter shows (``which=all``), as one PDF for the browser's viewer."""
    found = DocumentFilter(request.GET).narrow(Document.objects.for_user(request.user))
    form = StackForm(request.GET)
    pages = stack(form.choose(found), form.chosen_copy(), both_sides=form.turned())
    response = FileResponse(pages, content_type="application/pdf", filename=f"文书合并打印{localdate()}.pdf")
    response["Cache-Control"] = "no-store"
    return response
