"""People from a spreadsheet: read, judged, previewed, entered once."""

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from fire_supervision.lib.spreadsheets import OLE2, UnreadableWorkbook
from stations import roster
from stations.models import Organisation, User

pytestmark = pytest.mark.usefixtures("cleaned_here")
URL = "/people/import/"
HEADER = ["警号", "姓名", "岗位", "机构", "执法证号", "电话"]
GOOD = ["200001", "黄小明", "民警", "城关派出所", "江公证200001", "19900000009"]


def book(rows: Sequence[Sequence[object]], *, above: int = 0) -> BytesIO:
    workbook = Workbook()
    sheet = workbook.active
    for _ in range(above):
        sheet.append(["城关派出所人员花名册"])
    for row in rows:
        sheet.append(row)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def upload(client: Client, file: BytesIO, name: str = "人员.xlsx") -> object:
    return client.post(URL, {"file": SimpleUploadedFile(name, file.getvalue())})


@pytest.fixture
def client(browse: Callable[[User], Client], system_admin: User) -> Client:
    return browse(system_admin)


# ---------- reading ----------


def test_the_header_is_found_below_a_title_in_any_order_and_numbers_lose_their_point() -> None:
    file = book([["姓 名", "机构", "序号", "岗位", "警号"], [" 黄小明 ", "城关派出所", 1, "民警", 200001.0]], above=2)

    assert roster.read(file, max_mb=1) == [
        (
            4,
            {
                "number": "200001",
                "name": "黄小明",
                "role": "民警",
                "organisation": "城关派出所",
                "certificate_no": "",
                "phone": "",
            },
        )
    ]


def test_blank_rows_are_left_out_and_row_numbers_are_those_of_the_file() -> None:
    rows = roster.read(book([HEADER, GOOD, [None] * 6, GOOD]), max_mb=1)

    assert [number for number, _ in rows] == [2, 4]


def bomb() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 字节"),
        (b"hello", "不是 Excel 工作簿"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (OLE2 + b"\0" * 600, "旧版 xls"),
        (b"PK\x03\x04" + b"\0" * 100, "不完整或已损坏"),
        (b"PK\x03\x04" + b"\0" * 1_100_000, "超过 1 MB"),
        (book([["姓名", "警号"], ["甲", "1"]]).getvalue(), "没有找到表头"),
        (book([HEADER]).getvalue(), "表头下面没有人员"),
        (book([HEADER, *[GOOD] * 101]).getvalue(), "超过 100 人"),
    ],
)
def test_a_file_that_does_not_do_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=words):
        roster.read(BytesIO(content), max_mb=1)


def test_a_file_that_unpacks_to_very_much_is_not_unpacked() -> None:
    with pytest.raises(UnreadableWorkbook, match="展开后过大"):
        roster.read(BytesIO(bomb()), max_mb=1)


@pytest.mark.slow
def test_a_good_archive_with_a_broken_sheet_is_refused() -> None:
    broken = BytesIO()
    with zipfile.ZipFile(book([HEADER, GOOD])) as good, zipfile.ZipFile(broken, "w") as archive:
        for member in good.infolist():
            content = good.read(member)
            archive.writestr(member, content[:200] if "sheet1" in member.filename else content)
    broken.seek(0)

    with pytest.raises(UnreadableWorkbook, match="已损坏"):
        roster.read(broken, max_mb=1)


# ---------- judging ----------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "value", "problems"),
    [
        ("警号", "", {"number": "没有填警号"}),
        ("警号", "警1", {"number": "警号是 2 至 20 位数字或字母"}),
        ("警号", "taken", {"number": "这个警号已经登记"}),
        ("姓名", "", {"name": "没有填姓名"}),
        ("姓名", "=1+1", {"name": "是公式，请改成文字"}),
        ("姓名", "长" * 61, {"name": "超过 60 字"}),
        ("岗位", "局座", {"role": "没有这个岗位"}),
        ("岗位", "局领导", {"organisation": "局领导应在公安局、分局任职"}),
        ("机构", "东关派出所", {"organisation": "没有这个机构"}),
        ("机构", "关闭派出所", {"organisation": "没有这个机构"}),
        ("电话", "1" * 21, {"phone": "超过 20 字"}),
    ],
)
def test_the_reason_stands_at_the_cell(
    cell: str,
    value: str,
    problems: dict[str, str],
    client: Client,
    officer: User,
    bureau: Organisation,
    station: Organisation,
) -> None:
    Organisation.objects.create(kind="STATION", name="关闭派出所", parent=bureau, bureau=bureau, is_active=False)
    row = [
        officer.number if value == "taken" else value if head == cell else good
        for head, good in zip(HEADER, GOOD, strict=True)
    ]
    if value == "taken":
        row = [officer.number, *GOOD[1:]]

    response = upload(client, book([HEADER, row]))

    (entry,) = response.context["entries"]
    assert (entry.problems, entry.person) == (problems, None)
    assert next(iter(problems.values())) in response.content.decode()


def test_a_number_twice_in_the_table_counts_once(client: Client, station: Organisation) -> None:
    response = upload(client, book([HEADER, GOOD, GOOD]))

    first, second = response.context["entries"]
    assert (first.problems, second.problems) == ({}, {"number": "本表上面已有这个警号"})


# ---------- the pages ----------


def test_the_preview_writes_nothing_and_the_import_enters_the_good_rows_once(
    client: Client, station: Organisation, sibling: Organisation
) -> None:
    second = ["200002", "马小东", "所长", "江城市公安局北关派出所", "", ""]
    preview = upload(client, book([HEADER, GOOD, second, ["", "无号", "民警", "城关派出所", "", ""]]))
    assert (preview.context["good"], User.objects.filter(number__startswith="2000").count()) == (2, 0)
    rows = preview.context["rows"]

    result = client.post(f"{URL}accounts/", {"rows": rows})
    again = client.post(f"{URL}accounts/", {"rows": rows})

    assert [(person.number, person.organisation) for person, _ in result.context["accounts"]] == [
        ("200001", station),
        ("200002", sibling),
    ]
    assert result.context["left_out"] == 1
    assert "no-store" in result["Cache-Control"]
    kept = User.objects.get(number="200001")
    assert kept.check_password(result.context["accounts"][0][1])
    assert kept.postings.get().organisation == station
    assert again["Location"] == URL
    assert User.objects.filter(number__startswith="2000").count() == 2


def test_rows_not_signed_by_this_site_are_not_imported(client: Client, station: Organisation) -> None:
    assert client.post(f"{URL}accounts/", {"rows": "made up"})["Location"] == URL
    assert not User.objects.filter(number="200001").exists()


def test_a_hostile_file_is_answered_at_the_field(client: Client) -> None:
    response = upload(client, BytesIO(b"hello"))

    assert response.context["form"].errors == {
        "file": ["这不是 Excel 工作簿（xlsx）。请用 Excel 或 WPS 另存为 xlsx 再试。"]
    }


def test_the_template_has_the_headings_the_import_reads(client: Client) -> None:
    sheet = load_workbook(BytesIO(client.get(f"{URL}template/").content)).active

    assert [cell.value for cell in sheet[1]] == HEADER
