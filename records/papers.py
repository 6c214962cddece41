"""From the frozen context of a paper to its PDF."""

import re
from collections.abc import Mapping, Set
from functools import lru_cache, partial
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape

from fire_supervision.lib import pdf as printer
from records.canonical import canonical
from records.fills import FILL
from records.marks import NO_MARKS, Marks, public_address
from records.models import FORMS, Copy, Document, Kind, Seal
from records.patterns import on_one_line
from records.seals import Stamp, opaque

# The checklist of a unit fills two sheets; those of property companies and committees may fit on one.
LONG_RECORD = "UNIT"
# Lines of running text that stand on one sheet with heading, number and seal; closer ones: 25 points instead of 29.
ONE_SHEET, CLOSER = 14, 1.2
# What is not read in two parts: a day, the end of a number, an article and its paragraph.
_WHOLE = re.compile(
    r"(?:\d{4}年\d{1,2}月)?\d{1,2}日|\d{1,2}时\d{2}分|〔\d{4}〕第?\d+号|第[\d、]{1,8}[条款项处次号]|\d[\d.]*万元"
    r"|第[一二三四五六七八九十百零]{1,6}[条款项](?:之[一二三四五六七八九])?"
)
# Where a context has the number of a paper: its own or one it cites.
_NUMBERS = frozenset({"number", "record", "reference", "register_no", "letter_no", "consent_no"})
# Between angle brackets nothing is read: what is typed there (colspan="3", the path of a hand) is no number of a paper.
_BODY, _TAG = re.compile(r'<p class="body[^"]*">(.*?)</p>', re.DOTALL), re.compile(r"<[^>]*>")
# 公通字〔2009〕21号: what the form has no room for stands on 附页, made like the form and signed.
ANNEXED = (Kind.ORDER_NOW, Kind.ORDER_LIMIT)
# 复查 is written on the form of the inspection.
TITLES: dict[Kind, str] = {Kind.RECHECK_RECORD: Kind.INSPECTION_RECORD.label}
# What a paper without a number leaves to be filled in.
BLANK_NUMBER, BLANK_OFFICIAL_NUMBER = "〔　　〕第　　　号", "〔　　〕　　号"


def pdf(document: Document, copy: Copy) -> bytes:
    """The printed ``copy`` of ``document``, under the seal its office had when it was issued."""
    seal = Seal.objects.used(document.station_id, document.issued_at)
    marks = Marks(
        address=public_address(document.token, document.checkpoint),
        seal=Stamp(opaque(seal.content()), seal.sha256) if seal else None,
        at=document.issued_at,
    )
    return written(Kind(document.kind), document.context, copy, marks)


def draft(kind: Kind, context: Mapping[str, Any]) -> bytes:
    """``context`` as it would be printed, under 草稿: without a seal, a QR or (when it has none yet) a number."""
    return written(kind, context, next(iter(FORMS[kind].copies)), Marks(draft=True))


def written(kind: Kind, context: Mapping[str, Any], copy: Copy, marks: Marks = NO_MARKS) -> bytes:
    """The PDF/A-3b of ``context``, which is attached to it in its canonical spelling.

    With closer lines where that keeps it on one sheet, the record of a unit on two. A notice that runs over names its
    hazards on sheets of their own, so that it is read, sealed and signed on one.
    """
    page = html(kind, context, copy, marks)
    extras = printer.Extras(
        at=marks.at,
        attached={} if marks.draft else {"context.json": canonical(context)},
        pictures=marks.pictures(),
    )
    tighter = partial(html, kind, context, copy, marks, tight=True)
    if context.get("subject") == LONG_RECORD:
        return printer.write(page, _stylesheet(), tighter, extras, sheets=2)
    text = _text_height(page)
    hopeless = text > ONE_SHEET * CLOSER
    if kind not in ANNEXED:
        return printer.write(page, _stylesheet(), None if hopeless else tighter, extras, long=text > ONE_SHEET)
    annexed = partial(html, kind, context, copy, marks, tight=True, annexed=True)
    if hopeless:
        return printer.write(annexed(), _stylesheet(), None, extras)
    return printer.write(page, _stylesheet(), tighter, extras, long=text > ONE_SHEET, beyond=annexed)


