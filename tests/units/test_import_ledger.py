"""From the workbook into the ledger: the real file, twice, and one rule at a time."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, User
from tests.units.conftest import LEDGER
from trail.models import AuditEntry
from units import importing, tasks
from units.ledger import UnreadableWorkbook
from units.models import BatchState, ImportBatch, Kind, Outcome, State, Unit

TODAY = date(2026, 11, 2)
CODE = "92140781BJ1XG612DG"


def shop(name: str = "万家福超市", **cells: object) -> tuple[object, ...]:
    row = {
        "station": "城关派出所", "name": name, "category": "商铺", "code": None, "address": "北大街62号", "area": 40,
        "phone": "19900000001", "remark": None,
    } | cells  # fmt: skip
    return tuple(row.values())


@pytest.fixture
def bring(bureau_officer: User) -> Callable[..., ImportBatch]:
    """Take a workbook the whole way, as the pages and the worker do."""

    def whole_way(path: Path, by: User = bureau_officer) -> ImportBatch:
        with path.open("rb") as file:
            batch = importing.upload(File(file, name=path.name), by=by)
        importing.map_columns(batch.pk, {}, {}, by=by)
        importing.advance(batch.pk, TODAY)
        importing.start(batch.pk, by=by)
        importing.advance(batch.pk, TODAY)
        batch.refresh_from_db()
        return batch

    return whole_way


def outcomes(batch: ImportBatch) -> dict[str, int]:
    return {outcome: batch.totals[outcome] for outcome in Outcome}


def everything(units: QuerySet[Unit]) -> list[dict[str, Any]]:
    return list(units.order_by("pk").values())


@pytest.mark.slow
def test_the_real_ledger_goes_in_whole_and_a_second_time_changes_nothing(
    ledger_stations: None, bring: Callable[..., ImportBatch], truth: dict[str, Any]
) -> None:
    first = bring(LEDGER)

    assert first.state == BatchState.DONE
    assert outcomes(first) == {"created": truth["importable"] + truth["committees"], "updated": 0, "unchanged": 0}
    assert Unit.objects.filter(kind=Kind.PREMISES).count() == truth["importable"]
    assert Unit.objects.committees().count() == truth["committees"]
    assert Unit.objects.filter(state=State.CLOSED).count() == truth["closed"]
    assert Unit.objects.filter(twin_of__isnull=False).count() == len(truth["likely_duplicates"])
    assert Unit.objects.filter(kind=Kind.PREMISES, committee__isnull=True).count() == 0
    assert Unit.objects.unassigned().count() == Unit.objects.count()

    before = everything(Unit.objects.all())
    entries = AuditEntry.objects.filter(action="units.import_change").count()
    second = bring(LEDGER)

    assert outcomes(second) == {"created": 0, "updated": 0, "unchanged": truth["importable"] + truth["committees"]}
    assert everything(Unit.objects.all()) == before
    assert AuditEntry.objects.filter(action="units.import_change").count() == entries == 0


def test_the_day_a_ledger_claims_is_kept_apart_and_counts_for_nothing(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    header = ("派出所", "名称", "类别", "最近检查日期")
    bring(book(("城关", "万家福", "商铺", "2026.9.1"), header=header))
    unit = Unit.objects.get()
    assert (unit.ledger_visit, unit.last_visited_on) == (date(2026, 9, 1), None)


def test_a_closed_one_is_entered_as_closed_with_the_reason(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    bring(book(shop(remark="已关门")))
    unit = Unit.objects.get()
    assert (unit.state, unit.closed_on, unit.closed_reason) == (State.CLOSED, TODAY, "台账备注：已关门")


def test_a_changed_cell_changes_that_fact_only_and_leaves_a_trail(
    station: Organisation, officer: User, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    bring(book(shop(code=CODE)))
    Unit.objects.update(officer=officer, gas="管道")
    batch = bring(book(shop("万家福生活超市", code=CODE, area=None, phone="19900000009")))

    assert outcomes(batch) == {"created": 0, "updated": 1, "unchanged": 0}
    unit = Unit.objects.get()
    assert (unit.name, unit.name_key, unit.phone) == ("万家福生活超市", "万家福生活超市", "19900000009")
    assert (unit.area, unit.gas, unit.officer) == (40, "管道", officer)
    entry = AuditEntry.objects.get(action="units.import_change")
    assert (entry.before, entry.after) == (
        {"name": "万家福超市", "phone": "199****0001"},
        {"name": "万家福生活超市", "phone": "199****0009"},
    )


def test_a_unit_without_code_is_found_by_name_and_address_and_gets_its_code(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    bring(book(shop()))
    batch = bring(book(shop("江城市 万家福超市", code=CODE, address="北大街 62号")))
    assert outcomes(batch)["created"] == 0
    assert Unit.objects.get().credit_code == CODE


def test_two_codes_at_one_address_are_two_businesses_and_the_second_is_flagged(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    bring(book(shop(code=CODE)))
    bring(book(shop(code="92140781JJL6B3HN2B")))
    first, second = Unit.objects.order_by("pk")
    assert (first.twin_of, second.twin_of) == (None, first)


def test_a_decision_that_two_look_alikes_are_two_outlives_the_next_import(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    path = book(shop(), shop("江城市万家福超市"))
    bring(path)
    assert Unit.objects.filter(twin_of__isnull=False).count() == 1
    Unit.objects.update(twin_of=None)
    assert outcomes(bring(path)) == {"created": 0, "updated": 0, "unchanged": 2}
    assert Unit.objects.filter(twin_of__isnull=False).count() == 0


def test_a_unit_closed_here_stays_closed_and_the_row_says_so(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    path = book(shop())
    bring(path)
    Unit.objects.update(state=State.CLOSED, closed_on=TODAY, closed_reason="搬走")
    batch = bring(path)
    assert Unit.objects.get().state == State.CLOSED
    assert [problem["code"] for problem in batch.rows.get().problems] == ["state differs"]


def test_a_unit_open_here_is_not_closed_by_a_ledger(
    station: Organisation, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    bring(book(shop()))
    batch = bring(book(shop(remark="已关门")))
    assert Unit.objects.get().state == State.OPEN
    assert [problem["code"] for problem in batch.rows.get().problems] == ["state differs"]


def test_a_chief_imports_his_own_station_and_no_other(
    station: Organisation,
    sibling: Organisation,
    chief: User,
    book: Callable[..., Path],
    bring: Callable[..., ImportBatch],
) -> None:
    batch = bring(book(shop(), shop("邻所小店", station="北关派出所")), by=chief)
    assert [unit.station for unit in Unit.objects.all()] == [station]
    refused = batch.rows.get(result="reject")
    assert [problem["reason"] for problem in refused.problems] == ["不是本所的单位，不能导入"]


def test_whoever_lost_a_station_after_the_check_imports_nothing_into_it(
    station: Organisation, sibling: Organisation, chief: User, book: Callable[..., Path]
) -> None:
    with book(shop()).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=chief)
    importing.map_columns(batch.pk, {}, {}, by=chief)
    importing.advance(batch.pk, TODAY)
    importing.start(batch.pk, by=chief)
    User.objects.filter(pk=chief.pk).update(organisation=sibling)
    importing.advance(batch.pk, TODAY)
    assert Unit.objects.count() == 0
    assert batch.rows.get().result == "reject"


def test_a_worker_killed_half_way_leaves_the_rest_to_the_sweep(
    station: Organisation, bureau_officer: User, book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "HANDFUL", 2)
    with book(*(shop(f"第{number}家", address=f"北大街{number}号") for number in range(5))).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
    importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
    importing.advance(batch.pk, TODAY)
    importing.start(batch.pk, by=bureau_officer)
    importing.import_handful(batch.pk, TODAY)
    assert Unit.objects.count() == 2

    ImportBatch.objects.update(touched_at=timezone.now() - tasks.SILENCE * 2)
    tasks.import_pending()
    tasks.import_pending()
    batch.refresh_from_db()
    assert (Unit.objects.count(), batch.state, batch.done, batch.totals["created"]) == (5, BatchState.DONE, 5, 5)


def test_start_pressed_twice_imports_once(
    station: Organisation, bureau_officer: User, book: Callable[..., Path], bring: Callable[..., ImportBatch]
) -> None:
    batch = bring(book(shop()))
    importing.start(batch.pk, by=bureau_officer)
    importing.advance(batch.pk, TODAY)
    assert Unit.objects.count() == 1
    assert AuditEntry.objects.filter(action="units.start_import").count() == 1


def test_nothing_to_import_is_refused(station: Organisation, bureau_officer: User, book: Callable[..., Path]) -> None:
    with book(shop(station="高新区派出所")).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
    importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
    importing.advance(batch.pk, TODAY)
    with pytest.raises(RuleError, match="没有可以导入的行"):
        importing.start(batch.pk, by=bureau_officer)


def test_a_broken_file_leaves_no_batch_behind(bureau_officer: User, tmp_path: Path) -> None:
    path = tmp_path / "坏的.xlsx"
    path.write_bytes(LEDGER.read_bytes()[:1000])
    with path.open("rb") as file, pytest.raises(UnreadableWorkbook):
        importing.upload(File(file, name=path.name), by=bureau_officer)
    assert ImportBatch.objects.count() == 0


def test_each_handful_costs_the_same_queries(
    station: Organisation,
    bureau_officer: User,
    book: Callable[..., Path],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with book(*(shop(f"第{number}家", address=f"北大街{number}号") for number in range(60))).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
    importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
    importing.advance(batch.pk, TODAY)
    importing.start(batch.pk, by=bureau_officer)
    with django_assert_max_num_queries(25):
        importing.import_handful(batch.pk, TODAY)
    assert Unit.objects.count() == 60


def test_a_file_that_trips_the_reader_is_parked_and_not_tried_for_ever(
    station: Organisation, bureau_officer: User, book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with book(shop()).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
    importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
    monkeypatch.setattr(importing, "read", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        importing.advance(batch.pk, TODAY)
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.FAILED, "读取时出错，没有导入。请把文件交给系统管理员。")


def test_a_file_that_vanished_before_the_check_is_said_so(
    station: Organisation, bureau_officer: User, book: Callable[..., Path]
) -> None:
    with book(shop()).open("rb") as file:
        batch = importing.upload(File(file, name="台账.xlsx"), by=bureau_officer)
    importing.map_columns(batch.pk, {}, {}, by=bureau_officer)
    batch.file.storage.delete(batch.file.name)
    importing.advance(batch.pk, TODAY)
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.FAILED, "上传的文件不在了，请重新上传。")
