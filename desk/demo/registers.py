"""What a station keeps besides its visits: complaints, the monthly report, a caseload handed over."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from desk.demo.days import DAY, Act, Days, moment
from desk.demo.people import MAIN, Town
from desk.handover import caseload, hand_over
from filings.month import Month
from filings.monthly import acknowledge, hand_in
from inspections.complaining import answer_complaint, check_complaint, receive_complaint, transfer_complaint
from inspections.complaint_entries import Call, Check, Told, Transfer
from inspections.models import Complaint, ComplaintCategory, Jurisdiction, Manner, Source, Truth
from stations.models import Organisation, User
from units.handover import Terms
from units.models import Reason, Unit

EXITS = ("安全出口上了锁，晚上打不开", "楼梯间堆满货物，走不过去", "消防栓箱被柜子挡住，水带不见了")
OTHERS = ("厨房油烟道没有清洗过，油垢很厚", "门口停满充电的电动自行车", "灭火器过期，没有人管", "夜里店里住着人")
FOUND = {
    Truth.TRUE: "现场核实，情况与举报一致，已依法检查并责令改正。",
    Truth.PARTLY: "现场核实，部分情况属实，已当场要求改正。",
    Truth.FALSE: "现场核实，没有发现举报反映的情况。",
}


@dataclass
class Registers:
    """The chiefs and officers at their desks."""

    town: Town
    days: Days
    units: list[Unit]
    rng: Random

    def plan(self, first: date) -> None:
        """Calls in every station through the whole span, and the last days of the main one as its first page shows."""
        for station in self.town.stations:
            day = first + self.rng.randrange(20) * DAY
            while day < self.days.today - 12 * DAY:
                self.days.agenda[day].append(self._call(station, self.rng.random() < 0.4))
                day += self.rng.randrange(15, 45) * DAY
            self._plan_reports(station, first)
        self._plan_lately()

    def _plan_lately(self) -> None:
        """One to be checked, one to be answered, one that belongs to the traffic police, one caseload away."""
        main = next(station for station in self.town.stations if station.short_name == MAIN)
        back = [self.days.working_before(self.days.today, steps) for steps in range(1, 5)]
        self.days.agenda[back[0]].append(self._call(main, exit_=True, until="received"))
        self.days.agenda[back[3]].append(self._call(main, exit_=False, until="checked", named=True))
        self.days.agenda[back[2]].append(self._call(main, exit_=False, whose=Jurisdiction.OTHER_POLICE, named=True))
        self.days.agenda[back[2]].append(self._call(main, exit_=False, whose=Jurisdiction.NOT_POLICE))
        away = next(station for station in self.town.stations if station != main)
        self.days.agenda[back[3]].append(lambda on: self._hand_over(away, on))

    # ---------- complaints ----------

    def _call(
        self, station: Organisation, exit_: bool, *, until: str = "answered", whose: Jurisdiction = Jurisdiction.OURS,
        named: bool = False,
    ) -> Act:  # fmt: skip
        def act(on: date) -> None:
            handler = self.town.officers[station.pk][0]
            known = [unit for unit in self.units if unit.station_id == station.pk and unit.kind == "PREMISES"]
            at = moment(on, self.rng.randrange(14, 23), self.rng.randrange(60))
            anonymous = self.rng.random() < 0.3 and not named
            call = Call(
                source=self.rng.choice((Source.CALL, Source.P12345, Source.P96119, Source.VISIT)),
                received_at=at,
                category=ComplaintCategory.EXIT if exit_ else ComplaintCategory.OTHER,
                jurisdiction=whose,
                content=self.rng.choice(EXITS if exit_ else OTHERS),
                handler=handler,
                unit=self.rng.choice(known),
                complainant="" if anonymous else "热心群众",
                contact="" if anonymous else f"1390000{self.rng.randrange(10_000):04d}",
                told=Told(at, Manner.SPOKEN, "不属于公安机关职责，请向主管部门反映")
                if whose == Jurisdiction.NOT_POLICE
                else None,
            )
            complaint = receive_complaint(handler, call, key=UUID(int=self.rng.getrandbits(128)), at=at)
            if whose == Jurisdiction.OTHER_POLICE:
                self.days.on(on + DAY, lambda day: self._transfer(complaint, day))
            elif whose == Jurisdiction.OURS and until != "received":
                self.days.on(on + DAY, lambda day: self._check(complaint, day, until))

        return act

    def _transfer(self, complaint: Complaint, on: date) -> None:
        at = moment(on, 9, 5)
        # The complainant is still to be told: that is the demo's work of today.
        transfer_complaint(complaint, complaint.handler, Transfer(at, "江城市公安局交通警察大队"), at)

    def _check(self, complaint: Complaint, on: date, until: str) -> None:
        at = moment(on, 9, 40)
        truth = self.rng.choice((Truth.TRUE, Truth.PARTLY, Truth.FALSE))
        second = self.town.partner(complaint.handler, self.rng)
        check_complaint(complaint, complaint.handler, Check(at, complaint.handler, second, truth, FOUND[truth]), at)
        if until == "answered" and not complaint.anonymous:
            self.days.on(self.days.working_after(on, 2), lambda day: self._answer(complaint, day))

    def _answer(self, complaint: Complaint, on: date) -> None:
        at = moment(on, 10)
        answer_complaint(complaint, complaint.handler, Told(at, Manner.PHONE, "已电话告知核查和处理情况"), at)

    # ---------- the monthly report ----------

    def _plan_reports(self, station: Organisation, first: date) -> None:
        """Most hand in on the first days of the month; now and then one is late."""
        month = Month.of(first)
        while month.next.first < self.days.today:
            late = self.rng.random() < 0.08
            day = month.next.first + (7 + self.rng.randrange(3) if late else 1 + self.rng.randrange(3)) * DAY
            if day < self.days.today:
                self.days.agenda[day].append(self._report(station, month))
            month = month.next

    def _report(self, station: Organisation, month: Month) -> Act:
        def act(on: date) -> None:
            note = f"{month}按计划开展日常消防监督检查，继续督促逾期隐患整改。"
            report = hand_in(station, month, self.town.chiefs[station.pk], note=note, at=moment(on, 10))
            supervisor = self.town.supervisors[station.pk]
            self.days.on(self.days.working_after(on, 2), lambda day: acknowledge(report, supervisor, moment(day, 15)))

        return act

    # ---------- handover ----------

    def _hand_over(self, station: Organisation, on: date) -> None:
        chief, (first, second) = self.town.chiefs[station.pk], self.town.officers[station.pk][:2]
        load = caseload(second, self._fresh(chief))
        terms = Terms(first, Reason.AWAY, UUID(int=self.rng.getrandbits(128)), "参加业务培训", on + timedelta(days=14))
        hand_over(second, terms, kept=(), seen=load.digest, by=self._fresh(chief), at=moment(on, 11))

    def _fresh(self, person: User) -> User:
        return User.objects.select_related("organisation").get(pk=person.pk)
