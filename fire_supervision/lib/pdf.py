"""HTML to PDF with the faces of the product and no others."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SETUP_HINT = "Run: make setup (it installs libharfbuzz-subset0 and the faces of the papers)."


def write(html: str, css: str, tighter: Callable[[], str] | None = None) -> bytes:
    """``html`` styled by ``css`` as a PDF; what ``tighter`` gives instead, when only that fits on one sheet.

    Nothing outside the strings is read. The first call of a process loads the library and takes about a second.
    Raises ImproperlyConfigured when the faces or the font subsetter are missing.
    """
    document = _laid_out(html, css)
    if tighter and len(document.pages) > 1:
        closer = _laid_out(tighter(), css)
        document = closer if len(closer.pages) == 1 else document
    content: bytes = document.write_pdf()
    return content


def _laid_out(html: str, css: str) -> Any:
    page = _printer().HTML(string=html, url_fetcher=_no_resources)
    return page.render(stylesheets=[_stylesheet(css)], font_config=_fonts())


def faces() -> Path:
    """The folder of the faces; raises ImproperlyConfigured when it was not filled."""
    folder: Path = settings.PAPER_FONTS_DIR
    if not (folder / "fonts.conf").exists():
        raise ImproperlyConfigured(f"There are no faces in {folder}. {SETUP_HINT}")
    return folder


@lru_cache(maxsize=1)
def _printer() -> Any:
    # fontconfig reads this when Pango first asks for a face: papers look the same on every machine, and warm is faster.
    os.environ["FONTCONFIG_FILE"] = str(faces() / "fonts.conf")
    import weasyprint  # noqa: PLC0415 - half a second that only the worker should pay
    from weasyprint.text.ffi import harfbuzz_subset  # noqa: PLC0415 - as above

    if not harfbuzz_subset:
        # Without it WeasyPrint subsets in Python: a page takes 1.9 s instead of 0.1, with one line in the log.
        raise ImproperlyConfigured(f"libharfbuzz-subset is missing. {SETUP_HINT}")
    return weasyprint


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """One for the whole process: a fresh one per paper costs 150 ms and lets the memory swing by hundreds of MB."""
    return _printer().text.fonts.FontConfiguration()


@lru_cache(maxsize=4)
def _stylesheet(css: str) -> Any:
    return _printer().CSS(string=css, font_config=_fonts())


def _no_resources(url: str, *args: object, **kwargs: object) -> Any:
    raise ValueError(f"a paper refers to nothing outside itself, not to {url}")
