"""今日工作: who sees which duty, in which section, with which words."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from deadlines.actions import start_clock
from deadlines.models import Clock
from stations.models import User
from units.models import Unit

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
