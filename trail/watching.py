"""What alarms by itself: the signs of an attack in the last minutes of the trail, and of a trail that stands still."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils.timezone import localdate

from trail.models import Alarm, AlarmKind, AuditEntry, Run, RunKind, RunState
from trail.record import ANONYMOUS
from trail.sealing import CHECKPOINT_EVERY, last_checkpoint, recent_unsealed

STANDS_STILL = timedelta(hours=1)
# Refused for what somebody may not do or reach. A rule that says no (409) is an officer's ordinary day.
REFUSED = Q(action__endswith=".refused") & (Q(after__status__in=[403, 429]) | Q(after__exists=True))
FORGED = Q(action__in=["records.verify_failed", "hazards.link_failed"])
TAKEN_OUT = Q(action__endswith=".export") | Q(action__contains=".download") | Q(action="records.print_stack")
# A paper whose row, or one of whose files, is not as it was issued.
BENT = ["records.park", "records.withhold"]
# A paper is seen whole however it is opened; how many a stack has stands in its entry.
PAPERS = Q(action__in=["records.read", "records.download", "records.print_stack"])


@dataclass(frozen=True)
class Sign:
    """Something a person must be told: of what kind, about whom, in words, and which entries show it."""

    kind: AlarmKind
    about: str
    words: str
    bureau_id: int | None = None
    query: str = ""


def signs(now: datetime) -> Iterator[Sign]:
    """Everything there is reason to tell, told before or not. A threshold of 0 looks for nothing."""
    lately = AuditEntry.objects.filter(at__gt=now - timedelta(minutes=settings.ALARM_MINUTES), at__lte=now)
    since = localdate(now - timedelta(minutes=settings.ALARM_MINUTES))
    if settings.ALARM_SIGN_INS:
        yield from _sign_ins(lately, since.isoformat())
    if settings.ALARM_LOCKS:
        yield from _locks(lately, since.isoformat())
    if settings.ALARM_REFUSALS:
        yield from _refusals(lately, since.isoformat())
    if settings.ALARM_EXPORTS or settings.ALARM_EXPORT_ROWS:
        yield from _exports(lately, since.isoformat())
    yield from _bent(now)
    if settings.ALARM_PAPERS:
        yield from _papers(lately, since.isoformat())
    yield from _verifications(now)
    yield from _standstill(now)


def is_told(sign: Sign, now: datetime) -> bool:
    """Whether it needs no new alarm: one is open, or what it tells of was answered for already."""
    told = Alarm.objects.filter(kind=sign.kind, about=sign.about)
    if sign.kind == AlarmKind.VERIFICATION:
        return told.exists()
    by_day = sign.kind in (AlarmKind.STANDSTILL, AlarmKind.PAPER)
    quiet = timedelta(days=1) if by_day else timedelta(minutes=settings.ALARM_MINUTES)
    return told.filter(Q(acknowledged_at=None) | Q(acknowledged_at__gt=now - quiet)).exists()


def _sign_ins(lately: QuerySet[AuditEntry], since: str) -> Iterator[Sign]:
    """An address is counted over every bureau it tried; each is told how often, and of the others only that they are.

    Numbers nobody has belong to no bureau: where a bureau was tried too, it is the bureau that is told.
    """
    tried: dict[str, dict[int | None, int]] = {}
    failed = lately.filter(action="stations.sign_in_failed", address__isnull=False)
    for address, bureau_id, count in _many(failed, 1, "address", "bureau_id"):
        tried.setdefault(address, {})[bureau_id] = count
    for address, counts in tried.items():
        total = sum(counts.values())
        if total < settings.ALARM_SIGN_INS:
            continue
        query = urlencode({"action": "stations.sign_in_failed", "address": address, "since": since})
        for bureau_id, count in counts.items():
            if bureau_id is None and len(counts) > 1:
                continue
            words = f"{settings.ALARM_MINUTES} 分钟内，从地址 {address} 登录失败 {total} 次"
            words += "。" if count == total else f"，其中本机关的警号 {count} 次，其余是别的机关的或没有的警号。"
            yield Sign(AlarmKind.SIGN_IN, f"{address}:{bureau_id or ''}", words, bureau_id, query)


def _locks(lately: QuerySet[AuditEntry], since: str) -> Iterator[Sign]:
    for bureau_id, count in _many(lately.filter(action="stations.lock"), settings.ALARM_LOCKS, "bureau_id"):
        words = f"{settings.ALARM_MINUTES} 分钟内，账号被锁定 {count} 次。"
        query = urlencode({"action": "stations.lock", "since": since})
        yield Sign(AlarmKind.LOCK, f"{bureau_id or ''}", words, bureau_id, query)


def _refusals(lately: QuerySet[AuditEntry], since: str) -> Iterator[Sign]:
    most, minutes = settings.ALARM_REFUSALS, settings.ALARM_MINUTES
    people = lately.filter(REFUSED, actor_id__isnull=False)
    columns = ("actor_id", "actor_name", "actor_number", "bureau_id")
    for pk, name, number, bureau_id, count in _many(people, most, *columns):
        words = f"{minutes} 分钟内，{name}（{number}）的访问被拒绝 {count} 次。"
        query = urlencode({"action": ".refused", "who": number, "since": since})
        yield Sign(AlarmKind.REFUSAL, f"person:{pk}", words, bureau_id, query)
    unknown = lately.filter(REFUSED | FORGED, actor_id=None, actor_name=ANONYMOUS, address__isnull=False)
    for address, count in _many(unknown, most, "address"):
        words = f"{minutes} 分钟内，未登录者从地址 {address} 的访问被拒绝 {count} 次。"
        query = urlencode({"address": address, "since": since})
        yield Sign(AlarmKind.REFUSAL, f"address:{address}", words, None, query)


def _many(entries: QuerySet[AuditEntry], most: int, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The columns and the count of those who have at least ``most`` entries."""
    counted = entries.order_by().values_list(*columns).annotate(count=Count("pk")).filter(count__gte=most)
    return iter(counted)


