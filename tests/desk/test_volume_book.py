"""What a volume takes in of the PDF files others have made, and what it leaves out without breaking."""

import re
import resource
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Name

from desk import volume_book
from desk.volume_book import MOST_PAGES, Book, Damaged
from tests.desk.volumes import jpeg


def made(change: Callable[[pikepdf.Pdf], object] = lambda pdf: None, pages: int = 2, **saved: object) -> bytes:
    """A PDF of empty pages after ``change``."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    change(pdf)
    out = BytesIO()
    pdf.save(out, **saved)  # type: ignore[arg-type]
    return out.getvalue()


def locked(user: str) -> bytes:
    return made(encryption=pikepdf.Encryption(owner="owner", user=user))


def turned_by_a_word(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Rotate = Name("/sideways")


def packed_wrongly(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Contents = pdf.make_stream(b"no deflate", Filter=Name.FlateDecode)


def emptied(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Pages.Kids = Array([])


@pytest.mark.parametrize(
    "content",
    [
        locked("secret"), made(turned_by_a_word), made(packed_wrongly), made(emptied), made(pages=MOST_PAGES + 1),
        b"%PDF-1.7 cut %%EOF",
    ],
    ids=["password", "rotation", "content", "no page", "too many pages", "cut"],
)  # fmt: skip
def test_a_file_that_cannot_be_bound_leaves_no_page_behind_and_the_book_goes_on(content: bytes) -> None:
    with Book() as book:
        book.add(made())
        with pytest.raises(Damaged):
            book.add(content, inset=True)
        assert len(book) == 2
        assert book.add(made(), inset=True) == 2
        out = BytesIO()
        book.save(out, {"Title": "案卷"})
    with pikepdf.open(out) as saved:
        assert len(saved.pages) == 4


def test_a_scan_that_may_only_not_be_changed_is_bound() -> None:
    with Book() as book:
        assert book.add(locked(""), inset=True) == 2
        out = BytesIO()
        book.save(out, {})
    with pikepdf.open(out) as saved:
        assert (len(saved.pages), saved.is_encrypted) == (2, False)


@pytest.fixture
def few_files() -> Iterator[int]:
    """How many more files than now this process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    now = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (now + 20, hard))
    yield 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_volume_of_more_papers_than_files_may_be_open_keeps_their_order(
    tmp_path: Path, few_files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written in parts, each of several papers, and made one at the end; a page is drawn on in the part it is in."""
    papers = few_files * 5
    monkeypatch.setattr(volume_book, "PART", 16 * len(numbered(0)))
    with Book() as book:
        for number in range(papers):
            paper = tmp_path / f"{number}.pdf"
            paper.write_bytes(numbered(number))
            assert (len(book), book.add(paper.open("rb"))) == (number, 1)
            if number % 10 == 0:
                book.draw(number, jpeg(), (10, 10, 90, 60))
        assert book.add(numbered(999), at=0) == 1
        book.number(made(pages=papers + 1))
        out = BytesIO()
        book.save(out, {"Title": "案卷"})
    with pikepdf.open(out) as saved:
        found = [int(re.findall(rb"PAPER(\d+)", unpacked(page))[0]) for page in saved.pages]
        drawn = [len(pictures(page)) for page in saved.pages]
    assert found == [999, *range(papers)]
    assert drawn == [0, *(int(number % 10 == 0) for number in range(papers))]


def numbered(number: int) -> bytes:
    return made(lambda pdf: pdf.pages[0].contents_add(f"% PAPER{number}".encode()), pages=1)


def unpacked(page: pikepdf.Page) -> bytes:
    return b"".join(each.read_bytes() for each in page.obj.Resources.XObject.values() if each.Subtype == Name.Form)


def pictures(page: pikepdf.Page) -> list[pikepdf.Object]:
    return [each for each in page.obj.Resources.XObject.values() if each.Subtype == Name.Image]
