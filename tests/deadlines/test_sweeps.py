"""Reminders: who hears what, each step of each duty once, however and whenever the sweep runs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from deadlines import actions, tasks
from deadlines.ladder import ladder
from deadlines.models import Clock, ClockState, DayKind, DeadlineRule, Notice, Step
from deadlines.sweeps import due_steps
from stations.models import Guidance, Message, Organisation, User
from stations.permissions import Role
from tests.deadlines.test_rules import local, seeded
from tests.examples import examples
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
Start = Callable[..., Clock]
FROM = date(2026, 9, 18)  # a Friday; the Sunday behind it is worked, the Friday after it 中秋节
EVE, LAST, NEXT, ABOVE = date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23), date(2026, 9, 28)


@pytest.fixture
def start(unit: Unit, officer: User) -> Start:
    """A re-inspection of the officer, from Friday 18 to Tuesday 22 September."""

    def do(key: str = "recheck:1", code: str = "RECHECK", **fields: Any) -> Clock:
        what = {
            "label": "复查：万家福便利超市", "detail": "江公（城关）消限字〔2026〕第0001号", "url": "/do/",
            "look_url": "/look/", "subject": unit, "scope": unit, "started_on": FROM, "owner": officer,
        }  # fmt: skip
        return actions.start_clock(code, key=key, **what | fields)

    return do


def morning(day: date) -> datetime:
    return local(day, 8)


def told(step: Step) -> dict[str, str]:
    """Who was told of ``step``, with the page he was sent to."""
    rows = Message.objects.filter(key__endswith=f":{step}").order_by("user__number")
    return dict(rows.values_list("user__name", "url"))


# ---------- who hears what ----------


def test_the_owner_is_reminded_then_his_chief_then_those_above(
    start: Start,
    officer: User,
    chief: User,
    supervisor: User,
    brigade_leader: User,
    bureau_officer: User,
    stranger: User,
) -> None:
    start()
    sent = [actions.remind(morning(day)) for day in (FROM, EVE, LAST, NEXT, ABOVE - timedelta(days=1), ABOVE)]
    assert sent == [0, 1, 1, 1, 0, 1]
    assert told(Step.SOON) == told(Step.TODAY) == {officer.name: "/do/"}
    assert told(Step.OVERDUE) == {officer.name: "/do/", chief.name: "/do/"}
    assert told(Step.ABOVE) == {supervisor.name: "/look/", bureau_officer.name: "/look/"}


def test_a_reminder_says_what_by_when_whose_and_why(start: Start, officer: User) -> None:
    start()
    actions.remind(morning(EVE))
    message = Message.objects.get(user=officer)
    assert message.title == "临近到期：复查：万家福便利超市"
    assert message.body == (
        "江公（城关）消限字〔2026〕第0001号，2026-09-22 到期，还剩 1 个工作日，城关派出所责任人李建平。"
        "依据：消防监督检查规定第20条。"
    )


@pytest.mark.parametrize("gone", ["nobody", "left", "moved"])
def test_a_duty_without_somebody_who_can_do_it_is_told_to_the_chief(
    start: Start, officer: User, chief: User, sibling: Organisation, gone: str
) -> None:
    clock = start()
    if gone == "nobody":
        Clock.objects.filter(pk=clock.pk).update(owner=None)
    else:
        fields = {"left": {"is_active": False}, "moved": {"organisation": sibling}}[gone]
        User.objects.filter(pk=officer.pk).update(**fields)
    actions.remind(morning(EVE))
    actions.remind(morning(NEXT))
    assert told(Step.SOON) == told(Step.OVERDUE) == {chief.name: "/do/"}


def test_the_brigades_own_duty_stays_with_the_brigade(
    start: Start, officer: User, chief: User, supervisor: User, brigade_leader: User, bureau_officer: User
) -> None:
    clock = start("review:1", "FILING_REVIEW", owner=None)
    for step in ladder(clock.rule, clock.opens_on, clock.due_on, None, seeded()):
        actions.remind(step[1])
    assert told(Step.SOON) == told(Step.TODAY) == {supervisor.name: "/do/"}
    assert told(Step.OVERDUE) == {supervisor.name: "/do/", brigade_leader.name: "/do/"}
    assert told(Step.ABOVE) == {brigade_leader.name: "/do/", bureau_officer.name: "/look/"}


def test_the_substitute_hears_it_as_well_and_without_a_guide_the_leader_of_the_brigade(
    start: Start, station: Organisation, supervisor: User, brigade_leader: User, person: Callable[..., User]
) -> None:
    substitute = person(Role.SUPERVISOR, supervisor.organisation, "何代管")
    Guidance.objects.update(substitute=substitute)
    start("first")
    actions.remind(morning(ABOVE))
    assert told(Step.ABOVE) == {supervisor.name: "/look/", substitute.name: "/look/"}
    Guidance.objects.all().delete()
    start("second")
    actions.remind(morning(ABOVE))
    assert set(told(Step.ABOVE)) == {supervisor.name, substitute.name, brigade_leader.name}


def test_whoever_watches_a_duty_without_a_page_is_sent_to_the_clock(start: Start, supervisor: User) -> None:
    clock = start(look_url="")
    actions.remind(morning(ABOVE))
    assert told(Step.ABOVE) == {supervisor.name: f"/deadlines/clocks/{clock.pk}/"}


def test_what_is_overdue_and_what_went_above_stands_in_the_trail(
    start: Start, officer: User, chief: User, supervisor: User
) -> None:
    clock = start()
    for day in (EVE, LAST, NEXT, ABOVE):
        actions.remind(morning(day))
    rows = AuditEntry.objects.order_by("id").values_list("actor_name", "action", "subject_id", "station_id", "summary")
    late = "复查：万家福便利超市，2026-09-22 到期未办，已告知"
    assert list(rows) == [
        ("系统", "deadlines.overdue", clock.pk, clock.station_id, f"{late}李建平、王志远"),
        ("系统", "deadlines.escalate", clock.pk, clock.station_id, f"{late}陈立新"),
    ]


def test_a_step_nobody_can_hear_is_taken_and_the_trail_says_so(start: Start, supervisor: User) -> None:
    start(owner=None)
    actions.remind(morning(NEXT))
    assert AuditEntry.objects.get().summary.endswith("到期未办，没有可以告知的人")
    assert set(Notice.objects.values_list("step", flat=True)) == {Step.OVERDUE}


# ---------- the yearly duties of a station are one message ----------


def test_the_yearly_duties_of_a_station_are_one_message_a_person(
    start: Start, make_unit: Callable[..., Unit], officer: User, partner: User, chief: User, station: Organisation
) -> None:
    for number in range(5):
        unit = make_unit(f"{number}号店", address=f"{number}号")
        owner = officer if number else partner
        start(f"annual:{unit.pk}", "INSPECT_MIN", subject=unit, scope=unit, owner=owner, started_on=date(2026, 1, 1))
    done = Clock.objects.filter(owner=officer).first()
    assert done is not None
    actions.meet_clock(done.key, date(2026, 9, 1))
    assert actions.remind(local(date(2027, 1, 1), 0)) == 4
    titles = dict(Message.objects.values_list("user__name", "title"))
    assert titles == {
        officer.name: "逾期：日常消防监督检查，2026 年度还有 3 家没有检查",
        partner.name: "逾期：日常消防监督检查，2026 年度还有 1 家没有检查",
        chief.name: "逾期：日常消防监督检查，2026 年度还有 4 家没有检查",
    }
    url = f"/deadlines/clocks/?rule=INSPECT_MIN&station={station.pk}&since=2026-12-31&until=2026-12-31"
    assert Message.objects.get(user=chief).url == url
    assert Message.objects.get(user=officer).url == f"{url}&owner={officer.pk}"


# ---------- once, and nothing lost ----------


def test_a_sweep_that_comes_late_sends_only_what_still_matters(start: Start, officer: User) -> None:
    start()
    assert actions.remind(morning(LAST)) == 1
    assert [notice.step for notice in Notice.objects.all()] == [Step.TODAY]
    assert actions.remind(morning(date(2026, 11, 2))) == 2
    assert [notice.step for notice in Notice.objects.all()] == [Step.TODAY, Step.OVERDUE, Step.ABOVE]


def test_a_second_sweep_and_one_with_the_clock_set_back_send_nothing(start: Start, chief: User) -> None:
    start()
    now = local(NEXT, 0)
    assert actions.remind(now) == 1
    before = (Message.objects.count(), Notice.objects.count(), AuditEntry.objects.count())
    assert [actions.remind(now), actions.remind(now - timedelta(hours=1)), actions.remind(now)] == [0, 0, 0]
    assert (Message.objects.count(), Notice.objects.count(), AuditEntry.objects.count()) == before


def test_a_sweep_killed_in_the_middle_has_sent_all_or_nothing(
    start: Start, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    start()
    with monkeypatch.context() as patched:
        patched.setattr("deadlines.sweeps.record_many", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            actions.remind(morning(NEXT))
    assert (Message.objects.count(), Notice.objects.count()) == (0, 0)
    assert actions.remind(morning(NEXT)) == 1
    assert Message.objects.count() == 2


def test_a_notice_that_is_there_already_is_not_sent_again(start: Start, officer: User) -> None:
    clock = start()
    Notice.objects.create(clock=clock, step=Step.TODAY, sent_at=morning(LAST))
    assert actions.remind(morning(LAST)) == 0
    assert not Message.objects.exists()


@pytest.mark.parametrize("state", [ClockState.MET, ClockState.CANCELLED])
def test_a_duty_that_ended_is_not_told(start: Start, officer: User, state: ClockState) -> None:
    clock = start()
    if state == ClockState.MET:
        actions.meet_clock(clock.key, FROM)
    else:
        actions.cancel_clock(clock.key, "文书已作废")
    assert actions.remind(morning(ABOVE)) == 0
    assert not Message.objects.exists()


def test_a_duty_that_runs_again_goes_on_with_the_steps_it_has_not_had(start: Start, officer: User) -> None:
    clock = start()
    actions.remind(morning(EVE))
    actions.meet_clock(clock.key, EVE)
    assert actions.remind(morning(LAST)) == 0
    actions.reopen_clock(clock.key)
    assert actions.remind(morning(LAST)) == 1
    assert [notice.step for notice in Notice.objects.all()] == [Step.SOON, Step.TODAY]


def test_a_last_day_that_moves_takes_its_remaining_steps_along(
    start: Start, officer: User, bureau_officer: User
) -> None:
    start()
    actions.remind(morning(EVE))
    actions.edit_day(bureau_officer, LAST, DayKind.OFF, "临时放假")
    Message.objects.all().delete()
    assert [actions.remind(morning(day)) for day in (LAST, NEXT, date(2026, 9, 24))] == [0, 1, 1]
    assert told(Step.TODAY) == told(Step.OVERDUE) == {officer.name: "/do/"}


def test_a_duty_in_hours_is_told_at_night_over_a_weekend(start: Start, officer: User, chief: User) -> None:
    saturday = date(2026, 10, 3)
    clock = start("complaint", "COMPLAINT_EXIT", started_on=saturday, started_at=local(saturday, 2))
    assert clock.due_at is not None
    instants = [local(saturday, 21), local(saturday, 22), clock.due_at, clock.due_at + timedelta(minutes=1)]
    assert [actions.remind(now) for now in instants] == [0, 1, 0, 1]
    last = Message.objects.filter(user=officer).latest("id")
    assert "2026-10-04 02:00 到期，逾期 1 分钟" in last.body


# ---------- cost ----------


def test_a_batch_costs_the_same_for_one_and_for_three(
    start: Start, officer: User, chief: User, supervisor: User, bureau_officer: User
) -> None:
    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert actions.remind(morning(ABOVE)) == 2 * number
        return len(captured)

    start("one")
    first = queries(1)
    for key in ("two", "three", "four"):
        start(key)
    assert queries(3) == first <= 12


def test_a_sweep_with_nothing_due_asks_one_question(start: Start) -> None:
    start()
    with CaptureQueriesContext(connection) as captured:
        assert actions.remind(morning(FROM)) == 0
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 1


def test_many_duties_are_swept_in_batches(start: Start, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deadlines.sweeps.BATCH", 2)
    for number in range(5):
        start(f"recheck:{number}")
    assert (actions.remind(morning(EVE)), actions.remind(morning(EVE))) == (5, 0)
    assert Message.objects.count() == 5


def test_the_task_sweeps_the_instant_it_runs_at(start: Start, officer: User, time_machine: Any) -> None:
    start()
    time_machine.move_to("2026-09-22T00:00:00+08:00")
    tasks.remind()
    assert set(told(Step.TODAY)) == {officer.name}


# ---------- whatever the instants ----------

DAY_RULE = DeadlineRule(remind_before=1, escalate_after=3)
RUNGS = ladder(DAY_RULE, FROM, LAST, None, seeded())
INSTANTS = st.lists(st.integers(0, 15 * 24).map(lambda hours: local(FROM, 0) + timedelta(hours=hours)), max_size=12)


def expected(instants: list[datetime]) -> list[Step]:
    """By hand: the steps a duty must have had after sweeps at ``instants``, one of which may lie before another."""
    starts = dict(RUNGS)
    sent, latest = [], local(FROM, 0) - timedelta(days=1)
    for now in instants:
        fresh = [step for step, at in RUNGS if latest < at <= now]
        if now >= starts[Step.OVERDUE]:
            fresh = [step for step in fresh if step in (Step.OVERDUE, Step.ABOVE)]
        sent += fresh if now >= starts[Step.OVERDUE] else fresh[-1:]
        latest = max(latest, now)
    return sent


@given(INSTANTS)
def test_the_ladder_is_climbed_once_whatever_the_instants(instants: list[datetime]) -> None:
    sent: list[Step] = []
    waiting: datetime | None = RUNGS[0][1]
    for now in instants:
        if waiting is not None and waiting <= now:
            sent += due_steps(RUNGS, sent, now)
            waiting = next((at for _, at in RUNGS if at > now), None)
    assert sent == expected(instants)


class TestWholeSweep(TestCase):  # type: ignore[misc] # its base has no types
    """The same with the database in between."""

    def setUp(self) -> None:
        bureau = Organisation.objects.create(kind="BUREAU", name="江城市公安局")
        station = Organisation.objects.create(kind="STATION", name="城关派出所", parent=bureau, bureau=bureau)
        officer = User.objects.create_user(number="1", name="李建平", role=Role.OFFICER, organisation=station)
        rule = DeadlineRule.objects.get(code="RECHECK", bureau=None)
        self.clock = Clock.objects.create(
            bureau=bureau, station=station, rule=rule, rule_code="RECHECK", key="one", subject_type="units.unit",
            subject_id=1, label="复查", url="/", owner=officer, started_on=FROM, opens_on=FROM, due_on=LAST,
            next_at=RUNGS[0][1],
        )  # fmt: skip

    @settings(max_examples=examples(15), deadline=None)
    @given(INSTANTS)
    def test_every_step_is_sent_at_most_once_and_none_is_lost(self, instants: list[datetime]) -> None:
        for now in instants:
            actions.remind(now)
        assert [notice.step for notice in Notice.objects.order_by("pk")] == expected(instants)
        steps = [key.rpartition(":")[2] for key in Message.objects.order_by("pk").values_list("key", flat=True)]
        assert steps == [step for step in expected(instants) if step != Step.ABOVE]
