"""The table of rules with their articles."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from deadlines.models import DeadlineRule, Unit
from fire_supervision.lib.excel import download, workbook
from stations.http import OfficerRequest, requires
from stations.permissions import Can

RULE_HEADER = ["代码", "名称", "期限", "依据", "条文", "约束对象", "核定", "起", "止"]
WORDS = {Unit.HOURS: "{} 小时", Unit.DAY_OF_MONTH: "次月 {} 日前", Unit.CALENDAR_DAYS: "{} 日"}


@require_GET
@requires(Can.VIEW_RULES)
def rules(request: OfficerRequest) -> HttpResponse:
    rows = list(DeadlineRule.objects.order_by("-confirmed", "binding", "code", "since"))
    if request.GET.get("export") and request.user.can(Can.EXPORT):
        return download(f"期限规则{localdate()}.xlsx", _workbook(rows))
    context = {
        "rules": [(rule, _amount(rule)) for rule in rows],
        "confirmed": sum(rule.confirmed for rule in rows),
        "can_export": request.user.can(Can.EXPORT),
        "nav_key": "rules",
    }
    return render(request, "deadlines/rule_list.html", context)


def _amount(rule: DeadlineRule) -> str:
    """3 个工作日, 24 小时, 当场."""
    unit = Unit(rule.unit)
    if unit == Unit.WORKING_DAYS:
        return f"{rule.amount} {unit.label}"
    return WORDS.get(unit, unit.label).format(rule.amount)


def _workbook(rows: list[DeadlineRule]) -> bytes:
    lines = [
        [
            rule.code, rule.name, _amount(rule), rule.basis, rule.text, rule.get_binding_display(),
            "已核定" if rule.confirmed else "待核定", rule.since, rule.until,
        ]
        for rule in rows
    ]  # fmt: skip
    return workbook("期限规则", RULE_HEADER, lines)
