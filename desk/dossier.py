"""一户一档: what happened at one unit, newest first, and what is due there next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Model, Q
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from deadlines.models import Clock
from desk.duties import act_of, is_ones_work
from hazards.models import Disposition, Hazard, HazardState, Order, OrderState, Referral, Reinspection
from inspections.models import Inspection, State
from records.models import Document
from stations.models import User
from units.models import Pledge, Unit
from units.standing import Pledged, pledged

Entry = dict[str, Any]


@dataclass
class Dossier:
    """Everything the unit page shows besides the unit's own facts."""

    next_duty: Clock | None
    open_hazards: list[Hazard]
    counts: dict[str, int]
    pledged: Pledged
    entries: list[Entry] = field(default_factory=list)


def of(unit: Unit, now: datetime, user: User) -> Dossier:
    """The dossier of ``unit`` as ``user`` may open it at ``now``; a fixed number of queries whatever its history."""
    clocks = list(Clock.objects.running().filter(unit_id=unit.pk).select_related("rule").order_by("due_on", "id"))
    # An order stands as long as one of its hazards does, so the hazards bring every valid order along.
    valid = unit.hazards.exclude(state=HazardState.VOID).select_related("order__service")
    hazards = list(valid.order_by("-found_on", "position"))
    visits = list(unit.inspections.select_related("lead", "second", "report").order_by("-visited_on", "-id"))
    inspections = [visit for visit in visits if visit.state == State.SUBMITTED]
    pledges = list(unit.pledges.select_related("document", "signed_by"))
    papers = list(Document.objects.filter(unit_id=unit.pk).defer("context").order_by("issued_on", "id"))
    links = Links(papers)
    orders = {row.order_id: row.order for row in hazards if row.order and row.order.state != OrderState.VOID}
    entries = [
        *_coming(clocks, now, user),
        *_visits(inspections, hazards, links),
        *_served(orders.values(), links),
        *_reinspected(unit, links),
        *_referred(unit, links),
        *_reported(visits, links),
        *_pledged(pledges, links),
        _registered(unit),
    ]
    entries += links.left()
    # A stable sort keeps acts of one day in the order of the procedure.
    entries.sort(key=lambda entry: (entry["sort"], entry["step"]), reverse=True)
    open_now = [clock for clock in clocks if clock.opens_on <= localdate(now)]
    return Dossier(
        next_duty=next((clock for clock in open_now if is_ones_work(clock, user)), None),
        open_hazards=[hazard for hazard in hazards if hazard.state in _STANDING],
        counts={
            "检查": len(inspections),
            "隐患": len(hazards),
            "文书": len([paper for paper in papers if paper.state == "ISSUED"]),
        },
        pledged=pledged(pledges, localdate(now)),
        entries=entries,
    )


class Links:
    """The papers of the unit by the row each witnesses; one no entry takes is told by an entry of its own."""

    def __init__(self, papers: Iterable[Document]) -> None:
        self.of: dict[tuple[str, int], list[Document]] = defaultdict(list)
        for paper in papers:
            self.of[paper.subject_type, paper.subject_id].append(paper)

    def take(self, *rows: Model) -> list[dict[str, str]]:
        """A link to each paper of ``rows``, in their order."""
        keys = [(row._meta.label_lower, row.pk) for row in rows]
        return [_link(paper) for key in keys for paper in self.of.pop(key, [])]

    def left(self) -> list[Entry]:
        return [
            _entry(paper.issued_on, 3, f"出具{paper.title}", paper.void_reason, links=[_link(paper)])
            for papers in self.of.values()
            for paper in papers
        ]


_STANDING = (HazardState.OPEN, HazardState.DUE, HazardState.TO_REFER)


def _entry(on: date | datetime, step: int, title: str, text: str = "", **more: Any) -> Entry:
    day = localtime(on).date() if isinstance(on, datetime) else on
    return {"when": on, "sort": day, "step": step, "title": title, "text": text, **more}


