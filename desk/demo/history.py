"""Two quarters of history, day by day, through the same actions the pages call.

Nothing is written behind the actions' backs but the answers of a visit, so every paper, clock, message and entry of the
trail is what the product itself makes of that day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from unittest.mock import patch

from django.utils.timezone import localdate, make_aware

from assessments.actions import publish
from assessments.quarters import Quarter
from deadlines.calendar import Calendar
from desk.demo.people import MAIN, Town
from desk.demo.scenes import CLEAN, LATELY, STORY_OF_EACH, Scene, choose
from filings.actions import Objection, open_filing, pass_filing, refile, return_filing, round_of
from filings.models import Defect
from hazards.actions import (
    Result,
    conclude,
    escalate_overdue,
    open_due,
    refer,
    reinspect,
    report,
    request_early,
    serve,
    void_papers,
)
from hazards.models import Hazard, HazardState, Order, Reinspection
from hazards.plan import STATUTORY_REFERRAL, findings_of, judge
from inspections.actions import add_finding, set_people, start
from inspections.entries import FindingDraft, People
from inspections.models import Answer, ChecklistItem, HazardType, Inspection, Mark
from records.models import Document, ReviewState
from stations.models import User
from units.models import Unit

DAY = timedelta(days=1)
Act = Callable[[date], None]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of ``day`` in local time."""
    return make_aware(datetime.combine(day, time(hour, minute)))


@contextmanager
def pretending(now: datetime) -> Iterator[None]:
    """Let `auto_now_add` write the day the history tells of."""
    with patch("django.utils.timezone.now", return_value=now):
        yield


