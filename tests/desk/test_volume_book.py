"""What a volume takes in of the PDF files others have made, and what it leaves out without breaking."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Name

from desk.volume_book import MOST_PAGES, Book, Damaged


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
