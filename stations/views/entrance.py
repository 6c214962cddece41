"""Coming in: number and password, the second factor, and proving once more who one is."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset
from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fire_supervision.lib.devices import device_words
from stations import actions, backends, exports, second_factor, securing, step_up, wall
from stations.entrance_forms import LOCKED, CodeForm, ProofForm, SignInForm
from stations.http import OfficerRequest, public, requires
from stations.models import User
from stations.permissions import Can, Role
from stations.sessions import ADDRESS, DEVICE, SINCE, SessionStore

# Of the session: who has given his password and owes the second factor, until when, and where he goes then.
HALF = "half"
HALF_MINUTES = 5
WRONG_CODE = "验证码不正确，或者已经用过"


def _safe_next(request: HttpRequest) -> str:
    """Where to go after sign-in: a path of this site, or nothing."""
    return _safe(request, request.POST.get("next") or request.GET.get("next", ""))


def _safe(request: HttpRequest, target: str) -> str:
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    # A word without a slash would be looked up as the name of a page.
    return target if safe and target.startswith("/") else ""


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return redirect(_safe_next(request) or settings.LOGIN_REDIRECT_URL)
    form = SignInForm(request, request.POST if request.method == "POST" else None, timezone.now())
    if request.method == "POST":
        if form.is_valid() and form.user is not None:
            return _go_on(request, form.user, _safe_next(request))
        if form.is_tried:
            note_failure(request, form.cleaned_data["number"], form.reason)
    return _sign_in_page(request, form, request.session.pop("ended", "") if request.method == "GET" else "")


def _sign_in_page(request: HttpRequest, form: SignInForm, why: str) -> HttpResponse:
    context = {"form": form, "next": _safe_next(request), "ended": why, **_demo()}
    return render(request, "stations/login.html", context, status=429 if form.minutes else 200)


def _demo() -> dict[str, Any]:
    """The accounts of the demo, one a role; nothing outside a demo."""
    if not settings.DEMO:
        return {}
    # Later ones win, so the lowest number of each role stays.
    first = {Role(user.role): user for user in User.objects.working().order_by("-number")}
    accounts = [{"label": role.label, "number": first[role].number} for role in Role if role in first]
    return {"demo_accounts": accounts, "demo_password": getattr(settings, "DEMO_PASSWORD", "")}


def note_failure(request: HttpRequest, number: str, reason: str = "") -> None:
    """The failure in the trail, and the lock when this one has brought it about."""
    backends.fail(request)
    was_locked = getattr(request, "axes_failures_since_start", None) is None
    locked = bool(getattr(request, "axes_locked_out", False))
    securing.note_sign_in_failed(number, "锁定期间" if locked and was_locked else reason)
    if locked and not was_locked and backends.kept(number) != backends.NO_NUMBER:
        securing.note_lock(number, int(settings.AXES_COOLOFF_TIME.total_seconds() // 60))


def _go_on(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """In at once, or first to the second factor of whoever has one."""
    if not second_factor.has_factor(user):
        return _enter(request, user, "", target)
    request.session.cycle_key()
    until = timezone.now() + timedelta(minutes=HALF_MINUTES)
    request.session[HALF] = {"user": user.pk, "until": until.isoformat(), "next": target, "as": account_of(user)}
    return redirect("stations:second")


def _enter(request: HttpRequest, user: User, factor: str, target: str) -> HttpResponse:
    """Open the session: a new key, and what its owner may want to know of it later."""
    now, words = timezone.now(), device_words(request.META.get("HTTP_USER_AGENT", ""))
    request.session.pop(HALF, None)
    login(request, user)
    facts = {SINCE: now.isoformat(), DEVICE: words, ADDRESS: request.META.get("REMOTE_ADDR") or None}
    request.session.update({**facts, second_factor.FACTOR: factor})
    step_up.prove(request.session, now)
    response = redirect(target or settings.LOGIN_REDIRECT_URL)
    with wall.reach_of(user):
        securing.note_sign_in(user, factor, words)
        _know_device(request, response, user, words, now)
    return response


def _know_device(request: HttpRequest, response: HttpResponse, user: User, words: str, now: datetime) -> None:
    written = request.get_signed_cookie(backends.DEVICE_COOKIE, "", salt=backends.DEVICE_SALT) or get_random_string(32)
    securing.know_device(user, backends.fingerprint(written), words, now)
    response.set_signed_cookie(
        backends.DEVICE_COOKIE, written, salt=backends.DEVICE_SALT, max_age=backends.DEVICE_DAYS * 86_400,
        httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Strict",
    )  # fmt: skip


# ---------- the second factor ----------


def account_of(user: User) -> str:
    """What a password given was good for: another password, post or organisation since, and it is given again."""
    facts = f"{user.password} {user.role} {user.organisation_id}"
    return salted_hmac("stations.half", facts, algorithm="sha256").hexdigest()


def _half(request: HttpRequest) -> User | None:
    """Who has given his password in this session and may go on; None when nobody has, or too long ago.

    None as well when his account has changed since.
    """
    written = request.session.get(HALF)
    if written is None or timezone.now() >= datetime.fromisoformat(written["until"]):
        return None
    people = User.objects.select_related("organisation").filter(is_active=True, appointed_by=None)
    user = people.filter(pk=written["user"]).first()
    return user if user is not None and constant_time_compare(written.get("as", ""), account_of(user)) else None


@public
@never_cache
@sensitive_post_parameters("code")
def second(request: HttpRequest) -> HttpResponse:
    """A code of the telephone or a recovery code; a passkey answers by script to `second_passkey`."""
    user = _half(request)
    if user is None:
        late = "half" if request.session.pop(HALF, None) else ""
        return _sign_in_page(request, SignInForm(request, None, timezone.now()), late)
    form = CodeForm(request.POST if request.method == "POST" else None)
    locked = 0
    if form.is_valid():
        factor = _factor_of(request, user, form.cleaned_data["code"])
        if factor:
            return _enter(request, user, factor, request.session[HALF]["next"])
        locked = _failed(request, user)
        form.add_error("code", LOCKED.format(minutes=locked) if locked else WRONG_CODE)
    kinds = {each.kind for each in second_factor.factors(user)}
    context = {"form": form, "kinds": kinds, "codes": second_factor.codes_left(user)}
    return render(request, "stations/second.html", context, status=429 if locked else 200)


def _factor_of(request: HttpRequest, user: User, code: str) -> str:
    """What ``code`` is; empty when it is nothing, or while the number is locked."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.number}):
        request.axes_locked_out = True  # type: ignore[attr-defined] # django-axes' own mark
        return ""
    if second_factor.totp_fits(request, user, code, timezone.now()):
        return second_factor.TOTP
    return second_factor.RECOVERY if securing.use_code(user, code, timezone.now()) else ""


