"""The one way a stored file of a paper is opened to be shown, handed out or bound: as it was kept, or not at all."""

import hashlib
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from django.db.models.fields.files import FieldFile
from django.urls import reverse

from records.models import DocumentFile, Scan
from trail.record import Actor, notice

WITHHELD = "records.withhold"
# A paper is under 200 kB; of a large scan no more than this is held in memory at a time.
IN_MEMORY = 2_000_000


class NotAsKept(Exception):
    """The store holds other bytes than those whose hash was kept."""


def opened_as_kept(file: FieldFile, sha256: str) -> IO[bytes]:
    """The bytes of ``file``, open at their beginning, once all of them were found to have the hash ``sha256``.

    Of the bytes that were hashed, not of the store: what is written over it afterwards reaches nobody either.
    Raises NotAsKept where they differ, FileNotFoundError where there are none.
    """
    with file.open("rb") as stored:
        found, hashed = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY)), hashlib.sha256()  # noqa: SIM115 - handed on
        for chunk in stored.chunks():
            hashed.update(chunk)
            found.write(chunk)
    if hashed.hexdigest() != sha256:
        found.close()
        raise NotAsKept
    found.seek(0)
    return found


def tell_changed(kept: DocumentFile | Scan, actor: Actor | None) -> None:
    """Tell the trail that ``kept`` was withheld from ``actor`` as it was changed in the store.

    The alarm is raised from the entry (`trail.watching`). Like a refusal told once a minute and never in the way of
    the answer; call it where the request or the job goes on: what is raised afterwards may roll it back.
    """
    row = kept.document
    if isinstance(kept, Scan):
        what, path = row.scan_word, reverse("records:scan_file", args=[row.pk, kept.pk])
    else:
        what, path = f"{kept.name}联", reverse("records:file", args=[row.pk, kept.copy.lower()])
    summary = f"{row.number}的{what}没有提供：与留存时的校验值不符，文件已被改动"
    after = {"path": path, "subject_id": row.pk, "sha256": kept.sha256}
    notice(actor, WITHHELD, summary, after=after, what=row._meta.label_lower, bureau_id=row.bureau_id)
