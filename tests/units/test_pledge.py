"""消防安全责任书: signed once, one at a time, ended by its term, the next one or the unit, voided by the chief."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from records.canonical import digest
from records.models import Document, Kind, ReviewState
from records.samples.pledge import PLEDGE
from records.samples.visit import STROKES
from records.signatures import NOWHERE
from stations.models import User
from tests.units.pledges import LAST, SIGNED, morning, signed, signing
from trail.models import AuditEntry
from units import actions, pledging
from units.models import Kind as UnitKind
from units.models import Pledge, PledgeState, PledgeTerms, Standing, Unit
from units.pledge_forms import year_from

DAY = timedelta(days=1)


def faults(refused: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, str]]:
    return [(fault.field, fault.words) for fault in refused.value.faults]


def entries(since: int = 0) -> list[str]:
    return list(AuditEntry.objects.filter(id__gt=since).order_by("id").values_list("action", flat=True))


def test_a_signed_pledge_is_a_numbered_paper_with_the_terms_of_its_day(unit: Unit, officer: User) -> None:
    pledge = signed(unit, officer)
    terms = PledgeTerms.objects.get(kind=UnitKind.PREMISES)
    paper = pledge.document
    assert paper is not None
    assert paper.context == {
        "heading": "江城市公安局城关派出所",
        "number": "江公（城关）消责字〔2026〕第0001号",
        "issued_on": "2026-09-22",
        "unit_name": "万家福便利超市",
        "address": "北大街62号",
        "party_a": "江城市公安局城关派出所",
        "signer_a": "李建平",
        "signer_b": {"name": "刘桂香", "post": "店主"},
        "since": "2026-09-22",
        "until": "2027-09-21",
        "terms_version": 1,
        "terms": terms.items,
        "liability": terms.liability,
        "signatures": {"party_a": STROKES, "party_b": STROKES},
        "signed": paper.context["signed"],
    }
    assert (paper.kind, paper.subject_id, paper.unit_id, paper.issued_on) == (Kind.PLEDGE, pledge.pk, unit.pk, SIGNED)
    assert paper.review_state == ReviewState.EXEMPT
    assert paper.context_sha256 == digest(paper.context | {"signatures": {}})
    assert entries() == ["records.issue", "units.sign_pledge"]


def test_the_sample_has_the_keys_of_a_signed_pledge(unit: Unit, officer: User) -> None:
    paper = signed(unit, officer).document
    assert paper is not None
    assert set(PLEDGE) == set(paper.context)
    assert [set(item) for item in PLEDGE["terms"]] == [set(item) for item in paper.context["terms"]]


def test_the_same_form_sent_twice_signs_once(unit: Unit, officer: User) -> None:
    key, agreed = uuid4(), signing(officer)
    first = pledging.sign_pledge(unit, officer, agreed, key=key, at=morning(SIGNED))
    again = pledging.sign_pledge(unit, officer, agreed, key=key, at=morning(SIGNED))
    assert (again, Pledge.objects.count(), Document.objects.count()) == (first, 1, 1)
    assert entries() == ["records.issue", "units.sign_pledge"]


def test_a_committee_may_be_the_first_party_and_one_of_its_people_signs(unit: Unit, officer: User) -> None:
    pledge = signed(unit, officer, party_a="北大街社区居民委员会", person_a="何主任", signer_a=None)
    assert (pledge.signer_a, pledge.by_whom, pledge.party_a) == (None, "何主任", "北大街社区居民委员会")
    assert pledge.document is not None
    assert pledge.document.context["heading"] == "江城市公安局城关派出所"


def test_what_is_signed_by_hand_has_no_strokes(unit: Unit, officer: User) -> None:
    paper = signed(unit, officer, ink=True).document
    assert paper is not None
    assert (paper.context["signatures"], paper.context["signed"]) == ({"party_a": None, "party_b": None}, {})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"until": SIGNED}, ("until", "责任期限的止日应在起日以后")),
        ({"since": date(2025, 1, 1), "until": date(2026, 9, 21)}, ("until", "责任期限已经过去")),
        ({"strokes_a": None}, ("sign_a", "甲方没有签名")),
        ({"strokes_b": None}, ("sign_b", "乙方没有签名")),
        ({"signer_a": None}, ("signer_a", "请选择")),
        ({"place": NOWHERE}, ("place", "没有写明签名地点。填写地点，或者附上本机定位。")),
        ({"party_a": "某物业公司"}, ("person_a", "甲方不是派出所的，写明甲方由谁签名")),
        ({"person_a": "何主任"}, ("party_a", "写明甲方的名称")),
    ],
)
def test_a_term_or_a_party_that_cannot_be_is_said_at_its_field_and_no_number_is_used(
    unit: Unit, officer: User, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    with pytest.raises(Refusal) as refused:
        signed(unit, officer, **changes)
    assert faults(refused) == [fault]
    pledge = signed(unit, officer)
    assert str(pledge.document) == "江公（城关）消责字〔2026〕第0001号"


def test_an_officer_of_another_station_does_not_sign_for_ours(unit: Unit, officer: User, stranger: User) -> None:
    with pytest.raises(Refusal) as refused:
        signed(unit, officer, signer_a=stranger)
    assert faults(refused) == [("signer_a", "赵远山不是城关派出所的民警")]
    with pytest.raises(Unit.DoesNotExist):
        signed(unit, stranger)
    assert signed(unit, officer).signer_a == officer


def test_a_closed_unit_signs_nothing_and_its_pledge_ends_with_it(unit: Unit, officer: User) -> None:
    pledge = signed(unit, officer)
    closing = AuditEntry.objects.latest("id").pk
    actions.close(unit.pk, "停业", date(2026, 12, 1), by=officer)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.ended_on) == (PledgeState.ENDED, date(2026, 12, 1))
    assert entries(closing) == ["units.end_pledge", "units.close"]
    with pytest.raises(RuleError, match="已关闭，不能签订责任书"):
        signed(unit, officer, on=date(2026, 12, 2))
    actions.reopen(unit.pk, "恢复营业", date(2027, 1, 5), by=officer)
    assert signed(unit, officer, on=date(2027, 1, 5), since=date(2027, 1, 5)).state == PledgeState.ACTIVE


def test_the_next_pledge_ends_the_one_before_on_the_day_before_it_begins(unit: Unit, officer: User) -> None:
    first = signed(unit, officer)
    second = signed(unit, officer, on=date(2027, 8, 1), since=date(2027, 8, 15), until=date(2028, 8, 14))
    first.refresh_from_db()
    assert (first.state, first.ended_on, second.follows) == (PledgeState.ENDED, date(2027, 8, 14), first)
    running = [list(Pledge.objects.running_on(day)) for day in (date(2027, 8, 14), date(2027, 8, 15))]
    assert running == [[first], [second]]


def test_a_gap_between_two_terms_is_covered_by_neither(unit: Unit, officer: User) -> None:
    first = signed(unit, officer)
    signed(unit, officer, on=date(2027, 9, 1), since=date(2027, 10, 1), until=date(2028, 9, 30))
    first.refresh_from_db()
    assert first.ended_on == LAST
    assert list(Pledge.objects.running_on(LAST + DAY)) == []


def test_a_new_term_that_begins_before_the_running_one_is_refused(unit: Unit, officer: User) -> None:
    first = signed(unit, officer)
    with pytest.raises(Refusal) as refused:
        signed(unit, officer)
    words = "正在执行的责任书从 2026-09-22 开始，新的应在这以后开始。原责任书写错的，先由所长作废。"
    assert faults(refused) == [("since", words)]
    first.refresh_from_db()
    assert first.state == PledgeState.ACTIVE


def test_two_pledges_of_a_unit_are_never_active_together(unit: Unit, officer: User) -> None:
    first = signed(unit, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pledge.objects.create(
            **unit.scope_columns(), unit=unit, party_a="甲", signer_a=officer, signer_b="乙", since=SIGNED, until=LAST,
            signed_on=SIGNED, signed_by=officer, terms=first.terms,
        )  # fmt: skip


def test_the_chief_voids_a_pledge_with_its_number_once(unit: Unit, officer: User, chief: User) -> None:
    pledge = signed(unit, officer)
    with pytest.raises(RuleError, match="作废责任书须写明理由"):
        pledging.void_pledge(pledge, chief, " ", SIGNED)
    last = AuditEntry.objects.latest("id").pk
    void = pledging.void_pledge(pledge, chief, "单位名称写错", SIGNED)
    assert void.document is not None
    void.document.refresh_from_db()
    assert (void.state, void.void_reason, void.document.is_void) == (PledgeState.VOID, "单位名称写错", True)
    assert entries(last) == ["records.void", "units.void_pledge"]
    with pytest.raises(RuleError, match="已经作废，没有再次作废"):
        pledging.void_pledge(pledge, chief, "单位名称写错", SIGNED)
    assert str(signed(unit, officer).document) == "江公（城关）消责字〔2026〕第0002号"


def test_closing_a_unit_ends_what_runs_until_the_next_begins_and_the_next(unit: Unit, officer: User) -> None:
    first = signed(unit, officer)
    second = signed(unit, officer, on=date(2027, 8, 1), since=date(2027, 9, 1), until=date(2028, 8, 31))
    actions.close(unit.pk, "停业", date(2027, 8, 10), by=officer)
    ended = [Pledge.objects.get(pk=pledge.pk) for pledge in (first, second)]
    assert [(row.state, row.ended_on) for row in ended] == [(PledgeState.ENDED, date(2027, 8, 10))] * 2
    days = (date(2027, 8, 10), date(2027, 8, 11), date(2027, 9, 1))
    assert [list(Pledge.objects.running_on(day)) for day in days] == [[first], [], []]
    assert ended[1].standing(date(2027, 8, 11)) == Standing.OVER
    assert not Pledge.objects.coming_on(date(2027, 8, 11)).exists()


@pytest.mark.parametrize(
    ("voided_on", "state", "ended_on"),
    [(date(2027, 8, 20), PledgeState.ACTIVE, None), (LAST + DAY, PledgeState.ENDED, LAST)],
)
def test_voiding_the_next_pledge_lets_the_one_before_run_out_its_term(
    unit: Unit, officer: User, chief: User, voided_on: date, state: PledgeState, ended_on: date | None
) -> None:
    first = signed(unit, officer)
    second = signed(unit, officer, on=date(2027, 8, 1), since=date(2027, 8, 15), until=date(2028, 8, 14))
    pledging.void_pledge(second, chief, "期限写错", voided_on)
    first.refresh_from_db()
    assert (first.state, first.ended_on) == (state, ended_on)


def test_the_sweep_ends_what_has_run_out_and_a_second_run_nothing(
    make_unit: Callable[..., Unit], officer: User
) -> None:
    over = [signed(make_unit(f"{number}号店", address=f"{number}号"), officer) for number in (1, 2)]
    later = signed(make_unit("3号店", address="3号"), officer, until=LAST + DAY)
    assert pledging.end_over(LAST) == 0
    last = AuditEntry.objects.latest("id").pk
    assert [pledging.end_over(LAST + DAY) for _ in range(2)] == [2, 0]
    assert [Pledge.objects.get(pk=pledge.pk).ended_on for pledge in (*over, later)] == [LAST, LAST, None]
    assert entries(last) == ["units.end_pledge"] * 2


@given(day=st.dates(date(2026, 9, 1), date(2028, 12, 31)), ended=st.none() | st.dates(SIGNED, LAST))
def test_a_pledge_runs_from_its_first_day_to_the_day_it_ended_on(day: date, ended: date | None) -> None:
    state = PledgeState.ENDED if ended else PledgeState.ACTIVE
    pledge = Pledge(since=SIGNED, until=LAST, ended_on=ended, state=state)
    assert pledge.runs_on(day) == (SIGNED <= day <= (ended or LAST))
    assert Pledge(since=SIGNED, until=LAST, state=PledgeState.VOID).runs_on(SIGNED) is False


def test_a_pledge_signed_ahead_is_in_force_from_its_first_day_to_its_last(unit: Unit, officer: User) -> None:
    begins = SIGNED + 30 * DAY
    pledge = signed(unit, officer, since=begins, until=LAST)
    edges = [SIGNED, begins - DAY, begins, LAST, LAST + DAY]
    assert [pledge.standing(day).label for day in edges] == ["未生效", "未生效", "有效", "有效", "已终止"]


@given(
    day=st.dates(date(2026, 9, 1), date(2027, 12, 31)), ended=st.none() | st.dates(date(2026, 9, 1), LAST),
    void=st.booleans(),
)  # fmt: skip
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_how_a_pledge_stands_is_the_same_in_the_database(
    unit: Unit, officer: User, day: date, ended: date | None, void: bool
) -> None:
    pledge = Pledge.objects.first() or signed(unit, officer)
    state = PledgeState.VOID if void else PledgeState.ENDED if ended else PledgeState.ACTIVE
    Pledge.objects.update(state=state, ended_on=ended, void_reason="写错" if void else "")
    pledge.refresh_from_db()
    running, coming = Pledge.objects.running_on(day).exists(), Pledge.objects.coming_on(day).exists()
    standing = pledge.standing(day)
    assert (running, coming) == (standing == Standing.RUNNING, standing == Standing.COMING)
    assert (standing == Standing.VOID) == void


@pytest.mark.parametrize("ended", [None, date(2027, 1, 31)])
def test_the_days_of_a_term_are_the_same_in_the_database(unit: Unit, officer: User, ended: date | None) -> None:
    pledge = signed(unit, officer)
    if ended:
        Pledge.objects.update(state=PledgeState.ENDED, ended_on=ended)
        pledge.refresh_from_db()
    days = [SIGNED - DAY, SIGNED, date(2027, 1, 31), date(2027, 2, 1), LAST, LAST + DAY]
    assert [Pledge.objects.running_on(day).exists() for day in days] == [pledge.runs_on(day) for day in days]


@given(day=st.dates(date(2026, 1, 1), date(2099, 12, 31)))
def test_a_term_of_a_year_ends_on_the_day_before_its_anniversary(day: date) -> None:
    last = year_from(day)
    anniversary = date(day.year + 1, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)
    assert last + DAY == anniversary


def test_every_kind_of_unit_has_terms_nobody_has_confirmed(db: None) -> None:
    rows = PledgeTerms.objects.order_by("kind").values_list("kind", "version", "confirmed_on")
    assert list(rows) == [(kind, 1, None) for kind in ("COMMITTEE", "PREMISES", "PROPERTY", "VILLAGE")]
    subjects = {tuple(item["title"] for item in terms.items) for terms in PledgeTerms.objects.all()}
    assert subjects == {
        (
            "消防安全制度",
            "疏散通道和出口",
            "消防设施器材",
            "用电用气用火",
            "不违规住人",
            "电动自行车",
            "培训演练",
            "隐患整改",
        ),
    }
