"""Whether a PDF file is a paper of ours: its signature, and its bytes against those kept and told in the trail."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from fire_supervision.lib import signing
from records.models import DocumentFile
from records.prints import changed, printed_as


class Command(BaseCommand):
    help = "Check FILE: who signed it and whether it was changed, and which paper it is. Code 1 when it does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        found = signing.check(content)
        sha256 = hashlib.sha256(content).hexdigest()
        kept = DocumentFile.objects.select_related("document").filter(sha256=sha256).first()
        told = printed_as(kept.document_id) if kept else {}
        self.stdout.write(f"SHA-256    {sha256}\n签名       {words_of(found)}\n存档       {kept_as(kept)}")
        self.stdout.write(f"审计记录   {told_as(told, sha256)}")
        if kept is None or (found.signed and not found.holds):
            raise CommandError("不是本系统签发的原件，或者已被改动。")
        if told and told.get(kept.copy) != sha256:
            raise CommandError("与审计记录里打印时的校验值不同：存档和登记已被改动。")
        if parts := changed(kept.document):
            raise CommandError(f"文件是签发的原件，但数据库里这份文书的{'、'.join(parts)}已被改动。")


def words_of(found: signing.Check) -> str:
    if not found.signed:
        return "没有数字签名"
    bytes_ = "内容未改动" if found.valid else "签名后被改动"
    trust = "证书可信" if found.trusted else "证书不在信任之列"
    when = f"，{localtime(found.at):%Y-%m-%d %H:%M}" if found.at else ""
    return f"{found.signer}{when}，{bytes_}，{trust}"


def told_as(told: dict[str, str], sha256: str) -> str:
    if not told:
        return "没有打印时的校验值"
    return "与打印时的校验值相同" if sha256 in told.values() else "与打印时的校验值不同"


def kept_as(kept: DocumentFile | None) -> str:
    if kept is None:
        return "没有这份文件"
    return f"{kept.document.number}，{kept.name}，{kept.document.status}"
