"""What is it for: asked before anything leaves as a file."""

from urllib.parse import urlsplit

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from fire_supervision.lib.forms import TidyField
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can

MOST, LEAST = 100, 2


class ReasonForm(forms.Form):
    """What the file is for, in words an auditor can follow."""

    reason = TidyField(
        label="用途",
        min_length=LEAST,
        max_length=MOST,
        help_text="记入审计记录",
        error_messages={"required": "请填写用途", "min_length": "请写清用途"},
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )


@requires(Can.OWN_ACCOUNT)
@never_cache
def reason(request: OfficerRequest) -> HttpResponse:
    """Asks, notes the answer for one file, and goes on to it."""
    target = _target(request)
    form = ReasonForm(request.POST or None, initial={"reason": request.session.get(exports.LAST, "")})
    if request.method == "POST" and form.is_valid():
        exports.give(request.session, target, form.cleaned_data["reason"], timezone.now())
        return redirect(target)
    context = {"form": form, "reasons": exports.REASONS, "back": exports.page_of(target)}
    context |= {"marked": exports.is_marked(target)}
    return render(request, "stations/export_form.html", context, status=422 if form.errors else 200)


def _target(request: HttpRequest) -> str:
    """The file's address within this site."""
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        raise Http404
    address = urlsplit(target)
    if address.netloc or not target.startswith("/"):
        raise Http404
    return target
