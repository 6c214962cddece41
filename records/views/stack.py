"""Papers of the list printed in one go."""

from urllib.parse import unquote

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from fire_supervision.lib.masking import masked_within
from fire_supervision.lib.paging import PAGE_SIZE
from records.forms import DocumentFilter, StackForm
from records.kept import tell_changed
from records.models import Document
from records.stack import ChangedPart, stack
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can, Fresh
from trail.record import record


def _takes_out(request: HttpRequest) -> bool:
    """To print what one ticked, to hand it over, is daily work of who issues papers; all else takes papers out.

    More than a page can show are not ticked but written into an address.
    """
    if request.method != "GET":
        return False
    if not (isinstance(request.user, User) and request.user.can(Can.ISSUE_PAPERS)):
        return True
    return request.GET.get("which") == "all" or len(request.GET.getlist("ids")) > PAGE_SIZE


@requires(Can.VIEW_HAZARDS, fresh=Fresh.SHIFT, takes_out=_takes_out)
@require_GET
def stacked(request: OfficerRequest) -> HttpResponseBase:
    """The pages of those ticked, or of all the filter shows (``which=all``), as one PDF for the browser's viewer."""
    found = DocumentFilter(request.GET, user=request.user).narrow(Document.objects.for_user(request.user))
    form = StackForm(request.GET)
    chosen = form.choose(found)
    try:
        pages = stack(chosen, form.chosen_copy(), both_sides=form.turned())
    except ChangedPart as refusal:
        # Answered here: raised on, the refusal would take its entry with it where a request is one transaction.
        tell_changed(refusal.kept, request.user)
        return render(request, "409.html", {"refusal": refusal}, status=409)
    after = {"path": masked_within(unquote(request.get_full_path()))[:200], "rows": chosen.count()}
    with transaction.atomic():
        words = f"合并打印文书 {after['rows']} 份"
        record(request.user, "records.print_stack", None, words, after=after, reason=exports.reason_of(request))
    response = FileResponse(pages, content_type="application/pdf", filename=f"文书合并打印{localdate()}.pdf")
    response["Cache-Control"] = "no-store"
    return response