def _exports(lately: QuerySet[AuditEntry], since: str) -> Iterator[Sign]:
    for who, files, rows in _by_person(lately.filter(TAKEN_OUT)):
        if 0 < settings.ALARM_EXPORTS <= files or 0 < settings.ALARM_EXPORT_ROWS <= rows:
            yield _of_person("person", who, f"导出、下载 {files} 次，共 {rows} 行。", since)


def _papers(lately: QuerySet[AuditEntry], since: str) -> Iterator[Sign]:
    """Papers opened one by one, or ticked and printed, are no file that left; very many of them are."""
    for who, _, papers in _by_person(lately.filter(PAPERS)):
        if papers >= settings.ALARM_PAPERS:
            yield _of_person("papers", who, f"查看、保存、合并打印文书 {papers} 份。", since)


Person = tuple[int, str, str, int | None]


def _by_person(entries: QuerySet[AuditEntry]) -> Iterator[tuple[Person, int, int]]:
    """Who wrote them (key, name, number, bureau), how many, and how many rows they tell of."""
    files: Counter[int] = Counter()
    rows: Counter[int] = Counter()
    people: dict[int, Person] = {}
    columns = ("actor_id", "actor_name", "actor_number", "bureau_id", "after")
    for pk, name, number, bureau_id, after in entries.filter(actor_id__isnull=False).values_list(*columns):
        told = after.get("rows", 0)
        files[pk] += 1
        rows[pk] += told if isinstance(told, int) else 0
        people[pk] = (pk, name, number, bureau_id)
    return ((person, files[pk], rows[pk]) for pk, person in people.items())


def _of_person(about: str, who: Person, words: str, since: str) -> Sign:
    """Leads to every entry of his: files leave under several names."""
    pk, name, number, bureau_id = who
    words = f"{settings.ALARM_MINUTES} 分钟内，{name}（{number}）{words}"
    return Sign(AlarmKind.EXPORT, f"{about}:{pk}", words, bureau_id, urlencode({"who": number, "since": since}))


def _bent(now: datetime) -> Iterator[Sign]:
    """What a worker would not print, and files nobody was given: one is one too many, a day's, as it is told once."""
    lately = AuditEntry.objects.filter(action__in=BENT, at__gt=now - timedelta(days=1), at__lte=now)
    found = lately.order_by("pk").values_list("subject_id", "action", "summary", "bureau_id")
    since = localdate(now - timedelta(days=1)).isoformat()
    for pk, action, summary, bureau_id in found:
        query = urlencode({"action": action, "since": since})
        yield Sign(AlarmKind.PAPER, f"paper:{pk}", f"{summary}。", bureau_id, query)


def _verifications(now: datetime) -> Iterator[Sign]:
    failed = Q(found__gt=0) | Q(state=RunState.FAILED)
    ended = Run.objects.filter(failed, kind=RunKind.VERIFY, finished_at__gt=now - timedelta(days=1))
    for run in ended.order_by("pk").defer("position"):
        what = f"发现 {run.found} 处问题" if run.found else "没有完成"
        yield Sign(AlarmKind.VERIFICATION, f"run:{run.pk}", f"{run.asked_by_name}发起的审计记录核验{what}。")


def _standstill(now: datetime) -> Iterator[Sign]:
    oldest = recent_unsealed().order_by().aggregate(oldest=Min("at"))["oldest"]
    if oldest is not None and oldest < now - STANDS_STILL:
        yield Sign(AlarmKind.STANDSTILL, "seal", "审计记录一小时以上没有封存，请检查后台程序。")
    last = last_checkpoint()
    begun = last.at if last else AuditEntry.objects.aggregate(first=Min("at"))["first"]
    if begun is not None and begun < now - CHECKPOINT_EVERY - STANDS_STILL:
        words = "检查点迟了一小时以上，请检查后台程序和签名密钥（TRAIL_KEY）。"
        yield Sign(AlarmKind.STANDSTILL, "checkpoint", words)
