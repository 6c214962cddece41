"""期限规则: everybody reads them with their article, the bureau's officer settles and changes them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from deadlines import actions
from deadlines.calendar import Calendar
from deadlines.ladder import midnight
from deadlines.models import Clock, DeadlineRule
from deadlines.rules import rule_on
from deadlines.settling import RuleValues, ValueRefused
from fire_supervision.lib.errors import RuleError
from inspections.bases import basis_of, follow_up
from inspections.models import OrderItemRule
from stations.models import Organisation, OrganisationKind, User
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]
TODAY, LATER = date(2026, 9, 30), date(2026, 10, 20)
FORM = {
    "amount": "2", "unit": "WORKING_DAYS", "basis": "江城市消防条例第9条", "text": "二个工作日内复查。",
    "remind_before": "1", "escalate_after": "2", "since": "2026-09-30", "reason": "按市条例从严",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on_the_eve_of_the_holiday() -> Iterator[None]:
    with time_machine.travel("2026-09-30T01:00:00Z", tick=False):
        yield


def values(**fields: Any) -> RuleValues:
    return RuleValues(**({
        "amount": 2, "unit": "WORKING_DAYS", "counts_first": False, "basis": "江城市消防条例第9条",
        "text": "二个工作日内复查。", "remind_before": 1, "escalate_after": 2,
    } | fields))  # fmt: skip


def own(code: str) -> list[tuple[int, date, date | None]]:
    return list(DeadlineRule.objects.filter(code=code, bureau__isnull=False).values_list("amount", "since", "until"))


# ---------- the list ----------


def test_every_rule_shows_its_amount_its_article_and_where_its_value_is_from(browse: Browse, officer: User) -> None:
    response = browse(officer).get(reverse("deadlines:rules"))
    shown = {row.rule.code: (row.present.amount, row.present.origin_words) for row in response.context["rows"]}
    assert len(shown) == DeadlineRule.objects.count()
    codes = ("RECHECK", "COMPLAINT_EXIT", "INSPECT_MIN", "COMPLAINT_FEEDBACK", "FILING_FIX")
    assert [shown[code] for code in codes] == [
        ("3 个工作日", "全国默认"), ("24 小时", "全国默认"), ("每年一次", "全国默认"),
        ("20 日", "取自河南的规定"), ("3 个工作日", "系统默认"),
    ]  # fmt: skip
    assert "在改正期限届满或者收到当事人的复查申请之日起三个工作日内进行复查。" in response.content.decode()


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"q": "complaint_exit"}, ["COMPLAINT_EXIT"]),
        ({"q": "公告 期限"}, ["SERVE_NOTICE"]),
        ({"origin": "REGION"}, ["COMPLAINT_FEEDBACK", "MONTHLY_REPORT"]),
        ({"binding": "STATION", "confirmed": "no"}, ["INSPECT_MIN"]),
        ({"origin": "BUREAU"}, []),
        ({"binding": "nonsense"}, None),
    ],
)
def test_the_rules_are_filtered_and_a_wrong_filter_shows_them_all(
    browse: Browse, officer: User, wanted: dict[str, str], codes: list[str] | None
) -> None:
    response = browse(officer).get(reverse("deadlines:rules"), wanted)
    found = sorted(row.rule.code for row in response.context["rows"])
    assert found == (sorted(set(DeadlineRule.objects.values_list("code", flat=True))) if codes is None else codes)


def test_the_rules_are_exported_as_shown(browse: Browse, officer: User) -> None:
    response = browse(officer).get(reverse("deadlines:rules"), {"q": "RECHECK", "export": "xlsx"})
    sheet = load_workbook(BytesIO(response.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[:5] for row in rows[1:]] == [
        ("RECHECK", "复查", "改正期限届满之日或者收到复查申请之日", "3 个工作日", "首日不计入")
    ]


def test_an_administrator_without_business_reads_no_rules(browse: Browse, system_admin: User) -> None:
    assert browse(system_admin).get(reverse("deadlines:rules")).status_code == 403


def test_more_versions_cost_no_more_queries(
    browse: Browse, bureau_officer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = browse(bureau_officer)
    for code in ("INSPECT_MIN", "FILING_FIX", "FILING_REVIEW"):
        actions.confirm_rule(bureau_officer, code, TODAY)
    with django_assert_max_num_queries(5):
        client.get(reverse("deadlines:rules"))


def test_a_brigade_reads_the_values_of_the_bureau_whose_stations_it_guides(
    browse: Browse, supervisor: User, bureau_officer: User
) -> None:
    actions.confirm_rule(bureau_officer, "FILING_REVIEW", TODAY)
    page = browse(supervisor).get(reverse("deadlines:rule", args=["FILING_REVIEW"]))
    assert page.context["row"].present.origin_words == "本局核定（吴明哲 2026-09-30）"


def test_another_bureau_keeps_the_shipped_value(
    browse: Browse, bureau_officer: User, person: Callable[..., User]
) -> None:
    other = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河阳市公安局")
    other.bureau = other
    other.save()
    neighbour = person("BUREAU_OFFICER", other, "何远")
    actions.change_rule(bureau_officer, "RECHECK", values(), TODAY, "从严", TODAY)
    assert (
        browse(neighbour).get(reverse("deadlines:rule", args=["RECHECK"])).context["row"].present.amount == "3 个工作日"
    )
    assert rule_on("RECHECK", TODAY, other.pk).amount == 3


# ---------- 核定 ----------


def test_confirming_a_shipped_value_writes_a_version_of_the_bureau(browse: Browse, bureau_officer: User) -> None:
    url = reverse("deadlines:confirm_rule", args=["FILING_REVIEW"])
    assert [browse(bureau_officer).post(url).status_code for _ in range(2)] == [302, 409]
    rule = rule_on("FILING_REVIEW", TODAY, bureau_officer.organisation_id)
    assert (rule.amount, rule.confirmed, rule.confirmed_by, rule.since) == (5, True, bureau_officer, TODAY)
    assert rule_on("FILING_REVIEW", TODAY).confirmed is False
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "summary"))
    assert entries[0] == ("deadlines.confirm_rule", "核定期限规则：备案审查 5 个工作日")
    assert [action for action, _ in entries[1:]] == ["deadlines.refused"]


def test_what_the_law_sets_needs_no_confirmation(bureau_officer: User) -> None:
    with pytest.raises(RuleError, match="不需要核定"):
        actions.confirm_rule(bureau_officer, "REFER_5WD", TODAY)


@pytest.mark.parametrize("act", ["confirm_rule", "withdraw_rule", "change_rule"])
def test_nobody_but_the_officer_of_the_bureau_settles_a_rule(
    browse: Browse, officer: User, chief: User, supervisor: User, leader: User, act: str
) -> None:
    url = reverse(f"deadlines:{act}", args=["FILING_REVIEW"])
    codes = [browse(person).post(url, FORM).status_code for person in (officer, chief, supervisor, leader)]
    assert codes == [403] * 4
    assert own("FILING_REVIEW") == []


# ---------- a change ----------


def test_a_change_holds_from_its_day_and_moves_no_running_clock(
    browse: Browse, bureau_officer: User, unit: Unit, officer: User
) -> None:
    def start(key: str) -> Clock:
        return actions.start_clock(
            "RECHECK", key=key, subject=unit, scope=unit, started_on=TODAY, label="复查", url="/", owner=officer
        )

    before = start("before")
    response = browse(bureau_officer).post(reverse("deadlines:change_rule", args=["RECHECK"]), FORM)
    assert (response.status_code, response["Location"]) == (302, "/deadlines/rules/RECHECK/")
    assert (start("after").due_on, start("before").due_on, before.due_on) == (
        date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 10),
    )  # fmt: skip
    entry = AuditEntry.objects.get()
    assert (entry.summary, entry.reason) == (
        "修改期限规则：复查 由 3 个工作日 改为 2 个工作日，2026-09-30 起",
        "按市条例从严",
    )
    assert (entry.before["amount"], entry.after["amount"]) == (3, 2)


def test_the_next_change_ends_the_version_before_it(bureau_officer: User) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(), TODAY, "从严", TODAY)
    actions.change_rule(bureau_officer, "RECHECK", values(amount=1), LATER, "再从严", LATER)
    assert own("RECHECK") == [(2, TODAY, date(2026, 10, 19)), (1, LATER, None)]


def test_the_same_change_twice_is_one_version(browse: Browse, bureau_officer: User) -> None:
    url = reverse("deadlines:change_rule", args=["RECHECK"])
    assert [browse(bureau_officer).post(url, FORM).status_code for _ in range(2)] == [302, 422]
    later = FORM | {"since": "2026-10-20", "amount": "1"}
    assert [browse(bureau_officer).post(url, later).status_code for _ in range(2)] == [302, 409]
    assert own("RECHECK") == [(2, TODAY, date(2026, 10, 19)), (1, LATER, None)]


def test_a_version_that_has_not_begun_is_withdrawn_and_the_former_goes_on(browse: Browse, bureau_officer: User) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(), TODAY, "从严", TODAY)
    actions.change_rule(bureau_officer, "RECHECK", values(amount=1), LATER, "再从严", TODAY)
    url = reverse("deadlines:withdraw_rule", args=["RECHECK"])
    assert [browse(bureau_officer).post(url).status_code for _ in range(2)] == [302, 409]
    assert own("RECHECK") == [(2, TODAY, None)]
    entries = list(AuditEntry.objects.order_by("-pk").values_list("action", "summary")[:2])
    assert entries[0][0] == "deadlines.refused"
    assert entries[1][1] == "撤回期限规则：复查 1 个工作日，原定 2026-10-20 起"


def test_a_version_some_duty_counts_by_is_not_withdrawn(bureau_officer: User, unit: Unit) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(), LATER, "从严", TODAY)
    actions.start_clock("RECHECK", key="k", subject=unit, scope=unit, started_on=LATER, label="复查", url="/")
    with pytest.raises(RuleError, match="已有 1 项期限"):
        actions.withdraw_rule(bureau_officer, "RECHECK", TODAY)
    assert own("RECHECK") == [(2, LATER, None)]


@pytest.mark.parametrize(
    ("code", "fields", "field", "words"),
    [
        ("REFER_5WD", {"amount": 6}, "amount", "消防监督检查规定第33条第2款：5 个工作日，只能更短，不能更长"),
        ("REFER_5WD", {"amount": 3, "unit": "CALENDAR_DAYS"}, "unit",
         "消防监督检查规定第33条第2款：5 个工作日，单位不能改"),
        ("SERVE_NOTICE", {"amount": 59, "unit": "CALENDAR_DAYS"}, "amount",
         "公安机关办理行政案件程序规定第36条：60 日，不能再短"),
    ],
)  # fmt: skip
def test_what_the_law_sets_for_a_station_may_only_be_made_stricter(
    bureau_officer: User, code: str, fields: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValueRefused) as refused:
        actions.change_rule(bureau_officer, code, values(**fields), TODAY, "放宽", TODAY)
    assert (refused.value.field, refused.value.message) == (field, words)
    assert own(code) == []


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("REFER_5WD", {"amount": 4}),
        ("SERVE_NOTICE", {"amount": 90, "unit": "CALENDAR_DAYS"}),
        ("RECHECK", {"amount": 10}),
        ("INSPECT_MIN", {"amount": 1, "unit": "YEAR_END"}),
    ],
)
def test_a_stricter_value_and_one_that_binds_no_station_are_free(
    bureau_officer: User, code: str, fields: dict[str, Any]
) -> None:
    actions.change_rule(bureau_officer, code, values(**fields), TODAY, "本地规定", TODAY)
    assert rule_on(code, TODAY, bureau_officer.organisation_id).amount == fields["amount"]


@pytest.mark.parametrize(
    ("fields", "field", "error"),
    [
        ({"amount": ""}, "amount", "请填写"),
        ({"amount": "0"}, "amount", "填 1 到 250 之间的数"),
        ({"reason": ""}, "reason", "请填写"),
        ({"since": "2026-09-29"}, "since", "不能早于今天，已经开始的期限不因修改而变"),
        ({"unit": "SAME_DAY", "counts_first": "on"}, "counts_first", "只有按工作日或者按日计算的期限才分首日"),
    ],
)
def test_a_wrong_value_is_named_at_its_field_and_nothing_typed_is_lost(
    browse: Browse, bureau_officer: User, fields: dict[str, str], field: str, error: str
) -> None:
    response = browse(bureau_officer).post(reverse("deadlines:change_rule", args=["RECHECK"]), FORM | fields)
    assert (response.status_code, response.context["form"].errors[field]) == (422, [error])
    assert response.context["form"]["basis"].value() == "江城市消防条例第9条"
    assert own("RECHECK") == []


def test_a_unit_the_law_sets_cannot_be_posted_either(browse: Browse, bureau_officer: User) -> None:
    url = reverse("deadlines:change_rule", args=["REFER_5WD"])
    response = browse(bureau_officer).post(url, FORM | {"amount": "9", "unit": "CALENDAR_DAYS"})
    assert response.context["form"].errors == {
        "amount": ["消防监督检查规定第33条第2款：5 个工作日，只能更短，不能更长"]
    }


def test_the_preview_counts_the_new_rule_beside_the_present_one_and_saves_nothing(
    browse: Browse, bureau_officer: User
) -> None:
    url = reverse("deadlines:change_rule", args=["RECHECK"])
    response = browse(bureau_officer).post(url, FORM | {"preview": "1", "reason": ""}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert [(each.version.amount, each.explained.due_on) for each in response.context["counted"]] == [
        ("3 个工作日", date(2026, 10, 10)),
        ("2 个工作日", date(2026, 10, 9)),
    ]
    assert response.content.decode().startswith('<section class="panel" id="preview"')
    assert own("RECHECK") == []


def test_old_versions_stand_below_the_rule(browse: Browse, bureau_officer: User, officer: User) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(), TODAY, "从严", TODAY)
    actions.change_rule(bureau_officer, "RECHECK", values(amount=1), LATER, "再从严", TODAY)
    page = browse(officer).get(reverse("deadlines:rule", args=["RECHECK"]))
    row = page.context["row"]
    assert row.coming is not None
    assert (row.present.amount, row.coming.amount, [each.amount for each in row.former]) == (
        "2 个工作日", "1 个工作日", ["3 个工作日"],
    )  # fmt: skip
    assert page.context["may_withdraw"] is False


def test_the_forecast_at_the_door_counts_by_the_rule_of_the_bureau(bureau_officer: User) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(amount=1), TODAY, "从严", TODAY)
    basis = basis_of("5", OrderItemRule.objects.by_item(TODAY))
    steps = [
        follow_up(basis, "LIMIT", 8, date(2026, 10, 8), Calendar.load(), bureau_id).steps[1]
        for bureau_id in (None, bureau_officer.organisation_id)
    ]
    assert steps == [("复查", "期限届满后，10月21日前"), ("复查", "期限届满后，10月19日前")]


def test_the_forecast_at_the_door_takes_the_version_of_the_day_the_period_ends(bureau_officer: User) -> None:
    actions.change_rule(bureau_officer, "RECHECK", values(amount=1), date(2026, 10, 16), "从严", TODAY)
    basis = basis_of("5", OrderItemRule.objects.by_item(TODAY))
    follow = follow_up(basis, "LIMIT", 8, date(2026, 10, 8), Calendar.load(), bureau_officer.organisation_id)
    assert follow.steps[1] == ("复查", "期限届满后，10月19日前")


@pytest.mark.parametrize(
    ("code", "unit", "amount"),
    [("RECHECK", "HOURS", 24), ("INSPECT_MIN", "HOURS", 24), ("INSPECT_MIN", "WORKING_DAYS", 20),
     ("MONTHLY_REPORT", "CALENDAR_DAYS", 5), ("RECHECK", "YEAR_END", 1), ("COMPLAINT_OTHER", "DAY_OF_MONTH", 5)],
)  # fmt: skip
def test_a_rule_is_not_counted_in_a_unit_its_duties_cannot_be_started_by(
    browse: Browse, bureau_officer: User, code: str, unit: str, amount: int
) -> None:
    with pytest.raises(ValueRefused, match="不能按"):
        actions.change_rule(bureau_officer, code, values(unit=unit, amount=amount), TODAY, "从严", TODAY)
    url = reverse("deadlines:change_rule", args=[code])
    browse(bureau_officer).post(url, FORM | {"unit": unit, "amount": str(amount)})
    assert [row for row in DeadlineRule.objects.filter(bureau__isnull=False) if row.unit == unit] == []


def test_a_complaint_may_be_counted_in_hours_where_the_law_counts_days(bureau_officer: User, unit: Unit) -> None:
    strict = values(unit="HOURS", amount=48)
    own_rule = actions.change_rule(bureau_officer, "COMPLAINT_OTHER", strict, TODAY, "从严", TODAY)
    at = midnight(TODAY)
    clock = actions.start_clock(
        "COMPLAINT_OTHER", key="c", subject=unit, label="x", url="/", scope=unit, started_on=TODAY, started_at=at
    )
    assert (clock.rule, clock.due_at) == (own_rule, at + timedelta(hours=48))