def _failed(request: HttpRequest, user: User) -> int:
    """Count a wrong code like a wrong password; the minutes the number is locked for, or 0."""
    user_login_failed.send(sender=__name__, credentials={"username": user.number}, request=request)
    note_failure(request, user.number, "第二验证不正确")
    locked = backends.minutes_locked(request, user.number, timezone.now())
    if locked:
        request.session.pop(HALF, None)
    return locked


@public
@never_cache
@require_POST
def ask_passkey(request: HttpRequest) -> JsonResponse:
    """The challenge a passkey has to sign, for whoever signs in or proves himself again."""
    user = request.user if isinstance(request.user, User) else _half(request)
    if user is None:
        return JsonResponse({"error": "等待太久，请重新登录"}, status=422)
    return JsonResponse(second_factor.ask_passkey(request, user))


@public
@never_cache
@require_POST
def second_passkey(request: HttpRequest) -> JsonResponse:
    user = _half(request)
    if user is None:
        return JsonResponse({"error": "等待太久，请重新登录"}, status=422)
    if not _signed(request, user):
        return JsonResponse({"error": "通行密钥没有通过，请再试一次"}, status=422)
    entered = _enter(request, user, second_factor.PASSKEY, request.session[HALF]["next"])
    response = JsonResponse({"next": entered["Location"]})
    response.cookies.update(entered.cookies)
    return response


