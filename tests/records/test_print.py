"""Every paper as a file: glyphs, faces, size, archive format, QR, seal, draft, and how its sheets hang together."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from itertools import pairwise

import pytest
import segno
from django.conf import LazySettings
from PIL import Image
from pypdf import PdfReader

from fire_supervision.lib import pdf as printer
from fire_supervision.lib.faces import families
from records import papers
from records.canonical import canonical, digest
from records.marks import Marks, public_address, qr
from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES, Sample, bulletin, visit
from records.samples.printing import NOWHERE, printed, sample_marks
from tests.records.sheets import POINTS, characters, faces, glyphs, picture, red, text, words

Print = Callable[[Sample, Copy | None], bytes]
COPIES = [(sample, copy) for sample in SAMPLES for copy in FORMS[sample.kind].copies]
NAMES = [f"{sample.kind}-{sample.name}-{copy}".lower() for sample, copy in COPIES]
BY_NAME = {f"{sample.kind}-{sample.name}".lower(): sample for sample in SAMPLES}
DECLARED = {family for use in ("fang", "title", "song", "hei", "kai") for family in families(use)}
# What stands under a seal: 公文 with the name of the office over the date, orders with the date alone.
SEALED = ["order_now-short", "order_limit-short", "order_limit-long", "referral-usual", "hazard_report-short"]

each_copy = pytest.mark.parametrize(("sample", "copy"), COPIES, ids=NAMES)


@pytest.mark.slow
@each_copy
def test_every_character_has_a_glyph_in_the_declared_faces(sample: Sample, copy: Copy, sample_pdf: Print) -> None:
    content = sample_pdf(sample, copy)
    body = papers.html(sample.kind, sample.context, copy, sample_marks(sample)).split("<body", 1)[1]
    said = set(re.sub(r"<[^>]*>|\s|&[#\w]+;", "", body.split(">", 1)[1]))
    covered = frozenset().union(*(characters(family) for family in DECLARED))
    assert {character for character in said if ord(character) not in covered} == set()
    reader = PdfReader(BytesIO(content))
    shown = glyphs(reader)
    assert len(shown) > 150
    assert 0 not in shown
    assert {face.removesuffix("-Bold").replace("-", " ") for face in faces(reader)} <= DECLARED


@pytest.mark.slow
@each_copy
def test_every_sheet_is_a4_numbered_and_leads_to_its_public_page(sample: Sample, copy: Copy, sample_pdf: Print) -> None:
    content = sample_pdf(sample, copy)
    sheets = PdfReader(BytesIO(content)).pages
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in sheets} == {(595, 842)}
    said = text(content)
    assert [sheet.count("扫码核验" + sample.context["number"]) for sheet in said] == [1] * len(sheets)
    assert [f"—{number}—" in sheet for number, sheet in enumerate(said, start=1)] == [True] * len(sheets)


@pytest.mark.slow
@each_copy
def test_a_file_is_small_and_none_of_its_sheets_is_empty(sample: Sample, copy: Copy, sample_pdf: Print) -> None:
    content = sample_pdf(sample, copy)
    sheets = text(content)
    # Most of a file are the characters it uses: 200 kB for a paper of up to three sheets, a few more for each beyond.
    assert len(content) <= 200_000 + 15_000 * max(0, len(sheets) - 3)
    # More on each than seal, signature and date, page number and QR.
    poor = re.escape(sample.context["heading"]) + r"|\d+年\d+月\d+日|扫码核验.*|—\d—|一式.份.*联|抄送.*。"
    assert [number for number, sheet in enumerate(sheets, start=1) if not re.sub(poor, "", sheet)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["order_limit-short", "inspection_record-short", "bulletin-short"])
def test_a_paper_is_an_archival_file_with_its_context_inside(name: str, sample_pdf: Print) -> None:
    sample = BY_NAME[name]
    reader = PdfReader(BytesIO(sample_pdf(sample, list(FORMS[sample.kind].copies)[-1])))
    about = reader.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert [re.search(rf'pdfaid:{what}="(\w+)"', about)[1] for what in ("part", "conformance")] == ["3", "B"]  # type: ignore[index]
    assert reader.attachments == {"context.json": [canonical(sample.context)]}
    (attached,) = reader.trailer["/Root"]["/AF"]  # type: ignore[index]
    assert (attached.get_object()["/AFRelationship"], attached.get_object()["/UF"]) == ("/Data", "context.json")
    assert sha256(reader.attachments["context.json"][0]).hexdigest() == digest(sample.context)
    assert json.loads(reader.attachments["context.json"][0])["number"] == sample.context["number"]


@pytest.mark.slow
def test_a_file_names_the_office_the_paper_and_the_product_and_no_version_of_a_library(sample_pdf: Print) -> None:
    sample = BY_NAME["order_limit-short"]
    content = sample_pdf(sample, Copy.UNIT)
    reader = PdfReader(BytesIO(content))
    about = reader.metadata
    assert about is not None
    assert (about.title, about.author, about.producer) == (
        "责令限期改正通知书 江公（城关）消限字〔2026〕第0001号", "江城市公安局城关派出所", "派出所消防监督管理系统",
    )  # fmt: skip
    seal = sample_marks(sample).seal
    assert seal is not None
    assert about["/Keywords"] == f"印章 SHA-256 {seal.sha256}"
    xmp = reader.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert ("派出所消防监督管理系统" in xmp, "WeasyPrint" in xmp, b"WeasyPrint" in content) == (True, False, False)
    assert about.creation_date is not None
    assert about.creation_date.isoformat() == "2026-09-22T15:30:00+08:00"


@pytest.mark.slow
def test_the_same_paper_has_the_same_bytes_and_another_instant_has_others(settings: LazySettings) -> None:
    sample = BY_NAME["order_limit-short"]
    first, second = printed(sample, Copy.UNIT), printed(sample, Copy.UNIT)
    assert first == second
    later = Marks(public_address(NOWHERE), sample_marks(sample).seal)
    assert papers.written(sample.kind, sample.context, Copy.UNIT, later) != first


@pytest.mark.slow
def test_the_qr_can_be_read_from_the_sheet(sample_pdf: Print) -> None:
    """Module by module: a picture of the sheet against what the address encodes."""
    sheet = picture(sample_pdf(BY_NAME["order_limit-short"], Copy.UNIT), 1, dpi=300).convert("L")
    dot = 300 / 25.4
    corner = sheet.crop((round(20 * dot), round(262.5 * dot), round(60 * dot), round(297 * dot)))
    box = corner.crop((0, 0, round(24 * dot), corner.height)).point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    assert [round((box[2] - box[0]) / dot), round((box[3] - box[1]) / dot)] == [15, 15]
    matrix = segno.make(f"https://xf.example/v/{NOWHERE}/", error="m", micro=False).matrix
    step = (box[2] - box[0]) / len(matrix)
    seen = [
        [int(corner.getpixel((box[0] + (x + 0.5) * step, box[1] + (y + 0.5) * step)) < 128) for x in range(len(matrix))]  # type: ignore[operator]
        for y in range(len(matrix))
    ]
    assert seen == [list(map(int, row)) for row in matrix]


def test_the_qr_leads_to_the_public_address_and_is_a_point_a_module(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://xf.example"
    assert public_address("AbC-1") == "https://xf.example/v/AbC-1/"
    image = Image.open(BytesIO(qr(public_address("AbCdEfGhIjKlMnOpQrStUv"))))
    assert image.size == (33, 33)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEALED)
def test_the_seal_lies_42_millimetres_wide_over_signature_and_date(name: str, sample_pdf: Print) -> None:
    """GB/T 9704-2012 7.3.5.1: centred, both a little below its middle, its top within a line of the text."""
    sample = BY_NAME[name]
    content = sample_pdf(sample, Copy.ARCHIVE)
    page, box = next(
        (number, box)
        for number in range(len(words(content)), 0, -1)
        if (box := red(picture(content, number))) is not None
    )
    left, top, right, bottom = box
    assert [round((right - left) / POINTS), round((bottom - top) / POINTS)] == [42, 42]
    sheet = words(content)[page - 1]
    day = next(word for word in sheet if word.top > top and re.fullmatch(r"2026年\d+月\d+日", word.text))
    assert abs((day.left + day.right) / 2 - (left + right) / 2) < 2
    assert top + (bottom - top) / 2 - 8 < day.top < day.bottom < bottom
    above = max(word.bottom for word in sheet if word.bottom < top + 8)
    assert top - above < 29


@each_copy
@pytest.mark.slow
def test_nothing_is_printed_in_the_margins(sample: Sample, copy: Copy, sample_pdf: Print) -> None:
    """The type area is 156 mm wide; a stop may hang out of it by less than a character."""
    left, right = 28 * POINTS - 1, (210 - 26) * POINTS + 5
    sheets = words(sample_pdf(sample, copy))
    assert [word for sheet in sheets for word in sheet if word.left < left or word.right > right] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["order_limit-long", "inspection_record-usual", "referral-usual"])
def test_a_draft_says_so_on_every_sheet_and_bears_neither_number_nor_qr_nor_seal(name: str, sample_pdf: Print) -> None:
    sample = BY_NAME[name]
    content = sample_pdf(sample, None)
    sheets = text(content)
    assert len(sheets) > 1
    assert [("草" in sheet and "稿" in sheet, "扫码核验" in sheet) for sheet in sheets] == [(True, False)] * len(sheets)
    assert "〔〕第号" in sheets[0]
    assert sample.context["number"] not in "".join(sheets)
    assert [red(picture(content, number)) for number in range(1, len(sheets) + 1)] == [None] * len(sheets)
    assert PdfReader(BytesIO(content)).attachments == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "heads"),
    [
        # Sheets on which the head of the table stands.
        ("inspection_record-long", {"检查内容和情况记录": 6}),
        ("inspection_record-usual", {"检查内容和情况记录": 2}),
    ],
)
def test_a_table_repeats_its_head_on_the_next_sheet(name: str, heads: dict[str, int], sample_pdf: Print) -> None:
    sheets = text(sample_pdf(BY_NAME[name], Copy.ARCHIVE))
    assert {words: sum(words in sheet for sheet in sheets) for words in heads} == heads


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "copy"), [(f"order_{kind}-long", copy) for kind in ("now", "limit") for copy in (Copy.UNIT, Copy.ARCHIVE)]
)
def test_what_a_notice_has_no_room_for_stands_on_sheets_that_are_numbered_and_signed(
    name: str, copy: Copy, sample_pdf: Print
) -> None:
    sample = BY_NAME[name]
    sheets = text(sample_pdf(sample, copy))
    number, title = sample.context["number"], sample.kind.label
    annex = [sheet for sheet in sheets if f"{title}附页{number}" in sheet]
    main = sheets[: -len(annex)]
    assert ("详见附页" in "".join(main), "一式两份" in main[-1], sheets == main + annex) == (True, True, True)
    assert len(annex) > 1
    for place, sheet in enumerate(annex, start=len(main) + 1):
        said = [f"第{place}页共{len(sheets)}页", "违反的条款", "检查人（签名）："]
        assert [words for words in said if words not in sheet] == []
        assert ("被检查单位（场所）负责人（签收）：" in sheet) == (copy == Copy.ARCHIVE)
    details = [problem["detail"] for problem in sample.context["problems"]]
    assert [detail for detail in details if [detail in sheet for sheet in sheets].count(True) != 1] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "long"), [(Kind.ORDER_NOW, visit.ORDER_NOW_LONG), (Kind.ORDER_LIMIT, visit.ORDER_LIMIT_LONG)]
)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 40])
def test_a_notice_is_read_signed_and_sealed_on_one_sheet_however_many_hazards_it_has(
    kind: Kind, long: visit.Context, count: int
) -> None:
    problems = [long["problems"][0] | {"no": number} for number in range(1, count + 1)]
    days = {"deadlines": [{"items": list(range(1, count + 1)), "on": "2026-09-30"}]} if "deadlines" in long else {}
    sheets = text(papers.written(kind, long | {"problems": problems} | days, Copy.ARCHIVE))
    assert [("根据" in sheet, "收到日期" in sheet, "存档联" in sheet) for sheet in sheets[:1]] == [(True, True, True)]
    assert [("收到日期" in sheet, "检查人（签名）：" in sheet) for sheet in sheets[1:]] == [(False, True)] * (
        len(sheets) - 1
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inspection_record-long", "recheck_record-long"])
def test_a_row_of_a_table_stands_on_one_sheet(name: str, sample_pdf: Print) -> None:
    sample = BY_NAME[name]
    copy = list(FORMS[sample.kind].copies)[-1]
    sheets = text(sample_pdf(sample, copy))
    page = papers.html(sample.kind, sample.context, copy, sample_marks(sample))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    said = {re.sub(r"<[^>]*>|\s|　", "", cell) for cell in cells if "<svg" not in cell}
    long = {cell for cell in said if len(cell) > 12 and "&" not in cell}
    assert len(long) > 3
    assert {cell for cell in long if not any(cell in sheet for sheet in sheets)} == set()


@pytest.mark.slow
@pytest.mark.parametrize("paragraphs", [1, 14, 15, 16, 17])
def test_the_imprint_stands_at_the_foot_of_the_last_sheet_and_below_the_date(paragraphs: int) -> None:
    context = bulletin.BULLETIN | {"demands": ["各派出所要盯紧未检查的单位。"] * paragraphs}
    sheets = words(papers.written(Kind.BULLETIN, context, Copy.ARCHIVE))
    found = [(page, word) for page, sheet in enumerate(sheets) for word in sheet]
    dated, printed = [(page, word) for page, word in found if word.text.startswith("2026年10月12日")]
    (copied,) = [(page, word) for page, word in found if word.text.startswith("抄送")]
    assert [page for page, _ in (dated, copied, printed)] == [len(sheets) - 1] * 3
    # The type area ends 262 mm from the upper edge of the sheet.
    assert 256 < printed[1].bottom / POINTS < 262
    assert dated[1].bottom < copied[1].top < copied[1].bottom < printed[1].top


@pytest.mark.slow
def test_no_line_breaks_within_a_day_a_number_or_an_article(sample_pdf: Print) -> None:
    lines = {word.text for sample in SAMPLES for sheet in words(sample_pdf(sample, Copy.ARCHIVE)) for word in sheet}
    broken = re.compile(r"^(月?\d+日|\d+号|\d+条|款第|\d+项)|(\d{4}年|年\d+月?|〔\d{4}〕?第?\d*|第\d+)$", re.ASCII)
    assert {line for line in lines if broken.search(line)} == set()


# As long as names and patterns may make it; see records.patterns.
LONGEST = "江公京公津（经济技术开发区第）消送证字〔2026〕第99999号"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["order_limit-short", "inspection_record-usual", "referral-usual", "bulletin-short"])
def test_the_longest_number_stands_on_one_line_above_the_text_and_beside_the_qr(name: str) -> None:
    sample = BY_NAME[name]
    longer = replace(sample, context=sample.context | {"number": LONGEST})
    sheet = words(printed(longer, Copy.ARCHIVE))[0]
    above, caption = (word for word in sheet if LONGEST in word.text)
    assert 28 < above.left / POINTS < above.right / POINTS < 184.5
    assert above.bottom < caption.top
    # Beside the QR, whose 15 mm stand at the edge of the type area: not below it.
    assert (round(caption.left / POINTS), caption.bottom / POINTS < 290) == (45, True)


@pytest.mark.slow
def test_a_number_moves_to_the_next_line_whole_and_breaks_only_where_its_column_is_narrower() -> None:
    cited = visit.RECORD["orders"][0]["number"]
    record = words(printed(BY_NAME["inspection_record-usual"], Copy.ARCHIVE))
    assert [word.text for sheet in record for word in sheet if "第0001号" in word.text] == [cited]
    report = BY_NAME["hazard_report-short"]
    numbers = [report.context["record"], report.context["measures"][0]["number"]]
    said = {word.text for sheet in words(printed(report, Copy.ARCHIVE)) for word in sheet}
    assert {f"（{numbers[0]}）。", f"（{numbers[1]}）责令立即改正。"} <= said
    receipt = BY_NAME["service_receipt-short"].context
    narrow = receipt | {"documents": [receipt["documents"][0] | {"number": LONGEST}]}
    sheet = words(printed(Sample(Kind.SERVICE_RECEIPT, "cited", narrow), Copy.ARCHIVE))[0]
    lines = [word.text for word in sheet if word.text in LONGEST and len(word.text) > 2]
    assert ("".join(lines), lines[-1]) == (LONGEST, "〔2026〕第99999号")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pages"),
    [("order_now-short", 1), ("order_limit-short", 1), ("inspection_record-short", 1), ("inspection_record-usual", 2)],
)
def test_an_ordinary_paper_stays_on_its_sheet(name: str, pages: int, sample_pdf: Print) -> None:
    assert len(text(sample_pdf(BY_NAME[name], Copy.ARCHIVE))) == pages


@pytest.mark.slow
def test_running_text_has_28_characters_in_a_line_and_22_lines_on_a_sheet() -> None:
    context = visit.ORDER_LIMIT | {"issued_on": "2026-09-22"}
    page = papers.html(Kind.ORDER_LIMIT, context, Copy.UNIT)
    body = "<p class=body style='text-indent:0'>" + "消" * 28 * 60 + "</p>"
    page = re.sub(r"<body.*</body>", f'<body class="letter">{body}</body>', page, flags=re.DOTALL)
    sheet = words(printer.write(page, papers._stylesheet()))[0]
    lines = [word for word in sheet if set(word.text) == {"消"}]
    assert [len(word.text) for word in lines] == [28] * 22
    # 版心: 28 mm from the left, 156 mm wide.
    assert [round(lines[0].left / POINTS), round(lines[0].right / POINTS)] == [28, 184]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["complaint_reply-long", "referral-long"])
def test_a_letter_that_runs_on_has_22_lines_of_29_points_on_its_full_sheets(name: str) -> None:
    sample = BY_NAME[name]
    told = {"told": ["".join(sample.context["told"] * 2)]} if "told" in sample.context else {}
    sheets = words(printed(replace(sample, context=sample.context | told), Copy.ARCHIVE))
    # 3号 in the type area, line by line; the foot of the sheet is smaller.
    lines = [sorted({word.bottom for word in sheet if 15.5 < word.bottom - word.top < 16.5}) for sheet in sheets]
    full = [sheet for sheet in lines[1:-1] if len(sheet) == 22]
    assert len(full) >= (1 if told else 3)
    assert {round(below - above) for sheet in full for above, below in pairwise(sheet)} == {29}


@pytest.mark.slow
def test_the_paper_asks_for_nothing_outside_itself() -> None:
    with pytest.raises(ValueError, match="file:///etc/passwd"):
        printer.write('<img src="file:///etc/passwd">', "")
