"""Making a bundle: take it, bind it, keep the file; whatever goes wrong is said on the page of downloads."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from datetime import datetime
from typing import Any, cast

from django.core.files.base import File
from django.utils import timezone

from desk.volume import still_reaches
from desk.volume_quarter import pack
from desk.volume_writing import write
from fire_supervision.lib.errors import RuleError
from records import bundles
from records.models import Bundle, BundleKind

logger = logging.getLogger(__name__)
BROKEN = "生成时出错，文书不受影响；可以重试，还不成功请联系系统管理员"


def bind(bundle_id: int, now: datetime) -> None:
    """Make the bundle if it waits; a second run and a rival change nothing."""
    bundle = bundles.take(bundle_id, now)
    if bundle is None:
        return
    try:
        _make(bundle)
    except bundles.Overtaken:
        return
    except RuleError as refused:
        bundles.fail(bundle, refused.message)
    except Exception:  # whoever asked must hear of it; the log has what it was
        logger.exception("could not bind %s", bundle_id)
        bundles.fail(bundle, BROKEN)


def _make(bundle: Bundle) -> None:
    if not still_reaches(bundle.requested_by, bundle):
        raise RuleError(f"{bundle.requested_by.name}已无权查看，没有生成")

    def tell(done: int, total: int) -> None:
        bundles.progress(bundle, done, total, timezone.now())

    # Without a name in the file system: a worker that is killed leaves nothing behind.
    with tempfile.TemporaryFile() as content:
        make = pack if bundle.kind == BundleKind.QUARTER else write
        pages, left_out = make(bundle, content, tell)
        content.seek(0)
        sha256 = hashlib.file_digest(cast(Any, content), "sha256").hexdigest()
        content.seek(0)
        bundles.finish(
            bundle, File(content, bundle.file_name), sha256=sha256, pages=pages, left_out=left_out,
            at=timezone.now(),
        )  # fmt: skip
