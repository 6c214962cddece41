"""安全告警: what alarmed by itself, for the security and the audit administrator."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from fire_supervision.lib.paging import page_of
from stations import actions, administrators, alarms, exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can, Fresh
from stations.views.audit import bureaus_of, within
from trail.forms import AlarmForm
from trail.models import NOBODYS, Alarm

EXPORT_HEADER = ("时间", "事项", "内容", "状态", "处置时间", "处置人", "处置情况")


def _visible(request: OfficerRequest) -> QuerySet[Alarm]:
    # What concerns the installation concerns the administrators of each bureau, and is told them (`alarms.guardians`).
    return Alarm.objects.filter(within(bureaus_of(request) | {NOBODYS}))


@requires(Can.VIEW_ALARMS)
@require_GET
def listed(request: OfficerRequest) -> HttpResponse:
    """The newest first; `show=all` those that were answered for too; `export` the same as a workbook."""
    show_all = request.GET.get("show") == "all"
    found = _visible(request) if show_all else _visible(request).filter(acknowledged_at=None)
    if request.GET.get("export"):
        return _export(request, found)
    page = page_of(found, ["-id"], request.GET.get("cursor", ""))
    context = {"page": page, "show_all": show_all, "nav_key": "alarms", "reads_trail": _reads_trail(request)}
    return render(request, "stations/alarm_list.html", {**context, "waiting": _waiting(request)})


def _waiting(request: OfficerRequest) -> list[tuple[User, str, bool]]:
    """The administrators' accounts not confirmed yet, each with what is confirmed, and whether by him."""
    people = User.objects.managed_by(request.user).filter(is_active=True, appointed_by__isnull=False)
    found = people.select_related("organisation", "appointed_by").order_by("number")
    return [(person, administrators.seen(person), person.appointed_by_id != request.user.pk) for person in found]


@requires(Can.VIEW_ALARMS, fresh=Fresh.RECENT)
@require_POST
def confirm_post(request: OfficerRequest, pk: int) -> HttpResponse:
    """Put the account of an administrator into force that somebody else has opened."""
    person = get_object_or_404(User.objects.managed_by(request.user), pk=pk)
    actions.confirm_post(request.user, person.pk, request.POST.get("seen", ""))
    messages.success(request, f"{person.name}的账号已确认，可以登录。")
    return redirect("trail:alarms")


def _export(request: OfficerRequest, found: QuerySet[Alarm]) -> HttpResponse:
    rows = (
        [
            alarm.raised_at, alarm.get_kind_display(), alarm.words, "已处置" if alarm.acknowledged_at else "待处置",
            alarm.acknowledged_at, alarm.acknowledged_by_name, alarm.note,
        ]
        for alarm in found.order_by("-id").iterator()
    )  # fmt: skip
    return exports.table(request, f"安全告警 {localdate()}.xlsx", "安全告警", EXPORT_HEADER, rows)


@requires(Can.VIEW_ALARMS)
def alarm(request: OfficerRequest, pk: int) -> HttpResponse:
    """One alarm with the entries that show it, and the form to answer for it."""
    found = get_object_or_404(_visible(request), pk=pk)
    form = AlarmForm(request.POST if request.method == "POST" else None)
    sent = request.method == "POST"
    if sent and form.is_valid():
        alarms.acknowledge(found, request.user, form.cleaned_data["note"], timezone.now())
        messages.success(request, "已登记处置情况")
        return redirect("trail:alarms")
    context = {"alarm": found, "form": form, "nav_key": "alarms", "reads_trail": _reads_trail(request)}
    return render(request, "stations/alarm_detail.html", context, status=422 if sent else 200)


def _reads_trail(request: OfficerRequest) -> bool:
    """The security administrator is told of alarms and does not read the trail (三员分立)."""
    return request.user.can(Can.VIEW_TRAIL)
