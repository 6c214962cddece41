"""Asking for a volume or a zip, and whether whoever asked still reaches what it is about."""

from datetime import datetime

from assessments.quarters import Quarter
from fire_supervision.lib.errors import RuleError
from inspections.models import Inspection, State
from records import bundles
from records.models import Bundle, BundleKind, Document
from stations.models import Organisation, User
from units.models import Unit


def ask_unit(unit: Unit, actor: User, at: datetime) -> Bundle:
    """Everything about one unit."""
    return bundles.request(
        kind=BundleKind.UNIT, subject_id=unit.pk, title=f"{unit.name}消防监督管理档案", scope=unit.scope_columns(),
        actor=actor, at=at,
    )  # fmt: skip


def ask_case(inspection: Inspection, actor: User, at: datetime) -> Bundle:
    """One inspection, its notices and what followed. Raises RuleError for one that is not finished."""
    if inspection.state in (State.DRAFT, State.DISCARDED):
        raise RuleError("这次检查没有完成，还没有案卷", remedy="完成检查、签发文书后再生成案卷。")
    on = inspection.visited_on
    title = f"{inspection.unit.name}{on.year}年{on.month}月{on.day}日消防监督检查案卷"
    return bundles.request(
        kind=BundleKind.CASE, subject_id=inspection.pk, title=title, scope=inspection.scope_columns(), actor=actor,
        at=at,
    )  # fmt: skip


def ask_quarter(station: Organisation, quarter: Quarter, actor: User, at: datetime) -> Bundle:
    """The papers a station issued in a quarter. Raises RuleError when there is none."""
    issued = Document.objects.for_user(actor).filter(station=station, issued_on__range=(quarter.start, quarter.end))
    if not issued.exists():
        raise RuleError(f"{station.name}{quarter}没有签发过文书，没有可以打包的")
    return bundles.request(
        kind=BundleKind.QUARTER, subject_id=station.pk, title=f"{station.name}{quarter}文书",
        scope=station.scope_columns(), actor=actor, at=at, since=quarter.start, until=quarter.end,
    )  # fmt: skip


def still_reaches(user: User, bundle: Bundle) -> bool:
    """Whether ``user`` sees what the bundle is about today: a unit may have gone to another station since."""
    match BundleKind(bundle.kind):
        case BundleKind.UNIT:
            return Unit.objects.for_user(user).filter(pk=bundle.subject_id).exists()
        case BundleKind.CASE:
            return Inspection.objects.for_user(user).filter(pk=bundle.subject_id).exists()
        case BundleKind.QUARTER:
            return Organisation.objects.for_user(user).filter(pk=bundle.subject_id).exists()
