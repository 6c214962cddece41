"""The reader against the real ledger: everything the truth file states, and the rules one by one."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.units.conftest import CATEGORIES, LEDGER
from units.ledger import Ledger, Result, Row, Severity, Source, Stations, UnreadableWorkbook, read, survey

ONE_STATION = Stations([("城关派出所", 1), ("城关", 1)])


@pytest.fixture(scope="module")
def ledger(all_stations: Stations) -> Ledger:
    return read(LEDGER, stations=all_stations, categories=CATEGORIES)


@pytest.fixture
def judged(book: Callable[..., Path]) -> Callable[..., list[Row]]:
    """The premises of a workbook of the given rows, read for one station."""

    def make(*rows: Any, **layout: Any) -> list[Row]:
        return read(book(*rows, **layout), stations=ONE_STATION, categories=CATEGORIES).premises

    return make


def shop(name: object = "万家福超市", **cells: object) -> tuple[object, ...]:
    row = {
        "station": "城关派出所", "name": name, "category": "商铺", "code": None, "address": "北大街62号", "area": 40,
        "phone": "19900000001", "remark": None,
    } | cells  # fmt: skip
    return tuple(row.values())


def first_rejection(row: Row) -> str:
    return next(problem.code for problem in row.problems if problem.severity is Severity.REJECT)


def test_every_committee_and_every_row_of_the_ledger_is_seen(ledger: Ledger, truth: dict[str, Any]) -> None:
    assert len(ledger.committees) == truth["committees"]
    assert len(ledger.premises) == truth["rows"]
    assert len(ledger.having(Result.IMPORT)) == truth["importable"]


def test_the_rejected_rows_are_these_for_these_reasons(ledger: Ledger, truth: dict[str, Any]) -> None:
    rejected = [[row.number, first_rejection(row)] for row in ledger.having(Result.REJECT)]
    assert rejected == truth["rejected"]


def test_rows_whose_code_stood_in_an_earlier_row_are_these(ledger: Ledger, truth: dict[str, Any]) -> None:
    assert [row.number for row in ledger.having(Result.SAME_CODE)] == truth["same_code"]


def test_rows_that_look_like_an_earlier_one_are_these(ledger: Ledger, truth: dict[str, Any]) -> None:
    assert [row.number for row in ledger.premises if row.looks_like] == truth["likely_duplicates"]


def test_the_closed_the_dangerous_and_the_warnings_are_counted(ledger: Ledger, truth: dict[str, Any]) -> None:
    totals, warnings = ledger.totals(), ledger.warnings()
    assert totals["closed"] == truth["closed"]
    assert totals["dangerous_cells"] == truth["dangerous_cells"]
    assert {kind: warnings[kind] for kind in truth["warnings"]} == truth["warnings"]


def test_the_header_stands_in_two_rows_and_the_hidden_sheet_is_left_out(ledger: Ledger) -> None:
    premises, committees = ledger.survey.sheets
    assert (premises.title, premises.header_first, premises.header_last) == ("九小场所", 3, 4)
    assert (committees.title, committees.header_first, committees.header_last) == ("村居委会", 1, 1)
    assert ledger.survey.hidden == ("草稿",)
    assert [column.label for column in premises.columns][10:] == [
        "消防安全责任人 / 姓名", "消防安全责任人 / 电话", "使用情况 / 是否住人", "使用情况 / 燃气",
        "使用情况 / 灭火器数", "检查 / 最近检查日期", "检查 / 备注",
    ]  # fmt: skip


def test_every_cell_of_the_first_row_becomes_a_value(ledger: Ledger, all_stations: Stations) -> None:
    row = ledger.premises[0]
    assert row.values == {
        "station": all_stations.find("张兰"), "committee": "下李侯村民委员会", "name": "张兰镇顺达家具加工厂",
        "category": "WORKSHOP", "credit_code": "92140781BJ1XG612DG", "address": "张兰镇北坛路299号",
        "area": Decimal("18.00"), "floors": "1", "staff": 3, "person": "李磊", "phone": "19907015764",
        "residents": True, "gas": "", "extinguishers": None, "ledger_visit": date(2026, 2, 16), "remark": "",
    }  # fmt: skip


def test_all_five_notations_of_a_day_are_read(ledger: Ledger) -> None:
    days = [row.values["ledger_visit"] for row in ledger.premises]
    assert sum(day is None for day in days) == 458
    assert {day.year for day in days if day} == {2026}
    assert ledger.warnings()["date"] == 0


@pytest.mark.parametrize(
    ("written", "day", "reason"),
    [
        ("2026年2月16日", date(2026, 2, 16), ""),
        ("2026.4.16", date(2026, 4, 16), ""),
        ("2026/3/22", date(2026, 3, 22), ""),
        ("２０２６－０３－０５", date(2026, 3, 5), ""),
        (46062, date(2026, 2, 9), ""),
        (datetime(2026, 9, 10), date(2026, 9, 10), ""),  # noqa: DTZ001 - a cell has no zone
        ("2026.2.30", None, "没有这一天，留空导入"),
        ("去年", None, "看不出是哪一天，留空导入"),
    ],
)
def test_a_day_is_read_or_left_blank_with_the_reason(
    judged: Callable[..., list[Row]], written: object, day: date | None, reason: str
) -> None:
    header = ("派出所", "名称", "类别", "最近检查日期")
    (row,) = judged(("城关派出所", "万家福", "商铺", written), header=header)
    assert (row.values["ledger_visit"], [problem.reason for problem in row.problems]) == (
        day,
        [reason] if reason else [],
    )


@pytest.mark.parametrize(
    ("written", "kept", "reason"),
    [
        (19907015764.0, "19907015764", ""),
        ("１９９０８９４７０４４", "19908947044", ""),
        ("199-0728-0054", "19907280054", ""),
        ("+86 19907280054", "19907280054", ""),
        ("1990065778", "1990065778", "少 1 位，照原样导入"),
        ("199006577801", "199006577801", "多 1 位，照原样导入"),
        ("找老王", "找老王", "没有数字，照原样导入"),
    ],
)
def test_a_phone_has_eleven_digits_or_is_kept_as_written(
    judged: Callable[..., list[Row]], written: object, kept: str, reason: str
) -> None:
    (row,) = judged(shop(phone=written))
    assert row.values["phone"] == kept
    assert [problem.reason for problem in row.problems] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("约18平", "18"),
        ("40㎡", "40"),
        ("80.0", "80"),
        ("1,200平方米", "1200"),
        ("不详", None),
        ("30*4", None),
        (12.5, "12.5"),
    ],
)
def test_an_area_is_square_metres_or_blank(judged: Callable[..., list[Row]], written: object, area: str | None) -> None:
    (row,) = judged(shop(area=written))
    assert row.values["area"] == (Decimal(area) if area else None)
    assert [problem.code for problem in row.problems] == ([] if area else ["area"])


@pytest.mark.parametrize(
    ("code", "kept", "reason"),
    [
        ("92140781BJ1XG612DG", "92140781BJ1XG612DG", ""),
        (" 92140781bj1xg612dg ", "92140781BJ1XG612DG", ""),
        ("92140781UCPRB8CBJ4", "", "校验位不对，不带代码导入"),
        ("92140781", "", "应为 18 位，只有 8 位，不带代码导入"),
    ],
)
def test_a_credit_code_needs_its_check_digit(
    judged: Callable[..., list[Row]], code: str, kept: str, reason: str
) -> None:
    (row,) = judged(shop(code=code))
    assert (row.values["credit_code"], [problem.reason for problem in row.problems]) == (
        kept,
        [reason] if reason else [],
    )
    assert row.result is Result.IMPORT


def test_a_formula_is_seen_never_evaluated_and_refused_as_a_name(judged: Callable[..., list[Row]]) -> None:
    row, other = judged(shop('=HYPERLINK("http://127.0.0.1/x","万家福")'), shop("好又多", remark="=1+1"))
    assert (row.result, first_rejection(row), row.dangerous) == (Result.REJECT, "formula in name", 1)
    assert (other.result, other.values["remark"], other.dangerous) == (Result.IMPORT, "=1+1", 1)


def test_a_formula_that_came_back_escaped_from_an_export_is_still_refused(judged: Callable[..., list[Row]]) -> None:
    (row,) = judged(shop("'=1+1"))
    assert first_rejection(row) == "formula in name"


def test_a_name_loses_full_width_letters_and_line_breaks_but_no_words(judged: Callable[..., list[Row]]) -> None:
    (row,) = judged(shop(" 鑫源(分店\n)ＫＦＣ fast food店\n "))
    assert row.values["name"] == "鑫源(分店)KFC fast food店"


def test_a_look_alike_differs_only_in_width_space_or_the_leading_city(judged: Callable[..., list[Row]]) -> None:
    title = ("江城市“九小场所”消防安全基础台账",)
    header = ("派出所", "名称", "类别", "信用代码", "地址", "面积", "电话", "备注")
    rows = judged(header, shop("利群（分店）"), shop("江城市利群(分 店)"), shop("利群二店"), header=title)
    assert [(row.number, row.looks_like, row.result) for row in rows] == [
        (3, None, Result.IMPORT),
        (4, 3, Result.IMPORT),
        (5, None, Result.IMPORT),
    ]


def test_rows_after_the_total_and_blank_rows_are_no_data(judged: Callable[..., list[Row]]) -> None:
    rows = judged(shop(), (None,) * 8, shop("好又多"), ("合 计", "2家"), shop("注：每月更新"))
    assert [(row.number, row.values["name"]) for row in rows] == [(2, "万家福超市"), (4, "好又多")]


def test_a_station_is_found_by_full_short_or_official_name_and_never_by_an_ambiguous_one() -> None:
    stations = Stations(
        [("城关派出所", 1), ("城关", 1), ("北关派出所", 2), ("北关", 2), ("城关派出所", 3), ("北关一所", 2)]
    )
    found = [
        stations.find(name) for name in ("北关派出所", "北 关", "江城市公安局北关派出所", "城关派出所", "高新区派出所")
    ]
    assert found == [2, 2, 2, None, None]


def test_a_station_that_is_not_ones_own_is_told_from_an_unknown_one(book: Callable[..., Path]) -> None:
    stations = Stations([("城关派出所", 1), ("北关派出所", 2)], writable={1})
    rows = read(
        book(shop(), shop("二店", station="北关派出所"), shop("三店", station="高新区派出所")),
        stations=stations, categories=CATEGORIES,
    ).premises  # fmt: skip
    assert [[problem.reason for problem in row.problems] for row in rows] == [
        [],
        ["不是本所的单位，不能导入"],
        ["机构里没有这个派出所"],
    ]


def test_a_ledger_without_a_station_column_is_meant_for_the_only_station(book: Callable[..., Path]) -> None:
    path = book(("万家福", "商铺", "北大街1号"), header=("名称", "类别", "地址"))
    (row,) = read(path, stations=ONE_STATION, categories=CATEGORIES).premises
    assert (row.result, row.values["station"]) == (Result.IMPORT, 1)
    two = Stations([("城关派出所", 1), ("北关派出所", 2)])
    with pytest.raises(UnreadableWorkbook, match="还没有对应：派出所"):
        read(path, stations=two, categories=CATEGORIES)


def test_a_heading_merged_downwards_keeps_its_own_name(book: Callable[..., Path]) -> None:
    upper = ("派出所", "名称", "类别", "责任人", None, "备注")
    lower = (None, None, None, "姓名", "电话", None)
    found = survey(book(lower, ("城关", "万家福", "商铺", "张", "19900000001", None), header=upper))
    columns = {column.label: column.field for column in found.columns}
    assert columns == {
        "派出所": "station", "名称": "name", "类别": "category", "责任人 / 姓名": "person", "责任人 / 电话": "phone",
        "备注": "remark",
    }  # fmt: skip


def test_what_was_given_beats_what_is_remembered_beats_the_heading(book: Callable[..., Path]) -> None:
    path = book(header=("所属派出所", "招牌", "大类", "备注"))
    plain = {column.label: (column.field, column.source) for column in survey(path).columns}
    assert plain["招牌"] == ("", Source.NONE)
    remembered = survey(path, remembered={"招牌": "name", "大类": "category"}).columns
    assert [(column.field, column.source) for column in remembered][1:3] == [
        ("name", Source.REMEMBERED),
        ("category", Source.REMEMBERED),
    ]
    given = survey(path, remembered={"招牌": "name"}, mapping={"招牌": "address"}).columns
    assert (given[1].field, given[1].source) == ("address", Source.GIVEN)
