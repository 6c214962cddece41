"""Issued papers printed in one go: the frozen pages of each, never printed anew."""

from collections.abc import Iterator
from typing import IO, BinaryIO

from django.db.models import QuerySet

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.pdf_stack import stacked
from records.models import Copy, Document, DocumentFile

# What a printer takes without being filled again; bound in under a second.
LIMIT = 300


def stack(documents: QuerySet[Document], copy: Copy | None, *, both_sides: bool = False) -> IO[bytes]:
    """The valid and printed ones of ``documents`` in the order of their days and numbers, open for reading.

    ``copy`` narrows to one 联次. Raises RuleError when nothing is left, or more than `LIMIT` papers are.
    """
    ready = documents.valid().filter(rendered_at__isnull=False)  # type: ignore[attr-defined]
    files = DocumentFile.objects.filter(document__in=ready.order_by().values("pk"), **({"copy": copy} if copy else {}))
    count = files.order_by().values("document").distinct().count()
    if not count:
        raise RuleError("没有可以合并打印的文书", remedy="先勾选文书。已作废的、还没有打印好的不合并。")
    if count > LIMIT:
        raise RuleError(f"选出的文书有 {count} 份，一次最多合并 {LIMIT} 份", remedy="缩小签发日期或种类，分几次打印。")
    ordered = (
        files.select_related("document")
        .defer("document__context")
        .order_by("document__issued_on", "document__number", "-copy")
    )
    return stacked(_opened(ordered), both_sides=both_sides)


def _opened(files: QuerySet[DocumentFile]) -> Iterator[BinaryIO]:
    for each in files:
        try:
            yield each.file.open("rb").file
        except FileNotFoundError:
            raise RuleError(f"{each.document.number}的打印件不在存储中", remedy="请联系系统管理员。") from None
