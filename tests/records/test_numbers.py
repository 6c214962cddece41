"""Numbers run without a gap: one series a station, kind and year."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fire_supervision.lib.errors import RuleError
from records import actions
from records.models import FORMS, Document, DocumentCounter, Kind
from records.numbers import format_number, take
from stations.models import Organisation, User
from tests.frozen import bend
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db


def test_each_station_kind_and_year_counts_by_itself(station: Organisation, sibling: Organisation) -> None:
    series = [(station, Kind.ORDER_LIMIT, 2026)] * 3
    series += [(station, Kind.ORDER_NOW, 2026), (station, Kind.ORDER_LIMIT, 2027), (sibling, Kind.ORDER_LIMIT, 2026)]
    assert [take(*one) for one in series] == [1, 2, 3, 1, 1, 1]


def test_a_rollback_gives_the_number_back(station: Organisation) -> None:
    with transaction.atomic():
        taken = take(station, Kind.ORDER_LIMIT, 2026)
        transaction.set_rollback(True)
    assert (taken, take(station, Kind.ORDER_LIMIT, 2026)) == (1, 1)


def test_a_number_is_refused_outside_the_transaction_of_its_paper(
    station: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="transaction"):
        take(station, Kind.ORDER_LIMIT, 2026)


def test_enforcement_papers_and_official_ones_are_numbered_in_their_own_style(station: Organisation) -> None:
    assert [format_number(station, kind, 2026, 1) for kind in Kind] == [
        "江公（城关）消检字〔2026〕第0001号",
        "江公（城关）消复字〔2026〕第0001号",
        "江公（城关）消即字〔2026〕第0001号",
        "江公（城关）消限字〔2026〕第0001号",
        "江公（城关）消送证字〔2026〕第0001号",
        "江公（城关）消电送字〔2026〕第0001号",
        "江公（城关）消延字〔2026〕第0001号",
        "江公（城关）消移字〔2026〕第0001号",
        "江公（城关）消报字〔2026〕第0001号",
        "江公（城关）消举字〔2026〕第0001号",
        "江公（城关）消举复字〔2026〕第0001号",
        "江公（城关）消责字〔2026〕第0001号",
        "江公消〔2026〕1号",
    ]


def test_a_number_of_names_from_before_they_were_bounded_is_given_all_the_same(
    station: Organisation, issue: Callable[..., Document]
) -> None:
    """Nobody at the door can shorten the name of his station, and what was signed is not to be signed again."""
    station.short_name = "江城经济技术开发区第二湖新区东"
    assert format_number(station, Kind.ORDER_LIMIT, 2026, 1) == (
        "江公（江城经济技术开发区第二湖新区东）消限字〔2026〕第0001号"
    )


def test_no_two_kinds_share_a_word() -> None:
    words = [form.word for form in FORMS.values()]
    assert len(set(words)) == len(words)


def test_two_stations_of_one_short_name_never_print_the_same_number(
    issue: Callable[..., Document], sibling: Organisation, make_unit: Callable[..., Unit], stranger: User
) -> None:
    Organisation.objects.filter(pk=sibling.pk).update(short_name="城关")
    sibling.refresh_from_db()
    theirs = make_unit("城关小吃", station=sibling)
    first = issue()
    with pytest.raises(RuleError, match="已经用过") as refused, transaction.atomic():
        issue(station=sibling, scope=theirs, actor=stranger)
    assert "简称不能相同" in refused.value.remedy
    assert list(DocumentCounter.objects.values_list("station", "last")) == [(first.station_id, 1)]
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        bend(Document.objects.filter(pk=issue().pk), number=first.number)


def test_a_number_refused_is_free_for_the_next_paper_of_a_station_with_a_name_of_its_own(
    issue: Callable[..., Document], sibling: Organisation, make_unit: Callable[..., Unit], stranger: User
) -> None:
    issue()
    paper = issue(station=sibling, scope=make_unit("北关小吃", station=sibling), actor=stranger)
    assert paper.number == "江公（北关）消限字〔2026〕第0001号"


def test_a_series_can_go_on_at_a_number_given_by_the_chief(
    chief: User, station: Organisation, issue: Callable[..., Document]
) -> None:
    actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, 37, "此前用纸质文书编到第36号")
    assert issue().number == "江公（城关）消限字〔2026〕第0037号"
    entry = AuditEntry.objects.get(action="records.set_start")
    assert (entry.before, entry.after, entry.reason) == ({"last": 0}, {"last": 36}, "此前用纸质文书编到第36号")
    assert DocumentCounter.objects.get(station=station).skipped == 36


def test_a_start_is_corrected_until_the_first_number_after_it_is_taken(
    chief: User, station: Organisation, issue: Callable[..., Document]
) -> None:
    issue()
    for next_number, reason in ((370, "此前编到第369号"), (37, "多打了一个零"), (38, "又找到一份")):
        actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, next_number, reason)
    counter = DocumentCounter.objects.get(station=station)
    assert (counter.last, counter.skipped, counter.used) == (37, 36, 1)
    told = AuditEntry.objects.filter(action="records.set_start").order_by("pk").values_list("summary", "after")
    assert [(summary.split("2026年")[1], after) for summary, after in told] == [
        ("从第370号开始", {"last": 369}), ("从第37号开始（原定第370号）", {"last": 36}),
        ("从第38号开始（原定第37号）", {"last": 37}),
    ]  # fmt: skip
    assert issue().number == "江公（城关）消限字〔2026〕第0038号"
    with pytest.raises(RuleError, match="已用到第38号") as refused:
        actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, 37, "改回去")
    assert refused.value.remedy == "起始号至少为 39。"


def test_a_number_that_was_rolled_back_leaves_the_start_to_be_corrected(chief: User, station: Organisation) -> None:
    actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, 370, "此前编到第369号")
    with transaction.atomic():
        take(station, Kind.ORDER_LIMIT, 2026)
        transaction.set_rollback(True)
    actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, 37, "多打了一个零")
    assert take(station, Kind.ORDER_LIMIT, 2026) == 37


@given(steps=st.lists(st.none() | st.integers(1, 9), max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_set_and_corrected_no_number_is_taken_twice(
    chief: User, station: Organisation, steps: list[int | None]
) -> None:
    with transaction.atomic():
        taken: list[int] = []
        for step in steps:
            if step is None:
                taken.append(take(station, Kind.ORDER_LIMIT, 2026))
                continue
            allowed = step > max(taken, default=0)
            with nullcontext() if allowed else pytest.raises(RuleError):
                actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, step, "试")
        counter = DocumentCounter.objects.filter(station=station).first() or DocumentCounter()
        assert taken == sorted(set(taken))
        assert counter.last - counter.skipped == len(taken)
        transaction.set_rollback(True)


@pytest.mark.parametrize("next_number", [1, 2])
def test_a_series_never_goes_back_to_a_used_number(chief: User, station: Organisation, next_number: int) -> None:
    assert [take(station, Kind.ORDER_LIMIT, 2026), take(station, Kind.ORDER_LIMIT, 2026)] == [1, 2]
    with pytest.raises(RuleError, match="已用到第2号"):
        actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, next_number, "试")
    assert DocumentCounter.objects.get(station=station).last == 2


def test_a_start_needs_a_reason(chief: User, station: Organisation) -> None:
    with pytest.raises(RuleError, match="理由"):
        actions.set_start(chief, station, Kind.ORDER_LIMIT, 2026, 5, "  ")
    assert not AuditEntry.objects.filter(action="records.set_start").exists()


def test_the_new_year_starts_again_at_one(issue: Callable[..., Document]) -> None:
    papers = [issue(on=date(2026, 12, 31)), issue(on=date(2027, 1, 1))]
    assert [(paper.year, paper.sequence) for paper in papers] == [(2026, 1), (2027, 1)]
