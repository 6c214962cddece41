"""The measure of how a paper looks: blind to how a hair-line is drawn, not to a line, a row, a box or a seal."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from fire_supervision.lib import pdf as printer
from records import papers
from records.models import Copy, Kind
from records.samples import visit
from tests.records.looks import LIMIT, distance, keep, kept, picture, shown

pytestmark = pytest.mark.slow
RECORD = visit.RECORD_COMMITTEE


@pytest.fixture(scope="module")
def page() -> str:
    return papers.html(Kind.INSPECTION_RECORD, RECORD, Copy.ARCHIVE)


@pytest.fixture(scope="module")
def pdf(page: str) -> bytes:
    return look_of(page)


@pytest.fixture(scope="module")
def look(pdf: bytes) -> Image.Image:
    return picture(pdf)


def look_of(page: str, more: str = "") -> bytes:
    """Printed with a few rules ``more`` than the style sheet of the papers has."""
    return printer.write(page, papers._stylesheet() + more)


def test_the_same_paper_is_no_distance_from_itself(look: Image.Image, pdf: bytes) -> None:
    assert distance(look, picture(pdf)) == 0


def test_hair_lines_drawn_another_way_are_the_same_paper(look: Image.Image, pdf: bytes) -> None:
    assert distance(look, picture(pdf, "-thinlinemode", "solid")) <= LIMIT


def test_another_grey_at_the_edge_of_every_letter_is_the_same_paper(look: Image.Image) -> None:
    assert 0 < distance(look, look.point([round(255 * (grey / 255) ** 0.9) for grey in range(256)])) <= LIMIT


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        # Exactly one line less, one row less, one more; the rest of the table follows it up or down.
        ('<tr><td colspan="2">防火安全公约</td>', '<tr hidden style="display:none"><td colspan="2">防火安全公约</td>'),
        ("<h1>", '<h1 style="margin-top:14.5pt">'),
        ("<h1>", '<h1 style="position:relative;top:3pt">'),
    ],
    ids=["a row is missing", "a line further down", "a title a millimetre lower"],
)
def test_words_that_move_or_are_missing_are_another_paper(
    page: str, look: Image.Image, words: str, instead: str
) -> None:
    assert words in page
    assert distance(look, picture(look_of(page.replace(words, instead)))) > LIMIT


@pytest.mark.parametrize(
    "rules",
    [
        ".form td, .form th { border: none }",
        ".form tr:last-child td { border-bottom-color: #fff }",
        ".record .ink { visibility: hidden }",
    ],
    ids=["the boxes are missing", "the last rule is missing", "the signatures are missing"],
)
def test_lines_that_are_missing_are_another_paper(rules: str) -> None:
    signed = papers.html(Kind.INSPECTION_RECORD, RECORD | {"signatures": visit.SIGNED}, Copy.ARCHIVE)
    assert distance(picture(look_of(signed)), picture(look_of(signed, rules))) > LIMIT


def test_one_thin_ring_where_the_seal_stands_is_another_paper(look: Image.Image) -> None:
    sealed = look.copy()
    ImageDraw.Draw(sealed).ellipse((290, 400, 372, 482), outline=119)
    assert distance(look, sealed) > LIMIT


def test_one_page_more_is_another_paper(look: Image.Image) -> None:
    longer = Image.new("L", (look.width * 2, look.height), "white")
    longer.paste(look, (0, 0))
    longer.paste(look, (look.width, 0))
    assert distance(look, longer) > LIMIT


def test_a_kept_picture_is_what_was_compared(look: Image.Image, tmp_path: Path) -> None:
    keep(look, tmp_path / "kept" / "paper.png")
    assert kept(tmp_path / "kept" / "paper.png").tobytes() == look.tobytes()


def test_the_difference_is_shown_below_both_pictures(look: Image.Image) -> None:
    other = look.copy()
    ImageDraw.Draw(other).rectangle((100, 100, 140, 140), fill=0)
    sheet = shown(look, other)
    assert sheet.size == (look.width, look.height * 3)
    assert sheet.getpixel((120, look.height * 2 + 120))[0] > sheet.getpixel((120, look.height * 2 + 120))[1]  # type: ignore[index]
