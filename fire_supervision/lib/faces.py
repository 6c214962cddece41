"""The faces of the papers: which families are declared for what, and where fontconfig finds them and no others."""

import os
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from fontTools.ttLib import TTCollection, TTFont, TTLibError

SETUP_HINT = "Run: make setup (it installs libharfbuzz-subset0 and the faces of the papers)."
# Fandol lacks 13,000 characters, 堃 翀 喆 赟 璟 ㎡ among them; WenKai has them, 㛃 𬱖 too, and blends in; ☑ ☐: DejaVu.
_REST = ("Noto Serif CJK SC", "DejaVu Sans")
_USUAL = {
    "fang": ("FandolFang", "LXGW WenKai Light", *_REST),
    "title": ("FandolSong", "LXGW WenKai", *_REST),
    "song": ("FandolSong", "LXGW WenKai", *_REST),
    "hei": ("FandolHei", "LXGW WenKai", *_REST),
    "kai": ("FandolKai", "LXGW WenKai", *_REST),
}
# A telephone types them as readily as words; the few our faces have do not belong on a paper either.
EMOJI = re.compile("[\U0001f000-\U0001faff]")
# Controls, formats and spaces are not drawn, nor are the selectors of a variant.
UNDRAWN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FONT_FILES = {".ttf", ".otf", ".ttc", ".otc"}
_FAMILY_NAMES = {1, 4, 16}


def folder() -> Path:
    """Where the faces lie; raises ImproperlyConfigured when `scripts/fonts.sh` has not filled it."""
    found: Path = settings.PAPER_FONTS_DIR
    if not (found / "fonts.conf").exists():
        raise ImproperlyConfigured(f"There are no faces in {found}. {SETUP_HINT}")
    return found


def licensed() -> dict[str, str]:
    """The families a deployer has licences for, by what they are used for; each goes before the usual ones."""
    named = {"fang": settings.PAPER_FANGSONG, "title": settings.PAPER_TITLE}
    return {use: family for use, family in named.items() if family}


def families(use: str) -> tuple[str, ...]:
    """What is declared for ``use`` (fang, title, song, hei, kai): a character comes from the first that has it."""
    first = licensed().get(use)
    return (first, *_USUAL[use]) if first else _USUAL[use]


def configuration() -> Path:
    """The file fontconfig reads: the product's folder, and after it the deployer's where one is set."""
    ours = folder() / "fonts.conf"
    if not settings.PAPER_FACES_DIR:
        return ours
    theirs: Path = settings.DATA_DIR / "fonts.conf"
    words = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>'
        f"<include>{escape(str(ours))}</include><dir>{escape(str(settings.PAPER_FACES_DIR))}</dir></fontconfig>\n"
    )
    if not theirs.exists() or theirs.read_text() != words:
        # Whole or not at all: another worker may be reading it.
        theirs.parent.mkdir(parents=True, exist_ok=True)
        new = theirs.with_suffix(f".{os.getpid()}")
        new.write_text(words)
        new.replace(theirs)
    return theirs


@dataclass(frozen=True)
class Characters:
    """Code points as ranges that neither touch nor overlap: ``starts`` in order, and where each ends."""

    starts: list[int]
    ends: list[int]

    def __contains__(self, char: str) -> bool:
        before = bisect_right(self.starts, ord(char)) - 1
        return before >= 0 and ord(char) <= self.ends[before]


def characters() -> Characters | None:
    """What can be printed at all; None where `scripts/fonts.sh` has not written it down."""
    return _characters(settings.PAPER_FONTS_DIR / "characters.txt", settings.PAPER_FACES_DIR)


@lru_cache(maxsize=2)
def _characters(ours: Path, theirs: Path | None) -> Characters | None:
    if not ours.exists():
        return None
    ranges = (line.partition("-") for line in ours.read_text().split())
    found = [(int(first, 16), int(last or first, 16)) for first, _, last in ranges]
    return _merged(found + [(point, point) for point in _points_in(theirs)])


def _merged(ranges: Iterable[tuple[int, int]]) -> Characters:
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(ranges):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return Characters(starts, ends)


def lacking(text: str) -> str:
    """The first character of ``text`` that would be printed as an empty box, or is an emoji; empty for none."""
    return next(_lacking(text), "")


def all_lacking(chars: Iterable[str]) -> frozenset[str]:
    """Which of ``chars`` are `lacking`."""
    return frozenset(_lacking(chars))


def _lacking(chars: Iterable[str]) -> Iterator[str]:
    known = characters()
    return (char for char in chars if EMOJI.match(char) or _is_lacking(char, known))


def called(char: str) -> str:
    """How a form names a character that is `lacking`."""
    return f"表情符号{char}" if EMOJI.match(char) else f"“{char}”（U+{ord(char):04X}）"


def _is_lacking(char: str, known: Characters | None) -> bool:
    return known is not None and char not in known and _is_drawn(char)


def _is_drawn(char: str) -> bool:
    return unicodedata.category(char) not in UNDRAWN and not SELECTORS.match(char)


def missing() -> list[str]:
    """The licensed families that are in no file of PAPER_FACES_DIR."""
    there = _names_in(settings.PAPER_FACES_DIR) if settings.PAPER_FACES_DIR else frozenset()
    return [family for family in licensed().values() if family not in there]


@lru_cache(maxsize=1)
def _names_in(place: Path) -> frozenset[str]:
    """What the faces below ``place`` are called, in every language they are named in."""
    named = (each for font in _fonts_in(place) for each in font["name"].names)
    return frozenset(str(each) for each in named if each.nameID in _FAMILY_NAMES)


def _points_in(place: Path | None) -> frozenset[int]:
    """The code points of the faces below ``place``."""
    return frozenset(point for font in _fonts_in(place) for point in font.getBestCmap() or ()) if place else frozenset()


def _fonts_in(place: Path) -> Iterator[TTFont]:
    files = (path for path in place.rglob("*") if path.suffix.lower() in _FONT_FILES) if place.is_dir() else ()
    for path in files:
        yield from _fonts(path)


def _fonts(path: Path) -> Iterator[TTFont]:
    """The faces in one file, open while they are looked at; none in a file that is not what it is called."""
    with path.open("rb") as content:
        try:
            many = path.suffix.lower().endswith("c")
            fonts = TTCollection(content, lazy=True).fonts if many else [TTFont(content, lazy=True)]
            yield from (font for font in fonts if "name" in font and "cmap" in font)
        except TTLibError:
            return
