"""A PDF written anew: its pages as they look, and nothing that runs, opens, sends or hides. Runs confined."""

from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

# More is no scan of a paper, and would hold up whoever binds it.
MOST_PAGES = 300
# In points: a stamp, and the most PDF 1.7 allows (annex C).
SMALLEST, LARGEST = 3, 14_400
KEPT = frozenset({
    "/Type", "/Parent", "/MediaBox", "/CropBox", "/TrimBox", "/Rotate", "/UserUnit", "/Resources", "/Contents",
    "/Group",
})  # fmt: skip
# ISO 32000-1 table 198: what an action may be.
ACTIONS = frozenset({
    "/GoTo", "/GoToR", "/GoToE", "/GoTo3DView", "/Launch", "/Thread", "/URI", "/Sound", "/Movie", "/Hide", "/Named",
    "/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans",
    "/RichMediaExecute",
})  # fmt: skip
# Of a stream: bytes of another file, other versions, and what programs note beside it.
OF_STREAMS = (
    "/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/Alternates", "/Metadata", "/PieceInfo", "/AF", "/AA", "/A",
)  # fmt: skip
LOCKED = "文件设有打开密码，读不了。请去掉密码后再上传，或者改传照片"
DAMAGED = "PDF 文件不完整或已损坏，请重新扫描"
EMPTY = "PDF 文件里没有页面，请重新扫描"
TOO_MANY = f"PDF 文件超过 {MOST_PAGES} 页，请只扫描这份文书"
ODD_SIZE = "PDF 文件的页面大小不对，请重新扫描"


def clean(source: BinaryIO, result: BinaryIO) -> str:
    """Write the pages of ``source``; the reason in Chinese when it is refused. The same file gives the same bytes."""
    try:
        with pikepdf.open(source, access_mode=pikepdf.AccessMode.stream) as given:
            if not given.pages:
                return EMPTY
            if len(given.pages) > MOST_PAGES:
                return TOO_MANY
            if not all(_has_a_size(page) for page in given.pages):
                return ODD_SIZE
            _lay_open(given)
            _write(given, result)
    except pikepdf.PasswordError:
        return LOCKED
    # What others have written breaks wherever the library happens to stumble over it.
    except (pikepdf.PikepdfError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, AttributeError):
        return DAMAGED
    return ""


def _has_a_size(page: Page) -> bool:
    left, bottom, right, top = (float(edge) for edge in list(page.mediabox))
    return all(SMALLEST <= abs(length) <= LARGEST for length in (right - left, top - bottom))


def _lay_open(given: Pdf) -> None:
    """What is shown by annotations and filled-in fields becomes part of its page; then all but the page falls."""
    given.flatten_annotations("all")
    for page in given.pages:
        for key in set(page.obj.keys()) - KEPT:
            del page.obj[key]
        if int(page.obj.get("/Rotate", 0)) % 90:
            raise ValueError("a page turned by no right angle")
        contents = page.obj.get("/Contents")
        # Unpacked once: a page that cannot be would be found out when a volume is bound.
        for stream in contents.as_list() if isinstance(contents, Array) else [contents] if contents else []:
            stream.read_bytes()


def _write(given: Pdf, result: BinaryIO) -> None:
    with pikepdf.new() as written:
        written.pages.extend(given.pages)
        for each in written.objects:
            for found in _parts_of(each):
                _disarm(found)
        # Packed anew, so that no bytes of the sender stand in the file as they came; and without the hour.
        written.save(
            result, compress_streams=True, recompress_flate=True, deterministic_id=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )  # fmt: skip


def _parts_of(each: Object) -> Iterator[Object]:
    """``each`` and the dictionaries that stand inside it, not those it refers to."""
    waiting = [each]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Dictionary | Stream):
            yield found
            waiting += [value for value in found.values() if _is_inside(value)]
        elif isinstance(found, Array):
            waiting += [value for value in found.as_list() if _is_inside(value)]


def _is_inside(value: object) -> bool:
    return isinstance(value, Dictionary | Array) and not value.is_indirect


def _disarm(found: Object) -> None:
    kind, act = found.get("/Type"), found.get("/S")
    if isinstance(found, Stream):
        for key in OF_STREAMS:
            if key in found:
                del found[key]
        if found.get("/Subtype") == Name.PS or kind == Name.EmbeddedFile:
            found.write(b"")
        elif _is_jpeg(found):
            found.write(without_notes(found.read_raw_bytes()), filter=Name.DCTDecode, decode_parms=_parms(found))
    elif kind in (Name.Filespec, Name.Action) or (isinstance(act, Name) and str(act) in ACTIONS):
        for key in list(found.keys()):
            del found[key]


def _is_jpeg(stream: Object) -> bool:
    packing = stream.get("/Filter")
    return packing == Name.DCTDecode or (isinstance(packing, Array) and packing.as_list() == [Name.DCTDecode])


def _parms(stream: Object) -> Dictionary | None:
    parms = stream.get("/DecodeParms")
    first = parms[0] if isinstance(parms, Array) and len(parms) else parms
    return first if isinstance(first, Dictionary) else None


def without_notes(jpeg: bytes) -> bytes:
    """The picture without comment, camera data, place, colour profile, and what stands behind its end."""
    kept, at = bytearray(jpeg[:2]), 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise ValueError("no segment where one should be")
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDA:
            end = _end_of_scan(jpeg, end)
        # APP0 and APP14 say how the colours are meant; the other APPn, JPGn and COM say nothing of the picture.
        if not (0xE1 <= marker <= 0xED or marker == 0xEF or 0xF0 <= marker <= 0xFE):
            kept += jpeg[at:end]
        at = end
    return bytes(kept) + b"\xff\xd9"


def _end_of_scan(jpeg: bytes, at: int) -> int:
    """Where the next marker stands: in a scan 0xFF is followed by 0 or counts a restart."""
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            return len(jpeg)
        if jpeg[at + 1] == 0 or 0xD0 <= jpeg[at + 1] <= 0xD7:
            at += 2
        elif jpeg[at + 1] == 0xFF:
            at += 1
        else:
            return at
