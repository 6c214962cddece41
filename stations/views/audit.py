"""The trail as the audit administrator reads it. It stands in this room because the trail knows no capabilities."""

import json
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from fire_supervision.lib import sought
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.paging import page_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind
from stations.permissions import Can
from trail.forms import EntryFilter, subject_name
from trail.models import NOBODYS, AuditEntry, Seal
from trail.names import action_name, fact_name
from trail.record import notice

MOST_EXPORTED = 50_000


def bureaus_of(request: OfficerRequest) -> set[int]:
    """The bureaus whose trail the administrator reads: his own and those below it; NOBODYS with none above."""
    managed = Organisation.objects.managed_by(request.user).filter(kind=OrganisationKind.BUREAU)
    return {*managed.values_list("pk", flat=True), *request.user.audits_nobodys}


def within(bureaus: set[int]) -> Q:
    """The trail of these bureaus."""
    return Q(bureau_id__in=bureaus) | (Q(bureau_id=None) if NOBODYS in bureaus else Q(pk__in=[]))


def _visible(bureaus: set[int]) -> QuerySet[AuditEntry]:
    """Each entry with the number of its seal."""
    seal = Seal.objects.filter(entry_id=OuterRef("pk")).values("sequence")
    return AuditEntry.objects.filter(within(bureaus)).annotate(sequence=Subquery(seal))


@requires(Can.VIEW_TRAIL)
def entries(request: OfficerRequest) -> HttpResponse:
    bureaus = bureaus_of(request)
    stations = Organisation.objects.filter(kind=OrganisationKind.STATION, bureau_id__in=bureaus).order_by("name", "pk")
    form = EntryFilter(request.GET, stations.values_list("pk", "name"), request.user.pk)
    found = form.narrow(_visible(bureaus))
    if request.GET.get("export"):
        return _export(request, found)
    page = page_of(found, ["-id"], request.GET.get("cursor", ""))
    rows = [(entry, action_name(entry.action), subject_name(entry.subject_type)) for entry in page.rows]
    _look(request, "查看审计记录列表")
    context = {"form": form, "page": page, "rows": rows, "nav_key": "trail"}
    return render(request, "stations/trail_list.html", context)


def _look(request: OfficerRequest, words: str) -> None:
    """That the trail was looked at is told too; turning a page of the same list is not looked at anew."""
    asked = request.GET.copy()
    asked.pop("cursor", None)
    path = sought.told(f"{request.path}?{asked.urlencode()}", request.user.pk) if asked else request.path
    bureau_id = request.user.organisation.bureau_id
    notice(request.user, "trail.read", words, after={"path": path[:200]}, bureau_id=bureau_id)


def _export(request: OfficerRequest, found: QuerySet[AuditEntry]) -> HttpResponse:
    """The entries shown as a workbook; that it was taken out is itself an entry."""
    count = found.count()
    if count > MOST_EXPORTED:
        raise RuleError(f"共 {count} 条，一次最多导出 {MOST_EXPORTED} 条", remedy="用日期缩小范围，分几次导出")
    header = [
        "时间", "操作人", "警号", "动作", "对象", "编号", "摘要", "理由", "变更前", "变更后", "地址",
        "请求编号", "封号",
    ]  # fmt: skip
    rows = (
        [
            entry.at, entry.actor_name, entry.actor_number, action_name(entry.action), subject_name(entry.subject_type),
            entry.subject_id, entry.summary, entry.reason, _words(entry.before), _words(entry.after), entry.address,
            entry.request_id, sequence_of(entry),
        ]
        for entry in found.order_by("-id").iterator()
    )  # fmt: skip
    return exports.table(request, f"审计记录 {localdate()}.xlsx", "审计记录", header, rows)


def sequence_of(entry: AuditEntry) -> int | None:
    """The number of its seal, as `_visible` brings it along."""
    found: int | None = getattr(entry, "sequence", None)
    return found


@requires(Can.VIEW_TRAIL)
def entry(request: OfficerRequest, pk: int) -> HttpResponse:
    visible = _visible(bureaus_of(request))
    found = get_object_or_404(visible, pk=pk)
    same = list(visible.filter(request_id=found.request_id).exclude(pk=pk)) if found.request_id else []
    _look(request, f"查看审计记录 {pk}")
    context = {
        "entry": found,
        "action": action_name(found.action),
        "subject": subject_name(found.subject_type),
        "changes": _changes(found),
        "same_request": [(other, action_name(other.action)) for other in same],
        "nav_key": "trail",
    }
    return render(request, "stations/trail_detail.html", context)


def _changes(entry: AuditEntry) -> list[tuple[str, str, str, bool]]:
    """Each field told of: its name on the screens, before, after, whether it changed."""
    rows = []
    for name in dict.fromkeys([*entry.before, *entry.after]):
        field = _field(entry.subject_type, name)
        before, after = (_shown(facts.get(name), field) for facts in (entry.before, entry.after))
        rows.append((str(getattr(field, "verbose_name", fact_name(name))), before, after, before != after))
    return rows


def _field(label: str, name: str) -> Any:
    """The field of the row an entry is about; None where its fact is not one, or the row's kind is gone."""
    try:
        return apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def _shown(value: Any, field: Any) -> str:
    """A state by its name, as the screens call it; what is no choice of ``field`` as it was written."""
    choices = dict(getattr(field, "flatchoices", None) or ())
    return str(choices[value]) if isinstance(value, str) and value in choices else _words(value)


def _words(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
