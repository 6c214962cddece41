"""A day of the calendar changes: what counts it moves, once, with an entry and a word to its owner."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from deadlines import actions, recounting
from deadlines.calendar import Calendar
from deadlines.models import CalendarDay, CalendarYear, Clock, ClockState, DayKind, Notice, Step
from deadlines.recounting import moving
from deadlines.seed import SeedDay
from fire_supervision.lib.errors import RuleError
from stations.models import Message, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.shared import keeps_shared
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
Start = Callable[..., Clock]
BEFORE_THE_HOLIDAY, MAKE_UP = date(2026, 9, 30), date(2026, 10, 10)
CANCELLED = SeedDay(MAKE_UP, DayKind.OFF, "补班取消")


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def start(unit: Unit, officer: User) -> Start:
    def do(
        key: str, started_on: date = BEFORE_THE_HOLIDAY, code: str = "RECHECK", owner: User = officer, **fields: Any
    ) -> Clock:
        return actions.start_clock(
            code,
            key=key,
            subject=unit,
            scope=unit,
            started_on=started_on,
            label=f"复查 {key}",
            url="/units/1/",
            owner=owner,
            **fields,
        )

    return do


def entries(action: str) -> list[str]:
    return list(AuditEntry.objects.filter(action=action).order_by("id").values_list("summary", flat=True))


def test_the_calendar_all_bureaus_count_by_is_kept_by_one(
    bureau: Organisation, bureau_officer: User, person: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    below = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="城东分局", parent=bureau)
    Organisation.objects.filter(pk=below.pk).update(bureau=below)
    other = person(Role.BUREAU_OFFICER, below, "卫东")
    days = list(CalendarDay.objects.values_list("day", "kind"))
    for act in (
        lambda user: actions.edit_day(user, MAKE_UP, DayKind.OFF, "补班取消"),
        lambda user: actions.confirm_year(user, 2027),
        lambda user: actions.import_days(user, [CANCELLED], whole=False),
    ):
        with pytest.raises(RuleError, match="工作日历各公安机关共用，由江城市公安局维护"):
            act(other)
    assert list(CalendarDay.objects.values_list("day", "kind")) == days
    url = reverse("deadlines:calendar")
    assert [browse(user).get(url).context["can_edit"] for user in (bureau_officer, other)] == [True, False]


def test_a_bureau_that_was_closed_keeps_nothing_shared(
    bureau: Organisation, bureau_officer: User, person: Callable[..., User]
) -> None:
    after = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局新区分局")
    Organisation.objects.filter(pk=after.pk).update(bureau=after)
    newer = person(Role.BUREAU_OFFICER, after, "卫东")
    assert [keeps_shared(user) for user in (bureau_officer, newer)] == [True, False]
    Organisation.objects.filter(pk=bureau.pk).update(is_active=False)
    assert [keeps_shared(user) for user in (bureau_officer, newer)] == [False, True]


def test_an_edited_day_moves_the_running_duties_that_count_it(start: Start, bureau_officer: User) -> None:
    running, met, elsewhere = start("running"), start("met"), start("elsewhere", date(2026, 3, 2))
    actions.meet_clock(met.key, date(2026, 10, 9))
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    due = dict(Clock.objects.values_list("key", "due_on"))
    assert due == {running.key: date(2026, 10, 12), met.key: MAKE_UP, elsewhere.key: elsewhere.due_on}
    entry = AuditEntry.objects.get(action="deadlines.edit_day")
    assert entry.summary == "工作日历 2026-10-10 改为放假（补班取消），1 项期限重算，其中 1 项改期"
    assert (entry.before, entry.after) == (
        {"kind": "WORK", "name": "国庆节调休上班"},
        {"kind": "OFF", "name": "补班取消"},
    )


def test_each_duty_that_moved_has_an_entry_of_its_own(start: Start, bureau_officer: User) -> None:
    start("一"), start("二"), start("三", date(2026, 3, 2))
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    why = "的到期日由 2026-10-10 改为 2026-10-12（工作日历 2026-10-10 改为放假（补班取消））"
    assert entries("deadlines.recount") == [f"复查 一 {why}", f"复查 二 {why}"]


def test_the_owner_of_a_duty_that_moved_is_told_once(start: Start, bureau_officer: User, partner: User) -> None:
    start("一"), start("二"), start("三", owner=partner)
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    told = Message.objects.order_by("user_id").values_list("user__name", "title", "body", "url")
    cause = "工作日历 2026-10-10 改为放假（补班取消）。"
    assert list(told) == [
        ("李建平", "2 项期限改期", f"{cause}复查 一 改为 2026-10-12；复查 二 改为 2026-10-12。", ""),
        ("张海涛", "改期：复查 三", f"到期日由 2026-10-10 改为 2026-10-12。{cause}", "/units/1/"),
    ]


def test_of_who_has_left_whoever_answers_for_his_duties_is_told_that_they_moved(
    start: Start, bureau_officer: User, officer: User, chief: User, sibling: Organisation
) -> None:
    start("一"), start("二")
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    assert list(Message.objects.values_list("user", "title", "station")) == [
        (chief.pk, "2 项期限改期", chief.organisation_id)
    ]


def test_saying_the_same_of_a_day_twice_is_one_act(start: Start, bureau_officer: User) -> None:
    for _ in range(2):
        actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    assert AuditEntry.objects.count() == 1


def test_the_reminders_move_with_the_last_day_and_none_is_sent_again(start: Start, bureau_officer: User) -> None:
    fresh, reminded = start("fresh"), start("reminded")
    Notice.objects.create(clock=reminded, step=Step.SOON, sent_at=midnight(date(2026, 10, 9)))
    assert fresh.next_at == midnight(date(2026, 10, 9))
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    waits = dict(Clock.objects.values_list("key", "next_at"))
    assert waits == {"fresh": midnight(date(2026, 10, 9)), "reminded": midnight(date(2026, 10, 12))}


def test_a_period_nobody_is_reminded_of_stays_quiet_when_it_is_counted_anew(start: Start, bureau_officer: User) -> None:
    start("notice", quiet=True)
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    assert Clock.objects.values_list("due_on", "next_at").get() == (date(2026, 10, 12), None)


def test_a_day_in_a_year_not_entered_brings_the_holidays_of_that_year_along(bureau_officer: User) -> None:
    actions.edit_day(bureau_officer, date(2031, 3, 3), DayKind.OFF, "本地放假")
    calendar = Calendar.load(date(2031, 1, 1), date(2031, 12, 31))
    assert [calendar.is_working(day) for day in (date(2031, 3, 3), date(2031, 10, 1))] == [False, False]
    assert CalendarYear.objects.get(year=2031).confirmed is False


def test_confirming_a_year_makes_its_provisional_duties_firm(start: Start, bureau_officer: User) -> None:
    clock, eve = start("clock", date(2026, 12, 30)), start("eve", date(2027, 12, 31))
    assert (clock.provisional, eve.provisional) == (True, True)
    actions.confirm_year(bureau_officer, 2027)
    clock.refresh_from_db()
    eve.refresh_from_db()
    assert (clock.provisional, clock.due_on, eve.provisional) == (False, date(2027, 1, 5), True)
    assert entries("deadlines.confirm_year") == ["核定 2027 年工作日历，1 项期限重算，其中 0 项改期"]
    assert (entries("deadlines.recount"), Message.objects.count()) == ([], 0)


@pytest.mark.parametrize(("year", "words"), [(2026, "已经核定"), (2040, "没有 2040 年")])
def test_a_year_is_confirmed_once_and_not_before_it_is_entered(bureau_officer: User, year: int, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        actions.confirm_year(bureau_officer, year)
    assert not AuditEntry.objects.exists()


def test_a_published_notice_replaces_the_forecast_and_recounts(start: Start) -> None:
    CalendarYear.objects.filter(year=2026).update(confirmed=False)
    stale = start("stale")
    Clock.objects.filter(pk=stale.pk).update(due_on=F("started_on") + timedelta(days=5))
    actions.seed_year(2026)
    stale.refresh_from_db()
    assert (stale.provisional, stale.due_on) == (False, MAKE_UP)
    assert entries("deadlines.seed_year") == ["2026 年放假通知已公布，1 项期限重算，其中 1 项改期"]


def test_a_list_of_days_is_added_changed_and_where_it_is_the_whole_year_all_there_is(bureau_officer: User) -> None:
    days = [SeedDay(date(2027, 1, 1), DayKind.OFF, "元旦"), SeedDay(date(2027, 1, 9), DayKind.WORK, "元旦调休上班")]
    changes = actions.import_days(bureau_officer, days, whole=True)
    kept = CalendarDay.objects.filter(day__year=2027).values_list("day", "kind", "name")
    assert list(kept) == [(date(2027, 1, 1), "OFF", "元旦"), (date(2027, 1, 9), "WORK", "元旦调休上班")]
    assert (len(changes.added), changes.unchanged, CalendarYear.objects.get(year=2027).imported) == (1, 1, True)
    actions.seed_year(2027)
    assert CalendarDay.objects.filter(day__year=2027).count() == 2


def test_a_few_days_leave_the_rest_of_the_year_alone(bureau_officer: User) -> None:
    before = CalendarDay.objects.filter(day__year=2027).count()
    actions.import_days(bureau_officer, [SeedDay(date(2027, 1, 9), DayKind.WORK, "元旦调休上班")], whole=False)
    assert CalendarDay.objects.filter(day__year=2027).count() == before + 1
    actions.seed_year(2027)
    assert CalendarDay.objects.get(day=date(2027, 1, 9)).edited is True


def test_the_same_list_twice_is_one_act(bureau_officer: User, start: Start) -> None:
    start("running")
    assert actions.import_days(bureau_officer, [CANCELLED], whole=False)
    with pytest.raises(RuleError, match="没有要改的"):
        actions.import_days(bureau_officer, [CANCELLED], whole=False)
    words = "导入2026 年工作日历，新增 0 天、改动 1 天、删去 0 天，1 项期限重算，其中 1 项改期"
    assert entries("deadlines.import_days") == [words]


def test_the_preview_counts_what_the_act_moves(start: Start, bureau_officer: User) -> None:
    start("一"), start("二"), start("三", date(2026, 3, 2)), start("四", code="INSPECT_MIN")
    assert (moving({MAKE_UP: CANCELLED}), moving({date(2026, 11, 5): None}), moving({})) == (2, 0, 0)
    assert Clock.objects.filter(due_on=MAKE_UP).count() == 2
    actions.import_days(bureau_officer, [CANCELLED], whole=False)
    assert Clock.objects.filter(due_on=date(2026, 10, 12)).count() == 2


def test_a_met_duty_stays_as_it_was_judged(start: Start, bureau_officer: User) -> None:
    clock = start("met")
    actions.meet_clock(clock.key, date(2026, 10, 9))
    actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    clock.refresh_from_db()
    assert (clock.due_on, clock.state) == (MAKE_UP, ClockState.MET)


def test_a_recount_costs_the_same_few_queries_a_batch(
    start: Start,
    bureau_officer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 4)
    for number in range(3):
        start(f"a{number}")
    with django_assert_num_queries(19) as few:
        actions.edit_day(bureau_officer, MAKE_UP, DayKind.OFF, "补班取消")
    for number in range(9):
        start(f"b{number}")
    with django_assert_num_queries(len(few) + 2 * 4):
        actions.edit_day(bureau_officer, MAKE_UP, DayKind.WORK, "国庆节调休上班")
