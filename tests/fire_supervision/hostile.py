"""Files that mean harm, or seem to, made here: what they are called, what they say they are, and what is in them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial

import pikepdf
from openpyxl import Workbook
from pikepdf import Array, Dictionary, Name
from PIL import Image

# Stands in every payload: what is kept must not have it, in the open or packed.
MARK = b"HOSTILE-PAYLOAD-7f3a"
SCRIPT = b"<script>/*" + MARK + b"*/alert(document.domain)</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Hostile:
    """``what`` is wrong with it; ``name`` and ``kind`` are what it claims; what is dear waits to be ``made``."""

    what: str
    name: str
    kind: str
    made: bytes | Callable[[], bytes]

    @cached_property
    def content(self) -> bytes:
        return self.made() if callable(self.made) else self.made


@cache
def corpus() -> tuple[Hostile, ...]:
    """Each with a description of its own."""
    found = [*pictures(), *floods(), *heavy(), *polyglots(), *documents(), *workbooks(), *texts()]
    found += [*named(), *mislabelled(), *cut()]
    assert len({each.what for each in found}) == len(found)
    return tuple(found)


# ---------- pictures ----------


def picture(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "1", "P") else "#c33").save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def unfolding(megabytes: int) -> bytes:
    """Zeros, packed a piece at a time: who makes a bomb does not hold it."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def exif(**texts: bytes) -> Image.Exif:
    notes = Image.Exif()
    notes[0x010E] = (MARK + texts.get("words", b"")).decode()
    notes[0x010F] = SCRIPT.decode()
    place = notes.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (37.0, 1.0, 2.0), "E", (111.0, 54.0, 9.0)
    place[29] = MARK.decode()
    return notes


def pictures() -> Iterator[Hostile]:
    """Sound pictures that carry something."""
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif")):
        content = picture(kind, exif=exif())
        yield Hostile(f"{kind} with place and script in its EXIF", f"a.{ending}", f"image/{kind.lower()}", content)
        for what, tail in (("a script", SCRIPT), ("a zip", zipped(a=MARK)), ("a PDF", pdf()), ("zeros", bytes(99_999))):
            yield Hostile(f"{kind} followed by {what}", f"b.{ending}", "image/jpeg", picture(kind) + tail + MARK)
    jpeg = picture("JPEG")
    for marker in (0xE1, 0xE2, 0xED, 0xEF, 0xFE):
        segment = bytes([0xFF, marker]) + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT
        yield Hostile(f"JPEG with a script in segment {marker:x}", "c.jpg", "image/jpeg", jpeg[:2] + segment + jpeg[2:])
    for kind_, data in (
        (b"tEXt", b"Comment\0" + SCRIPT),
        (b"zTXt", b"Comment\0\0" + zlib.compress(SCRIPT)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SCRIPT),
        (b"iCCP", b"p\0\0" + zlib.compress(MARK * 99)),
        (b"zTXt", b"Bomb\0\0" + unfolding(80)),
        (b"iCCP", b"bomb\0\0" + unfolding(80)),
        (b"abCD", SCRIPT),
    ):
        content = png_with(kind_, data)
        yield Hostile(f"PNG with {len(data)} bytes of {kind_.decode()}", "d.png", "image/png", content)
    frames = [Image.new("RGB", (40, 40), (n, 0, 0)) for n in range(60)]
    for kind, ending in (("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif")):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
        yield Hostile(f"{kind} of sixty frames", f"e.{ending}", f"image/{kind.lower()}", buffer.getvalue())
    for kind in ("BMP", "ICO", "PPM", "TGA", "PCX", "DIB", "SGI", "EPS", "JPEG2000", "MSP", "XBM"):
        mode, size = ("1" if kind in ("MSP", "XBM") else "RGB"), (64, 64)
        yield Hostile(f"a {kind} called a photograph", "f.jpg", "image/jpeg", picture(kind, size, mode) + MARK)


