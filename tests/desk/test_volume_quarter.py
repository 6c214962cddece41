"""本季文书打包: the zip, its workbook, and who packs it."""

# ruff: noqa: F811 - fixtures of another room, asked for by their names

import hashlib
import re
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from assessments.quarters import Quarter
from desk import volume_binding
from desk.volume import ask_quarter
from fire_supervision.lib.errors import RuleError
from hazards.models import Order
from inspections import complaining
from records import actions as records
from records.models import Bundle, Document, DocumentFile, Kind
from stations.models import Organisation, User
from stations.permissions import Can
from tests.desk.volumes import (  # noqa: F401 - fixtures
    NOW,
    TODAY,
    _on_a_friday,
    case,
    issue,
    jpeg,
    printed,
    read,
    scanned,
)
from tests.frozen import bend
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    conclude,
    find,
    open_visit,
    order,
    reinspect,
    serve,
    served,
    visit,
)
from tests.inspections.complaints import instant, received
from trail.models import AuditEntry


@pytest.fixture
def zipped(station: Organisation, chief: User) -> Callable[..., tuple[Bundle, dict[str, bytes], list[list[Any]]]]:
    """The third quarter packed: the bundle, its files, the rows of its workbook."""

    def do() -> tuple[Bundle, dict[str, bytes], list[list[Any]]]:
        bundle = ask_quarter(station, Quarter(2026, 3), chief, NOW)
        volume_binding.bind(bundle.pk, NOW)
        bundle.refresh_from_db()
        with zipfile.ZipFile(BytesIO(read(bundle))) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        sheet = openpyxl.load_workbook(BytesIO(files.pop("目录.xlsx"))).active
        return bundle, files, [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]

    return do


def test_the_workbook_lists_every_file_of_the_zip_and_its_hash(
    case: dict[Kind, Document], zipped: Callable[..., Any], officer: User
) -> None:
    quarter = [paper for paper in case.values() if paper.issued_on <= date(2026, 9, 30)]
    for paper in quarter:
        printed(paper)
    scanned(case[Kind.ORDER_LIMIT], jpeg(), officer, "jpg")
    bundle, files, rows = zipped()
    assert (bundle.state, bundle.left_out, bundle.title) == ("READY", 0, "城关派出所2026年第三季度文书")
    assert {row[8]: row[7] for row in rows} == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert sorted(row[1] for row in rows if row[6] == "存档") == sorted(paper.number for paper in quarter)
    order = case[Kind.ORDER_LIMIT]
    assert [[*row[2:4], row[4].date(), *row[5:7]] for row in rows if row[1] == order.number] == [
        ["责令限期改正通知书", "万家福便利超市", date(2026, 9, 22), "有效", what] for what in ("存档", "签名件1")
    ]
    assert f"责令限期改正通知书/{order.number} 万家福便利超市 存档.pdf" in files


def test_what_cannot_be_packed_is_in_the_workbook_with_the_reason(
    order: Order,
    zipped: Callable[..., Any],
    chief: User,
    officer: User,
) -> None:
    notice, record = Document.objects.get(kind=Kind.ORDER_LIMIT), Document.objects.get(kind=Kind.INSPECTION_RECORD)
    kept = printed(notice)
    bend(DocumentFile.objects.filter(pk=kept.pk), sha256="0" * 64)
    records.void(record, chief, "写错单位", TODAY)
    scan = scanned(notice, jpeg(), officer, "jpg")
    with open(scan.file.path, "wb") as stored:  # noqa: PTH123 - somebody at the file itself
        stored.write(jpeg((40, 30)))
    bundle, files, rows = zipped()
    assert files == {}
    assert bundle.left_out == 3
    # Two files of one paper, each told: the alarm is raised from the entries.
    told = AuditEntry.objects.filter(action="records.withhold", subject_id=notice.pk, actor_id=chief.pk)
    assert [entry.after["sha256"] for entry in told.order_by("pk")] == ["0" * 64, scan.sha256]
    assert sorted((row[1], row[5], row[8], row[9]) for row in rows) == sorted([
        (notice.number, "有效", None, "与签发时的校验值不符，请报告系统管理员"),
        (notice.number, "有效", None, "与上传时的校验值不符，请报告系统管理员"),
        (record.number, "已作废", None, "还没有打印"),
    ])  # fmt: skip


