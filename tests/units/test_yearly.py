"""The yearly inspection of each unit: one clock a year, and what it says after whatever happens to the unit."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files import File
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from deadlines.actions import meet_clock, start_clock
from deadlines.models import Clock, ClockState
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.examples import examples
from tests.units.conftest import book  # noqa: F401 - a fixture
from units import actions, importing, tasks, yearly
from units.forms import UnitFilter
from units.models import Category, State, Unit

MakeUnit = Callable[..., Unit]
TODAY, NEW_YEAR, YEAR_END = date(2026, 10, 9), date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def entered(make_unit: MakeUnit) -> MakeUnit:
    """A unit that has stood in the ledger since 2024 and owes this year's inspection."""

    def make(name: str = "万家福便利超市", **fields: Any) -> Unit:
        unit = make_unit(name, **fields)
        _registered(unit, date(2024, 3, 1))
        return unit

    return make


def _registered(unit: Unit, on: date) -> None:
    unit.created_at = datetime(on.year, on.month, on.day, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    unit.save(update_fields=["created_at"])


def clock_of(unit: Unit, year: int = 2026) -> Clock:
    return Clock.objects.get(key=yearly.key(unit.pk, year))


def says(unit: Unit, year: int = 2026) -> tuple[str, date | None]:
    clock = clock_of(unit, year)
    return clock.state, clock.met_on


# ---------- how it starts ----------


def test_a_registered_unit_owes_its_inspection_from_that_day_to_the_end_of_the_year(
    officer: User, station: Organisation, make_unit: MakeUnit
) -> None:
    unit = Unit(name="新店", address="北大街1号", category=Category.objects.get(code="SHOP"), **station.scope_columns())
    actions.register(unit, TODAY, by=officer)
    clock = clock_of(unit)
    assert (clock.started_on, clock.due_on, clock.state) == (date(2026, 10, 9), YEAR_END, ClockState.RUNNING)
    assert (clock.rule_code, clock.unit_id, clock.owner, clock.doer) == ("INSPECT_MIN", unit.pk, None, "STATION")
    assert (clock.label, clock.detail) == ("年度检查：新店", "2026 年内至少检查一次")
    assert clock.url == clock.look_url == reverse("unit_page", args=[unit.pk])


def test_the_sweep_gives_every_open_unit_the_clock_of_the_year_and_then_asks_once(
    entered: MakeUnit, make_unit: MakeUnit, officer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    old, new = entered("老店"), make_unit("新店")
    _registered(new, date(2026, 5, 6))
    closed = entered("关店", state=State.CLOSED, closed_on=TODAY, closed_reason="搬走")

    assert yearly.open_year(TODAY) == 2
    assert [clock_of(unit).started_on for unit in (old, new)] == [NEW_YEAR, date(2026, 5, 6)]
    assert (clock_of(old).due_on, clock_of(old).owner) == (YEAR_END, officer)
    assert yearly.clocks_of(closed.pk).count() == 0
    with django_assert_num_queries(3):  # the look, between the two ends of its savepoint
        assert yearly.open_year(TODAY) == 0


def test_on_new_years_day_the_next_clock_starts_and_the_missed_one_stays_overdue(entered: MakeUnit) -> None:
    unit = entered()
    yearly.open_year(YEAR_END)
    assert yearly.open_year(date(2027, 1, 1)) == 1
    assert [(clock.state, clock.due_on) for clock in yearly.clocks_of(unit.pk).order_by("due_on")] == [
        (ClockState.RUNNING, YEAR_END),
        (ClockState.RUNNING, date(2027, 12, 31)),
    ]


def test_a_unit_visited_this_year_before_it_had_a_clock_gets_it_met(entered: MakeUnit) -> None:
    seen = entered("查过", last_visited_on=date(2026, 3, 2))
    not_since = entered("去年查过", last_visited_on=YEAR_END.replace(year=2025))
    yearly.open_year(TODAY)
    assert (says(seen), says(not_since)) == (("MET", date(2026, 3, 2)), ("RUNNING", None))


def test_the_sweep_goes_on_where_it_was_killed(entered: MakeUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        entered(f"第{number}家")
    monkeypatch.setattr(yearly, "HANDFUL", 2)
    real, calls = yearly.begin, []

    def dies_at_the_second(units: Iterable[Unit], on: date) -> int:
        calls.append(1)
        started = real(units, on)
        if len(calls) == 2:
            raise SystemExit
        return started

    monkeypatch.setattr(yearly, "begin", dies_at_the_second)
    with pytest.raises(SystemExit):
        yearly.open_year(TODAY)
    assert Clock.objects.count() == 2
    monkeypatch.setattr(yearly, "begin", real)
    assert yearly.open_year(TODAY) == 3
    assert Clock.objects.count() == 5


def test_the_sweep_asks_as_often_for_three_units_as_for_one(
    entered: MakeUnit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for names in (["甲"], ["乙", "丙", "丁"]):
        for name in names:
            entered(name)
        with django_assert_max_num_queries(11) as asked:
            yearly.open_year(TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_task_opens_the_year_of_today(entered: MakeUnit) -> None:
    unit = entered()
    tasks.open_year()
    assert yearly.clocks_of(unit.pk).count() == 1


def test_an_import_starts_the_clocks_of_what_it_enters_open(
    station: Organisation, bureau_officer: User, book: Callable[..., Path],  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    rows = [("城关派出所", f"第{number}家", "商铺", None, f"北大街{number}号", 40, "", "") for number in (1, 2)]
    gone = ("城关派出所", "第3家", "商铺", None, "北大街3号", 40, "", "已关门")
    for _ in range(2):
        with book(*rows, gone).open("rb") as file:
            batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
        importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
        importing.advance(batch.pk, TODAY)
        importing.start(batch.pk, by=bureau_officer)
        importing.advance(batch.pk, TODAY)
    clocks = Clock.objects.order_by("unit_id").values_list("label", "started_on", "due_on", "state")
    assert list(clocks) == [
        ("年度检查：第1家", TODAY, YEAR_END, "RUNNING"),
        ("年度检查：第2家", TODAY, YEAR_END, "RUNNING"),
    ]


# ---------- how it ends ----------


def test_the_first_visit_of_the_year_meets_it_and_the_second_changes_nothing(entered: MakeUnit) -> None:
    unit = entered()
    yearly.open_year(TODAY)
    for on in (date(2026, 4, 1), date(2026, 6, 1)):
        actions.note_visit(unit.pk, on)
    assert says(unit) == ("MET", date(2026, 4, 1))
    actions.note_visit(unit.pk, date(2026, 2, 1))
    assert says(unit) == ("MET", date(2026, 2, 1)), "entered late, it was the first after all"


def test_a_visit_after_the_year_meets_it_late_and_an_older_one_leaves_this_year_alone(entered: MakeUnit) -> None:
    unit = entered()
    yearly.open_year(YEAR_END)
    yearly.open_year(date(2027, 1, 1))
    actions.note_visit(unit.pk, date(2026, 12, 31))
    assert (says(unit, 2026), says(unit, 2027)) == (("MET", YEAR_END), ("RUNNING", None))

    actions.set_visits(unit.pk, [])
    actions.note_visit(unit.pk, date(2027, 2, 3))
    assert (says(unit, 2026), says(unit, 2027)) == (("MET", date(2027, 2, 3)),) * 2
    assert (clock_of(unit, 2026).was_late, clock_of(unit, 2027).was_late) == (True, False)


def test_a_voided_visit_opens_it_again_for_the_officer_of_today_unless_another_one_stands(
    entered: MakeUnit, partner: User, chief: User
) -> None:
    unit = entered()
    yearly.open_year(TODAY)
    first, second = date(2026, 4, 1), date(2026, 6, 1)
    for on in (first, second):
        actions.note_visit(unit.pk, on)
    actions.assign([unit.pk], partner, by=chief)
    actions.set_visits(unit.pk, [second])
    assert says(unit) == ("MET", second)
    actions.set_visits(unit.pk, [])
    assert (says(unit), clock_of(unit).owner) == (("RUNNING", None), partner)


def test_a_closed_unit_owes_nothing_until_it_opens_again(entered: MakeUnit, officer: User) -> None:
    unit = entered()
    yearly.open_year(TODAY)
    actions.close(unit.pk, "搬走", TODAY, by=officer)
    clock = clock_of(unit)
    assert (clock.state, clock.detail) == (ClockState.CANCELLED, "单位关闭：搬走")
    assert yearly.open_year(TODAY) == 0

    actions.reopen(unit.pk, "又开了", date(2026, 11, 2), by=officer)
    clock = clock_of(unit)
    assert (clock.state, clock.detail, clock.due_on) == (ClockState.RUNNING, "2026 年内至少检查一次", YEAR_END)


def test_what_was_overdue_at_the_closing_is_overdue_again_and_a_year_closed_out_is_not(
    entered: MakeUnit, officer: User
) -> None:
    missed, gone = entered("欠一年"), entered("关了一年")
    yearly.open_year(YEAR_END)
    actions.close(gone.pk, "停业", YEAR_END, by=officer)
    yearly.open_year(date(2027, 1, 1))
    actions.close(missed.pk, "停业", date(2027, 1, 5), by=officer)
    for unit in (missed, gone):
        actions.reopen(unit.pk, "又开了", date(2027, 3, 1), by=officer)
    assert (says(missed, 2026), says(missed, 2027)) == (("RUNNING", None),) * 2
    assert (says(gone, 2026), says(gone, 2027)) == (("CANCELLED", None), ("RUNNING", None))
    assert clock_of(gone, 2027).started_on == date(2027, 3, 1)
    actions.note_visit(gone.pk, date(2027, 4, 1))
    assert says(gone, 2026) == ("CANCELLED", None)


def test_a_visit_made_before_the_closing_counts_though_it_was_finished_after_it(
    entered: MakeUnit, officer: User
) -> None:
    unit = entered()
    yearly.open_year(TODAY)
    actions.close(unit.pk, "搬走", TODAY, by=officer)
    actions.note_visit(unit.pk, TODAY)
    assert says(unit) == ("MET", TODAY)
    actions.set_visits(unit.pk, [])
    assert says(unit) == ("CANCELLED", None)


# ---------- who has it ----------


def test_a_unit_given_away_takes_its_officers_running_duties_along_and_nobody_elses(
    entered: MakeUnit, officer: User, partner: User, chief: User
) -> None:
    unit, orphan = entered("甲店"), entered("乙店", officer=None)
    yearly.open_year(TODAY)
    mine, done, others = (
        _duty(code, unit, owner)
        for code, owner in (("RECHECK", officer), ("REPORT_GOV", officer), ("REFER_5WD", chief))
    )
    meet_clock(done.key, TODAY)
    assert actions.assign([unit.pk, orphan.pk], partner, by=chief) == 2
    owners = dict(Clock.objects.values_list("key", "owner"))
    assert owners == {
        yearly.key(unit.pk, 2026): partner.pk, yearly.key(orphan.pk, 2026): partner.pk, mine.key: partner.pk,
        done.key: officer.pk, others.key: chief.pk,
    }  # fmt: skip


def test_a_duty_given_to_a_police_office_is_seen_there(
    entered: MakeUnit, person: Callable[..., User], station: Organisation, chief: User
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau_id=station.bureau_id
    )
    clerk, unit = person(Role.OFFICER, office, "吴室"), entered()
    yearly.open_year(TODAY)
    actions.assign([unit.pk], clerk, by=chief)
    assert [clock.owner for clock in Clock.objects.for_user(clerk)] == [clerk]


def _duty(code: str, unit: Unit, owner: User) -> Clock:
    return start_clock(
        code, key=code.lower(), subject=unit, label=code, url="/", scope=unit, unit_id=unit.pk, owner=owner,
        started_on=TODAY, started_at=datetime(2026, 10, 9, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
    )  # fmt: skip


# ---------- agreement ----------


def test_the_ledgers_filter_and_the_clocks_agree_on_who_was_seen_this_year(
    entered: MakeUnit, chief: User, officer: User
) -> None:
    units = [entered(f"第{number}家") for number in range(6)]
    yearly.open_year(TODAY)
    for unit, on in zip(units[:3], (NEW_YEAR, TODAY, YEAR_END.replace(year=2025)), strict=True):
        actions.note_visit(unit.pk, on)
    actions.set_visits(units[1].pk, [])
    actions.close(units[3].pk, "搬走", TODAY, by=officer)
    for asked, state in (("no", ClockState.RUNNING), ("yes", ClockState.MET)):
        form = UnitFilter(QueryDict(f"visited={asked}"), user=chief)
        listed = set(form.narrow(Unit.objects.for_user(chief), TODAY).values_list("pk", flat=True))
        clocks = Clock.objects.filter(rule_code=yearly.CODE, state=state, due_on=YEAR_END)
        assert listed == set(clocks.values_list("unit_id", flat=True)), asked


ACTS = st.lists(
    st.tuples(st.sampled_from(["visit", "void", "close", "reopen", "sweep"]), st.integers(0, 500), st.integers(0, 5)),
    max_size=12,
)


class TestWhateverHappens(TestCase):
    """Days pass, visits are entered (some late), voided, the unit closes and opens: the clocks keep to the rule."""

    @settings(max_examples=examples(25), deadline=None)
    @given(acts=ACTS, entered_on=st.dates(date(2025, 1, 1), date(2025, 12, 31)))
    def test_a_unit_has_one_clock_a_year_and_it_says_what_the_standing_visits_say(
        self, acts: list[tuple[str, int, int]], entered_on: date
    ) -> None:
        officer, unit = _somebody_and_his_unit(entered_on)
        today, visits = entered_on, list[date]()
        for act, days, which in acts:
            today = min(date.fromordinal(today.toordinal() + days), date(2028, 12, 31))
            yearly.open_year(today)
            unit.refresh_from_db()
            if act == "visit" and unit.state == State.OPEN:
                visits.append(max(entered_on, date.fromordinal(today.toordinal() - which)))
                actions.note_visit(unit.pk, visits[-1])
            elif act == "void" and visits:
                visits.pop(which % len(visits))
                actions.set_visits(unit.pk, visits)
            elif act == "close" and unit.state == State.OPEN:
                actions.close(unit.pk, "停业", today, by=officer)
            elif act == "reopen" and unit.state == State.CLOSED:
                actions.reopen(unit.pk, "又开了", today, by=officer)
        _keeps_to_the_rule(unit, visits, today)


def _somebody_and_his_unit(on: date) -> tuple[User, Unit]:
    make = Organisation.objects.create
    bureau = make(kind=OrganisationKind.BUREAU, name="江城市公安局", code_word="江公")
    Organisation.objects.filter(pk=bureau.pk).update(bureau=bureau)
    station = make(kind=OrganisationKind.STATION, name="城关派出所", parent=bureau, bureau=bureau)
    officer = User.objects.create_user(number="100001", name="李建平", role=Role.OFFICER, organisation=station)
    unit = Unit(name="店", address="1号", category=Category.objects.get(code="SHOP"), **station.scope_columns())
    return officer, actions.register(unit, on, by=officer)


def _keeps_to_the_rule(unit: Unit, visits: list[date], today: date) -> None:
    unit.refresh_from_db()
    clocks = {clock.started_on.year: clock for clock in yearly.clocks_of(unit.pk)}
    assert len(clocks) == yearly.clocks_of(unit.pk).count(), "one a year"
    for year, clock in clocks.items():
        first = min((day for day in visits if day.year >= year), default=None)
        assert clock.due_on == date(year, 12, 31)
        if clock.state == ClockState.MET:
            assert clock.met_on == first
        elif first is not None:
            # Closed in that year or before its end, and seen again only in a later one: nothing to make up for.
            assert (clock.state, first.year > year) == (ClockState.CANCELLED, True)
        if clock.state == ClockState.RUNNING:
            assert (unit.state, first) == (State.OPEN, None)
    if unit.state == State.OPEN:
        assert clocks[today.year].state == (
            ClockState.MET if any(day.year == today.year for day in visits) else "RUNNING"
        )
