"""The faces of the papers: which families are declared for what, and where fontconfig finds them and no others."""

import os
from collections.abc import Iterator
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


def missing() -> list[str]:
    """The licensed families that are in no file of PAPER_FACES_DIR."""
    there = _names_in(settings.PAPER_FACES_DIR) if settings.PAPER_FACES_DIR else frozenset()
    return [family for family in licensed().values() if family not in there]


@lru_cache(maxsize=1)
def _names_in(place: Path) -> frozenset[str]:
    """What the faces below ``place`` are called, in every language they are named in."""
    if not place.is_dir():
        return frozenset()
    files = (path for path in place.rglob("*") if path.suffix.lower() in _FONT_FILES)
    return frozenset(name for path in files for name in _names(path))


def _names(path: Path) -> Iterator[str]:
    """The names of the faces in one file; none in a file that is not what it is called."""
    with path.open("rb") as content:
        try:
            many = path.suffix.lower().endswith("c")
            fonts = TTCollection(content, lazy=True).fonts if many else [TTFont(content, lazy=True)]
            yield from (str(each) for font in fonts for each in font["name"].names if each.nameID in _FAMILY_NAMES)
        except (TTLibError, KeyError):
            return
