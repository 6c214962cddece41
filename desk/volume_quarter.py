"""A quarter's papers of a station as a zip: archive copies and scans, and a workbook that lists every file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from shutil import copyfileobj
from typing import IO, Any

from desk.volume_contents import archive_copies
from fire_supervision.lib.excel import workbook
from inspections.models import Complaint, ComplaintQuerySet, ComplaintState
from records.kept import NotAsKept, opened_as_kept, tell_changed
from records.models import Bundle, Document, DocumentFile, Kind, Scan, State
from stations.exports import mark
from stations.permissions import Can

INDEX = "目录.xlsx"
HEADER = ["序号", "文书号", "种类", "单位", "成文日期", "状态", "内容", "SHA-256", "文件名", "说明"]
# Windows refuses these in a name, and names that are longer.
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LONGEST = 80
CHANGED = {
    DocumentFile: "与签发时的校验值不符，请报告系统管理员",
    Scan: "与上传时的校验值不符，请报告系统管理员",
}
Tell = Callable[[int, int], None]


def pack(bundle: Bundle, into: IO[bytes], tell: Tell) -> tuple[int, int]:
    """Write the zip; 0 for its pages, and how many papers could not be packed (the workbook says which and why)."""
    papers = _papers(bundle)
    packed = _Pack(bundle, into, mark(bundle.requested_by, bundle.requested_at, bundle.title, "季度文书打包"))
    copies = archive_copies(papers)
    for done, paper in enumerate(papers):
        tell(done, len(papers) + 1)
        kept = copies.get(paper.pk)
        if kept is None:
            packed.leave_out(paper, "存档", "还没有打印")
        else:
            packed.add(paper, "存档", kept)
        for number, scan in enumerate(paper.scans.all(), start=1):
            packed.add(paper, f"{paper.scan_word}{number}", scan)
    for complaint in _withdrawn(bundle):
        packed.tell_withdrawn(complaint)
    packed.close()
    return 0, packed.left_out


def _papers(bundle: Bundle) -> list[Document]:
    found = Document.objects.for_user(bundle.requested_by).filter(
        station_id=bundle.subject_id, issued_on__range=(bundle.since, bundle.until)
    )
    return list(found.defer("context").prefetch_related("scans").order_by("kind", "sequence"))


def _withdrawn(bundle: Bundle) -> ComplaintQuerySet:
    """The complaints whose registration was withdrawn in the quarter: their numbers are used, no paper bears them."""
    if not bundle.requested_by.can(Can.VIEW_COMPLAINTS):
        return Complaint.objects.none()
    rows = Complaint.objects.for_user(bundle.requested_by).filter(station_id=bundle.subject_id)
    withdrawn = rows.filter(state=ComplaintState.WITHDRAWN, withdrawn_at__date__range=(bundle.since, bundle.until))
    return withdrawn.order_by("year", "sequence")


class _Pack:
    """A zip on its way; each file is hashed as it goes in, and one that is not what was issued stays out."""

    def __init__(self, bundle: Bundle, into: IO[bytes], mark: list[tuple[str, str]]) -> None:
        # PDF and JPEG are compressed already.
        self._zip = zipfile.ZipFile(into, "w", zipfile.ZIP_STORED)
        self._bundle, self._mark = bundle, mark
        self._rows: list[list[Any]] = []
        self._names: set[str] = set()
        self.left_out = 0

    def add(self, paper: Document, what: str, kept: DocumentFile | Scan) -> None:
        try:
            stored = opened_as_kept(kept.file, kept.sha256)
        except FileNotFoundError:
            self.leave_out(paper, what, "存储中没有这个文件")
            return
        except NotAsKept:
            tell_changed(kept, self._bundle.requested_by)
            self.leave_out(paper, what, CHANGED[type(kept)])
            return
        name = self._name(paper, what, str(kept.file.name).rpartition(".")[2])
        with stored, self._zip.open(name, "w") as entry:
            copyfileobj(stored, entry)
        self._tell(paper, what, kept.sha256, name, "")

    def leave_out(self, paper: Document, what: str, why: str) -> None:
        self.left_out += 1
        self._tell(paper, what, "", "", why)

    def _tell(self, paper: Document, what: str, sha256: str, name: str, remark: str) -> None:
        remark = remark or (f"作废：{paper.void_reason}" if paper.is_void else "")
        self._rows.append([
            len(self._rows) + 1, paper.number, paper.title, paper.unit_name, paper.issued_on, paper.status, what,
            sha256, name, remark,
        ])  # fmt: skip

    def tell_withdrawn(self, complaint: Complaint) -> None:
        """Nothing is left out: there is no paper."""
        self._rows.append([
            len(self._rows) + 1, complaint.number, Kind.COMPLAINT.label, complaint.premises, None,
            State.VOID.label, "登记已撤销，没有文书", "", "", f"作废：{complaint.withdrawn_reason}",
        ])  # fmt: skip

    def _name(self, paper: Document, what: str, ending: str) -> str:
        """`责令限期改正通知书/江公（城关）消限字〔2026〕第0001号 万家福便利超市 存档.pdf`, never twice."""
        void = f"（{paper.status}）" if paper.is_void else ""
        words = FORBIDDEN.sub("_", f"{paper.number} {paper.unit_name}")[:LONGEST].strip(" .")
        for more in _more():
            name = f"{FORBIDDEN.sub('_', paper.title)}/{words}{void} {what}{more}.{ending}"
            if name not in self._names:
                self._names.add(name)
                return name
        raise AssertionError("numbers do not end")

    def close(self) -> None:
        self._zip.writestr(INDEX, workbook("目录", HEADER, self._rows, mark=self._mark), zipfile.ZIP_DEFLATED)
        self._zip.close()


def _more() -> Iterator[str]:
    yield ""
    number = 2
    while True:
        yield f"（{number}）"
        number += 1
