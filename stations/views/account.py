"""One's own account: sign-in, sign-out, password, 我的, the inbox."""

from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from stations import actions
from stations.forms import PasswordForm, SignInForm
from stations.http import OfficerRequest, public, requires
from stations.models import Message, User
from stations.permissions import Can, Role


def _safe_next(request: HttpRequest) -> str:
    """Where to go after sign-in: a path of this site, or nothing."""
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect(_safe_next(request) or settings.LOGIN_REDIRECT_URL)
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.is_valid() and form.user is not None:
            login(request, form.user)
            actions.note_sign_in(form.user)
            return redirect(_safe_next(request) or settings.LOGIN_REDIRECT_URL)
        if number := form.cleaned_data.get("number"):
            actions.note_sign_in_failed(number)
    context = {"form": form, "next": _safe_next(request), **_demo()}
    return render(request, "stations/login.html", context)


def _demo() -> dict[str, Any]:
    """The accounts of the demo, one a role; nothing outside a demo."""
    if not settings.DEMO:
        return {}
    # Later ones win, so the lowest number of each role stays.
    first = {Role(user.role): user for user in User.objects.working().order_by("-number")}
    accounts = [{"label": role.label, "number": first[role].number} for role in Role if role in first]
    return {"demo_accounts": accounts, "demo_password": getattr(settings, "DEMO_PASSWORD", "")}


@requires(Can.OWN_ACCOUNT)
@require_POST
def sign_out(request: OfficerRequest) -> HttpResponse:
    actions.note_sign_out(request.user)
    logout(request)
    notices.success(request, "已退出登录。")
    return redirect("stations:login")


@requires(Can.OWN_ACCOUNT)
@never_cache
@sensitive_post_parameters()
def password(request: OfficerRequest) -> HttpResponse:
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        actions.change_own_password(request.user, form.cleaned_data["new"])
        update_session_auth_hash(request, request.user)
        notices.success(request, "密码已修改，请用新密码登录其他设备。")
        return redirect("stations:me")
    return render(request, "stations/password_form.html", {"form": form, "nav_key": "me"})


@requires(Can.OWN_ACCOUNT)
def me(request: OfficerRequest) -> HttpResponse:
    postings = request.user.postings.select_related("organisation")
    return render(request, "stations/me_detail.html", {"postings": postings, "nav_key": "me"})


@requires(Can.OWN_ACCOUNT)
def inbox(request: OfficerRequest) -> HttpResponse:
    mine = Message.objects.filter(user=request.user)
    only_unread = request.GET.get("show") == "unread"
    page = page_of(mine.filter(read_at__isnull=True) if only_unread else mine, ["-id"], request.GET.get("cursor", ""))
    context = {"page": page, "only_unread": only_unread, "nav_key": "messages"}
    return render(request, "stations/message_list.html", context)


@requires(Can.OWN_ACCOUNT)
def message(request: OfficerRequest, pk: int) -> HttpResponse:
    """Mark a message read and go where it leads. A GET: to follow it twice changes nothing more."""
    found = get_object_or_404(Message, pk=pk, user=request.user)
    Message.objects.filter(pk=pk, read_at__isnull=True).update(read_at=timezone.now())
    inside = url_has_allowed_host_and_scheme(found.url, None)
    return redirect(found.url if inside else reverse("stations:messages"))


@requires(Can.OWN_ACCOUNT)
@require_POST
def read_all(request: OfficerRequest) -> HttpResponse:
    count = Message.objects.filter(user=request.user, read_at__isnull=True).update(read_at=timezone.now())
    notices.success(request, f"{count} 条消息已标为已读。")
    return redirect("stations:messages")


@requires(Can.OWN_ACCOUNT)
@require_POST
def read_one(request: OfficerRequest, pk: int) -> HttpResponse:
    get_object_or_404(Message, pk=pk, user=request.user)
    Message.objects.filter(pk=pk, read_at__isnull=True).update(read_at=timezone.now())
    return redirect("stations:messages")
