"""Every paper looks as it did when somebody last looked at it: each sample against its picture in `pictures/`.

After a change that is meant: `make papers ACCEPT=1`, look at build/papers/index.html, commit the pictures.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from records.models import FORMS, Copy, Kind
from records.samples import SAMPLES, Sample
from tests.records.looks import LIMIT, distance, keep, kept, picture, shown

KEPT = Path(__file__).parent / "pictures"
NEW = Path(__file__).resolve().parents[2] / "build" / "pictures"
ACCEPT = bool(os.environ.get("ACCEPT"))


def looks() -> Iterator[tuple[str, Sample, Copy | None]]:
    """Every sample as it is kept in the archive; the first of a kind also in its other copies and as a draft."""
    seen: set[Kind] = set()
    for sample in SAMPLES:
        copies: list[Copy | None] = [Copy.ARCHIVE]
        if sample.kind not in seen:
            seen.add(sample.kind)
            copies = [*FORMS[sample.kind].copies, None]
        for copy in copies:
            yield f"{sample.kind}-{sample.name}-{copy or 'draft'}".lower(), sample, copy


LOOKS = list(looks())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sample", "copy"), LOOKS, ids=[name for name, _, _ in LOOKS])
def test_the_paper_looks_as_it_did(
    name: str, sample: Sample, copy: Copy | None, sample_pdf: Callable[[Sample, Copy | None], bytes]
) -> None:
    path = KEPT / f"{name}.png"
    now = picture(sample_pdf(sample, copy))
    far = distance(kept(path), now) if path.exists() else None
    if far is not None and far <= LIMIT:
        return
    if ACCEPT:
        keep(now, path)
        return
    keep(now, NEW / path.name)
    if far is not None:
        shown(kept(path), now).save(NEW / f"{name}-difference.png")
    says = "has no picture to compare with" if far is None else f"is {far} from its picture, {LIMIT} are allowed"
    pytest.fail(f"{name} {says}. See build/pictures; if it is meant: make papers ACCEPT=1", pytrace=False)


def test_every_kept_picture_belongs_to_a_sample() -> None:
    orphans = {path.stem for path in KEPT.glob("*.png")} - {name for name, _, _ in LOOKS}
    for name in orphans if ACCEPT else ():
        (KEPT / f"{name}.png").unlink()
    assert ACCEPT or orphans == set()


def test_every_archive_copy_and_every_kind_with_samples_is_looked_at() -> None:
    archived = {(sample.kind, sample.name) for sample in SAMPLES if Copy.ARCHIVE in FORMS[sample.kind].copies}
    assert {(sample.kind, sample.name) for _, sample, copy in LOOKS if copy == Copy.ARCHIVE} == archived
    assert len({name for name, _, _ in LOOKS}) == len(LOOKS)
