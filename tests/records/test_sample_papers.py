"""The command that prints every paper to look at: each kind, sample and copy, without a database."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from records.citations import cited
from records.fields import FIELDS
from records.gate import lines_of
from records.management.commands import sample_papers
from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES, Sample
from records.samples.edges import ADDRESS, NAME
from tests.records.test_texts import values

SamplePdf = Callable[[Sample, Copy | None], bytes]


@pytest.fixture
def printed_once(sample_pdf: SamplePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this run has printed already is not printed again."""
    monkeypatch.setattr(sample_papers, "printed", sample_pdf)
    monkeypatch.setattr(sample_papers, "drafted", lambda sample: sample_pdf(sample, None))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# Without the database mark: a query would fail the test.
@pytest.mark.slow
@pytest.mark.usefixtures("printed_once")
def test_every_kind_is_there_in_every_copy_and_once_as_a_draft(tmp_path: Path) -> None:
    out = StringIO()
    call_command("sample_papers", tmp_path / "new" / "folder", stdout=out)
    files = {path.name: path for path in (tmp_path / "new" / "folder").iterdir()}
    wanted = {f"{s.kind}-{s.name}-{copy}.pdf".lower() for s in SAMPLES for copy in FORMS[s.kind].copies}
    drafts = {name for name in files if name.endswith("-draft.pdf")}
    assert set(files) == wanted | drafts
    assert sorted(name.split("-")[0] for name in drafts) == sorted({sample.kind.lower() for sample in SAMPLES})
    lines = out.getvalue().splitlines()[1:]
    for line in lines:
        name, pages, kilobytes, _ = line.split()
        content = files[name].read_bytes()
        assert (int(pages), int(kilobytes)) == (len(PdfReader(files[name]).pages), round(len(content) / 1000)), name
    assert len(lines) == len(files)


@pytest.mark.slow
def test_one_kind_is_printed_alone_and_really(tmp_path: Path) -> None:
    call_command("sample_papers", tmp_path, "--kind", "order_now", stdout=StringIO())
    assert names(tmp_path) == {
        "order_now-short-unit.pdf", "order_now-short-archive.pdf", "order_now-short-draft.pdf",
        "order_now-long-unit.pdf", "order_now-long-archive.pdf",
        "order_now-awkward-unit.pdf", "order_now-awkward-archive.pdf",
    }  # fmt: skip
    words = "".join(PdfReader(tmp_path / "order_now-short-draft.pdf").pages[0].extract_text().split())
    assert ("草稿" in words, "第0003号" in words) == (True, False)


@pytest.mark.slow
@pytest.mark.usefixtures("printed_once")
def test_what_is_issued_is_signed_and_a_draft_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_papers, "sign", lambda pdf: pdf + b"%signed")
    call_command("sample_papers", tmp_path, "--kind", "order_limit", stdout=StringIO())
    signed = {path.name for path in tmp_path.iterdir() if path.read_bytes().endswith(b"%signed")}
    assert names(tmp_path) - signed == {"order_limit-short-draft.pdf"}
    assert len(signed) == 6


def of(kind: Kind) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.kind == kind]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_tried_short_long_and_awkward(kind: Kind) -> None:
    names = [sample.name for sample in of(kind)]
    assert {"short", "long", "awkward"} - set(names) == set()
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", Kind)
def test_the_awkward_sample_has_a_long_name_rare_characters_mixed_widths_and_what_looks_like_markup(kind: Kind) -> None:
    (awkward,) = (sample for sample in of(kind) if sample.name == "awkward")
    texts = [str(value) for _, value in values(awkward.context)]
    called = [text for text in texts if NAME in text]
    assert called
    assert len(NAME) == 60
    assert [
        part for part in ("㛃", "𬱟", "堃翀", "<b>", "&", '"', "ＡＢＣ", "Coffee", "１２８") if part not in NAME
    ] == []
    addresses = {"address", "unit.address", "place"} & {
        place for sample in of(kind) for place, _ in values(sample.context)
    }
    assert (not addresses) or any(ADDRESS in text for text in texts)
    assert len(ADDRESS) >= 80


@pytest.mark.parametrize("kind", Kind)
def test_the_long_samples_fill_every_box_of_the_form_to_its_edge(kind: Kind) -> None:
    long = [sample.context for sample in of(kind) if "long" in sample.name]
    for field in FIELDS[kind]:
        if not field.box:
            continue
        columns, room = field.box
        texts = [text for context in long for place, text in values(context) if place == field.path]
        printed = [cited(text) if field.cites else text for text in texts]
        assert max((lines_of(text, columns) for text in printed), default=0) == room, field.path