def png_with(kind: bytes, data: bytes) -> bytes:
    whole = picture("PNG")
    return whole[:33] + chunk(kind, data) + whole[33:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def floods() -> Iterator[Hostile]:
    """Few bytes, many points."""
    colours = ((2, 8), (6, 8), (3, 8), (0, 1), (6, 16))
    sizes = dict.fromkeys(((30_000, 30_000), (2**31 - 1, 1), (1, 2**31 - 1), (0, 0)), colours[:1])
    for (width, height), kinds in {(60_000, 60_000): colours, (7_000, 7_000): colours, **sizes}.items():
        for colour, depth in kinds:
            head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
            data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
            what = f"PNG flood of {width} × {height}, colour {colour}, depth {depth}"
            yield Hostile(what, "flood.png", "image/png", b"\x89PNG\r\n\x1a\n" + data)
    for size in ((65_500, 65_500), (50_000, 900), (65_535, 1), (7_000, 7_000)):
        for coding in (0xC0, 0xC2, 0xC1, 0xC9):
            content = bytearray(picture("JPEG"))
            at = content.index(b"\xff\xc0")
            content[at + 1] = coding
            content[at + 5 : at + 9] = struct.pack(">HH", size[1], size[0])
            yield Hostile(f"JPEG of {size} in its head, coding {coding:x}", "h.jpg", "image/jpeg", bytes(content))
    screen = struct.pack("<HHBBB", 65_535, 65_535, 0xF0, 0, 0)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02D\x01\x00;"
    yield Hostile("GIF flood", "g.gif", "image/gif", b"GIF89a" + screen + bytes(6) + frame)
    webp = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4 + b"\xff\x3f\x00\xff\x3f\x00"
    yield Hostile("WEBP flood", "v.webp", "image/webp", b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp)
    tags = b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in ((256, 99_999), (257, 99_999), (258, 8), (259, 1), (262, 1), (273, 8), (278, 1), (279, 9))
    )
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 8) + tags + bytes(4)
    yield Hostile("TIFF flood", "t.tif", "image/tiff", tiff)


def heavy() -> Iterator[Hostile]:
    """Sound pictures of many points: slow to make, and dear to whoever decodes them without asking first."""
    for what, mode in (("47 million points", "RGB"), ("47 million points of a palette", "P")):
        made = partial(picture, "PNG", (6_900, 6_900), mode, compress_level=9)
        yield Hostile(f"PNG that really unfolds to {what}", "r.png", "image/png", made)
    for options in ({"progressive": True, "subsampling": 0}, {"subsampling": 0}):
        made = partial(picture, "JPEG", (7_000, 7_000), **options)
        yield Hostile(f"JPEG that really unfolds, {options}", "u.jpg", "image/jpeg", made)
    made = partial(picture, "WEBP", (7_000, 7_000), lossless=True)
    yield Hostile("WEBP that really unfolds", "w.webp", "image/webp", made)


def polyglots() -> Iterator[Hostile]:
    """Two things at once."""
    yield Hostile("GIF that is a script", "p.gif", "image/gif", b"GIF89a/*" + bytes(40) + b"*/=1;" + SCRIPT)
    yield Hostile("BMP that is a script", "p.bmp", "image/bmp", b"BM/*" + bytes(60) + b"*/=1;" + SCRIPT)
    yield Hostile("PDF that begins as HTML", "p.pdf", "application/pdf", HTML + pdf())
    yield Hostile("PDF that ends as HTML", "q.pdf", "application/pdf", pdf() + HTML)
    yield Hostile("PDF that ends as zip", "r.pdf", "application/pdf", pdf() + zipped(**{"x.html": HTML}))
    yield Hostile("zip that begins as PDF", "s.zip", "application/zip", b"%PDF-1.7\n" + zipped(a=MARK) + b"%%EOF")
    yield Hostile("JPEG that begins as PDF", "t.jpg", "image/jpeg", b"%PDF-1.4\n" + picture("JPEG") + b"\n%%EOF")
    yield Hostile("PNG that ends as workbook", "u.png", "image/png", picture("PNG") + workbook())
    yield Hostile("workbook that begins as JPEG", "v.xlsx", "image/jpeg", picture("JPEG") + workbook())
    yield Hostile("workbook that begins as HTML", "w.xlsx", "text/html", HTML + workbook())
    yield Hostile("workbook with HTML behind it", "w2.xlsx", "text/html", workbook() + HTML)
    yield Hostile("program that begins as PNG", "x.png", "image/png", b"\x89PNG\r\n\x1a\nMZ" + MARK)
    for what, content in {
        "SVG with a script": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "SVG that acts when loaded": b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + MARK + b'"/>',
        "SVG with an entity": b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;' + MARK + b"</svg>",
        "SVG in utf-16": ("<svg>" + SCRIPT.decode() + "</svg>").encode("utf-16"),
        "HTML": HTML,
        "a program of Windows": b"MZ" + bytes(100) + MARK,
        "a program of Linux": b"\x7fELF" + bytes(100) + MARK,
        "a shell script": b"#!/bin/sh\n# " + MARK,
        "PHP in a GIF": b"GIF89a<?php system($_GET['c']); // " + MARK,
        "MVG with a command": b"push graphic-context\nimage over 0,0 0,0 'https://x/\"|id'" + MARK,
        "PostScript with a command": b"%!PS\n(%pipe%id) (w) file % " + MARK,
        "MHTML": b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + HTML,
    }.items():
        for ending, kind in (("jpg", "image/jpeg"), ("pdf", "application/pdf"), ("xlsx", "application/octet-stream")):
            yield Hostile(f"{what} called {ending}", f"s.{ending}", kind, content)


