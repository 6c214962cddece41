"""今日工作: who sees which duty, in which section, with which words."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from deadlines.actions import start_clock
from deadlines.models import Clock, DeadlineRule, Notice, Step
from desk.duties import KINDS, YEARLY, act_of
from filings.actions import hand_in, open_month
from filings.month import Month
from hazards.models import Extension, Order, Referral, Target
from stations.models import Organisation, User
from stations.permissions import ROLE_CAN, Role
from units.models import Unit
from units.yearly import begin

Browse = Callable[[User], Client]
URL = "/workbench/"
FRIDAY = "2026-10-09 09:00+08:00"


@pytest.fixture
def duty(unit: Unit, officer: User) -> Callable[..., Clock]:
    """A service or re-inspection that has been running since a day."""

    def make(code: str, started_on: date, *, key: str = "", owner: User | None = officer, at: Unit = unit) -> Clock:
        return start_clock(
            code,
            key=key or f"{code}:{started_on}",
            subject=at,
            label=at.name,
            detail="第0001号",
            url="/there/",
            scope=at,
            unit_id=at.pk,
            owner=owner,
            started_on=started_on,
        )

    return make


def sections(client: Client) -> dict[str, list[tuple[str, str, str]]]:
    """Section key → (kind, unit, words) of its rows."""
    groups = client.get(URL).context["groups"]
    return {group.key: [(duty.kind, duty.label, duty.words) for duty in group.duties] for group in groups}


@time_machine.travel(FRIDAY, tick=False)
def test_an_officer_sees_his_duties_by_urgency_in_working_days(
    officer: User, duty: Callable[..., Clock], browse: Browse
) -> None:
    duty("ORDER_LIMIT_SERVE", date(2026, 9, 24))
    duty("RECHECK", date(2026, 9, 30))
    duty("ORDER_LIMIT_SERVE", date(2026, 9, 30), key="today").__class__.objects.filter(key="today").update(
        due_on=date(2026, 10, 9)
    )
    assert sections(browse(officer)) == {
        "over": [("送达", "万家福便利超市", "逾期 2 个工作日")],
        "today": [("送达", "万家福便利超市", "今天到期")],
        "soon": [("复查", "万家福便利超市", "还剩 1 个工作日")],
    }


@time_machine.travel(FRIDAY, tick=False)
def test_a_colleague_sees_only_his_own_and_the_chief_sees_the_station(
    officer: User, partner: User, chief: User, stranger: User, duty: Callable[..., Clock], browse: Browse
) -> None:
    duty("RECHECK", date(2026, 9, 30))
    duty("RECHECK", date(2026, 9, 30), key="nobody's", owner=None)
    shown = {
        person.name: sum(map(len, sections(browse(person)).values())) for person in (officer, partner, chief, stranger)
    }
    assert shown == {officer.name: 1, partner.name: 0, chief.name: 2, stranger.name: 0}


@time_machine.travel(FRIDAY, tick=False)
def test_a_reinspection_is_no_work_before_its_period_has_ended(
    officer: User, unit: Unit, duty: Callable[..., Clock], browse: Browse
) -> None:
    duty("RECHECK", date(2026, 10, 20))
    assert sections(browse(officer)) == {}
    with time_machine.travel("2026-10-20 08:00+08:00", tick=False):
        assert sections(browse(officer)) == {"soon": [("复查", unit.name, "还剩 3 个工作日")]}


@time_machine.travel(FRIDAY, tick=False)
def test_the_review_of_a_filing_is_the_supervisors_duty_and_nobody_elses(
    officer: User, chief: User, supervisor: User, duty: Callable[..., Clock], browse: Browse
) -> None:
    duty("FILING_REVIEW", date(2026, 10, 8), owner=None)
    assert [kind for rows in sections(browse(supervisor)).values() for kind, _, _ in rows] == ["备案"]
    assert sections(browse(chief)) == {}
    assert sections(browse(officer)) == {}


@time_machine.travel(FRIDAY, tick=False)
def test_the_page_says_that_tomorrow_is_worked(officer: User, browse: Browse) -> None:
    assert "明天调休上班，计入工作日" in browse(officer).get(URL).content.decode()


@time_machine.travel(FRIDAY, tick=False)
def test_a_chip_narrows_the_page_to_its_section(officer: User, duty: Callable[..., Clock], browse: Browse) -> None:
    duty("ORDER_LIMIT_SERVE", date(2026, 9, 24))
    duty("RECHECK", date(2026, 9, 30))
    response = browse(officer).get(URL, {"only": "over"})
    assert [group.key for group in response.context["groups"]] == ["over"]
    assert response.context["all_count"] == 2


@pytest.mark.slow
@time_machine.travel(FRIDAY, tick=False)
@pytest.mark.parametrize("role", ["officer", "chief", "supervisor", "leader"])
def test_three_duties_cost_no_more_queries_than_one(
    role: str,
    request: pytest.FixtureRequest,
    duty: Callable[..., Clock],
    browse: Browse,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    person = request.getfixturevalue(role)
    client = browse(person)
    duty("ORDER_LIMIT_SERVE", date(2026, 9, 24))
    with django_assert_max_num_queries(12) as one:
        client.get(URL)
    for number in range(3):
        duty("RECHECK", date(2026, 9, 30), key=f"more{number}")
    with django_assert_max_num_queries(12) as three:
        client.get(URL)
    assert len(three) == len(one)


def test_each_administrator_lands_on_his_own_work(
    system_admin: User, security_admin: User, audit_admin: User, officer: User, browse: Browse
) -> None:
    landed = {
        person.name: browse(person).get("/")["Location"]
        for person in (system_admin, security_admin, audit_admin, officer)
    }
    assert landed == {
        system_admin.name: reverse("stations:people"),
        security_admin.name: reverse("stations:settings"),
        audit_admin.name: reverse("trail:list"),
        officer.name: URL,
    }


@time_machine.travel(FRIDAY, tick=False)
def test_a_re_inspection_of_a_notice_not_yet_served_asks_for_the_service_first(
    officer: User, duty: Callable[..., Clock], make_unit: Callable[..., Unit], browse: Browse
) -> None:
    unserved, served = make_unit("未送达"), make_unit("已送达")
    duty("ORDER_LIMIT_SERVE", date(2026, 9, 24), at=unserved)
    duty("RECHECK", date(2026, 9, 29), key="unserved", at=unserved)
    duty("RECHECK", date(2026, 9, 29), key="served", at=served)
    groups = browse(officer).get(URL).context["groups"]
    buttons = {(row.kind, row.label): row.button for group in groups for row in group.duties}
    assert buttons == {("送达", "未送达"): "登记送达", ("复查", "未送达"): "先送达", ("复查", "已送达"): "开始复查"}


@time_machine.travel(FRIDAY, tick=False)
def test_the_review_of_a_paper_is_the_next_step_for_the_brigade_alone(
    officer: User, supervisor: User, unit: Unit, duty: Callable[..., Clock], browse: Browse
) -> None:
    waiting = duty("FILING_REVIEW", date(2026, 9, 30))
    page = reverse("unit_page", args=[unit.pk])
    assert browse(officer).get(page).context["record"].next_duty is None
    assert browse(supervisor).get(page).context["record"].next_duty == waiting


@time_machine.travel(FRIDAY, tick=False)
def test_duties_in_hours_and_in_days_stand_in_the_order_they_end(
    officer: User, unit: Unit, duty: Callable[..., Clock], browse: Browse
) -> None:
    rows = [
        ("COMPLAINT_OTHER", "三天", None), ("COMPLAINT_EXIT", "今晚", "2026-10-09 20:00+08:00"),
        ("COMPLAINT_TRANSFER", "今早", "2026-10-09 08:00+08:00"), ("ORDER_LIMIT_SERVE", "今天", None),
    ]  # fmt: skip
    for code, key, due_at in rows:
        clock = start_clock(
            code, key=key, subject=unit, label=f"事项：{key}", url="/there/", scope=unit, owner=officer,
            started_on=date(2026, 10, 8), started_at=datetime.fromisoformat("2026-10-08 20:00+08:00"),
        )  # fmt: skip
        due = {"due_on": date(2026, 10, 9), "due_at": datetime.fromisoformat(due_at)} if due_at else {}
        due |= {"due_on": date(2026, 10, 9)} if key == "今天" else {}
        Clock.objects.filter(pk=clock.pk).update(**due)
    assert sections(browse(officer)) == {
        "over": [("举报", "今早", "逾期 1 小时")],
        "today": [("举报", "今晚", "还剩 11 小时"), ("送达", "今天", "今天到期")],
        "soon": [("举报", "三天", "还剩 2 个工作日")],
    }


@time_machine.travel(FRIDAY, tick=False)
@pytest.mark.parametrize(
    ("code", "kind", "button"), [(code, *words[:2]) for code, words in KINDS.items() if code != YEARLY]
)
def test_every_rule_that_runs_has_its_word_and_its_button(
    code: str, kind: str, button: str, unit: Unit, officer: User
) -> None:
    assert DeadlineRule.objects.filter(code=code).exists()
    clock = Clock(rule_code=code, url="/act/", look_url="/look/", subject_id=unit.pk)
    doer = next(role for role in (Role.CHIEF, Role.SUPERVISOR) if KINDS[code][2] in ROLE_CAN[role])
    officer.role = doer
    assert act_of(clock, officer)[:2] == (kind, button)
    officer.role = Role.BUREAU_LEADER
    assert act_of(clock, officer) == (kind, "查看", "/look/")


@pytest.mark.slow
@time_machine.travel(FRIDAY, tick=False)
def test_the_chief_hands_in_the_report_of_the_month_and_the_brigade_reads_it(
    unit: Unit, chief: User, officer: User, supervisor: User, station: Organisation, browse: Browse
) -> None:
    Unit.objects.filter(pk=unit.pk).update(created_at=datetime.fromisoformat("2026-09-01 09:00+08:00"))
    open_month(date(2026, 10, 1))
    assert sections(browse(chief)) == {"over": [("月报", "2026年9月", "逾期 1 天")]}
    assert sections(browse(officer)) == {}
    hand_in(station, Month(2026, 9), chief, note="", at=timezone.now())
    assert sections(browse(chief)) == {}
    waiting = browse(supervisor).get(URL).context["approvals"]
    assert [(row.kind, row.button, row.label) for row in waiting] == [("月报", "接收", "城关派出所 2026年9月月报")]
    assert browse(chief).get(URL).context["approvals"] == []


@time_machine.travel(FRIDAY, tick=False)
def test_what_waits_for_a_decision_is_asked_for_by_its_state(
    unit: Unit, chief: User, officer: User, stranger: User, supervisor: User, brigade_leader: User, browse: Browse
) -> None:
    order = Order.objects.create(
        **unit.scope_columns(), unit=unit, mode="LIMIT", number="消限字第0017号", issued_on=date(2026, 9, 22),
        issued_by=officer,
    )  # fmt: skip
    asked = Extension.objects.create(
        **unit.scope_columns(), order=order, deadline=date(2026, 10, 12), until=date(2026, 10, 20),
        requested_on=date(2026, 10, 8), reason="配件未到货", requested_by=officer,
    )  # fmt: skip
    sent = [
        Referral.objects.create(
            **unit.scope_columns(), unit=unit, target=target, basis="消防法第28条", facts="拒不改正",
            sent_on=date(2026, 10, 9), recorded_by=officer,
        )
        for target in (Target.FIRE_BRIGADE, Target.HOUSING)
    ]  # fmt: skip
    shown = {
        user.name: [row.url for row in browse(user).get(URL).context["approvals"]]
        for user in (chief, officer, stranger, supervisor, brigade_leader)
    }
    to_decide = reverse("hazards:decide_extension", args=[asked.pk])
    to_receive = reverse("hazards:referral", args=[sent[0].pk])
    assert shown == {
        chief.name: [to_decide], officer.name: [], stranger.name: [],
        supervisor.name: [to_receive], brigade_leader.name: [to_receive],
    }  # fmt: skip


@time_machine.travel(FRIDAY, tick=False)
def test_a_guide_sees_first_what_was_reported_to_him(
    supervisor: User, duty: Callable[..., Clock], browse: Browse
) -> None:
    reported, late = duty("RECHECK", date(2026, 9, 20)), duty("RECHECK", date(2026, 9, 28))
    Notice.objects.create(clock=reported, step=Step.ABOVE, sent_at=timezone.now())
    Notice.objects.create(clock=late, step=Step.OVERDUE, sent_at=timezone.now())
    context = browse(supervisor).get(URL).context
    assert [row.reported_on for group in context["reported"] for row in group.duties] == [date(2026, 10, 9)]
    assert [row.reported_on for group in context["late"] for row in group.duties] == [None]


@pytest.mark.slow
@time_machine.travel(FRIDAY, tick=False)
def test_the_yearly_inspections_are_one_block_by_their_clocks(
    make_unit: Callable[..., Unit], officer: User, chief: User, browse: Browse
) -> None:
    seen = make_unit("已检查", last_visited_on=date(2026, 3, 2))
    never, long_ago = make_unit("从没查过"), make_unit("去年查过", last_visited_on=date(2025, 4, 1))
    nobodys = make_unit("没人管", officer=None)
    begin([seen, never, long_ago, nobodys], date(2026, 10, 9), since=date(2026, 1, 1))
    begin([never], date(2025, 12, 31), since=date(2025, 1, 1))
    mine, all_of_us = (browse(user).get(URL).context["own"].year for user in (officer, chief))
    assert sections(browse(officer)) == sections(browse(chief)) == {}
    assert (mine.visited, mine.units, mine.left, mine.arrears) == (1, 3, 2, 1)
    assert [unit.name for unit in mine.unvisited] == ["从没查过", "去年查过"]
    assert [plan.due_on for plan in (mine, all_of_us)] == [date(2026, 12, 31)] * 2
    assert (all_of_us.visited, all_of_us.units, all_of_us.unassigned, all_of_us.unvisited) == (1, 4, 1, [])
    people = {line.person.name: (line.visited, line.units) for line in browse(chief).get(URL).context["people"]}
    assert people == {officer.name: (1, 3), chief.name: (0, 0)}


@time_machine.travel(FRIDAY, tick=False)
def test_the_chief_is_told_whose_work_is_left_behind(
    unit: Unit, officer: User, partner: User, chief: User, sibling: Organisation, browse: Browse
) -> None:
    assert browse(chief).get(URL).context["leavers"] == []
    User.objects.filter(pk=officer.pk).update(organisation=sibling)
    User.objects.filter(pk=partner.pk).update(is_active=False)
    page = browse(chief).get(URL)
    assert page.context["leavers"] == [officer]
    assert reverse("handover") in page.content.decode()