@dataclass
class History:
    """The simulation: an agenda of acts by day, and the plan of visits."""

    town: Town
    units: list[Unit]
    today: date
    rng: Random
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.agenda: dict[date, list[Act]] = defaultdict(list)
        self.calendar = Calendar.load()
        self.types = {kind.code: kind for kind in HazardType.objects.all()}
        self.items: dict[int, list[ChecklistItem]] = defaultdict(list)
        for item in ChecklistItem.objects.order_by("order"):
            self.items[item.checklist_id].append(item)
        self.defects = list(Defect.objects.all())
        self.main = next(station for station in self.town.stations if station.short_name == MAIN)

    def run(self, first: date) -> None:
        """Live every day from ``first`` to yesterday, then open what today opens."""
        visits = self._planned_visits(first)
        for quarter in (Quarter.of(first), Quarter.of(first).next):
            self.agenda[quarter.end + 10 * DAY].append(self._publish(quarter))
        day = first
        while day < self.today:
            if day.day == 1:
                self.say(f"    {day.year}年{day.month}月")
            self._live(day, visits.get(day, []))
            day += DAY
        self._return_one()
        with pretending(moment(self.today, 0, 5)):
            open_due(self.today)
            escalate_overdue(self.today)

    def _return_one(self) -> None:
        """The main station finds one paper that came back on the last working day."""
        day = self._working_before(self.today, 1)
        waiting = Document.objects.valid().filter(station__short_name=MAIN, review_state=ReviewState.PENDING)
        paper = waiting.filter(issued_on__lt=day).order_by("pk").first()
        if paper is not None:
            at = moment(day, 16)
            with pretending(at):
                return_filing(paper, self.town.supervisors[paper.station_id], self._objections(), round_=1, at=at)

    def _publish(self, quarter: Quarter) -> Act:
        def act(on: date) -> None:
            publish(self.town.bureau, quarter, self.town.bureau_officer, moment(on, 10))

        return act

    def _live(self, day: date, visits: list[tuple[Unit, Scene]]) -> None:
        with pretending(moment(day, 0, 5)):
            open_due(day)
            escalate_overdue(day)
        with pretending(moment(day, 9, self.rng.randrange(60))):
            for act in self.agenda.pop(day, []):
                act(day)
            for unit, scene in visits:
                self._visit(unit, scene, day)
            if self.calendar.is_working(day):
                self._review(day)

    def _planned_visits(self, first: date) -> dict[date, list[tuple[Unit, Scene]]]:
        """Most units once in the span, on working days; stations differ in how much they have done.

        What never ends happened lately: nobody's first page shows duties half a year overdue.
        """
        days = [first + DAY * step for step in range((self.today - first).days)]
        working = [day for day in days if self.calendar.is_working(day)]
        planned: dict[date, list[tuple[Unit, Scene]]] = defaultdict(list)
        pace = {station.pk: 0.55 + 0.4 * self.rng.random() for station in self.town.stations}
        told = 0
        for unit in self.units:
            main = unit.station.short_name == MAIN and unit.kind == "PREMISES"
            if unit.officer_id is None or (not main and self.rng.random() > pace[unit.station_id]):
                continue
            scene = STORY_OF_EACH[told] if main and told < len(STORY_OF_EACH) else choose(self.rng)
            told += main
            if unit.kind != "PREMISES" and self.rng.random() < 0.8:
                scene = CLEAN
            planned[self.rng.choice(working[-14:-6] if scene.unfinished else working)].append((unit, scene))
        mine = self.town.officers[self.main.pk][0]
        own = [unit for unit in self.units if unit.officer == mine and unit.kind == "PREMISES"]
        for back, (unit, scene) in enumerate(zip(own, LATELY, strict=False), start=1):
            planned[working[-back]].append((unit, scene))
        return planned

    def _working_after(self, day: date, steps: int) -> date:
        for _ in range(steps):
            day = self.calendar.next_working(day)
        return day

    # ---------- the visit ----------

    def _visit(self, unit: Unit, scene: Scene, day: date) -> None:
        assert unit.officer is not None
        lead, second = unit.officer, self._partner(unit.officer)
        inspection = start(lead, unit, day, moment(day, 9, 30))
        self._answer(inspection, scene)
        people = People(
            second=second,
            showed_id=True,
            companion="" if scene.refused else unit.person,
            companion_post="" if scene.refused else "负责人",
            refusal="负责人拒绝签名，已全程录像，执法记录仪文件号 JLY-0119" if scene.refused else "",
            ink=True,
        )
        set_people(inspection, lead, people)
        inspection.refresh_from_db()
        decisions = {row.finding.pk: row.default() for row in judge(inspection, findings_of(inspection))}
        conclude(inspection, lead, decisions, moment(day, 11))
        self._follow(inspection, scene, day)
        if scene.voided:
            void_papers(inspection, self.town.chiefs[unit.station_id], "隐患部位写错，更正后重新出具", day)

    def _partner(self, officer: User) -> User:
        return self.rng.choice([person for person in self.town.officers[officer.organisation_id] if person != officer])

    def _answer(self, inspection: Inspection, scene: Scene) -> None:
        """Every row answered; the failing ones are those whose hazards the scene brings."""
        items = self.items[inspection.checklist_id]
        failing = {item.pk: found for item in items for found in [self._failure(item, scene)] if found}
        Answer.objects.bulk_create(
            Answer(inspection=inspection, item=item, value=value, mark=item.mark_of(value) or "")
            for item in items
            if not item.is_text
            for value in [failing[item.pk][0] if item.pk in failing else _good(item)]
        )
        noted: set[str] = set()
        for item in items:
            if item.pk not in failing or failing[item.pk][1] in noted:
                continue
            code = failing[item.pk][1]
            noted.add(code)
            self._find(inspection, item, self.types[code], scene)
        self._find_elsewhere(inspection, items, scene, noted)

    def _failure(self, item: ChecklistItem, scene: Scene) -> tuple[str, str] | None:
        """The failing value of ``item`` that leads to a hazard of the scene, and that hazard's code."""
        for entry in item.values or []:
            for code in entry.get("hazards", []):
                if entry["mark"] == Mark.FAIL and code in scene.codes and entry["hazards"][0] == code:
                    return entry["value"], code
        return None

    def _find_elsewhere(
        self, inspection: Inspection, items: list[ChecklistItem], scene: Scene, noted: set[str]
    ) -> None:
        """What no printed row asks for is noted under `其他`."""
        other = next((item for item in reversed(items) if item.is_text), None)
        for code in scene.codes:
            if code not in noted and other is not None:
                self._find(inspection, other, self.types[code], scene)

    def _find(self, inspection: Inspection, item: ChecklistItem, kind: HazardType, scene: Scene) -> None:
        place = self.rng.choice(("一层东侧", "一层北侧后门", "二层走道", "厨房", "收银台旁", "仓库门口"))
        draft = FindingDraft(
            place=place,
            words=kind.name.split("（")[0].split("(")[0],
            quantity=f"{self.rng.randrange(1, 5)}处",
            mode=kind.mode,
            days=max(kind.days, 3),
            fixed_on_spot=scene.fixed and kind.mode == "NOW",
            grave=scene.grave,
        )
        add_finding(inspection, inspection.lead, item, kind, draft)

    # ---------- what follows ----------

    def _follow(self, inspection: Inspection, scene: Scene, day: date) -> None:
        for order in Order.objects.filter(inspection=inspection):
            wait = 0 if order.mode == "NOW" else scene.service_delay
            if wait is not None:
                self._on(day if wait == 0 else self._working_after(day, wait), self._serving(order.pk))
            if scene.early and order.mode == "LIMIT":
                self._on(day + 4 * DAY, self._asking_early(order.pk))
            ends = {hazard.deadline for hazard in order.hazards.all() if hazard.deadline}
            for deadline in sorted(ends):
                if scene.recheck_delay is not None:
                    self._on(
                        self._working_after(deadline, scene.recheck_delay), self._rechecking(order.pk, deadline, scene)
                    )
        if scene.grave:
            self._on(day, lambda on: self._report(inspection, on))
        waiting = inspection.hazards.filter(state=HazardState.TO_REFER)
        if waiting.exists() and scene.referral_delay is not None:
            self._on(self._working_after(day, scene.referral_delay), lambda on: self._refer(list(waiting.all()), on))

    def _on(self, day: date, act: Act) -> None:
        """Put ``act`` on the agenda; what falls on today or later stays undone and is the demo's work of today."""
        if day >= self.today:
            return
        if day > localdate():
            self.agenda[day].append(act)
        else:
            act(day)

    def _serving(self, order_id: int) -> Act:
        def act(on: date) -> None:
            order = Order.objects.select_related("unit", "inspection__lead", "inspection__second").get(pk=order_id)
            assert order.inspection is not None
            serve(
                order, order.inspection.lead, served_at=moment(on, 11, 20), place=order.unit.address,
                recipient=order.unit.person, relation="负责人", server=order.inspection.lead,
                second=order.inspection.second, at=moment(on, 12),
            )  # fmt: skip

        return act

    def _asking_early(self, order_id: int) -> Act:
        def act(on: date) -> None:
            order = Order.objects.get(pk=order_id)
            deadline = order.hazards.filter(state=HazardState.OPEN).values_list("deadline", flat=True).first()
            if deadline is None or on >= deadline or order.state != "SERVED":
                return
            again = request_early(order, self._lead_of(order), deadline=deadline, requested_on=on, today=on)
            # At the first visit half of it is done, so that a second re-inspection follows.
            self._result(again, on, lambda place: place == 0)

        return act

    def _rechecking(self, order_id: int, deadline: date, scene: Scene) -> Act:
        def act(on: date) -> None:
            again = Reinspection.objects.filter(order_id=order_id, deadline=deadline, done_on__isnull=True).first()
            if again is None or again.order.state != "SERVED":
                return
            self._result(again, on, lambda place: not (scene.fails and place == 0))
            failed = list(Hazard.objects.filter(order_id=order_id, state=HazardState.TO_REFER))
            if failed and scene.referral_delay is not None:
                self._on(self._working_after(on, scene.referral_delay), lambda later: self._refer(failed, later))

        return act

    def _result(self, again: Reinspection, on: date, passes: Callable[[int], bool]) -> None:
        hazards = again.order.hazards.filter(deadline=again.deadline, state__in=[HazardState.OPEN, HazardState.DUE])
        ids = list(hazards.order_by("position").values_list("pk", flat=True))
        if not ids:
            return
        lead = self._lead_of(again.order)
        results = {pk: Result(passes(place), "" if passes(place) else "仍未改正") for place, pk in enumerate(ids)}
        reinspect(
            again, lead, results=results, done_on=on, lead=lead, second=self._partner(lead), today=on,
            companion=again.order.unit.person,
        )  # fmt: skip

    def _lead_of(self, order: Order) -> User:
        assert order.inspection is not None
        return order.inspection.lead

    def _refer(self, hazards: list[Hazard], on: date) -> None:
        fresh = list(Hazard.objects.filter(pk__in=[hazard.pk for hazard in hazards], state=HazardState.TO_REFER))
        if not fresh:
            return
        inspection = fresh[0].inspection
        assert inspection is not None
        basis = "消防监督检查规定第33条第2款" if fresh[0].hazard_type.order_item == STATUTORY_REFERRAL else "逾期未改正"
        target = judge(inspection, findings_of(inspection))[0].target
        refer(
            fresh, inspection.lead, target=target, basis=basis, facts="；".join(hazard.wording for hazard in fresh),
            sent_on=on, today=on, receiver="值班室",
        )  # fmt: skip

    def _report(self, inspection: Inspection, on: date) -> None:
        if inspection.hazards.filter(grave=True).exists():
            report(inspection, inspection.lead, township=inspection.unit.township or "街道办事处", sent_on=on, today=on)

    # ---------- the brigade ----------

    def _review(self, day: date) -> None:
        """Each supervisor looks at what has waited two working days; one paper in twelve goes back."""
        before = self._working_before(day, 2)
        waiting = Document.objects.valid().filter(
            review_state__in=[ReviewState.PENDING, ReviewState.REFILED], issued_on__lte=before
        )
        for paper in waiting.order_by("pk"):
            # The last papers of the span stay in the queue: there is work on the supervisor's first page.
            if (self.today - paper.issued_on).days <= 8 or self.rng.random() < 0.35:
                continue
            self._decide(paper, day)

    def _working_before(self, day: date, steps: int) -> date:
        while steps:
            day -= DAY
            steps -= self.calendar.is_working(day)
        return day

    def _decide(self, paper: Document, day: date) -> None:
        supervisor = self.town.supervisors[paper.station_id]
        at = moment(day, 15, self.rng.randrange(60))
        open_filing(paper, supervisor, at)
        number = round_of(paper)
        if number == 1 and self.rng.random() < 0.08:
            return_filing(paper, supervisor, self._objections(), round_=number, at=at)
            # Only what came back lately is still unanswered.
            if (self.today - day).days > 12 or self.rng.random() < 0.5:
                self._on(self._working_after(day, 2), lambda on: self._answer_return(paper.pk, number, on))
        else:
            pass_filing(paper, supervisor, round_=number, at=at)

    def _objections(self) -> list[Objection]:
        return [Objection(self.rng.choice(self.defects), "隐患没有写明部位和数量，请补正后再报")]

    def _answer_return(self, paper_id: int, number: int, on: date) -> None:
        paper = Document.objects.get(pk=paper_id)
        if paper.review_state == ReviewState.RETURNED:
            refile(
                paper,
                paper.issued_by,
                round_=number,
                answer="已补充部位和数量，见附件照片。",
                answers={},
                at=moment(on, 10),
            )


def _good(item: ChecklistItem) -> str:
    """The first passing value of a row, or 不涉及 where nothing passes."""
    for mark in (Mark.PASS, Mark.NA):
        for entry in item.values:
            if entry["mark"] == mark:
                return str(entry["value"])
    return ""
