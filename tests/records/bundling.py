"""The life of a bundle, act by act, for the test that looks at the trail."""

from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile

from records import bundles
from records.models import BundleKind
from stations.models import User
from units.models import Unit


def a_bundle(act: Any, unit: Unit, officer: User, at: datetime) -> None:
    """Asked for, failed, tried again, made, fetched, expired: ``act`` calls each and notes its entries."""
    about = {"kind": BundleKind.UNIT, "subject_id": unit.pk, "title": unit.name, "scope": unit.scope_columns()}
    bundle = act(bundles.request, **about, actor=officer, at=at)
    taken = act(bundles.take, bundle.pk, at)
    act(bundles.progress, taken, 1, 2, at)
    act(bundles.fail, taken, "出错")
    act(bundles.renew, bundle, officer, at)
    act(bundles.bind_pending, at)
    again = bundles.take(bundle.pk, at)
    act(bundles.finish, again, ContentFile(b"%PDF-"), sha256="0" * 64, pages=1, left_out=0, at=at)
    act(bundles.hand_out, bundle, officer, at).close()
    act(bundles.expire, at)
