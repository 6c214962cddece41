"""登录与设备, 第二验证: one's own sessions, devices and factors."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from stations import second_factor, securing
from stations.entrance_forms import NameForm, NewTotpForm
from stations.entrances import UserSession
from stations.http import OfficerRequest, requires
from stations.permissions import Can, Fresh
from stations.views.entrance import WRONG_CODE, answer_of
from trail.models import AuditEntry

HISTORY = {
    "stations.sign_in": "登录",
    "stations.sign_in_failed": "登录失败",
    "stations.lock": "锁定",
    "stations.unlock": "解除锁定",
    "stations.sign_out": "退出",
    "stations.session_over": "自动退出",
}
SHOWN = 10
TOO_OLD = "二维码已过期，下面是新的，请重新扫描后填写它的动态码"


def mark_of(session: UserSession) -> str:
    """What a page calls a session by: its key is what opens it."""
    return sha256(session.session_key.encode()).hexdigest()[:16]


@requires(Can.OWN_ACCOUNT)
@never_cache
def sessions(request: OfficerRequest) -> HttpResponse:
    open_now = UserSession.objects.of(request.user, timezone.now()).defer("session_data")
    rows = [(row, mark_of(row), row.session_key == request.session.session_key) for row in open_now]
    told = AuditEntry.objects.filter(
        subject_type="stations.user", subject_id=request.user.pk, action__in=HISTORY
    ).order_by("-id")[:SHOWN]
    context = {
        "rows": sorted(rows, key=lambda row: not row[2]),
        "history": [(entry, HISTORY[entry.action]) for entry in told],
        "nav_key": "me",
    }
    return render(request, "stations/session_list.html", context)


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@require_POST
def end_one(request: OfficerRequest, mark: str) -> HttpResponse:
    own = UserSession.objects.of(request.user, timezone.now())
    found = next((row for row in own if mark_of(row) == mark), None)
    if found is None:
        raise Http404
    securing.end_session(request.user, found)
    notices.success(request, "这处登录已结束。")
    return redirect("stations:sessions")


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@require_POST
def end_others(request: OfficerRequest) -> HttpResponse:
    ended = securing.end_other_sessions(request.user, request.session.session_key or "")
    notices.success(request, f"已结束其他 {ended} 处登录。" if ended else "没有其他登录。")
    return redirect("stations:sessions")


# ---------- second factors ----------


@requires(Can.OWN_ACCOUNT)
@never_cache
def factors(request: OfficerRequest) -> HttpResponse:
    context = {
        "factors": second_factor.factors(request.user),
        "codes": second_factor.codes_left(request.user),
        "needed": _needed(request),
        "missing": _needed(request) and not request.session.get(second_factor.FACTOR),
        "nav_key": "me",
    }
    return render(request, "stations/factor_list.html", context)


def _needed(request: OfficerRequest) -> bool:
    return request.user.role in settings.SECOND_FACTOR_ROLES


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@never_cache
@sensitive_post_parameters("code")
def totp(request: OfficerRequest) -> HttpResponse:
    """The secret to scan, and the first code that shows it has arrived."""
    now = timezone.now()
    form = NewTotpForm(request.POST or None)
    if form.is_valid():
        if securing.confirm_totp(request.user, form.cleaned_data["code"], form.cleaned_data["name"], now):
            return _enrolled(request, second_factor.TOTP)
        form.add_error("code", WRONG_CODE if second_factor.waiting_totp(request.user, now) else TOO_OLD)
    telephone = second_factor.offered_totp(request.user, now)
    context = {"form": form, "picture": second_factor.secret_picture(telephone), "nav_key": "me"}
    context["secret"] = second_factor.secret_words(telephone)
    context["address"] = second_factor.secret_address(telephone)
    return render(request, "stations/totp_form.html", context)


def _enrolled(request: OfficerRequest, kind: str) -> HttpResponse:
    """The session counts as proved by what was just enrolled; with the first factor come the recovery codes."""
    request.session[second_factor.FACTOR] = kind
    request.session.cycle_key()
    if second_factor.codes_left(request.user):
        notices.success(request, f"{second_factor.LABELS[kind]}已启用。")
        return redirect("stations:factors")
    return _show_codes(request)


def _show_codes(request: OfficerRequest) -> HttpResponse:
    """The one time the codes can be seen: they are in this answer and nowhere else, hence no redirect."""
    context = {"codes": securing.make_codes(request.user), "nav_key": "me"}
    return render(request, "stations/recovery_codes.html", context)


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@never_cache
def passkey(request: OfficerRequest) -> HttpResponse:
    """The page; a POST gives the options the browser makes a passkey from."""
    if request.method == "POST":
        return JsonResponse(second_factor.ask_new_passkey(request, request.user))
    return render(request, "stations/passkey_form.html", {"form": NameForm(), "nav_key": "me"})


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@never_cache
@require_POST
def passkey_made(request: OfficerRequest) -> JsonResponse:
    answer = answer_of(request)
    form = NameForm({"name": answer.pop("name", "")})
    if not form.is_valid():
        return JsonResponse({"error": "请填写名称，不超过 30 个字"}, status=422)
    try:
        securing.add_passkey(request, request.user, answer, form.cleaned_data["name"])
    except second_factor.NotProved:
        return JsonResponse({"error": "通行密钥没有通过，请再试一次"}, status=422)
    request.session[second_factor.FACTOR] = second_factor.PASSKEY
    request.session.cycle_key()
    return JsonResponse({"next": reverse("stations:factors")})


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@never_cache
@require_POST
def codes(request: OfficerRequest) -> HttpResponse:
    """Ten new recovery codes; the old ones no longer work."""
    if not second_factor.has_factor(request.user):
        raise Http404
    return _show_codes(request)


def _own(request: OfficerRequest, kind: str, pk: int) -> Any:
    model = second_factor.MODELS.get(kind)
    found = model.objects.filter(user=request.user, pk=pk, confirmed=True).first() if model else None
    if found is None:
        raise Http404
    return found


@requires(Can.OWN_ACCOUNT)
@require_POST
def rename(request: OfficerRequest, kind: str, pk: int) -> HttpResponse:
    _own(request, kind, pk)
    form = NameForm(request.POST)
    if form.is_valid():
        securing.rename_factor(request.user, kind, pk, form.cleaned_data["name"])
        notices.success(request, "名称已修改。")
    else:
        notices.error(request, "名称没有修改：请填写 1 至 30 个字。")
    return redirect("stations:factors")


@requires(Can.OWN_ACCOUNT, fresh=Fresh.RECENT)
@require_POST
def remove(request: OfficerRequest, kind: str, pk: int) -> HttpResponse:
    _own(request, kind, pk)
    securing.remove_factor(request.user, kind, pk, is_needed=_needed(request))
    # Who had it in his hands may have come in with it.
    securing.end_other_sessions(request.user, request.session.session_key or "")
    if not second_factor.has_factor(request.user):
        request.session[second_factor.FACTOR] = ""
    notices.success(request, "已移除，其他登录已结束。")
    return redirect("stations:factors")
