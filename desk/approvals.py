"""What waits for a decision without a date of its own: it has no clock and is asked for by its state."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate

from deadlines.models import Clock, Doer
from filings.models import MonthlyReport
from filings.monthly import address
from hazards.models import Extension, ExtensionState, Referral, ReferralState, Target
from stations.models import User
from stations.permissions import Can
from units.handover import works_at
from units.models import Unit

# Beyond this nobody reads on; the number in the heading counts all that were fetched.
LIMIT = 50


@dataclass(frozen=True)
class Approval:
    """One row: what is asked, where it is decided, since when it waits."""

    kind: str
    button: str
    label: str
    detail: str
    url: str
    since: date


def approvals(user: User) -> list[Approval]:
    """Everything that waits for ``user``, the longest waiting first; one query for each thing he may decide."""
    found: list[Approval] = []
    if user.can(Can.APPROVE_EXTENSIONS):
        found += _extensions(user)
    if user.can(Can.ANSWER_REFERRALS):
        found += _referrals(user)
    if user.can(Can.REVIEW_FILINGS):
        found += _reports(user)
    return sorted(found, key=lambda each: each.since)


def _extensions(user: User) -> list[Approval]:
    asked = Extension.objects.for_user(user).filter(state=ExtensionState.REQUESTED)
    return [
        Approval(
            kind="延期",
            button="审批",
            label=row.order.unit.name,
            detail=f"{row.order.number}，申请从 {row.deadline} 延至 {row.until}：{row.reason}",
            url=reverse("hazards:decide_extension", args=[row.pk]),
            since=row.requested_on,
        )
        for row in asked.select_related("order__unit").order_by("requested_on", "pk")[:LIMIT]
    ]


def _referrals(user: User) -> list[Approval]:
    sent = Referral.objects.for_user(user).filter(state=ReferralState.SENT, target=Target.FIRE_BRIGADE)
    return [
        Approval(
            kind="移送",
            button="接收",
            label=row.unit.name,
            detail="，".join(part for part in (row.station.name, row.letter_no, row.facts[:60]) if part),
            url=reverse("hazards:referral", args=[row.pk]),
            since=row.sent_on,
        )
        for row in sent.select_related("unit", "station").order_by("sent_on", "pk")[:LIMIT]
    ]


def _reports(user: User) -> list[Approval]:
    handed_in = MonthlyReport.objects.for_user(user).unread().select_related("station", "handed_in_by")
    return [
        Approval(
            kind="月报",
            button="接收",
            label=f"{row.station.name} {row}",
            detail=f"{row.handed_in_by.name}报送" + (f"，第 {row.version} 版：{row.reason}" if row.reason else ""),
            url=address("monthly_report", row.station_id, row.of_month),
            since=localdate(row.handed_in_at),
        )
        for row in handed_in.defer("figures", "counted").order_by("handed_in_at")[:LIMIT]
    ]


def leavers(user: User) -> list[User]:
    """Who still has units or duties in the station of ``user``, a chief, and can do nothing about them any more."""
    if not user.can(Can.HAND_OVER):
        return []
    units = Unit.objects.for_user(user).open().filter(officer__isnull=False)
    duties = Clock.objects.for_user(user).running().filter(doer=Doer.STATION, owner__isnull=False)
    having = Q(pk__in=units.values("officer")) | Q(pk__in=duties.values("owner"))
    people = User.objects.filter(having).select_related("organisation").order_by("number")
    return [person for person in people if not works_at(person, user.home_station)]
