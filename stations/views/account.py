"""One's own account: sign-out, password, 我的, the inbox."""

from django.contrib import messages as notices
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fire_supervision.lib.paging import page_of
from stations import actions
from stations.entrance_forms import PasswordForm
from stations.http import OfficerRequest, requires
from stations.models import Message
from stations.permissions import Can
from stations.views.entrance import note_failure, shut


@requires(Can.OWN_ACCOUNT)
@require_POST
def sign_out(request: OfficerRequest) -> HttpResponse:
    actions.note_sign_out(request.user)
    logout(request)
    notices.success(request, "已退出登录。")
    response = redirect("stations:login")
    if request.POST.get("clean"):
        # Sent by the page when no answer of an inspection waits on the device. The cookies stay: one names the device.
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@requires(Can.OWN_ACCOUNT)
@never_cache
@sensitive_post_parameters()
def password(request: OfficerRequest) -> HttpResponse:
    form = PasswordForm(request, request.POST or None)
    if form.is_valid():
        key = request.session.session_key
        actions.change_own_password(request.user, form.cleaned_data["new"], timezone.now(), key)
        update_session_auth_hash(request, request.user)
        notices.success(request, "密码已修改，请用新密码登录其他设备。")
        return redirect("stations:me")
    if form.has_error("old", "wrong"):
        note_failure(request, request.user.number, "修改密码时原密码不正确")
        if getattr(request, "axes_locked_out", False):
            return shut(request)
    context = {"form": form, "must": request.user.needs_new_password(timezone.now()), "nav_key": "me"}
    return render(request, "stations/password_form.html", context)


@requires(Can.OWN_ACCOUNT)
def me(request: OfficerRequest) -> HttpResponse:
    postings = request.user.postings.select_related("organisation")
    return render(request, "stations/me_detail.html", {"postings": postings, "nav_key": "me"})


@requires(Can.OWN_ACCOUNT)
def inbox(request: OfficerRequest) -> HttpResponse:
    # What was taken back when he was moved has no words any more.
    mine = Message.objects.of(request.user).exclude(title="")
    only_unread = request.GET.get("show") == "unread"
    page = page_of(mine.unread() if only_unread else mine, ["-id"], request.GET.get("cursor", ""))
    context = {"page": page, "only_unread": only_unread, "nav_key": "messages"}
    return render(request, "stations/message_list.html", context)


@requires(Can.OWN_ACCOUNT)
def message(request: OfficerRequest, pk: int) -> HttpResponse:
    """Mark a message read and go where it leads. A GET: to follow it twice changes nothing more."""
    found = get_object_or_404(Message.objects.of(request.user), pk=pk)
    Message.objects.filter(pk=found.pk).unread().update(read_at=timezone.now())
    inside = url_has_allowed_host_and_scheme(found.url, None)
    return redirect(found.url if inside else reverse("stations:messages"))


@requires(Can.OWN_ACCOUNT)
@require_POST
def read_all(request: OfficerRequest) -> HttpResponse:
    count = Message.objects.of(request.user).unread().update(read_at=timezone.now())
    notices.success(request, f"{count} 条消息已标为已读。")
    return redirect("stations:messages")


@requires(Can.OWN_ACCOUNT)
@require_POST
def read_one(request: OfficerRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Message.objects.of(request.user), pk=pk)
    Message.objects.filter(pk=found.pk).unread().update(read_at=timezone.now())
    return redirect("stations:messages")