def test_the_name_of_a_file_says_whether_its_paper_was_voided_or_replaced(
    case: dict[Kind, Document], issue: Callable[..., Document], zipped: Callable[..., Any], chief: User
) -> None:
    for kind in (Kind.ORDER_LIMIT, Kind.EXTENSION):
        printed(records.void(case[kind], chief, "期限写错", TODAY))
    records.replace(case[Kind.ORDER_LIMIT], issue(Kind.ORDER_LIMIT, Order.objects.get(), TODAY))
    _, files, _ = zipped()
    assert sorted(re.findall(r"^(.+?)/.*（(已作废|被取代)） 存档.pdf$", "\n".join(files), re.MULTILINE)) == [
        ("延期改正审批表", "已作废"), ("责令限期改正通知书", "被取代"),
    ]  # fmt: skip


def test_a_name_is_one_that_any_computer_takes(
    order: Order,
    zipped: Callable[..., Any],
) -> None:
    bend(Document.objects.all(), unit_name='a/b:"c"?' + "很" * 110)
    for paper in Document.objects.all():
        printed(paper)
    _, files, rows = zipped()
    assert len(files) == len(rows) == Document.objects.count()
    for name in files:
        assert re.fullmatch(r'[^\\/:*?"<>|]+/[^\\/:*?"<>|]{1,100}', name), name


def test_whoever_packs_chooses_a_station_of_his_own(
    order: Order, station: Organisation, sibling: Organisation, chief: User, bureau_officer: User, stranger: User,
    browse: Callable[[User], Client],
) -> None:  # fmt: skip
    answers = {}
    for who, home in ((chief, station), (chief, sibling), (stranger, station), (stranger, sibling)):
        data = {"station": home.pk, "quarter": "2026-3"}
        answers[who.name, home.name] = browse(who).post(reverse("bind_quarter"), data).status_code
    assert answers == {
        ("王志远", "城关派出所"): 302, ("王志远", "北关派出所"): 422,
        ("赵远山", "城关派出所"): 422, ("赵远山", "北关派出所"): 409,
    }  # fmt: skip
    offered = browse(bureau_officer).get(reverse("bind_quarter")).context["form"].fields["station"].queryset
    assert {each.pk for each in offered} == {station.pk, sibling.pk}


def test_the_number_of_a_complaint_withdrawn_in_the_quarter_is_listed_with_its_reason(
    order: Order, zipped: Callable[..., Any], officer: User, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in Document.objects.all():
        printed(paper)
    made, later = received(officer), received(officer)
    complaining.withdraw_complaint(made, chief, "重复登记", instant(30, 23, 30))
    complaining.withdraw_complaint(later, chief, "重复登记", instant(1, month=10))
    bundle, files, rows = zipped()
    listed = [row for row in rows if row[2] == "举报登记"]
    assert listed == [[
        len(rows), made.number, "举报登记", "鑫源旅馆", None, "已作废", "登记已撤销，没有文书", None, None,
        "作废：重复登记",
    ]]  # fmt: skip
    assert (bundle.left_out, len(files)) == (0, len(rows) - 1)
    monkeypatch.setattr(User, "can", lambda user, capability: capability != Can.VIEW_COMPLAINTS)
    assert [row[2] for row in zipped()[2] if row[2] == "举报登记"] == []


def test_a_quarter_without_papers_is_refused(station: Organisation, chief: User) -> None:
    with pytest.raises(RuleError, match="没有签发过文书"):
        ask_quarter(station, Quarter(2026, 1), chief, NOW)
