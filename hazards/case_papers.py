"""What the papers after the notices say, as plain values (domain §3.6): 送达回证, 延期审批表, 移送函, 隐患报告.

The keys are those of templates/papers/<kind>.html; samples stand in records/samples/{service,case}.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.timezone import localtime

from hazards.heads import brigade_of, extensions, head, iso, notice, served_on
from hazards.link_papers import acknowledged
from hazards.models import (
    AfterPhoto,
    Disposition,
    Extension,
    ExtensionState,
    Hazard,
    Method,
    Order,
    Outcome,
    Referral,
    Report,
    Service,
    Suggestion,
)
from inspections.models import Inspection, Mode, Photo
from inspections.papers import officer_context
from records.models import Document, Kind
from stations.models import User
from units.models import Unit

Context = dict[str, Any]
VERDICTS = [ExtensionState.APPROVED.label, ExtensionState.REFUSED.label]
# Whoever received it by mail or on a telephone signs no paper of ours.
SIGNED_ELSEWHERE = {Method.MAIL: "签收见邮件回执", Method.ELECTRONIC: "收悉见凭据"}


def _party(unit: Unit) -> Context:
    """A unit as it is named to another authority."""
    return {
        "name": unit.name,
        "credit_code": unit.credit_code,
        "address": unit.address,
        "person": unit.person,
        "phone": unit.phone,
    }


# ---------- 送达回证 ----------


def receipt_context(service: Service, on: date) -> Context:
    """送达回证 of a service in any of the seven ways; what its way does not ask for is empty and struck out."""
    order, way = service.order, Method(service.method)
    proxy, refused = way == Method.PROXY, way == Method.LEAVE
    in_person = not (proxy or refused)
    servers = [person for person in (service.server, service.second) if person is not None]
    signed = order.dispatches.filter(acknowledged_at__isnull=False).first() if way == Method.ELECTRONIC else None
    return head(order, on) | {
        "documents": [notice(order) | {"count": 1}],
        "method": {"options": [each.label for each in Method], "chosen": way.label, "note": ""},
        "served_at": "" if service.is_published else iso(service.served_at),
        "place": service.place,
        "recipient": _hand(service, in_person) | {"elsewhere": "" if signed else SIGNED_ELSEWHERE.get(way, "")},
        "proxy": _hand(service, proxy) | {"reason": service.reason if proxy else ""},
        "refusal": _hand(service, refused) | {"reason": service.reason if refused else "", "witness": service.witness},
        "sending": _sending(service, way),
        "electronic": _electronic(service),
        "notice": _published(service),
        "officers": [officer_context(person) for person in servers],
        "assistant": service.assistant.name if service.assistant else "",
        "recorder_no": service.recorder_no,
        "note": service.note,
        "signatures": {"recipient": signed.strokes if signed else None},
        "signed": acknowledged(signed) if signed and signed.context_sha256 else {},
    }


def _hand(service: Service, used: bool) -> Context:
    return {
        "name": service.recipient if used else "",
        "relation": service.relation if used else "",
    }


def _sending(service: Service, way: Method) -> Context:
    """委托 and 邮寄: through whom, under what number, since when."""
    sent = way in (Method.ENTRUST, Method.MAIL)
    return {
        "agent": service.agent,
        "tracking_no": service.tracking_no,
        "sent_on": iso(service.sent_on) if sent else "",
    }


def _electronic(service: Service) -> Context:
    used = service.method == Method.ELECTRONIC
    return {
        "consented_by": service.consented_by,
        "consented_on": iso(service.consented_on),
        "consent_no": service.consent_no,
        "channel": service.channel if used else "",
        "account": service.account,
        "receipt": service.receipt,
    }


def _published(service: Service) -> Context:
    """公告: the day its period ends is what the calendar says today."""
    used = service.is_published
    return {
        "on": iso(service.sent_on) if used else "",
        "ends_on": localtime(service.served_at).date().isoformat() if used else "",
        "channel": service.channel if used else "",
        "reason": service.reason if used else "",
    }


# ---------- 延期改正审批表 ----------


def extension_context(extension: Extension, asked_until: date, hazards: Sequence[Hazard], on: date) -> Context:
    """延期改正审批表 of a decided request that asked for ``asked_until``; ``hazards`` are those it is about."""
    order = extension.order
    approved = extension.state == ExtensionState.APPROVED
    return head(order, on) | {
        "unit": _party(order.unit),
        "order": notice(order) | {"issued_on": order.issued_on.isoformat(), "served_on": served_on(order)},
        "items": [{"no": hazard.position, "detail": hazard.wording} for hazard in hazards],
        "deadline": extension.deadline.isoformat(),
        "asked_until": asked_until.isoformat(),
        "requested_on": extension.requested_on.isoformat(),
        "reason": extension.reason,
        "registrar": extension.requested_by.name,
        "verdict": {"options": VERDICTS, "chosen": extension.get_state_display(), "note": ""},
        "until": extension.until.isoformat() if approved else "",
        "opinion": extension.decision,
        "decider": extension.decided_by.name if extension.decided_by else "",
        "decided_at": iso(extension.decided_at),
    }


# ---------- 移送函 ----------


def referral_context(referral: Referral, hazards: Sequence[Hazard], actor: User, on: date) -> Context:
    """移送函: the facts as they were typed; what the station did and encloses as the records tell it."""
    visits = _visits(hazards)
    orders = list({hazard.order_id: hazard.order for hazard in hazards if hazard.order}.values())
    failed = [outcome for hazard in hazards for outcome in hazard.outcomes.all() if not outcome.passed]
    return head(referral, on) | {
        "to": referral.authority,
        "unit": _party(referral.unit),
        "visits": visits,
        "facts": referral.facts,
        "hazards": [
            {"no": no, "detail": row.wording, "violates": row.article} for no, row in enumerate(hazards, start=1)
        ],
        "basis": referral.basis,
        "violates": [words for words in dict.fromkeys(row.article for row in hazards) if words not in referral.basis],
        "urged": _urged(hazards),
        "measures": (measures := _measures(orders, hazards)),
        "attachments": _attachments(visits, orders, measures, failed, hazards),
        "officers": [officer_context(actor)],
        "contact": {"name": actor.name, "phone": actor.phone},
    }


def _visits(hazards: Iterable[Hazard]) -> list[Context]:
    """When each hazard was found, and the number of the record that says so; none for an order from before."""
    days = {hazard.inspection_id or 0: hazard.found_on for hazard in hazards}
    numbers = _records_of(days)
    return [{"on": day.isoformat(), "record": numbers.get(pk, "")} for pk, day in days.items()]


def _urged(hazards: Sequence[Hazard]) -> list[Context]:
    """督促整改 without a notice, by the day of the visit; ``items`` are [] where all of the letter were urged then."""
    days: dict[date, list[int]] = {}
    for no, row in enumerate(hazards, start=1):
        if row.order_id is None and row.disposition == Disposition.URGE:
            days.setdefault(row.found_on, []).append(no)
    return [
        {"on": day.isoformat(), "items": items if len(items) < len(hazards) else []}
        for day, items in sorted(days.items())
    ]


def _measures(orders: Sequence[Order], hazards: Sequence[Hazard]) -> list[Context]:
    """What was ordered by ``orders`` about ``hazards``, which the paper numbers as they come."""
    numbers = {row.pk: no for no, row in enumerate(hazards, start=1)}
    return [_ordered(order, [row for row in hazards if row.order_id == order.pk], numbers) for order in orders]


def _ordered(order: Order, hazards: Sequence[Hazard], numbers: Mapping[int, int]) -> Context:
    """What the station did about ``hazards`` by ``order``: 责令, 送达, 延期, each 复查 at which one was not corrected.

    The days are those of the notice: what was granted since is told by itself. 立即改正 names no day: the
    re-inspection's is not what was ordered.
    """
    granted = extensions(order, {row.pk: numbers[row.pk] for row in hazards})
    failed = [outcome.reinspection for hazard in hazards for outcome in hazard.outcomes.all() if not outcome.passed]
    visits = sorted({visit.pk: visit for visit in failed}.values(), key=lambda visit: visit.number)
    dated = [(row.deadline.isoformat(), numbers[row.pk]) for row in hazards if row.deadline]
    days = {_ordered_until(day, no, granted) for day, no in dated}
    return notice(order) | {
        "issued_on": order.issued_on.isoformat(),
        "deadlines": sorted(days) if order.mode == Mode.LIMIT else [],
        "served_on": served_on(order),
        "extensions": granted,
        "rechecks": [{"round": visit.number, "on": iso(visit.done_on)} for visit in visits],
    }


def _ordered_until(day: str, no: int, granted: Sequence[Context]) -> str:
    """The day the notice named for the hazard ``no``, whose period ends on ``day`` by now."""
    return next((each["since"] for each in granted if not each["items"] or no in each["items"]), day)


def _records_of(visits: Iterable[int]) -> dict[int, str]:
    """The numbers of the records of ``visits`` by their ids."""
    records = Document.objects.valid().filter(kind=Kind.INSPECTION_RECORD, subject_id__in=list(visits))
    return dict(records.filter(subject_type=Inspection._meta.label_lower).values_list("subject_id", "number"))


def _attachments(
    visits: Sequence[Context],
    orders: Sequence[Order],
    measures: Sequence[Context],
    failed: Sequence[Outcome],
    hazards: Sequence[Hazard],
) -> list[Context]:
    """The papers of the case so far, then photographs and recordings, in the order they came about."""
    services = [order.service for order in orders if hasattr(order, "service")]
    again = {outcome.reinspection_id: outcome.reinspection for outcome in failed}.values()
    sheets = [
        *(("检查记录", visit["record"]) for visit in visits if visit["record"]),
        *((notice(order)["title"], order.number) for order in orders),
        *(("送达回证", service.document.number if service.document else "") for service in services),
        *(("延期改正审批表", each["number"]) for row in measures for each in row["extensions"] if each["number"]),
        *(("复查记录", visit.document.number if visit.document else visit.full_number) for visit in again),
    ]
    rows = [{"title": title, "number": number, "count": 1, "unit": "份"} for title, number in sheets]
    photos = _photos_of(hazards)
    rows += [{"title": "现场照片", "number": "", "count": photos, "unit": "张"}] if photos else []
    recorded = {service.recorder_no for service in services if service.recorder_no}
    return rows + [{"title": "执法记录视频", "number": name, "count": 1, "unit": "段"} for name in sorted(recorded)]


def _photos_of(hazards: Sequence[Hazard]) -> int:
    """Photographs of these hazards, of the visit and of the re-inspections."""
    findings = [hazard.finding for hazard in hazards if hazard.finding]
    places = {(finding.inspection_id, finding.item_id) for finding in findings}
    taken = Photo.objects.filter(inspection__in={visit for visit, _ in places}).values_list("inspection", "item")
    before = sum(place in places for place in taken)
    return before + AfterPhoto.objects.filter(hazard__in=hazards).count()


# ---------- 火灾隐患报告 ----------


def report_context(report: Report, graves: Sequence[Hazard], actor: User, on: date) -> Context:
    """火灾隐患报告 (规定第34条) of the grave hazards of one visit."""
    visit = report.inspection
    orders = list({row.order_id: row.order for row in graves if row.order}.values())
    return head(report, on) | {
        "to": report.township,
        "cc": brigade_of(report),
        "unit": _party(report.unit),
        "visited_on": visit.visited_on.isoformat(),
        "record": _records_of([visit.pk]).get(visit.pk, ""),
        "hazards": [
            {"no": no, "detail": row.wording, "violates": row.article, "measure": row.measure}
            for no, row in enumerate(graves, start=1)
        ],
        "measures": _measures(orders, graves),
        "suggestions": {"options": [each.label for each in Suggestion], "chosen": report.suggested},
        "contact": {"name": actor.name, "phone": actor.phone},
    }
