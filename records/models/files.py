"""What is kept of a paper besides its words: printed copies, and scans of ink."""

from __future__ import annotations

from django.db import models

from records.models.document import Document
from records.models.kind import FORMS, Copy, Kind, copies
from stations.models import User


class DocumentFile(models.Model):
    """The bytes of one copy, printed once; a reprint gives the same bytes."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="files")
    copy = models.CharField("联次", max_length=8, choices=copies)
    file = models.FileField(upload_to="papers/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    # Whom the certificate names; empty where papers are not signed, and on those printed before they were.
    signer = models.CharField("数字签名", max_length=200, blank=True)

    class Meta:
        verbose_name = "文书文件"
        constraints = [models.UniqueConstraint(fields=["document", "copy"], name="file_one_a_copy")]

    @property
    def name(self) -> str:
        """What this copy is called on papers of its kind: 交被检查单位, 交举报人, 存档."""
        return FORMS[Kind(self.document.kind)].name_of(Copy(self.copy))


class Scan(models.Model):
    """A paper signed in ink, photographed or scanned, with the body camera's file number."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="scans", verbose_name="文书")
    file = models.FileField("扫描件", upload_to="scans/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    recorder_no = models.CharField("执法记录仪文件号", max_length=80, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        verbose_name = "扫描件"
        ordering = ["id"]