# ---------- PDF ----------


def pdf(change: Callable[[pikepdf.Pdf], object] = lambda made: None, pages: int = 1, **saved: object) -> bytes:
    made, buffer = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    change(made)
    made.save(buffer, **saved)  # type: ignore[arg-type]
    return buffer.getvalue()


def _act(**fields: object) -> Dictionary:
    return Dictionary(Type=Name.Action, **fields)


def documents() -> Iterator[Hostile]:
    mark = MARK.decode()
    acts = {
        "JavaScript": _act(S=Name.JavaScript, JS=f"app.alert('{mark}')"),
        "Launch": _act(S=Name.Launch, F=f"cmd.exe {mark}"),
        "URI": _act(S=Name.URI, URI=f"javascript:{mark}"),
        "SubmitForm": _act(S=Name.SubmitForm, F=f"http://{mark}.invalid/"),
        "GoToR": _act(S=Name.GoToR, F=f"\\\\{mark}\\share", D=Array([0, Name.Fit])),
        "ImportData": _act(S=Name.ImportData, F=mark),
    }
    for what, act in acts.items():
        places: dict[str, Callable[[pikepdf.Pdf], object]] = {
            "when opened": lambda made, act=act: setattr(made.Root, "OpenAction", act),
            "when closed": lambda made, act=act: setattr(made.Root, "AA", Dictionary(WC=act)),
            "when turned to": lambda made, act=act: setattr(made.pages[0].obj, "AA", Dictionary(O=act)),
            "when touched": lambda made, act=act: _annotate(made, Dictionary(Subtype=Name.Link, A=act)),
            "from a field": lambda made, act=act: _field(made, act),
            "from a picture": lambda made, act=act: _on_a_picture(made, act),
            "by its name": lambda made, act=act: setattr(
                made.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array(["a", act])))
            ),
        }
        for where, change in places.items():
            yield _document(f"PDF with {what} {where}", pdf(change))

    def attach(made: pikepdf.Pdf) -> None:
        made.attachments["../../evil.exe"] = pikepdf.AttachedFileSpec(made, b"MZ" + MARK)

    def attach_to_a_note(made: pikepdf.Pdf) -> None:
        spec = pikepdf.AttachedFileSpec(made, b"MZ" + MARK).obj
        _annotate(made, Dictionary(Subtype=Name.FileAttachment, FS=spec))

    def draw(content: bytes, **fields: object) -> Callable[[pikepdf.Pdf], None]:
        def change(made: pikepdf.Pdf) -> None:
            image = made.make_stream(content, Type=Name.XObject, **fields)
            name = made.pages[0].add_resource(image, Name.XObject)
            made.pages[0].contents_add(f"q 9 0 0 9 0 0 cm {name} Do Q".encode())

        return change

    def say(words: bytes) -> Callable[[pikepdf.Pdf], None]:
        return lambda made: made.pages[0].contents_add(words)

    def note(made: pikepdf.Pdf) -> None:
        made.Root.Metadata = made.make_stream(SCRIPT, Type=Name.Metadata, Subtype=Name.XML)
        made.trailer.Info = made.make_indirect(Dictionary(Title=SCRIPT.decode()))

    def turn(made: pikepdf.Pdf) -> None:
        made.pages[0].obj.Parent.Kids = Array([made.pages[0].obj.Parent])

    shown = {"Subtype": Name.Image, "Width": 64, "Height": 48, "ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8}
    jpeg = {**shown, "Filter": Name.DCTDecode}
    plain = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}

    def unfold(made: pikepdf.Pdf) -> None:
        made.pages[0].obj.Contents = made.make_stream(unfolding(250), Filter=Name.FlateDecode)

    def unfold_twice(made: pikepdf.Pdf) -> None:
        twice = Array([Name.FlateDecode, Name.FlateDecode])
        made.pages[0].obj.Contents = made.make_stream(zlib.compress(unfolding(250)), Filter=twice)

    for what, content in {
        "a file attached": pdf(attach),
        "a file attached to a note": pdf(attach_to_a_note),
        "a photograph with its place": pdf(draw(picture("JPEG", exif=exif()), **jpeg)),
        "a photograph with a tail": pdf(draw(picture("JPEG") + SCRIPT, **jpeg)),
        "PostScript": pdf(draw(b"%!PS " + MARK, Subtype=Name.PS)),
        "bytes of another file": pdf(draw(b"", **shown, F=f"/etc/passwd {mark}")),
        "a script in the open": pdf(say(b"% " + SCRIPT), **plain),
        "script in its metadata": pdf(note, **plain),
        "no page": pdf(lambda made: setattr(made.Root.Pages, "Kids", Array([]))),
        "301 pages": pdf(pages=301),
        "a page without size": pdf(lambda made: setattr(made.pages[0].obj, "MediaBox", Array([0, 0, 0, 0]))),
        "a page of miles": pdf(lambda made: setattr(made.pages[0].obj, "MediaBox", Array([0, 0, 10**9, 10**9]))),
        "a page turned by a word": pdf(lambda made: setattr(made.pages[0].obj, "Rotate", Name.Sideways)),
        "a tree that bites its tail": pdf(turn),
        "a password": pdf(encryption=pikepdf.Encryption(owner="o", user="u")),
        "an owner's password": pdf(attach, encryption=pikepdf.Encryption(owner="o", user="")),
        "a page that unfolds without end": partial(pdf, unfold, **plain),
        "a page that unfolds twice": partial(pdf, unfold_twice, **plain),
        "nesting without end": b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\n%%EOF",
        "nothing but its ends": b"%PDF-1.7\n" + MARK + b"\n%%EOF",
        "a table of a billion objects": b"%PDF-1.7\nxref\n0 999999999\ntrailer<</Size 999999999/Root 1 0 R>>\n%%EOF",
    }.items():
        yield _document(f"PDF with {what}", content)


