"""The trail as the audit administrator reads it. It stands in this room because the trail knows no capabilities."""

import json
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from fire_supervision.lib import excel
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.paging import page_of
from stations.http import OfficerRequest, requires
from stations.models import Organisation, OrganisationKind
from stations.permissions import Can
from trail.forms import EntryFilter, subject_name
from trail.models import AuditEntry
from trail.record import record

MOST_EXPORTED = 50_000


def _visible(request: OfficerRequest) -> QuerySet[AuditEntry]:
    """The trail of the administrator's bureau and those below it, and what belongs to no bureau."""
    bureaus = Organisation.objects.managed_by(request.user).filter(kind=OrganisationKind.BUREAU)
    return AuditEntry.objects.filter(Q(bureau_id__in=list(bureaus.values_list("pk", flat=True))) | Q(bureau_id=None))


@requires(Can.VIEW_TRAIL)
def entries(request: OfficerRequest) -> HttpResponse:
    form = EntryFilter(request.GET)
    found = form.narrow(_visible(request))
    if request.GET.get("export"):
        return _export(request, found)
    page = page_of(found, ["-id"], request.GET.get("cursor", ""))
    rows = [(entry, subject_name(entry.subject_type)) for entry in page.rows]
    context = {"form": form, "page": page, "rows": rows, "nav_key": "trail"}
    return render(request, "stations/trail_list.html", context)


def _export(request: OfficerRequest, found: QuerySet[AuditEntry]) -> HttpResponse:
    """The entries shown as a workbook; that it was taken out is itself an entry."""
    count = found.count()
    if count > MOST_EXPORTED:
        raise RuleError(f"共 {count} 条，一次最多导出 {MOST_EXPORTED} 条", remedy="用日期缩小范围，分几次导出")
    header = ["时间", "操作人", "警号", "动作", "对象", "编号", "摘要", "理由", "变更前", "变更后", "地址", "请求编号"]
    rows = (
        [
            entry.at, entry.actor_name, entry.actor_number, entry.action, subject_name(entry.subject_type),
            entry.subject_id, entry.summary, entry.reason, _words(entry.before), _words(entry.after), entry.address,
            entry.request_id,
        ]
        for entry in found.order_by("-id").iterator()
    )  # fmt: skip
    content = excel.workbook("审计记录", header, rows)
    with transaction.atomic():
        record(request.user, "trail.export", None, f"导出审计记录 {count} 条", after=request.GET.dict())
    return excel.download(f"审计记录 {localdate()}.xlsx", content)


@requires(Can.VIEW_TRAIL)
def entry(request: OfficerRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_visible(request), pk=pk)
    context = {"entry": found, "subject": subject_name(found.subject_type), "changes": _changes(found)}
    same = _visible(request).filter(request_id=found.request_id).exclude(pk=pk) if found.request_id else []
    return render(request, "stations/trail_detail.html", {**context, "same_request": same, "nav_key": "trail"})


def _changes(entry: AuditEntry) -> list[tuple[str, str, str, bool]]:
    """Each field told of: its name on the screens, before, after, whether it changed."""
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    rows = [(name, _words(entry.before.get(name)), _words(entry.after.get(name))) for name in names]
    return [(_field_name(entry.subject_type, name), before, after, before != after) for name, before, after in rows]


def _field_name(label: str, name: str) -> str:
    try:
        return str(getattr(apps.get_model(label)._meta.get_field(name), "verbose_name", name))
    except (LookupError, ValueError, FieldDoesNotExist):
        return name


def _words(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
