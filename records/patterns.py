"""What a number is made of: read from a bureau's pattern, checked before it is set, never run as code."""

import string
from collections.abc import Mapping
from itertools import pairwise

from records.gate import width
from records.models import FORMS, Kind, NumberPattern, default_pattern
from stations.models import Organisation

PARTS = ("code", "station", "word", "year", "number")
_ALLOWED = "{code} {station} {word} {year} {number:04d}"
# As long as the form of an organisation allows (stations.forms.IN_NUMBERS), and the longest series.
_LONGEST = {"code": "江" * 5, "station": "关" * 8, "word": "送证", "year": 2026, "number": 99_999}
_SAMPLE = {"station": "城关", "year": 2026, "number": 29}
MAX_LENGTH = 80
# Full-width characters of one line of 3号 across the type area: a number is read in one piece (GB/T 9704 7.3.3).
ONE_LINE = 28


def patterns_of(bureau_id: int | None) -> dict[Kind, str]:
    """The pattern of every kind in a bureau, in one query."""
    own = dict(NumberPattern.objects.filter(bureau_id=bureau_id).values_list("kind", "pattern"))
    return resolved(own)


def resolved(own: Mapping[str, str]) -> dict[Kind, str]:
    """Each kind's own pattern, else the bureau's for enforcement papers, else the default."""
    common = own.get("", default_pattern(None))
    return {kind: own.get(kind, default_pattern(kind) if FORMS[kind].official else common) for kind in Kind}


def in_force(own: Mapping[str, str], kind: Kind | None) -> str:
    """What stands now for ``kind``, or for the enforcement papers together."""
    return own.get("", default_pattern(None)) if kind is None else resolved(own)[kind]


def printed(pattern: str, station: Organisation, kind: Kind, year: int, number: int) -> str:
    """``pattern``, which was checked when it was set, filled for one paper of ``station``."""
    return pattern.format(
        code=station.code_word or (station.bureau.code_word if station.bureau else ""),
        station=station.short_name or station.name.removesuffix("派出所"),
        word=FORMS[kind].word,
        year=year,
        number=number,
    )


def sample(pattern: str, kind: Kind | None, code: str = "") -> str:
    """A number after ``pattern``, with ``code`` as the word of the bureau; of ``kind``, or of enforcement papers.

    Raises ValueError with the reason in Chinese: without year and sequence, and for an enforcement paper without the
    station, two papers share a number; a pattern of several kinds needs the word of the paper too.
    """
    pieces = _pieces(pattern)
    used = [name for _, name in pieces if name]
    missing = [f"{{{name}}}" for name in _needed(kind) if name not in used]
    if missing:
        raise ValueError(f"缺少 {'、'.join(missing)}，不同文书会重号")
    if _touching(pieces):
        raise ValueError("{station} 与 {word} 或 {number} 之间须有文字隔开，如（{station}），否则不同文书会重号")
    return pattern.format(code=code, word=FORMS[kind or Kind.ORDER_LIMIT].word, **_SAMPLE)


def check(pattern: str, kind: Kind | None) -> None:
    """Raises ValueError with the reason in Chinese for what may not be set: as `sample`, or longer than a line."""
    sample(pattern, kind)
    if not on_one_line(pattern.format(**_LONGEST)):
        raise ValueError(f"太长，所名较长的派出所文书号会超过一行 {ONE_LINE} 个字")


def on_one_line(number: str) -> bool:
    return width(number) <= ONE_LINE


def same_as(patterns: Mapping[Kind, str]) -> tuple[Kind, Kind] | None:
    """Two kinds whose numbers could not be told apart under ``patterns``; None when all differ."""
    seen: dict[str, Kind] = {}
    for kind, pattern in patterns.items():
        # Beyond every width, so that {number} and {number:04d} show that they meet at 1000.
        number = pattern.format(code="", word=FORMS[kind].word, **_SAMPLE | {"number": 123_456_789})
        if number in seen:
            return seen[number], kind
        seen[number] = kind
    return None


def _needed(kind: Kind | None) -> tuple[str, ...]:
    if kind is None:
        return ("station", "word", "year", "number")
    return ("year", "number") if FORMS[kind].official else ("station", "year", "number")


def _pieces(pattern: str) -> list[tuple[str, str | None]]:
    """Literal text and the field behind it; refuses whatever is not one of the five fields."""
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError:
        raise ValueError("大括号没有成对") from None
    for _, name, spec, turn in parsed:
        if name is not None and (name not in PARTS or turn or (spec and (name != "number" or not _width(spec)))):
            raise ValueError(f"{{{name}}} 写法不对，只能用 {_ALLOWED}")
    return [(text, name) for text, name, _, _ in parsed]


def _width(spec: str) -> bool:
    """Whether ``spec`` is a width with leading zeros, as in 04d."""
    return spec in {f"0{width}d" for width in range(1, 9)}


def _touching(pieces: list[tuple[str, str | None]]) -> bool:
    """Whether the station's name, which may end or begin with any word or digit, runs into the word or the number."""
    pairs = [{before, name} for (_, before), (text, name) in pairwise(pieces) if not text]
    return any(pair in ({"station", "word"}, {"station", "number"}) for pair in pairs)
