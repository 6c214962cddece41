"""manage.py import_units."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from stations.models import Organisation, User
from tests.units.conftest import LEDGER
from units.models import ImportBatch, Unit

ROW = ("城关派出所", "万家福超市", "商铺", None, "北大街62号", 40, "19900000001", None)


def run(*words: object) -> str:
    out = StringIO()
    call_command("import_units", *map(str, words), stdout=out)
    return out.getvalue()


@pytest.mark.slow
def test_a_dry_run_prints_the_totals_and_writes_nothing(ledger_stations: None, bureau_officer: User) -> None:
    printed = run(LEDGER, "--dry-run")
    assert printed.splitlines()[:8] == [
        "场所行数：3063",
        "可导入：2912",
        "不能导入：111",
        "代码重复：40",
        "疑似重复：23",
        "已关门：29",
        "公式单元格：42",
        "村居委会：213",
    ]
    assert "  九小场所 第 32 行：机构里没有这个派出所" in printed
    assert (Unit.objects.count(), ImportBatch.objects.count()) == (0, 0)


@pytest.mark.slow
def test_columns_can_be_given_by_name(station: Organisation, bureau_officer: User, book: Callable[..., Path]) -> None:
    path = book(ROW, header=("派出所", "字样", "类别", "信用代码", "地址", "面积", "电话", "备注"))
    with pytest.raises(CommandError, match="还没有对应：名称"):
        run(path)
    assert Unit.objects.count() == 0
    assert run(path, "--map", "字样=名称", "面积=").endswith("新增 1，更新 0，没有变化 0\n")
    assert (Unit.objects.get().name, Unit.objects.get().area) == ("万家福超市", None)
    assert run(path, "--map", "字样=名称", "面积=").endswith("新增 0，更新 0，没有变化 1\n")


def test_it_imports_as_the_named_person_within_his_reach(
    station: Organisation, sibling: Organisation, chief: User, book: Callable[..., Path]
) -> None:
    path = book(ROW, ("北关派出所", *ROW[1:]))
    assert run(path, "--as", chief.number).endswith("新增 1，更新 0，没有变化 0\n")
    assert Unit.objects.get().station == station


def test_it_wants_somebody_who_may_import(station: Organisation, officer: User, book: Callable[..., Path]) -> None:
    path = book(ROW)
    for words, reason in (
        ([], "请用 --as 警号"),
        (["--as", "000"], "没有警号 000"),
        (["--as", officer.number], "不能导入台账"),
    ):
        with pytest.raises(CommandError, match=reason):
            run(path, *words)


@pytest.mark.parametrize(
    ("words", "reason"), [(["--map", "字样=招牌"], "没有“招牌”这个字段"), (["--map", "字样"], "应写成")]
)
def test_a_mapping_that_cannot_be_read_is_named(
    station: Organisation, bureau_officer: User, book: Callable[..., Path], words: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        run(book(ROW), *words)


def test_a_file_that_is_not_there_or_no_workbook_changes_nothing(bureau_officer: User, tmp_path: Path) -> None:
    (tmp_path / "坏的.xlsx").write_bytes(b"")
    for name, reason in (("没有.xlsx", "找不到文件"), ("坏的.xlsx", "文件是空的")):
        with pytest.raises(CommandError, match=reason):
            run(tmp_path / name)
    assert ImportBatch.objects.count() == 0
