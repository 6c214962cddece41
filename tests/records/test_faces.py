"""Which faces a paper is printed with: the product's, and before them those a deployer has licences for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from fontTools.ttLib import TTFont

from fire_supervision.checks import licensed_faces_are_there
from fire_supervision.lib import faces
from records.templatetags.papers import face

NAME = "测试仿宋_GB2312"


@pytest.fixture(autouse=True)
def _forget_names() -> Iterator[None]:
    faces._names_in.cache_clear()
    yield
    faces._names_in.cache_clear()


def renamed(into: Path) -> Path:
    """A folder below ``into`` with one face, named as a licensed one would be; it has all of 黑体."""
    folder = into / "licensed" / "below"
    folder.mkdir(parents=True)
    with TTFont(faces.folder() / "FandolHei-Regular.otf") as font:
        for number in (1, 4, 6, 16):
            font["name"].removeNames(nameID=number)
        for number, words in ((1, NAME), (4, NAME), (6, "CeShiFangSong")):
            font["name"].setName(words, number, 3, 1, 0x409)
        font["CFF "].cff.fontNames = ["CeShiFangSong"]
        font.save(folder / "face.otf")
    (folder / "readme.ttf").write_text("not a face")
    return folder.parent


def test_a_character_is_looked_for_in_our_own_faces_in_this_order() -> None:
    assert face("fang") == '"FandolFang", "LXGW WenKai Light", "Noto Serif CJK SC", "DejaVu Sans"'
    assert face("title") == face("song") == '"FandolSong", "LXGW WenKai", "Noto Serif CJK SC", "DejaVu Sans"'


def test_a_licensed_face_goes_before_ours_for_what_it_is_named_for(settings: LazySettings) -> None:
    settings.PAPER_FANGSONG, settings.PAPER_TITLE = "仿宋_GB2312", "方正小标宋简体"
    assert [faces.families(use)[:2] for use in ("fang", "title")] == [
        ("仿宋_GB2312", "FandolFang"), ("方正小标宋简体", "FandolSong"),
    ]  # fmt: skip
    assert faces.families("song")[0] == "FandolSong"


def test_a_name_cannot_break_out_of_the_style_sheet(settings: LazySettings) -> None:
    settings.PAPER_FANGSONG = 'a"; } body { display: none\\'
    assert face("fang").startswith('"a; } body { display: none", "FandolFang"')


def test_fontconfig_sees_our_folder_alone_until_another_is_named(settings: LazySettings, tmp_path: Path) -> None:
    assert faces.configuration() == settings.PAPER_FONTS_DIR / "fonts.conf"
    settings.DATA_DIR, settings.PAPER_FACES_DIR = tmp_path / "data", tmp_path / "a & b"
    written = faces.configuration()
    assert written == tmp_path / "data" / "fonts.conf"
    words = written.read_text()
    assert f"<include>{settings.PAPER_FONTS_DIR / 'fonts.conf'}</include>" in words
    assert f"<dir>{tmp_path}/a &amp; b</dir>" in words
    before = written.stat().st_mtime_ns
    assert (faces.configuration().stat().st_mtime_ns, list(written.parent.iterdir())) == (before, [written])


def test_an_empty_folder_of_faces_says_how_to_fill_it(settings: LazySettings, tmp_path: Path) -> None:
    settings.PAPER_FONTS_DIR = tmp_path
    with pytest.raises(ImproperlyConfigured, match="make setup"):
        faces.configuration()


@pytest.mark.slow
def test_the_check_finds_a_licensed_face_by_its_name_and_refuses_one_that_is_not_there(
    settings: LazySettings, tmp_path: Path
) -> None:
    assert licensed_faces_are_there(None) == []
    settings.PAPER_FACES_DIR, settings.PAPER_FANGSONG = renamed(tmp_path), NAME
    assert licensed_faces_are_there(None) == []
    settings.PAPER_TITLE = "方正小标宋简体"
    assert [(each.id, each.msg) for each in licensed_faces_are_there(None)] == [
        ("fire_supervision.E008", f"The face 方正小标宋简体 of the papers is in no file of {settings.PAPER_FACES_DIR}.")
    ]


@pytest.mark.parametrize("place", [None, "nowhere"])
def test_the_check_refuses_a_name_without_its_folder(settings: LazySettings, tmp_path: Path, place: str | None) -> None:
    settings.PAPER_FANGSONG, settings.PAPER_FACES_DIR = NAME, place and tmp_path / place
    assert [each.id for each in licensed_faces_are_there(None)] == ["fire_supervision.E008"]


@pytest.mark.slow
def test_a_paper_is_printed_with_the_licensed_face_and_what_it_lacks_with_ours(tmp_path: Path) -> None:
    """In a process of its own: fontconfig reads its files once."""
    program = (
        "import django; django.setup()\n"
        "from records import papers; from records.models import Copy, Kind; from records.samples import visit\n"
        "open('paper.pdf', 'wb').write(papers.written(Kind.ORDER_LIMIT, visit.ORDER_LIMIT_LONG, Copy.UNIT))\n"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "fire_supervision.settings", "DATA_DIR": str(tmp_path / "data"), "DEBUG": "true",
        "PAPER_FACES_DIR": str(renamed(tmp_path)), "PAPER_FANGSONG": NAME, "PYTHONPATH": str(Path.cwd()),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, timeout=120)
    listed = subprocess.run(["pdffonts", "paper.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    names = {line.split()[0].partition("+")[2] for line in listed.splitlines()[2:]}
    assert any("GB2312" in name for name in names), names
    assert {name for name in names if "Fandol" in name} == {"FandolHei", "FandolSong-Bold", "FandolSong"}