def _coming(clocks: list[Clock], now: datetime, user: User) -> Iterator[Entry]:
    for clock in clocks:
        _, verb, url = act_of(clock, user)
        tone = "red" if clock.is_overdue(now) else "next"
        entry = _entry(clock.due_on, 9, clock.rule.name, clock.detail, tone=tone)
        yield entry | {
            "when": f"{clock.due_on.isoformat()} 前",
            "sort": date.max,
            "links": [{"url": url, "label": verb}],
        }


def _visits(inspections: list[Inspection], hazards: list[Hazard], papers: Links) -> Iterator[Entry]:
    for visit in inspections:
        found = [hazard for hazard in hazards if hazard.inspection_id == visit.pk]
        ways = Counter(Disposition(hazard.disposition).label for hazard in found)
        text = "，".join(f"{way} {number} 处" for way, number in ways.items())
        second = f"、{visit.second.name}" if visit.second else ""
        links = [{"url": reverse("inspections:detail", args=[visit.pk]), "label": "检查情况"}]
        orders = {hazard.order_id: hazard.order for hazard in found if hazard.order}
        links += papers.take(visit, *orders.values())
        title = f"日常检查：隐患 {len(found)} 处" if found else "日常检查：未发现隐患"
        yield _entry(
            visit.visited_on,
            2,
            title,
            text,
            tone="red" if found else "green",
            links=links,
            by=f"检查人 {visit.lead.name}{second}",
        )


def _link(paper: Document) -> dict[str, str]:
    void = "" if paper.state == "ISSUED" else f"（{paper.status}）"
    return {"url": reverse("records:document", args=[paper.pk]), "label": f"{paper.number}{void}"}


def _served(orders: Iterable[Order], papers: Links) -> Iterator[Entry]:
    for order in orders:
        service = getattr(order, "service", None)
        if service is not None:
            text = f"{service.get_method_display()}，{service.recipient}（{service.relation}）签收"
            links = [{"url": reverse("hazards:order", args=[order.pk]), "label": "办理情况"}, *papers.take(service)]
            yield _entry(service.served_at, 3, f"送达责令{order.get_mode_display()}通知书", text, links=links)


def _reinspected(unit: Unit, papers: Links) -> Iterator[Entry]:
    rounds = Reinspection.objects.filter(unit=unit, done_on__isnull=False).select_related("order", "lead", "second")
    counted = rounds.annotate(total=Count("outcomes"), passed=Count("outcomes", filter=Q(outcomes__passed=True)))
    for again in counted:
        passed, total = again.passed, again.total
        people = "、".join(person.name for person in (again.lead, again.second) if person)
        assert again.done_on is not None
        yield _entry(
            again.done_on,
            4,
            f"第 {again.number} 次复查：{passed} / {total} 处已改正",
            again.remark,
            tone="green" if passed == total else "red",
            links=[{"url": reverse("hazards:order", args=[again.order_id]), "label": "办理情况"}, *papers.take(again)],
            by=f"复查人 {people}",
        )


def _referred(unit: Unit, papers: Links) -> Iterator[Entry]:
    for referral in Referral.objects.filter(unit=unit):
        links = [{"url": reverse("hazards:referral", args=[referral.pk]), "label": "移送情况"}, *papers.take(referral)]
        yield _entry(referral.sent_on, 5, f"移送{referral.get_target_display()}", referral.basis, links=links)


def _reported(visits: list[Inspection], papers: Links) -> Iterator[Entry]:
    for report in (visit.report for visit in visits if hasattr(visit, "report")):
        title = f"书面报告{report.township}和消防救援机构"
        yield _entry(report.made_on, 5, title, "监督检查规定第34条", links=papers.take(report))


def _pledged(pledges: list[Pledge], papers: Links) -> Iterator[Entry]:
    for pledge in pledges:
        text = f"责任期限 {pledge.since} 至 {pledge.until}，{pledge.signer_b}签"
        links = [{"url": pledge.get_absolute_url(), "label": "签订情况"}, *papers.take(pledge)]
        yield _entry(pledge.signed_on, 2, "签订消防安全责任书", text, links=links, by=f"经办 {pledge.signed_by.name}")


def _registered(unit: Unit) -> Entry:
    text = f"台账所载最近检查 {unit.ledger_visit.isoformat()}，不计入本系统的检查" if unit.ledger_visit else ""
    return _entry(unit.created_at, 1, "建档", text)
