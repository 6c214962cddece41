"""A row of filters that was sent in the body, as the address of its list."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fire_supervision.lib import sought
from stations.http import OfficerRequest, requires
from stations.permissions import Can


@requires(Can.OWN_ACCOUNT)
@require_POST
def find(request: OfficerRequest) -> HttpResponse:
    """To ``page`` of this site with the rest of the fields; no number somebody is found by stands in the address."""
    page = request.POST.get("page", "")
    if not page.startswith("/") or not url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        raise Http404
    try:
        resolve(page)
    except Resolver404:
        raise Http404 from None
    asked = [
        (name, sought.sealed(value[: sought.LONGEST], request.user.pk) if name in sought.NAMES else value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("page", "csrfmiddlewaretoken")
    ]
    return HttpResponseRedirect(f"{page}?{urlencode(asked)}")
