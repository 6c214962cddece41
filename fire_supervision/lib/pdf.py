"""HTML to PDF with the faces of the product and no others."""

import ctypes
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from io import BytesIO
from typing import Any
from zlib import compress

from django.core.exceptions import ImproperlyConfigured
from PIL import Image

from fire_supervision.lib.faces import SETUP_HINT, configuration

# ISO 19005-3 level B: every face inside, colours defined, other files may be attached. Kept readable for decades.
ARCHIVAL = "pdf/a-3b"
# glibc's mallopt(3): from this size on a block is given back to the system when it is freed.
M_MMAP_THRESHOLD, GIVEN_BACK = -3, 1 << 20
# What four bits tell apart: a seal is one red in sixteen strengths.
COLOURS = 16
PRODUCER = "派出所消防监督管理系统"


@dataclass(frozen=True)
class Extras:
    """What goes into a PDF besides its page: the instant it bears, attached files, pictures the page names.

    ``pictures`` maps an address in the HTML (any scheme) to an opaque PNG of few colours; a page names no other.
    """

    at: datetime | None = None
    attached: Mapping[str, bytes] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    variant: str | None = ARCHIVAL


NOTHING = Extras()
# The same page written otherwise, made when it is needed: with closer lines, or with a part of it on sheets of its own.
Other = Callable[[], str]


def write(
    html: str,
    css: str,
    tighter: Other | None = None,
    extras: Extras = NOTHING,
    *,
    sheets: int = 1,
    long: bool = False,
    beyond: Other | None = None,
) -> bytes:
    """``html`` styled by ``css`` as a PDF; what ``tighter`` gives instead, when only that fits on ``sheets`` sheets.

    What fits on no ``sheets`` sheets is printed as ``beyond`` gives it. ``long`` tries the tighter one first, and then
    the other no more: laying a sheet out is half of the time. Nothing outside the arguments is read: with
    ``extras.at`` the same arguments give the same bytes. The first call of a process loads the library and takes about
    a second. Raises ImproperlyConfigured when the faces or the font subsetter are missing, ValueError for a page that
    refers to something outside.
    """
    closer = _laid_out(tighter(), css, extras) if tighter and long else None
    if closer and len(closer.pages) <= sheets:
        return _written(closer, extras)
    document = _laid_out(beyond() if closer and beyond else html, css, extras)
    if tighter and not closer and len(document.pages) == sheets + 1:
        closer = _laid_out(tighter(), css, extras)
        document = closer if len(closer.pages) == sheets else document
    if beyond and not (tighter and long) and len(document.pages) > sheets:
        document = _laid_out(beyond(), css, extras)
    return _written(document, extras)


def _laid_out(html: str, css: str, extras: Extras) -> Any:
    page = _printer().HTML(string=html, url_fetcher=_nothing_else())
    pictures = {address: _picture(content) for address, content in extras.pictures.items()}
    try:
        return page.render(stylesheets=[_stylesheet(css)], font_config=_fonts(), cache=pictures)
    except _printer().urls.FatalURLFetchingError as error:
        # No Exception in WeasyPrint: it would end the worker.
        raise ValueError(f"a paper refers to nothing outside itself: {error.__cause__}") from None


def _written(document: Any, extras: Extras) -> bytes:
    if extras.at:
        document.metadata.created = document.metadata.modified = extras.at.isoformat(timespec="seconds")
    attach = partial(_printer().Attachment, created=extras.at, modified=extras.at, relationship="Data")
    content: bytes = document.write_pdf(
        pdf_variant=extras.variant,
        attachments=[attach(string=content, name=name) for name, content in extras.attached.items()],
        finisher=_finish,
    )
    return content


def _finish(_document: Any, pdf: Any) -> None:
    """The product is its maker, so that a newer library changes no byte for that; an attachment is listed once."""
    library, ours = pdf.info["Producer"].string, type(pdf.info["Producer"])(PRODUCER)
    pdf.info["Producer"] = ours
    for described in (each for each in pdf.objects if getattr(each, "extra", {}).get("Type") == "/Metadata"):
        described.stream = [content.replace(library.encode(), PRODUCER.encode()) for content in described.stream]
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


@lru_cache(maxsize=1)
def _printer() -> Any:
    # fontconfig reads this when Pango first asks for a face: papers look the same on every machine, and warm is faster.
    os.environ["FONTCONFIG_FILE"] = str(configuration())
    _give_back()
    import weasyprint  # noqa: PLC0415 - half a second that only the worker should pay
    from weasyprint.text.ffi import harfbuzz_subset  # noqa: PLC0415 - as above

    if not harfbuzz_subset:
        # Without it WeasyPrint subsets in Python: a page takes 1.9 s instead of 0.1, with one line in the log.
        raise ImproperlyConfigured(f"libharfbuzz-subset is missing. {SETUP_HINT}")
    return weasyprint


def _give_back() -> None:
    """A face is read whole to be cut down; glibc would learn from the first to keep such blocks: 40 MB a worker."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, GIVEN_BACK)


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """One for the whole process: a fresh one per paper costs 150 ms and lets the memory swing by hundreds of MB."""
    return _printer().text.fonts.FontConfiguration()


@lru_cache(maxsize=4)
def _stylesheet(css: str) -> Any:
    return _printer().CSS(string=css, font_config=_fonts())


@lru_cache(maxsize=32)
def _picture(content: bytes) -> Any:
    """A PNG of few colours as WeasyPrint places it, packed once a process and four bits a point.

    WeasyPrint packs a picture anew for each document, in full colour: for a seal that is 12 ms and 16 kB a paper.
    """
    name, image = sha256(content).hexdigest(), Image.open(BytesIO(content))
    placed = _printer().images.RasterImage(image, name, content)
    # ISO 19005-3 6.2.8: a picture is not smoothed.
    full = placed.get_x_object(False, 1)
    drawn = image.convert("RGB").quantize(COLOURS)
    table = bytes(drawn.getpalette() or []).ljust(3 * COLOURS, b"\0")[: 3 * COLOURS].hex()
    extra = dict(full.extra) | {
        "ColorSpace": f"[/Indexed /DeviceRGB {COLOURS - 1} <{table}>]", "BitsPerComponent": 4,
    }  # fmt: skip
    del extra["DecodeParms"]
    packed = compress(drawn.tobytes("raw", "P;4"), 9)
    placed.get_x_object = lambda _interpolate, _ratio: type(full)([packed], dict(extra))
    return placed


@lru_cache(maxsize=1)
def _nothing_else() -> Any:
    """What a page names besides its pictures is an error that stops the paper, not a line in the log."""
    return _printer().urls.URLFetcher(allowed_protocols=(), fail_on_errors=True)
