"""期限: the list of duties with its filters and counts, and the page of one with its days and reminders."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deadlines import actions
from deadlines.calendar import Calendar
from deadlines.filters import OVER, SOON, TODAY, in_state
from deadlines.models import Clock
from deadlines.rules import words
from deadlines.views.clocks import HEADER
from fire_supervision.lib.paging import page_of
from stations.models import Organisation, User
from tests.deadlines.test_rules import local
from units.models import Unit

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
Start = Callable[..., Clock]
URL = "/deadlines/clocks/"
NOW = local(date(2026, 9, 24), 10)  # a Thursday; Friday is 中秋节
DAYS = {
    "over": date(2026, 9, 17), "today": date(2026, 9, 18), "soon": date(2026, 9, 23), "later": date(2026, 10, 20),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on_a_thursday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def start(unit: Unit, officer: User) -> Start:
    def do(key: str, started_on: date = DAYS["soon"], code: str = "RECHECK", **fields: Any) -> Clock:
        what = {
            "label": f"复查：{key}", "detail": "消限字第0001号", "url": "/do/", "look_url": "/look/", "subject": unit,
            "scope": unit, "started_on": started_on, "owner": officer,
        }  # fmt: skip
        return actions.start_clock(code, key=key, **what | fields)

    return do


@pytest.fixture
def mixed(start: Start, officer: User) -> dict[str, Clock]:
    """One duty of every tone, one met in time, one late, one cancelled."""
    rows = {key: start(key, day, "REFER_5WD") for key, day in DAYS.items()}
    rows |= {key: start(key, DAYS["over"]) for key in ("done", "late", "cancelled")}
    actions.meet_clock("done", date(2026, 9, 21))
    actions.meet_clock("late", date(2026, 9, 23))
    actions.cancel_clock("cancelled", "文书已作废")
    Clock.objects.filter(key="over").update(due_on=date(2026, 9, 23))
    Clock.objects.filter(key="today").update(due_on=date(2026, 9, 24))
    Clock.objects.filter(key="soon").update(due_on=date(2026, 9, 29))
    return rows


def keys(response: Any) -> list[str]:
    return [row.clock.key for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", ["over", "today", "soon", "later"]),
        ("over", ["over"]),
        ("today", ["today"]),
        ("soon", ["soon"]),
        ("done", ["done"]),
        ("late", ["late"]),
        ("cancelled", ["cancelled"]),
        ("all", ["later", "soon", "today", "over", "cancelled", "late", "done"]),
        ("nonsense", ["over", "today", "soon", "later"]),
    ],
)
def test_each_state_shows_its_duties(
    mixed: dict[str, Clock], browse: Browse, officer: User, state: str, shown: list[str]
) -> None:
    assert keys(browse(officer).get(URL, {"state": state})) == shown


def test_the_counts_stand_over_all_that_runs_whatever_is_filtered(
    mixed: dict[str, Clock], browse: Browse, officer: User
) -> None:
    context = browse(officer).get(URL, {"q": "later"}).context
    assert (context["page"].total, context["running"]) == (1, 4)
    assert [(key, count) for key, _, _, count in context["chips"]] == [("over", 1), ("today", 1), ("soon", 1)]


def test_the_states_of_the_filter_are_the_tones_of_the_chips(start: Start) -> None:
    for day in range(1, 31):
        start(f"working:{day}", date(2026, 9, day))
        start(f"calendar:{day}", date(2026, 9, day), "FILING_FIX" if day % 2 else "COMPLAINT_FEEDBACK")
        start(f"hours:{day}", date(2026, 9, day), "COMPLAINT_EXIT", started_at=local(date(2026, 9, day), 9))
    start("hours:late", date(2026, 10, 8), "COMPLAINT_EXIT", started_at=local(date(2026, 10, 8), 9))
    calendar = Calendar.load()
    for now in (NOW, local(date(2026, 9, 30), 9) + timedelta(minutes=1), local(date(2026, 10, 10), 0)):
        said = {clock.key: words(clock, now, calendar)[1] for clock in Clock.objects.select_related("rule")}
        for state in (OVER, TODAY, SOON):
            found = set(Clock.objects.filter(in_state(state, now, calendar)).values_list("key", flat=True))
            assert found == {key for key, tone in said.items() if tone == state}, (now, state)


def test_duties_of_one_day_are_paged_in_the_order_of_their_index(start: Start) -> None:
    """The yearly inspections of a bureau all end on 31 December."""
    for number in range(7):
        start(f"same:{number}")
    rows, cursor, seen = Clock.objects.all(), "", list[str]()
    with CaptureQueriesContext(connection) as asked:
        while not seen or cursor:
            page = page_of(rows, ["due_on"], cursor, size=3)
            seen += [clock.key for clock in page.rows]
            cursor = page.next_cursor
    assert seen == [f"same:{number}" for number in range(7)]
    # An index knows its nulls by themselves: asked where they go, the database would sort every row of the day.
    assert [query["sql"] for query in asked if "NULLS" in query["sql"]] == []
    last = page_of(rows, ["due_on"], page.previous_cursor, size=3)
    assert [clock.key for clock in last.rows] == ["same:3", "same:4", "same:5"]


def test_rule_owner_days_and_words_narrow_the_list(
    mixed: dict[str, Clock], start: Start, browse: Browse, officer: User, partner: User
) -> None:
    start("other", owner=partner, label="送达：鑫源旅馆")
    start("unowned", owner=None)
    client = browse(officer)
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({"rule": "RECHECK"}, ["other", "unowned"]),
        ({"owner": str(partner.pk)}, ["other"]),
        ({"owner": "nobody"}, ["unowned"]),
        ({"q": "鑫源"}, ["other"]),
        ({"since": "2026-09-24", "until": "2026-09-24"}, ["today"]),
    ]
    for query, shown in asked:
        assert keys(client.get(URL, query)) == shown, query


def test_several_stations_can_be_told_apart_and_one_is_not_asked_for(
    mixed: dict[str, Clock], browse: Browse, officer: User, leader: User, station: Organisation, sibling: Organisation
) -> None:
    assert keys(browse(leader).get(URL, {"station": str(sibling.pk)})) == []
    assert len(keys(browse(leader).get(URL, {"station": str(station.pk)}))) == 4
    assert "station" not in browse(officer).get(URL).context["form"].fields


def test_another_stations_duties_are_not_there(mixed: dict[str, Clock], browse: Browse, stranger: User) -> None:
    assert browse(stranger).get(URL).context["running"] == 0
    assert browse(stranger).get(f"{URL}{mixed['over'].pk}/").status_code == 404


def test_an_administrator_without_business_sees_no_duties(browse: Browse, system_admin: User) -> None:
    assert browse(system_admin).get(URL).status_code == 403


def test_the_export_holds_what_is_shown(mixed: dict[str, Clock], browse: Browse, officer: User) -> None:
    response = browse(officer).get(URL, {"export": "xlsx", "state": "all"})
    sheet = openpyxl.load_workbook(BytesIO(b"".join(response))).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    assert list(head) == HEADER
    assert [(row[0], row[7], row[8]) for row in rows] == [
        ("复查：later", "还剩 18 个工作日", "进行中"), ("复查：soon", "还剩 2 个工作日", "进行中"),
        ("复查：today", "今天到期", "进行中"), ("复查：over", "逾期 1 个工作日", "进行中"),
        ("复查：cancelled", None, "已撤销"), ("复查：late", None, "迟办"), ("复查：done", None, "按期办完"),
    ]  # fmt: skip


def test_one_row_and_three_cost_the_same(start: Start, browse: Browse, officer: User) -> None:
    def queries(rows: int) -> int:
        client = browse(officer)
        with CaptureQueriesContext(connection) as captured:
            assert len(keys(client.get(URL))) == rows
        return len(captured)

    start("one")
    first = queries(1)
    start("two"), start("three")
    assert queries(3) == first <= 12


# ---------- one clock ----------


def test_a_clock_explains_every_day_its_rule_and_where_the_value_is_from(
    mixed: dict[str, Clock], browse: Browse, officer: User
) -> None:
    response = browse(officer).get(f"{URL}{mixed['later'].pk}/")
    days = response.context["days"]
    assert [(day["date"], day["kind"], day["label"]) for day in days][:2] == [
        (date(2026, 10, 20), "start", "检查之日"), (date(2026, 10, 21), "count", ""),
    ]  # fmt: skip
    html = response.content.decode()
    for said in ("5 个工作日，起算：检查之日", "消防监督检查规定第33条第2款", "全国默认", "2012-11-01 起", "李建平"):
        assert said in html


def test_the_reminders_say_what_was_sent_what_was_passed_over_and_what_is_to_come(
    mixed: dict[str, Clock], browse: Browse, officer: User
) -> None:
    actions.remind(NOW)
    rows = browse(officer).get(f"{URL}{mixed['today'].pk}/").context["reminders"]
    assert [(row.step, bool(row.sent_at), row.passed, row.to) for row in rows] == [
        ("SOON", False, True, "责任人"), ("TODAY", True, True, "责任人"), ("OVERDUE", False, False, "责任人、所长"),
        ("ABOVE", False, False, "消防监督员、分局业务民警"),
    ]  # fmt: skip


def test_a_period_that_runs_out_quietly_promises_no_reminder(start: Start, browse: Browse, officer: User) -> None:
    notice = start("notice", code="SERVE_NOTICE", quiet=True)
    assert browse(officer).get(f"{URL}{notice.pk}/").context["reminders"] == []


def test_a_duty_that_ended_has_no_reminder_to_come_and_nothing_to_do(
    mixed: dict[str, Clock], browse: Browse, officer: User
) -> None:
    context = browse(officer).get(f"{URL}{mixed['late'].pk}/").context
    assert (context["reminders"], context["act_url"], context["row"].result) == ([], "", ("迟办", "amber"))


def test_who_can_do_it_is_led_to_the_act_and_who_watches_to_its_page(
    mixed: dict[str, Clock], start: Start, browse: Browse, officer: User, chief: User, supervisor: User, leader: User
) -> None:
    review = start("review", code="FILING_REVIEW", owner=None)
    acts = {
        person.name: [browse(person).get(f"{URL}{clock.pk}/").context["act_url"] for clock in (mixed["today"], review)]
        for person in (officer, chief, supervisor, leader)
    }
    assert acts == {
        officer.name: ["/do/", ""], chief.name: ["/do/", ""], supervisor.name: ["", "/do/"], leader.name: ["", ""],
    }  # fmt: skip
    assert 'href="/look/"' in browse(leader).get(f"{URL}{review.pk}/").content.decode()


def test_whoever_may_see_no_complaints_learns_of_no_duty_about_one(
    start: Start, browse: Browse, assistant: User, officer: User
) -> None:
    complaint = start("complaint", DAYS["today"], "COMPLAINT_OTHER", owner=officer)
    start("month", DAYS["today"], "MONTHLY_REPORT", owner=None)
    start("recheck", DAYS["today"])
    shown = {user.name: keys(browse(user).get(URL)) for user in (officer, assistant)}
    assert shown == {officer.name: ["complaint", "recheck", "month"], assistant.name: ["recheck"]}
    assert browse(assistant).get(f"{URL}{complaint.pk}/").status_code == 404
    with time_machine.travel(NOW + timedelta(days=30)):
        page = browse(assistant).get(reverse("desk:workbench"))
    assert [duty.label for group in page.context["groups"] for duty in group.duties] == ["recheck"]
