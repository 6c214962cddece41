"""The command that prints every paper to look at: each kind, sample and copy, without a database."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from records.management.commands import sample_papers
from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES, Sample

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
    assert len(signed) == 4


def test_every_kind_has_samples_of_its_own_names() -> None:
    called = [(sample.kind, sample.name) for sample in SAMPLES]
    assert len(set(called)) == len(called)
    assert {kind for kind, _ in called} == set(Kind)
