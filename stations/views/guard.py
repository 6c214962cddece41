"""登录与锁定: the security administrator unlocks numbers, takes away lost factors and ends sessions. No passwords."""

from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages as notices
from django.db.models import Max, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib import sought
from stations import second_factor, securing
from stations.backends import NO_NUMBER, number_of
from stations.entrances import UserSession
from stations.forms import ReasonForm
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can

MOST_FOUND = 20


@dataclass(frozen=True)
class Locked:
    """A number that is locked: for everybody, or for its owner's known device alone."""

    count: str
    failures: int
    until: datetime
    person: User | None

    @property
    def number(self) -> str:
        return number_of(self.count)

    @property
    def on_own_device(self) -> bool:
        return self.number != self.count


def locked_now(admin: User, at: datetime) -> list[Locked]:
    """What is locked at ``at``, of the people ``admin`` keeps and of numbers nobody has."""
    recent = AccessAttempt.objects.filter(attempt_time__gt=at - settings.AXES_COOLOFF_TIME).exclude(username=NO_NUMBER)
    counted = recent.values("username").annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    rows = list(counted.filter(failures__gte=settings.AXES_FAILURE_LIMIT).order_by("-last"))
    numbers = {number_of(row["username"]) for row in rows}
    kept = {person.number: person for person in User.objects.managed_by(admin).filter(number__in=numbers)}
    others = set(User.objects.filter(number__in=numbers - set(kept)).values_list("number", flat=True))
    return [
        Locked(row["username"], row["failures"], row["last"] + settings.AXES_COOLOFF_TIME, kept.get(number))
        for row in rows
        if (number := number_of(row["username"])) not in others
    ]


@requires(Can.MANAGE_SETTINGS)
@require_GET
def overview(request: OfficerRequest) -> HttpResponse:
    words = sought.opened(request.GET.get("q", ""), request.user.pk).strip()
    people = User.objects.managed_by(request.user).select_related("organisation").order_by("number")
    found = people.filter(number=words.upper()) | people.filter(name=words) if words else people.none()
    open_now = UserSession.objects.filter(expire_date__gt=timezone.now(), user__in=people.order_by().values("pk"))
    context = {
        "locked": locked_now(request.user, timezone.now()),
        "words": words,
        "found": [(person, second_factor.factors(person)) for person in found[:MOST_FOUND]],
        "open_now": open_now.exclude(pk=request.session.session_key).count(),
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        "nav_key": "settings",
    }
    return render(request, "stations/guard_list.html", context)


@requires(Can.MANAGE_SETTINGS)
@require_POST
def unlock(request: OfficerRequest) -> HttpResponse:
    number = request.POST.get("number", "")
    counts = [each.count for each in locked_now(request.user, timezone.now()) if each.number == number]
    form = ReasonForm(request.POST)
    if not counts:
        notices.warning(request, "这个警号没有锁定，可能已经到时。")
    elif form.is_valid():
        securing.unlock(request.user, counts, form.cleaned_data["reason"])
        notices.success(request, f"警号 {number} 已解除锁定。")
    else:
        notices.error(request, "没有填写原因，没有解除。")
    return redirect("stations:guard")


@requires(Can.MANAGE_SETTINGS)
@require_POST
def end_sessions_of(request: OfficerRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.managed_by(request.user), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        ended = securing.end_sessions_of(request.user, person, form.cleaned_data["reason"])
        notices.success(request, f"{person.name}的 {ended} 处登录已结束。")
    else:
        notices.error(request, "没有填写原因，没有结束。")
    return redirect("stations:guard")


@requires(Can.MANAGE_SETTINGS)
@require_POST
def end_all_sessions(request: OfficerRequest) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        ended = securing.end_all_sessions(request.user, request.session.session_key or "", form.cleaned_data["reason"])
        notices.success(request, f"{request.user.organisation}全部人员的 {ended} 处登录已结束，您的这处登录保留。")
    else:
        notices.error(request, "没有填写原因，没有结束。")
    return redirect("stations:guard")


@requires(Can.MANAGE_SETTINGS)
@require_POST
def reset_factors(request: OfficerRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User.objects.managed_by(request.user), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        securing.reset_factors(request.user, person, form.cleaned_data["reason"])
        notices.success(request, f"{person.name}的第二验证已重设，下次登录只用密码，按岗位要求重新启用。")
    else:
        notices.error(request, "没有填写原因，没有重设。")
    return redirect("stations:guard")
