"""The pages of an import: upload, columns, preview, progress, result."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from stations.models import Organisation, User
from tests.units.conftest import HEADER, LEDGER
from units import importing
from units.models import BatchState, Category, ColumnMemory, ImportBatch, Unit

TODAY = date(2026, 11, 2)
Browse = Callable[[User], Client]
Sent = list[tuple[str, tuple[int, ...]]]

ROWS = (
    ("城关派出所", "万家福超市", "商铺", "92140781BJ1XG612DG", "北大街62号", "约40平", "1990065778", None),
    ("高新区派出所", "好又多", "小商店", None, "北大街63号", 40, "19900000001", None),
    ("城关派出所", "=1+1", "小商店", None, "北大街64号", 40, "19900000001", None),
)


def upload(client: Client, path: Path) -> ImportBatch:
    client.post(reverse("units:import"), {"file": SimpleUploadedFile(path.name, path.read_bytes())})
    return ImportBatch.objects.latest("pk")


def columns_form(client: Client, batch: ImportBatch) -> dict[str, str]:
    form = client.get(reverse("units:import_columns", args=[batch.pk])).context["form"]
    return {name: form[name].value() for name in form.fields}


@pytest.fixture
def checked(browse: Browse, bureau_officer: User, station: Organisation, book: Callable[..., Path]) -> ImportBatch:
    """A batch of three rows, one of them good, looked through and waiting."""
    client = browse(bureau_officer)
    batch = upload(client, book(*ROWS))
    client.post(reverse("units:import_columns", args=[batch.pk]), columns_form(client, batch))
    importing.advance(batch.pk, TODAY)
    batch.refresh_from_db()
    return batch


def test_an_upload_leads_to_the_columns_with_a_suggestion_for_each(
    browse: Browse, bureau_officer: User, book: Callable[..., Path]
) -> None:
    client = browse(bureau_officer)
    batch = upload(
        client, book(*ROWS, header=("派出所", "名称", "类别", "信用代码", "住址地址", "面积", "电话", "备注"))
    )
    (sheet,) = client.get(reverse("units:import_columns", args=[batch.pk])).context["form"].lines()
    assert [(column["label"], column["field"].value(), column["source"]) for column in sheet["columns"]] == [
        ("派出所", "station", ("自动", "st-line")),
        ("名称", "name", ("自动", "st-line")),
        ("类别", "category", ("自动", "st-line")),
        ("信用代码", "credit_code", ("自动", "st-line")),
        ("住址地址", "address", ("请确认", "st-amber")),
        ("面积", "area", ("自动", "st-line")),
        ("电话", "phone", ("自动", "st-line")),
        ("备注", "remark", ("自动", "st-line")),
    ]


def test_what_was_corrected_is_remembered_for_the_bureaus_next_file(
    browse: Browse,
    bureau_officer: User,
    station: Organisation,
    book: Callable[..., Path],
    sent: Sent,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = browse(bureau_officer)
    path = book(*ROWS, header=("派出所", "字样", "类别", *HEADER[3:]))
    batch = upload(client, path)
    url = reverse("units:import_columns", args=[batch.pk])
    form = columns_form(client, batch)
    refused = client.post(url, form).content.decode()
    assert "还没有对应：名称。请在下面选出这一列；表里没有的，补上一列重新上传" in refused

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, form | {"c0_1": "name"}).status_code == 302
    assert sent == [("units.import_batch", (batch.pk,))]
    assert ColumnMemory.objects.get(header="字样").field == "name"
    (sheet,) = client.get(reverse("units:import_columns", args=[upload(client, path).pk])).context["form"].lines()
    assert [column["source"] for column in sheet["columns"] if column["label"] == "字样"] == [("沿用上次", "st-blue")]


def test_two_columns_cannot_mean_the_same(
    browse: Browse, bureau_officer: User, station: Organisation, book: Callable[..., Path]
) -> None:
    client = browse(bureau_officer)
    batch = upload(client, book(*ROWS))
    form = columns_form(client, batch) | {"c0_7": "phone"}
    answer = client.post(reverse("units:import_columns", args=[batch.pk]), form)
    assert "“电话”已经对应到“电话”" in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == BatchState.UPLOADED


def test_the_preview_says_the_reason_beside_each_bad_cell(
    browse: Browse, bureau_officer: User, checked: ImportBatch
) -> None:
    client = browse(bureau_officer)
    answer = client.get(reverse("units:import_batch", args=[checked.pk]))
    shown = [
        (row.number, row.result, {name: cell.reasons for name, cell in row.cells.items() if cell.reasons})
        for row in answer.context["rows"]
    ]
    assert shown == [
        (2, "导入，有提示", {"phone": ["少 1 位，照原样导入"]}),
        (3, "不导入", {"station": ["机构里没有这个派出所"]}),
        (4, "不导入", {"name": ["名称是公式，不导入"]}),
    ]
    tabs = {key: number for key, _, number in answer.context["tabs_of_rows"]}
    assert tabs == {"problems": 3, "skipped": 2, "all": 3, "committees": 0}
    assert "商铺 → 小商店" in answer.content.decode()
    assert Unit.objects.count() == 0


def test_nothing_is_started_where_no_row_can_be_imported(
    browse: Browse, bureau_officer: User, checked: ImportBatch
) -> None:
    client, url = browse(bureau_officer), reverse("units:import_batch", args=[checked.pk])
    start = f'action="{reverse("units:import_start", args=[checked.pk])}"'
    assert start in client.get(url).content.decode()

    checked.totals = {**(checked.totals or {}), "importable": 0, "committees": 0}
    checked.save(update_fields=["totals"])
    shown = client.get(url).content.decode()
    assert (start in shown, "没有可以导入的行" in shown) == (False, True)


def test_the_import_runs_in_the_background_and_the_bar_leads_to_the_result(
    browse: Browse,
    bureau_officer: User,
    checked: ImportBatch,
    sent: Sent,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = browse(bureau_officer)
    page, bar = (reverse(f"units:{name}", args=[checked.pk]) for name in ("import_batch", "import_progress"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("units:import_start", args=[checked.pk]))
    assert sent == [("units.import_batch", (checked.pk,))]
    assert "等待导入" in client.get(page).content.decode()
    assert client.get(bar, headers={"HX-Request": "true"}).context["progress"]["total"] == 1

    importing.advance(checked.pk, TODAY)
    assert client.get(bar, headers={"HX-Request": "true"})["HX-Redirect"] == page
    answer = client.get(page)
    assert (answer.context["batch"].totals["created"], answer.context["unassigned"], answer.context["skipped"]) == (
        1,
        1,
        2,
    )


def test_the_rejected_rows_come_as_a_workbook_with_reasons_that_can_be_mended_and_uploaded_again(
    browse: Browse, bureau_officer: User, checked: ImportBatch, tmp_path: Path
) -> None:
    client = browse(bureau_officer)
    answer = client.get(reverse("units:import_rejected", args=[checked.pk]))
    book = load_workbook(BytesIO(answer.content))
    sheet = book.active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("原行号", "不导入的原因", *HEADER)
    assert [row[:4] for row in rows[1:]] == [
        (3, "机构里没有这个派出所", "高新区派出所", "好又多"),
        (4, "名称是公式，不导入", "城关派出所", "'=1+1"),
    ]
    sheet["C2"] = "城关派出所"
    book.save(tmp_path / "改好.xlsx")
    again = upload(client, tmp_path / "改好.xlsx")
    client.post(reverse("units:import_columns", args=[again.pk]), columns_form(client, again))
    importing.advance(again.pk, TODAY)
    again.refresh_from_db()
    assert (again.totals["importable"], again.totals["rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件是空的（0 字节），请重新选择。"),
        (b"hello", "这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。"),
        (LEDGER.read_bytes()[:5000], "文件不完整或已损坏，打不开。请重新取得文件再试。"),
    ],
    ids=["empty", "text", "cut"],
)
def test_a_file_that_is_no_ledger_is_answered_at_the_field(
    browse: Browse, bureau_officer: User, content: bytes, reason: str
) -> None:
    file = SimpleUploadedFile("台账.xlsx", content)
    answer = browse(bureau_officer).post(reverse("units:import"), {"file": file})
    assert answer.context["form"].errors == {"file": [reason]}
    assert ImportBatch.objects.count() == 0


def test_an_import_is_its_bureaus_own(
    browse: Browse, bureau_officer: User, chief: User, officer: User, supervisor: User, checked: ImportBatch
) -> None:
    pages = ["import_batch", "import_columns", "import_progress", "import_rejected"]
    for name in pages:
        url = reverse(f"units:{name}", args=[checked.pk])
        assert browse(chief).get(url).status_code == 404
        assert browse(officer).get(url).status_code == browse(supervisor).get(url).status_code == 403
    assert browse(bureau_officer).get(reverse("units:import_batch", args=[checked.pk])).status_code == 200


def test_a_stations_import_is_seen_by_its_chief_and_the_bureau_but_not_next_door(
    browse: Browse, chief: User, stranger: User, bureau_officer: User, station: Organisation, book: Callable[..., Path]
) -> None:
    batch = upload(browse(chief), book(*ROWS))
    url = reverse("units:import_columns", args=[batch.pk])
    assert [browse(user).get(url).status_code for user in (chief, bureau_officer, stranger)] == [200, 200, 404]


def test_the_preview_costs_the_same_queries_with_few_rows_and_with_many(
    browse: Browse,
    bureau_officer: User,
    checked: ImportBatch,
    book: Callable[..., Path],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = browse(bureau_officer)
    more = upload(client, book(*ROWS, *ROWS))
    client.post(reverse("units:import_columns", args=[more.pk]), columns_form(client, more))
    importing.advance(more.pk, TODAY)
    counts = []
    for batch in (checked, more):
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse("units:import_batch", args=[batch.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_spelling_the_table_lacks_is_taught_once_and_known_ever_after(
    browse: Browse, bureau_officer: User, station: Organisation, book: Callable[..., Path]
) -> None:
    client = browse(bureau_officer)
    path = book(("城关派出所", "万家福", "棋牌 室", None, "北大街1号", 40, "19900000001", None))
    batch = upload(client, path)
    client.post(reverse("units:import_columns", args=[batch.pk]), columns_form(client, batch))
    importing.advance(batch.pk, TODAY)
    page = client.get(reverse("units:import_batch", args=[batch.pk]))
    assert [field.label for field in page.context["spellings"]] == ["“棋牌室” 1 行"]

    category = Category.objects.get(code="KTV")
    client.post(reverse("units:import_spellings", args=[batch.pk]), {"s0": category.pk})
    importing.advance(batch.pk, TODAY)
    batch.refresh_from_db()
    assert (batch.state, batch.totals["importable"]) == (BatchState.READY, 1)
    assert category.aliases.filter(alias="棋牌室").count() == 1


def test_a_chief_cannot_change_the_category_table_of_all(
    browse: Browse, chief: User, station: Organisation, book: Callable[..., Path]
) -> None:
    client = browse(chief)
    batch = upload(client, book(("城关派出所", "万家福", "棋牌室", None, "北大街1号", 40, "19900000001", None)))
    client.post(reverse("units:import_columns", args=[batch.pk]), columns_form(client, batch))
    importing.advance(batch.pk, TODAY)
    assert "spellings" not in client.get(reverse("units:import_batch", args=[batch.pk])).context
    form = {"s0": Category.objects.get(code="KTV").pk}
    assert client.post(reverse("units:import_spellings", args=[batch.pk]), form).status_code == 409
