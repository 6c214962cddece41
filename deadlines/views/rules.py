"""The rules with their articles, and what a bureau settles of them."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deadlines import actions
from deadlines.calendar import Calendar
from deadlines.forms import RuleFilter, RuleForm
from deadlines.ladder import midnight
from deadlines.models import Clock, DeadlineRule, Unit
from deadlines.rules import Explained, compute
from deadlines.settling import ValueRefused
from deadlines.versions import RuleRow, Version, bureau_read_by, rows_of
from stations import exports
from stations.http import OfficerRequest, requires
from stations.models import User
from stations.permissions import Can

RULE_HEADER = [
    "代码", "名称", "起算", "期限", "首日", "依据", "条文", "约束对象", "办理单位", "地区", "提醒", "来源", "核定",
    "起", "止",
]  # fmt: skip
# A calendar of more days than this explains nothing at a glance.
DRAWN_DAYS = 100


@requires(Can.VIEW_RULES)
@require_GET
def rules(request: OfficerRequest) -> HttpResponse:
    """Every rule of the bureau as it holds today, old versions folded below it."""
    every = rows_of(bureau_read_by(request.user), localdate())
    form = RuleFilter(request.GET)
    rows = form.narrow(every)
    may_export = request.user.can(Can.EXPORT)
    if request.GET.get("export"):
        return _export(request, rows)
    context = {
        "form": form,
        "rows": rows,
        "of": len(every),
        "confirmed": sum(row.rule.confirmed for row in every),
        "may_export": may_export,
        "may_edit": request.user.can(Can.EDIT_RULES),
        "nav_key": "rules",
    }
    return render(request, "deadlines/rule_list.html", context)


def _export(request: OfficerRequest, rows: list[RuleRow]) -> HttpResponse:
    lines = [
        [
            row.rule.code, row.rule.name, row.rule.trigger, row.present.amount, row.present.first_day, row.rule.basis,
            row.rule.text, row.rule.get_binding_display(), row.rule.get_doer_display(), row.present.region,
            row.present.reminders, row.present.origin_words, "已核定" if row.rule.confirmed else "待核定",
            row.rule.since, row.rule.until,
        ]
        for row in rows
    ]  # fmt: skip
    return exports.table(request, f"期限规则{localdate()}.xlsx", "期限规则", RULE_HEADER, lines)


@requires(Can.VIEW_RULES)
@require_GET
def rule(request: OfficerRequest, code: str) -> HttpResponse:
    """One rule with all its versions."""
    row = _row(request.user, code)
    may_edit = request.user.can(Can.EDIT_RULES)
    context = {
        "row": row,
        "rule": row.rule,
        "versions": [*([row.coming] if row.coming else []), row.present, *row.former],
        "running": Clock.objects.for_user(request.user).running().filter(rule_code=code).count(),
        "may_edit": may_edit,
        "may_confirm": may_edit and not row.rule.confirmed and row.coming is None,
        "may_withdraw": may_edit and row.coming is not None and row.coming.rule.bureau_id is not None,
        "nav_key": "rules",
    }
    return render(request, "deadlines/rule_detail.html", context)


def _row(user: User, code: str) -> RuleRow:
    rows = rows_of(bureau_read_by(user), localdate(), code)
    if not rows:
        raise Http404(code)
    return rows[0]


@requires(Can.EDIT_RULES)
@require_POST
def confirm(request: OfficerRequest, code: str) -> HttpResponse:
    own = actions.confirm_rule(request.user, _row(request.user, code).rule.code, localdate())
    messages.success(request, f"“{own.name}”已核定，今天起用")
    return redirect("deadlines:rule", code)


@requires(Can.EDIT_RULES)
@require_POST
def withdraw(request: OfficerRequest, code: str) -> HttpResponse:
    actions.withdraw_rule(request.user, _row(request.user, code).rule.code, localdate())
    messages.success(request, "已撤回，继续按现行的版本计算")
    return redirect("deadlines:rule", code)


@requires(Can.EDIT_RULES)
@require_http_methods(["GET", "POST"])
def change(request: OfficerRequest, code: str) -> HttpResponse:
    """The form with what it leads to beside it; ``preview`` in the request only counts."""
    row, today = _row(request.user, code), localdate()
    form = RuleForm(request.POST or None, row=row, today=today)
    only_preview = "preview" in request.POST
    if form.is_valid() and not only_preview and (own := _changed(request.user, code, form, today)):
        messages.success(request, f"“{own.name}”已修改，{own.since} 起用")
        return redirect("deadlines:rule", code)
    context = {
        "row": row,
        "rule": row.rule,
        "law": row.law(today),
        "form": form,
        "counted": _counted(row.rule, form, today),
        "nav_key": "rules",
    }
    template = "deadlines/_rule_preview.html" if request.htmx and only_preview else "deadlines/rule_form.html"
    return render(request, template, context, status=422 if form.errors and not only_preview else 200)


def _changed(user: User, code: str, form: RuleForm, today: date) -> DeadlineRule | None:
    """The new version, or None when the law does not allow what stands in the form."""
    values = form.cleaned_data
    try:
        return actions.change_rule(user, code, form.rule_values(), values["since"], values["reason"], today)
    except ValueRefused as refusal:
        form.add_error(refusal.field, refusal.message)
        return None


@dataclass(frozen=True)
class Counted:
    """What a version leads to for a period that begins on ``start``."""

    version: Version
    start: date
    explained: Explained

    @property
    def drawn(self) -> bool:
        return len(self.explained.days) <= DRAWN_DAYS


def _counted(rule: DeadlineRule, form: RuleForm, today: date) -> list[Counted]:
    """The present version and, where the form can be counted by, the new one, from the day this would begin."""
    new = form.as_rule()
    start = max(new.since, today) if new else today
    calendar = Calendar.load(start)
    at = now() if start == today else midnight(start)
    return [
        Counted(Version(each), start, compute(each, start, calendar, at=at if each.unit == Unit.HOURS else None))
        for each in (rule, new)
        if each is not None
    ]