def _document(what: str, content: bytes | Callable[[], bytes]) -> Hostile:
    return Hostile(what, "scan.pdf", "application/pdf", content)


def _annotate(made: pikepdf.Pdf, note: Dictionary) -> None:
    note.Type, note.Rect = Name.Annot, Array([0, 0, 99, 99])
    made.pages[0].obj.Annots = Array([made.make_indirect(note)])


def _field(made: pikepdf.Pdf, act: Dictionary) -> None:
    field = Dictionary(Subtype=Name.Widget, FT=Name.Tx, T="a", V=MARK.decode(), AA=Dictionary(K=act))
    _annotate(made, field)
    made.Root.AcroForm = Dictionary(Fields=made.pages[0].obj.Annots, XFA=made.make_stream(SCRIPT))


def _on_a_picture(made: pikepdf.Pdf, act: Dictionary) -> None:
    form = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), A=act)
    form.PieceInfo = Dictionary(X=Dictionary(Private=made.make_stream(SCRIPT), Act=act))
    made.pages[0].add_resource(form, Name.XObject)


# ---------- workbooks ----------


def workbook(*rows: tuple[object, ...], header: tuple[str, ...] = ("派出所", "名称", "类别")) -> bytes:
    made, buffer = Workbook(), io.BytesIO()
    sheet = made.active
    assert sheet is not None
    sheet.append(header)
    for row in rows or (("城关派出所", "万家福", "商铺"),):
        sheet.append(row)
    made.save(buffer)
    return buffer.getvalue()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_parts(more: dict[str, bytes], **changed: tuple[bytes, bytes]) -> bytes:
    """A sound workbook with parts added, and in each part named (its last word) one string replaced."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            old_new = changed.get(name.rpartition("/")[2].partition(".")[0])
            target.writestr(name, content.replace(*old_new, 1) if old_new else content)
        for name, content in more.items():
            target.writestr(name, content)
    return buffer.getvalue()


LAUGHS = b"<!DOCTYPE l [<!ENTITY a0 'ha'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
)
FETCH = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REMOTE = b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">'
FORMULAS = (
    "=cmd|'/C calc'!A0", "=HYPERLINK(\"http://192.0.2.1/\",\"x\")", "=WEBSERVICE(\"http://192.0.2.1/\")", "+1+1",
    "-2+3", "@SUM(1)", "=IMPORTXML(\"http://192.0.2.1/\",\"//a\")", "\t=1+1", "=DDE(\"cmd\";\"/C calc\";\"!A0\")",
)  # fmt: skip


def workbooks() -> Iterator[Hostile]:
    external = b"<externalLink xmlns='x'>" + MARK + b"</externalLink>"
    parts: dict[str, bytes | Callable[[], bytes]] = {
        "macros": with_parts({"xl/vbaProject.bin": MARK}),
        "macros in capitals": with_parts({"xl/VBAPROJECT.BIN": MARK}),
        "an external link": with_parts({"xl/externalLinks/externalLink1.xml": external}),
        "a file inside": with_parts({"xl/embeddings/oleObject1.bin": MARK}),
        "ActiveX": with_parts({"xl/activeX/activeX1.bin": MARK}),
        "a custom part": with_parts({"customXml/item1.xml": b"<a>" + SCRIPT.replace(b"<", b"&lt;") + b"</a>"}),
        "a connection": with_parts({"xl/connections.xml": b"<connections>" + MARK + b"</connections>"}),
        "a name that climbs": with_parts({"../../../../tmp/evil.txt": MARK}),
        "an absolute name": with_parts({"/etc/cron.d/evil": MARK}),
        "a name of Windows": with_parts({"..\\..\\evil.txt": MARK}),
        "itself in itself": with_parts({"xl/embeddings/a.xlsx": with_parts({"xl/embeddings/b.xlsx": workbook()})}),
        "3,000 parts": lambda: with_parts({f"xl/media/{n}.png": b"" for n in range(3000)}),
        "a part that unfolds": lambda: with_parts({"xl/media/1.bin": bytes(60 * MEGABYTE)}),
        "a part twice": zipped(**{"xl/workbook.xml": MARK}) + workbook(),
        "a thousand laughs in its strings": with_parts({}, sharedStrings=(b"<sst", LAUGHS + b"<sst")),
        "a thousand laughs in its sheet": with_parts({}, sheet1=(b"<worksheet", LAUGHS + b"<worksheet")),
        "an entity that reads a file": with_parts({}, sheet1=(b"<worksheet", FETCH + b"<worksheet")),
        "an entity in its book": with_parts({}, workbook=(b"<workbook", FETCH + b"<workbook")),
        "a document type far away": with_parts({}, workbook=(b"<workbook", REMOTE + b"<workbook")),
        "an entity behind a long remark": with_parts(
            {}, sheet1=(b"<worksheet", b"<!--" + b"x" * 99_999 + b"-->" + FETCH + b"<worksheet")
        ),
        "a sheet that is HTML": with_parts({}, sheet1=(b"<worksheet", HTML + b"<worksheet")),
        "a sheet cut off": with_parts({}, sheet1=(b"</sheetData>", b"")),
        "a remote relation": with_parts({}, workbook=(b"<sheets>", b"<sheets><!-- " + MARK + b" -->")),
        "a title that climbs": with_parts({}, workbook=(b'name="Sheet"', b'name="../../x"')),
        "a title that is turned": with_parts({}, workbook=(b'name="Sheet"', 'name="\u202excod"'.encode())),
        "strings without end": lambda: with_parts(
            {"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 2_000_000 + b"</sst>"}
        ),
        "a row without end": lambda: with_parts({}, sheet1=(b"</sheetData>", _row(2_000_000) + b"</sheetData>")),
    }
    for what, content in parts.items():
        yield Hostile(f"workbook with {what}", "book.xlsx", "application/vnd.ms-excel", content)
    for formula in FORMULAS:
        content = workbook(("城关派出所", formula, "商铺"))
        yield Hostile(f"workbook with {formula!r}", "book.xlsx", "application/vnd.ms-excel", content)
    ole2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    for what, content in {
        "a workbook of Excel 97": ole2 + "Workbook".encode("utf-16-le") + MARK,
        "an encrypted workbook": ole2 + "EncryptedPackage".encode("utf-16-le") + MARK,
        "a bomb of bombs": lambda: zipped(**{f"{n}.zip": zipped(a=bytes(9 * MEGABYTE)) for n in range(9)}),
        "a zip without a book": zipped(a=MARK),
        "a zip with a book of nothing": zipped(**{"xl/workbook.xml": b""}),
        "a zip with a book of words": zipped(**{"xl/workbook.xml": MARK}),
        "an end of a zip": b"PK\x05\x06" + bytes(18),
        "a zip that only begins": b"PK\x03\x04" + MARK,
    }.items():
        yield Hostile(what, "book.xlsx", "application/vnd.ms-excel", content)


def _row(cells: int) -> bytes:
    return b'<row r="9">' + b'<c t="n"><v>1</v></c>' * cells + b"</row>"


# ---------- words and names ----------


def texts() -> Iterator[Hostile]:
    for formula in FORMULAS:
        yield Hostile(f"csv with {formula!r}", "days.csv", "text/csv", f"2027-01-01,放假,{formula}".encode())
    for what, content in {
        "nothing": b"",
        "blanks": b" \r\n\t",
        "zeros": bytes(5000),
        "0xff": b"\xff" * 5000,
        "a mark of order alone": b"\xff\xfe",
        "a line of a million commas": b"," * 900_000,
        "a million lines": b"2027-01-01\n" * 90_000,
        "a quote that never ends": b'"' + b"a" * 500_000,
        "words turned around": "2027-01-01,放假,\u202eabc".encode(),
        "words with zeros": b"2027-01-01,\0,\0",
        "two megabytes": MARK * 110_000,
    }.items():
        yield Hostile(f"a file of {what}", "days.csv", "text/csv", content)


NAMES = (
    "../../etc/cron.d/x", "..\\..\\boot.ini", "/etc/passwd", "C:\\Windows\\x.jpg", "a/../../b.jpg", "%2e%2e%2fx.jpg",
    "\u202egpj.exe", "a\u2066b\u2069.jpg", "\u200b.jpg", "a\0b.jpg", "a\r\nX-Evil: 1.jpg", "x" * 300 + ".jpg",
    "龙" * 250, "CON.jpg", "nul", ".htaccess", "....", "a.jpg.exe", "a.php.jpg", "<img src=x onerror=alert(1)>.jpg",
    "'; DROP--.jpg", "{{7*7}}.jpg", "$(id).jpg", "|id.jpg", "a.jpg;.html", "file:///etc/passwd", "~root", "-rf",
    "\ud7ff\uffff.jpg",
)  # fmt: skip


def named() -> Iterator[Hostile]:
    """Sound files with names that mean harm."""
    for name in NAMES:
        yield Hostile(f"JPEG called {name[:30]!r}", name, "image/jpeg", picture("JPEG", exif=exif()))
    for name in NAMES[:12:3]:
        yield Hostile(f"workbook called {name[:30]!r}", name, "application/vnd.ms-excel", workbook())
        yield Hostile(f"PDF called {name[:30]!r}", name, "application/pdf", pdf())


def mislabelled() -> Iterator[Hostile]:
    sound = {"JPEG": picture("JPEG"), "PNG": picture("PNG"), "PDF": pdf(), "workbook": workbook()}
    for what, content in sound.items():
        for name, kind in (("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.exe", "application/x-msdownload")):
            yield Hostile(f"{what} called {name}", name, kind, content)


def cut() -> Iterator[Hostile]:
    """Sound files that end too soon, or have a byte wrong."""
    sound = {"jpg": picture("JPEG"), "png": picture("PNG"), "webp": picture("WEBP"), "pdf": pdf(), "xlsx": workbook()}
    for ending, content in sound.items():
        for share in (10, 50, 90):
            yield Hostile(f"{share} % of a {ending}", f"a.{ending}", "", content[: len(content) * share // 100])
        for at in (9, len(content) // 2, len(content) - 9):
            broken = bytearray(content)
            broken[at] ^= 0xFF
            yield Hostile(f"a {ending} with byte {at} turned", f"a.{ending}", "", bytes(broken))