def _text_height(page: str) -> int:
    """About how many lines the running text of ``page`` takes; the printed items of an order count for five."""
    paragraphs = (len(_TAG.sub("", words)) for words in _BODY.findall(page))
    return sum(-(-(length + 2) // 25) for length in paragraphs) + (5 if 'class="items"' in page else 0)


def html(
    kind: Kind,
    context: Mapping[str, Any],
    copy: Copy,
    marks: Marks = NO_MARKS,
    *,
    tight: bool = False,
    annexed: bool = False,
) -> str:
    """The page WeasyPrint prints; ``tight``: with closer lines, ``annexed``: the hazards on sheets of their own."""
    number = context.get("number") or (BLANK_OFFICIAL_NUMBER if FORMS[kind].official else BLANK_NUMBER)
    values = {
        **context,
        **marks.words(number),
        "title": TITLES.get(kind, kind.label),
        "number": number,
        "official": FORMS[kind].official,
        "copies_line": FORMS[kind].copies_line,
        "copy": copy.value,
        "copy_mark": "" if marks.draft else FORMS[kind].mark_of(copy),
        "archive": copy == Copy.ARCHIVE,
        "tight": tight,
        "annexed": annexed,
        "signed": {signer: ink_of(drawn) for signer, drawn in context.get("signatures", {}).items()},
        **(FILL[kind](context) if kind in FILL else {}),
    }
    return _kept_whole(render_to_string(f"papers/{kind.value.lower()}.html", values), _numbers_in(context))


def _kept_whole(page: str, numbers: Set[str]) -> str:
    """``page`` with dates and ``numbers`` that no line may break in (GB/T 9704 7.3.3), whichever field they stand in.

    A number that is longer than its column, a cell of 送达回证, breaks as other words do, but not in its sequence.
    """
    head, body = page.split("</head>")
    longest_first = sorted((str(escape(number)) for number in numbers), key=len, reverse=True)
    parts = re.compile("|".join([_TAG.pattern, *map(re.escape, longest_first), _WHOLE.pattern]))
    return f"{head}</head>{parts.sub(partial(_unbroken, frozenset(longest_first)), body)}"


def _unbroken(numbers: Set[str], found: re.Match[str]) -> str:
    if found[0].startswith("<"):
        return found[0]
    if found[0] in numbers:
        return f'<span class="one-line">{_WHOLE.sub(partial(_unbroken, frozenset()), found[0])}</span>'
    return f'<span class="whole">{found[0]}</span>'


def _numbers_in(value: Any) -> set[str]:
    """Every number of a paper that ``value``, a context or a part of it, names; what is longer is none of ours.

    Nor is what has no year in 〔〕: where somebody types a number, a place or a plain 3 may stand.
    """
    if isinstance(value, Mapping):
        own = {each.strip() for key, each in value.items() if key in _NUMBERS and isinstance(each, str)}
        own = {each for each in own if "〔" in each and on_one_line(each)}
        return own.union(*map(_numbers_in, value.values()))
    return set[str]().union(*map(_numbers_in, value)) if isinstance(value, list) else set()


@lru_cache(maxsize=1)
def _stylesheet() -> str:
    return render_to_string("papers/paper.css")


def ink_of(drawn: Mapping[str, Any] | None) -> dict[str, str] | None:
    """A drawn signature as an SVG path cropped to its ink; None when there is nothing to draw."""
    strokes = [[(float(point[0]), float(point[1])) for point in stroke] for stroke in (drawn or {}).get("strokes", [])]
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return None
    left, top = min(x for x, _ in points), min(y for _, y in points)
    width, height = max(x for x, _ in points) - left, max(y for _, y in points) - top
    # A dot is a stroke of one point: drawn as a line to itself it keeps its round cap.
    path = " ".join(
        "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in [*stroke, stroke[-1]]) for stroke in strokes if stroke
    )
    return {"path": path, "box": f"{left - 6:.1f} {top - 6:.1f} {width + 12:.1f} {height + 12:.1f}"}
