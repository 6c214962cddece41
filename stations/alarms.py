"""Alarms: raised by a sweep, told to the security and audit administrators of the bureau, answered for by one."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate, localtime

from fire_supervision.lib.errors import RuleError
from stations.messages import send_many
from stations.models import Message, Organisation, User
from stations.permissions import ADMINISTRATORS, ROLE_CAN, Can, Role
from trail.models import Alarm, AlarmKind, AuditEntry
from trail.record import record
from trail.watching import Sign, is_told, signs

logger = logging.getLogger(__name__)
PAGE, GUARD = "/trail/alarms/", "/settings/sign-in/"
# Older ones nobody is woken for: the address was set, or the mail server came back, long after.
MAILED_WITHIN = timedelta(days=1)


def watch(now: datetime) -> int:
    """Raise what the trail gives reason for and was not told yet; how many alarms were raised."""
    return sum(_raise(sign, now) for sign in list(signs(now)) if not is_told(sign, now))


@transaction.atomic
def _raise(sign: Sign, now: datetime) -> bool:
    """False when another sweep was faster."""
    values = {"bureau_id": sign.bureau_id, "words": sign.words[:300], "query": sign.query[:200], "raised_at": now}
    alarm, created = Alarm.objects.get_or_create(
        kind=sign.kind, about=sign.about, acknowledged_at=None, defaults=values
    )
    if created:
        title = f"安全告警：{sign.kind.label}"
        record(None, "trail.alarm", alarm, f"{title}。{sign.words}")
        url = f"{PAGE}{alarm.pk}/"
        key = f"alarm:{alarm.pk}"
        people = guardians(sign.bureau_id)
        send_many(Message(user=each, key=key, title=title, body=sign.words, url=url) for each in people)
    return created


def raise_of_post(actor: User | None, person: User, entry: AuditEntry) -> None:
    """At once, with the act ``entry`` tells: who was given an administrator's post, or a new password of one."""
    who = f"{actor.name}（{actor.number}）" if actor else "在服务器上"
    words = f"{who}{entry.summary}" + ("，确认后生效。" if person.appointed_by_id else "。")
    query = urlencode({"action": entry.action, "since": localdate(entry.at).isoformat()})
    _raise(Sign(AlarmKind.POST, f"post:{person.pk}:{entry.pk}", words, person.organisation.bureau_id, query), entry.at)


def tell_of_accounts(actor: User, people: Iterable[User]) -> None:
    """The security administrators learn who was entered for business: one message for all of a bureau."""
    opened: dict[int | None, list[User]] = {}
    for person in people:
        if Role(person.role) not in ADMINISTRATORS:
            opened.setdefault(person.organisation.bureau_id or actor.bureau_id, []).append(person)
    for bureau_id, persons in opened.items():
        title = f"{actor.name}登记了 {len(persons)} 个账号，不知情的请核实"
        body = "、".join(
            f"{each.organisation}{each.get_role_display()}{each.name}（{each.number}）" for each in persons
        )
        key = f"accounts:{persons[0].pk}"
        told = guardians(bureau_id).filter(role=Role.SECURITY_ADMIN)
        send_many(Message(user=each, key=key, title=title, body=body, url=GUARD) for each in told)


def guardians(bureau_id: int | None) -> QuerySet[User]:
    """Who is told: the security and audit administrators over the bureau; all of them of what is nobody's."""
    roles = [role for role, may in ROLE_CAN.items() if Can.VIEW_ALARMS in may]
    people = User.objects.working().filter(role__in=roles, appointed_by=None)
    return people if bureau_id is None else people.filter(organisation_id__in=_upwards(bureau_id))


def _upwards(bureau_id: int) -> list[int]:
    """The bureau and those above it, two or three."""
    found: list[int] = []
    pk: int | None = bureau_id
    while pk is not None and pk not in found:
        found.append(pk)
        pk = Organisation.objects.filter(pk=pk).values_list("parent_id", flat=True).first()
    return found


def mail_waiting(now: datetime) -> int:
    """Tell SECURITY_ALARM_TO of what was raised, once each; what a mail server does not take waits for the next sweep.

    A letter leaves the house: it says what kind of alarm, where and when, and names nobody.
    """
    if not settings.SECURITY_ALARM_TO:
        return 0
    sent = 0
    for alarm in Alarm.objects.filter(mailed_at=None, raised_at__gt=now - MAILED_WITHIN).order_by("pk"):
        bureau = Organisation.objects.filter(pk=alarm.bureau_id).first() if alarm.bureau_id else None
        place = bureau.name if bureau else "全系统"
        subject = f"安全告警：{alarm.get_kind_display()}（{place}）"
        link = f"{settings.PUBLIC_URL}{PAGE}{alarm.pk}/"
        body = f"{localtime(alarm.raised_at):%Y-%m-%d %H:%M}，{place}。\n请登录查看并处置：{link}\n"
        try:
            send_mail(subject, body, None, settings.SECURITY_ALARM_TO)
        except OSError:
            logger.exception("the mail of alarm %s was not taken", alarm.pk)
            return sent
        sent += Alarm.objects.filter(pk=alarm.pk, mailed_at=None).update(mailed_at=now)
    return sent


@transaction.atomic
def acknowledge(alarm: Alarm, actor: User, note: str, at: datetime) -> Alarm:
    """Answer for it, with what was found and done. Raises RuleError when somebody did already."""
    locked = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if locked.acknowledged_at is not None:
        raise RuleError(f"这条告警已由{locked.acknowledged_by_name}处置")
    if locked.about in (f"person:{actor.pk}", f"papers:{actor.pk}") or locked.about.startswith(f"post:{actor.pk}:"):
        raise RuleError("涉及本人的告警不能由本人处置", remedy="由另一名管理员处置")
    locked.acknowledged_at, locked.note = at, note
    locked.acknowledged_by_id, locked.acknowledged_by_name = actor.pk, actor.name
    locked.save(update_fields=["acknowledged_at", "acknowledged_by_id", "acknowledged_by_name", "note"])
    record(actor, "trail.acknowledge_alarm", locked, f"处置安全告警：{locked}。{locked.words}", reason=note)
    return locked
