"""导入工作日历: a list of days is read whatever it looks like, shown with what it changes, and taken over once."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from deadlines import actions
from deadlines.importing import lines_of, text_of
from deadlines.models import CalendarDay, CalendarYear, Clock, DayKind
from fire_supervision.lib.spreadsheets import UnreadableWorkbook
from stations.models import User
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.usefixtures("cleaned_here")
Browse = Callable[[User], Client]
NOTICE = "日期,放假/上班,名称\n2027-01-01,放假,元旦\n2027/1/9,上班,元旦调休上班\n"
URL = "/deadlines/calendar/import/"


def book(*rows: tuple[object, ...]) -> bytes:
    made, data = Workbook(), BytesIO()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr] # a new workbook has a sheet
    made.save(data)
    return data.getvalue()


def upload(content: bytes, name: str = "2027.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def read(content: bytes) -> list[tuple[int, str]]:
    """Row number and the day, or what is wrong with it."""
    return [
        (line.number, line.error or f"{line.day.day} {line.day.kind} {line.day.name}" if line.day else line.error)
        for line in lines_of(text_of(BytesIO(content)))
    ]


TWO_DAYS = ["2027-01-01 OFF 元旦", "2027-01-09 WORK 元旦调休上班"]


@pytest.mark.parametrize(
    "content",
    [
        NOTICE.encode("utf-8-sig"),
        NOTICE.encode("gb18030"),
        NOTICE.encode("utf-16"),
        NOTICE.replace(",", "\t").encode(),
        "类别；日期；节日名称\n放假；2027年1月1日；元旦\n补班；20270109；元旦调休上班".encode(),
        book(("日期", "放假/上班", "名称"), (datetime(2027, 1, 1), "放假", "元旦"), ("2027.1.9", "班", "元旦调休上班")),  # noqa: DTZ001 - a cell
    ],
)
def test_a_list_is_read_in_every_common_encoding_and_notation(content: bytes) -> None:
    assert [said for _, said in read(content)] == TWO_DAYS


def test_a_list_without_a_heading_is_day_kind_and_name() -> None:
    assert read("2027-01-01,放假,元旦".encode()) == [(1, "2027-01-01 OFF 元旦")]


def test_each_wrong_row_says_its_number_in_the_file_and_what_is_wrong() -> None:
    rows = [
        "日期,类别,名称", "2027-02-30,放假,春节", "", "三月一日,放假,春节", "2027-03-02,调休,春节", "2027-03-03,放假,",
        "1999-03-03,放假,元旦", "2027-03-04,放假,=1+1", "2027-03-05,上班,甲", "2027-03-05,放假,乙", ",放假,丙",
    ]  # fmt: skip
    assert read("\n".join(rows).encode()) == [
        (2, "没有 2027-02-30 这一天"),
        (4, "“三月一日”不是日期，应写成 2026-10-01"),
        (5, "“调休”看不出放假还是上班"),
        (6, "没有写名称，如“国庆节”"),
        (7, "1999 年不在 2000 到 2100 年之间"),
        (8, "名称不是文字"),
        (9, "2027-03-05 WORK 甲"),
        (10, "2027-03-05 在第 9 行已经写过"),
        (11, "没有写日期"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "看不懂这个文件"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"2027-01-01,a,b\n" * 80_000, "超过 1 MB"),
        (b"2027-01-01,a,b\n" * 1001, "超过 1000 行"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=words):
        lines_of(text_of(BytesIO(content)))


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        lines = lines_of(text)
    except UnreadableWorkbook:
        return
    assert all((line.day is None) == bool(line.error) for line in lines)


@pytest.mark.django_db
def test_the_preview_says_what_changes_and_changes_nothing(
    browse: Browse, bureau_officer: User, unit: Unit, officer: User
) -> None:
    actions.start_clock(
        "RECHECK", key="k", subject=unit, scope=unit, started_on=date(2027, 1, 6), label="复查", url="/", owner=officer
    )
    assert Clock.objects.get().due_on == date(2027, 1, 11)
    page = browse(bureau_officer).post(URL, {"file": upload(NOTICE.encode("gb18030")), "whole": "no"})
    changes = page.context["changes"]
    assert [day.day for day in changes.added] == [date(2027, 1, 9)]
    assert (changes.changed, changes.removed, changes.unchanged, page.context["moving"]) == ([], [], 1, 1)
    assert not CalendarDay.objects.filter(day=date(2027, 1, 9)).exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_what_was_shown_is_taken_over_once(browse: Browse, bureau_officer: User) -> None:
    client = browse(bureau_officer)
    shown = client.post(URL, {"file": upload(NOTICE.encode()), "whole": "yes"})
    assert len(shown.context["changes"].removed) == CalendarDay.objects.filter(day__year=2027).count() - 1
    sent = {"text": shown.context["form"]["text"].value(), "whole": "yes", "apply": "1"}
    assert [client.post(URL, sent).status_code for _ in range(2)] == [302, 409]
    assert list(CalendarDay.objects.filter(day__year=2027).values_list("day", "kind")) == [
        (date(2027, 1, 1), DayKind.OFF), (date(2027, 1, 9), DayKind.WORK),
    ]  # fmt: skip
    assert CalendarYear.objects.get(year=2027).confirmed is False
    # The second click changes nothing, and the trail says that it was refused.
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(acts) == ["deadlines.import_days", "deadlines.refused"]


@pytest.mark.django_db
def test_a_wrong_row_is_mended_on_the_page_without_the_file(browse: Browse, bureau_officer: User) -> None:
    client = browse(bureau_officer)
    wrong = client.post(URL, {"file": upload(NOTICE.replace("上班,", "加班,").encode()), "whole": "no"})
    assert (wrong.status_code, [line.number for line in wrong.context["form"].mistakes]) == (422, [3])
    text = wrong.context["form"]["text"].value()
    assert text.splitlines()[2] == "2027/1/9,加班,元旦调休上班"
    assert client.post(URL, {"text": text.replace("加班", "上班"), "whole": "no"}).context["total"] == 2


@pytest.mark.django_db
def test_an_empty_form_and_a_form_of_anybody_else_change_nothing(
    browse: Browse, bureau_officer: User, officer: User, chief: User
) -> None:
    response = browse(bureau_officer).post(URL, {"whole": "yes"})
    assert (response.status_code, response.context["form"].errors) == (422, {"text": ["请选择文件，或者粘贴内容"]})
    assert [browse(person).post(URL, {"text": NOTICE}).status_code for person in (officer, chief)] == [403, 403]
    assert reverse("deadlines:import_days") == URL