def _signed(request: HttpRequest, user: User) -> bool:
    """Whether a passkey of ``user`` has signed the challenge of this session, and the number is not locked."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.number}):
        return False
    try:
        second_factor.check_passkey(request, user, answer_of(request))
    except second_factor.NotProved:
        _failed(request, user)
        return False
    return True


def answer_of(request: HttpRequest) -> dict[str, Any]:
    """What the browser's passkey answered; empty for what is no JSON object."""
    try:
        answer = json.loads(request.body)
    # A form instead of it was read for its token already; too deep a nesting is no answer either.
    except (ValueError, RawPostDataException, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


# ---------- once more ----------


@requires(Can.OWN_ACCOUNT)
@never_cache
@sensitive_post_parameters()
def prove(request: OfficerRequest) -> HttpResponse:
    """Who one is, once more: by one's second factor, else by the password. Then back to the page that asked."""
    user = request.user
    kinds = {each.kind for each in second_factor.factors(user)}
    # Who came in with a recovery code has lost what he enrolled.
    by_factor = bool(kinds) and request.session.get(second_factor.FACTOR) != second_factor.RECOVERY
    form_class = CodeForm if by_factor else ProofForm
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if _proves(request, user, form.cleaned_data):
            return redirect(_proved(request))
        if getattr(request, "axes_locked_out", False):
            return shut(request)
        form.add_error(next(iter(form.fields)), WRONG_CODE if by_factor else "密码不正确")
    capability = _asked_for(request)
    context = {"form": form, "kinds": kinds if by_factor else set(), "what": capability, "nav_key": "me"}
    return render(request, "stations/step_up.html", {**context, "cancel": _way_back(request)})


def _way_back(request: OfficerRequest) -> str:
    """Where 取消 leads: to the page with the form, else to the one before it, whichever can be looked at as it is.

    What was typed waits in the browser for its page (`restore` in app.js).
    """
    target = _safe_next(request)
    pages = (
        exports.page_of(target) if exports.is_file(target) else target,
        _safe(request, request.GET.get("back", "")),
    )
    return next((page for page in pages if page and step_up.opens(request.session, page, timezone.now())), "/")


def _asked_for(request: HttpRequest) -> Can | None:
    """The capability the proof is for; None when the address was changed by hand."""
    asked = request.GET.get("for", "")
    return Can(asked) if asked in Can else None


def _proves(request: OfficerRequest, user: User, typed: dict[str, Any]) -> bool:
    if "password" in typed:
        found = authenticate(request, username=user.number, password=typed["password"])
        if found is None:
            note_failure(request, user.number, "再次验证时密码不正确")
        return found is not None
    open_now = AxesProxyHandler.is_allowed(request, {"username": user.number})
    if open_now and second_factor.totp_fits(request, user, typed["code"], timezone.now()):
        return True
    _failed(request, user)
    return False


def _proved(request: OfficerRequest) -> str:
    """Note the proof under a new key of the session; where to go."""
    request.session.cycle_key()
    step_up.prove(request.session, timezone.now(), _asked_for(request) or "")
    reset(username=backends.counter(request, {"username": request.user.number}))
    target = _safe_next(request) or "/"
    # A download leaves the page standing that asked for it: back there first, and the file from there.
    return f"{reverse('stations:proved')}?{urlencode({'next': target})}" if exports.is_file(target) else target


def shut(request: OfficerRequest) -> HttpResponse:
    """Too many wrong answers: whoever sits here may not be the person."""
    actions.note_sign_out(request.user)
    logout(request)
    notices.error(request, "验证失败次数过多，已退出登录。")
    return redirect("stations:login")


@requires(Can.OWN_ACCOUNT)
@never_cache
@require_POST
def prove_passkey(request: OfficerRequest) -> JsonResponse:
    if not _signed(request, request.user):
        return JsonResponse({"error": "通行密钥没有通过，请再试一次"}, status=422)
    return JsonResponse({"next": _proved(request)})


@requires(Can.OWN_ACCOUNT)
@never_cache
def proved(request: OfficerRequest) -> HttpResponse:
    """The file comes by itself; the page says so and leads back."""
    target = _safe_next(request) or "/"
    context = {"file": target, "back": exports.page_of(target), "nav_key": "me"}
    return render(request, "stations/step_up_done.html", context)


@requires(Can.OWN_ACCOUNT)
@never_cache
def session(request: OfficerRequest) -> JsonResponse:
    """How many seconds the session has left without a click; a POST is one."""
    store = request.session
    assert isinstance(store, SessionStore)
    if request.method == "POST":
        store.touch(timezone.now())
    return JsonResponse({"seconds": store.seconds_left(Role(request.user.role), timezone.now())})
