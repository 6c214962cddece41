"""Issued papers printed in one go: the frozen pages of each, never printed anew."""

from typing import IO, BinaryIO, cast

from django.db.models import QuerySet

from fire_supervision.lib.errors import RuleError
from records.kept import NotAsKept, opened_as_kept
from records.models import Copy, Document, DocumentFile

# What a printer takes without being filled again; bound in under a second.
LIMIT = 300
RESTORE = "先不要打印这份文书，请联系系统管理员从备份恢复；其余的不勾选它，仍可合并打印。"


class ChangedPart(RuleError):
    """``kept`` was changed in the store; whoever catches it tells the trail."""

    def __init__(self, kept: DocumentFile) -> None:
        super().__init__(f"{kept.document.number}的打印件与签发时的原件不一致", remedy=RESTORE)
        self.kept = kept


def stack(documents: QuerySet[Document], copy: Copy | None, *, both_sides: bool = False) -> IO[bytes]:
    """The valid and printed ones of ``documents`` in the order of their days and numbers, open for reading.

    ``copy`` narrows to one 联次. Raises RuleError when nothing is left, more than `LIMIT` papers are, or a stored file
    is gone, damaged or (`ChangedPart`) not the one that was issued: what is printed is the frozen paper or nothing.
    """
    from fire_supervision.lib.pdf_stack import (  # noqa: PLC0415 - a worker that prints need not hold what binds
        DamagedPart,
        stacked,
    )

    ready = documents.valid().filter(rendered_at__isnull=False)  # type: ignore[attr-defined] # a DocumentQuerySet
    files = DocumentFile.objects.filter(document__in=ready.order_by().values("pk"), **({"copy": copy} if copy else {}))
    count = files.order_by().values("document").distinct().count()
    if not count:
        raise RuleError("没有可以合并打印的文书", remedy="先勾选文书。已作废的、还没有打印好的不合并。")
    if count > LIMIT:
        raise RuleError(f"选出的文书有 {count} 份，一次最多合并 {LIMIT} 份", remedy="缩小签发日期或种类，分几次打印。")
    ordered = list(
        files.select_related("document")
        .defer("document__context")
        .order_by("document__issued_on", "document__number", "-copy")
    )
    try:
        return stacked(map(_opened, ordered), both_sides=both_sides)
    except DamagedPart as damaged:
        raise _unfit(ordered[damaged.position], "已损坏") from damaged


def _opened(kept: DocumentFile) -> BinaryIO:
    """The bytes that were issued, compared before they are merged."""
    try:
        return cast(BinaryIO, opened_as_kept(kept.file, kept.sha256))
    except FileNotFoundError:
        raise _unfit(kept, "不在存储中") from None
    except NotAsKept:
        raise ChangedPart(kept) from None


def _unfit(kept: DocumentFile, words: str) -> RuleError:
    return RuleError(f"{kept.document.number}的打印件{words}", remedy=RESTORE)
