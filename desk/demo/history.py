"""Two quarters of history, day by day, through the same actions the pages call.

Nothing is written behind the actions' backs but the answers of a visit, so every paper, clock, message and entry of the
trail is what the product itself makes of that day.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from assessments.actions import publish
from assessments.bulletins import Words, issue_bulletin, save_bulletin
from assessments.quarters import Quarter
from deadlines.actions import remind
from deadlines.calendar import Calendar
from desk.demo.aftermath import Aftermath
from desk.demo.brigade import Brigade
from desk.demo.days import DAY, Act, Days, moment, pretending
from desk.demo.people import MAIN, Town
from desk.demo.registers import Registers
from desk.demo.scenes import CLEAN, LATELY, STORY_OF_EACH, Scene, choose
from filings.actions import return_filing
from filings.monthly import open_month
from hazards.actions import conclude, effect_notices, open_due, void_papers
from hazards.plan import findings_of, judge
from inspections.actions import add_finding, set_people, sign, start
from inspections.entries import FindingDraft, People
from inspections.models import Answer, ChecklistItem, HazardType, Inspection, Mark, Signer
from records.models import Document, ReviewState
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from units.models import Unit
from units.pledging import Signing, sign_pledge
from units.yearly import open_year

SITUATION = (
    "本季度全市派出所辖区火灾形势总体平稳。隐患集中在疏散通道堵塞、灭火器失效和疏散指示标志损坏，"
    "小旅馆、小餐饮场所较为突出。"
)
DEMANDS = (
    "各所要对到期未复查的责令改正通知书逐件清理，复查仍未改正的依法移送消防救援大队。"
    "\n要加强对九小场所的日常检查，做到检查有记录、隐患有闭环。"
)


@dataclass
class History:
    """The simulation: an agenda of acts by day, and the plan of visits."""

    town: Town
    units: list[Unit]
    today: date
    rng: Random
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.days = Days(self.today, Calendar.load())
        self.aftermath = Aftermath(self.town, self.days, self.rng)
        self.brigade = Brigade(self.town, self.days, self.rng)
        self.registers = Registers(self.town, self.days, self.units, self.rng)
        self.types = {kind.code: kind for kind in HazardType.objects.all()}
        self.items: dict[int, list[ChecklistItem]] = defaultdict(list)
        for item in ChecklistItem.objects.order_by("order"):
            self.items[item.checklist_id].append(item)
        self.main = next(station for station in self.town.stations if station.short_name == MAIN)

    def run(self, first: date) -> None:
        """Live every day from ``first`` to yesterday, then open what today opens."""
        visits = self._planned_visits(first)
        for quarter in (Quarter.of(first), Quarter.of(first).next):
            self.days.agenda[quarter.end + 10 * DAY].append(self._publish(quarter))
        self.registers.plan(first)
        day = first
        while day < self.today:
            if day.day == 1:
                self.say(f"    {day.year}年{day.month}月")
            self._live(day, visits.get(day, []))
            day += DAY
        self._return_one()
        with pretending(moment(self.today, 0, 5)):
            _sweep(self.today)

    def _return_one(self) -> None:
        """The main station finds one paper that came back on the last working day."""
        day = self.days.working_before(self.today, 1)
        waiting = Document.objects.valid().filter(station__short_name=MAIN, review_state=ReviewState.PENDING)
        paper = waiting.filter(issued_on__lt=day).order_by("pk").first()
        if paper is not None:
            at = moment(day, 16)
            with pretending(at):
                supervisor = self.town.supervisors[paper.station_id]
                return_filing(paper, supervisor, self.brigade.objections(), round_=1, at=at)

    def _publish(self, quarter: Quarter) -> Act:
        def act(on: date) -> None:
            bureau, actor = self.town.bureau, self.town.bureau_officer
            publish(bureau, quarter, actor, moment(on, 10))
            words = Words(SITUATION, DEMANDS, self.town.bureau_leader)
            issue_bulletin(save_bulletin(bureau, quarter, actor, words, moment(on, 14)), actor, on)

        return act

    def _live(self, day: date, visits: list[tuple[Unit, Scene]]) -> None:
        with pretending(moment(day, 0, 5)):
            _sweep(day)
        with pretending(moment(day, 9, self.rng.randrange(60))):
            for act in self.days.agenda.pop(day, []):
                act(day)
            for unit, scene in visits:
                self._visit(unit, scene, day)
            if self.days.calendar.is_working(day):
                self.brigade.review(day)

    def _planned_visits(self, first: date) -> dict[date, list[tuple[Unit, Scene]]]:
        """Most units once in the span, on working days; stations differ in how much they have done.

        What never ends happened lately: nobody's first page shows duties half a year overdue.
        """
        days = [first + DAY * step for step in range((self.today - first).days)]
        working = [day for day in days if self.days.calendar.is_working(day)]
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

    # ---------- the visit ----------

    def _visit(self, unit: Unit, scene: Scene, day: date) -> None:
        assert unit.officer is not None
        lead, second = unit.officer, self.town.partner(unit.officer, self.rng)
        inspection = start(lead, unit, day, moment(day, 9, 30))
        self._answer(inspection, scene)
        people = People(
            second=second,
            showed_id=True,
            companion="" if scene.refused else unit.person,
            companion_post="" if scene.refused else "负责人",
            refusal="负责人拒绝签名，已全程录像，执法记录仪文件号 JLY-0119" if scene.refused else "",
            ink=scene not in LATELY or scene.refused,
        )
        set_people(inspection, lead, people)
        inspection.refresh_from_db()
        if not people.ink:
            for signer in Signer:
                sign(inspection, lead, signer, STROKES, moment(day, 10, 40), place=Place(unit.address))
        decisions = {row.finding.pk: row.default() for row in judge(inspection, findings_of(inspection))}
        conclude(inspection, lead, decisions, moment(day, 11))
        if scene is CLEAN and unit.kind == "PREMISES" and unit.pk % 3 == 0:
            self._pledge(unit, lead, day)
        self.aftermath.follow(inspection, scene, day)
        if scene.voided:
            void_papers(inspection, self.town.chiefs[unit.station_id], "隐患部位写错，更正后重新出具", day)

    def _pledge(self, unit: Unit, officer: User, day: date) -> None:
        """Nothing found: the unit signs for a year; some terms began so long ago that they are nearly over."""
        since = day - (unit.pk % 4) * 100 * DAY
        signing = Signing(
            since, since + 364 * DAY, signer_b=unit.person or "负责人", post_b="负责人", signer_a=officer,
            ink=unit.pk % 2 == 0, strokes_a=STROKES, strokes_b=STROKES, place=Place(unit.address),
        )  # fmt: skip
        sign_pledge(unit, officer, signing, key=UUID(int=self.rng.getrandbits(128)), at=moment(day, 10, 50))

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


def _sweep(day: date) -> None:
    """What beat does through the night."""
    open_year(day)
    open_month(day)
    effect_notices(day)
    open_due(day)
    remind(moment(day, 0, 5))


def _good(item: ChecklistItem) -> str:
    """The first passing value of a row, or 不涉及 where nothing passes."""
    for mark in (Mark.PASS, Mark.NA):
        for entry in item.values:
            if entry["mark"] == mark:
                return str(entry["value"])
    return ""
