"""What a day is, which year is shown, a list of days, and the value of a rule."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from deadlines.importing import FIRST_YEAR, LAST_YEAR, MAX_MB, Line, lines_of, text_of
from deadlines.models import Binding, DayKind, DeadlineRule, Doer, Unit
from deadlines.rules import MAY_COUNT_FIRST
from deadlines.seed import DAY, SeedDay
from deadlines.settling import VALUES, RuleValues, units_for
from deadlines.versions import Origin, RuleRow
from fire_supervision.lib.spreadsheets import UnreadableWorkbook
from fire_supervision.lib.text import squeezed
from fire_supervision.lib.upload_limits import BookField

DATE = {"type": "date"}
# So that a slip of the finger is no period of ten years; the law's own limits are in the table.
MOST = {Unit.WORKING_DAYS: 250, Unit.CALENDAR_DAYS: 366, Unit.HOURS: 720, Unit.DAY_OF_MONTH: 31}
MOST_REMINDER = 90


class DayForm(forms.Form):
    day = forms.DateField(
        label="日期",
        widget=forms.DateInput(DATE, "%Y-%m-%d"),
        validators=[
            MinValueValidator(date(FIRST_YEAR, 1, 1), f"不早于 {FIRST_YEAR} 年"),
            MaxValueValidator(date(LAST_YEAR, 12, 31), f"不晚于 {LAST_YEAR} 年"),
        ],
    )
    kind = forms.TypedChoiceField(label="这一天", choices=DayKind.choices, coerce=DayKind, widget=forms.RadioSelect)
    name = forms.CharField(label="名称", max_length=40, help_text="如“国庆节”“国庆节调休上班”")


class YearForm(forms.Form):
    """The year in the URL; anything else is the present one."""

    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)


class DaysForm(forms.Form):
    """A list of days, from a file or as text. ``lines`` are its rows, each with what is wrong with it."""

    file = BookField(
        label="文件", most=MAX_MB, required=False, help_text="xlsx 或者 csv，三列：日期、放假还是上班、名称"
    )
    text = forms.CharField(
        label="或者粘贴内容", required=False, max_length=60_000,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text="每行一天，如“2026-10-01,放假,国庆节”“2026-10-10,上班,国庆节调休上班”",
    )  # fmt: skip
    whole = forms.TypedChoiceField(
        label="这份内容是",
        choices=[("yes", "全年的放假日和调休日，里面没有的从日历删去"), ("no", "只补充、更正几天，其余不动")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[Line] = []

    @property
    def days(self) -> list[SeedDay]:
        return [line.day for line in self.lines if line.day]

    @property
    def mistakes(self) -> list[Line]:
        return [line for line in self.lines if line.error]

    def clean(self) -> dict[str, Any]:
        """The rows of the file become the text, so that a wrong one is mended in its place."""
        values = super().clean() or {}
        field = "file" if values.get("file") else "text"
        try:
            if values.get("file"):
                values["text"] = text_of(values["file"])
                self._show(values["text"])
            elif not values.get("text") and "text" not in self.errors:
                raise UnreadableWorkbook("请选择文件，或者粘贴内容")
            self.lines = lines_of(values.get("text", "")) if "text" not in self.errors else []
        except UnreadableWorkbook as error:
            self.add_error(field, str(error))
        if self.mistakes:
            self.add_error("text", f"{len(self.mistakes)} 行有问题，请在下面改正后重新核对")
        return values

    def _show(self, text: str) -> None:
        data = self.data.copy()  # type: ignore[attr-defined] # a QueryDict
        data["text"] = text
        self.data = data


class RuleFilter(forms.Form):
    """The filter row of the rules; it narrows and never fails the page."""

    q = forms.CharField(label="查找", required=False, max_length=60)
    binding = forms.ChoiceField(label="约束对象", required=False, choices=[("", "不限"), *Binding.choices])
    doer = forms.ChoiceField(label="办理单位", required=False, choices=[("", "不限"), *Doer.choices])
    origin = forms.ChoiceField(label="来源", required=False, choices=[("", "不限"), *Origin.choices])
    confirmed = forms.ChoiceField(
        label="核定", required=False, choices=[("", "不限"), ("no", "待核定"), ("yes", "已核定")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = "名称、代码或条文"

    def narrow(self, rows: Sequence[RuleRow]) -> list[RuleRow]:
        self.is_valid()
        return [row for row in rows if self._fits(row)]

    def _fits(self, row: RuleRow) -> bool:
        rule, wanted = row.rule, self.cleaned_data
        words = squeezed(f"{rule.code}{rule.name}{rule.basis}{rule.text}")
        return (
            squeezed(wanted.get("q", "")) in words
            and wanted.get("binding", "") in ("", rule.binding)
            and wanted.get("doer", "") in ("", rule.doer)
            and wanted.get("origin", "") in ("", row.present.origin)
            and wanted.get("confirmed", "") in ("", "yes" if rule.confirmed else "no")
        )


class RuleForm(forms.Form):
    """What a bureau sets for a rule. A unit without a number (当场, 每年一次 …) takes none."""

    amount = forms.IntegerField(label="期限", min_value=0, required=False)
    unit = forms.ChoiceField(label="单位", choices=Unit.choices)
    counts_first = forms.BooleanField(
        label="开始之日计入", required=False, help_text="程序规定第35条：开始之日不计入。只有当地规定另有说法时才勾选。"
    )
    basis = forms.CharField(label="依据", max_length=100, help_text="如“××省消防条例第12条”")
    text = forms.CharField(label="条文", max_length=1000, widget=forms.Textarea({"rows": 4}))
    remind_before = forms.IntegerField(label="提前提醒", min_value=0, max_value=MOST_REMINDER)
    escalate_after = forms.IntegerField(label="逾期后上报", min_value=0, max_value=MOST_REMINDER)
    since = forms.DateField(label="起用日期", widget=forms.DateInput(DATE, "%Y-%m-%d"))
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, row: RuleRow, today: date, **kwargs: Any) -> None:
        rule, self.today = row.rule, today
        began = rule.since if rule.bureau_id else date.min
        kwargs["initial"] = {name: getattr(rule, name) for name in VALUES} | {"since": max(today, began + DAY)}
        super().__init__(*args, **kwargs)
        days = "小时" if rule.unit == Unit.HOURS else "工作日"
        self.fields["remind_before"].help_text = f"到期前几个{days}提醒责任人；0 为到期当天"
        self.fields["escalate_after"].help_text = f"逾期几个{days}后报告上级"
        self.fields["amount"].required = rule.unit in MOST
        units = [(unit.value, unit.label) for unit in Unit if unit in units_for(rule)]
        self.fields["unit"].choices = units  # type: ignore[attr-defined] # a ChoiceField
        # The unit is the law's; the action refuses another one too.
        self.fields["unit"].disabled = row.law(today) is not None or len(units) == 1

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "unit" not in values or "amount" in self.errors:
            return values
        unit = Unit(values["unit"])
        if unit not in MOST:
            values["amount"] = int(unit == Unit.YEAR_END)
        elif not 1 <= (values.get("amount") or 0) <= MOST[unit]:
            self.add_error("amount", f"填 1 到 {MOST[unit]} 之间的数")
        if values.get("counts_first") and unit not in MAY_COUNT_FIRST:
            self.add_error("counts_first", "只有按工作日或者按日计算的期限才分首日")
        return values

    def rule_values(self) -> RuleValues:
        return RuleValues(**{name: self.cleaned_data[name] for name in VALUES})

    def as_rule(self) -> DeadlineRule | None:
        """What stands in the form, to count a preview by; None while nothing was sent or a figure is missing."""
        needed = {"amount", "unit", "counts_first", "since"}
        if not self.is_bound or not needed <= self.cleaned_data.keys():
            return None
        return DeadlineRule(code="PREVIEW", **{name: self.cleaned_data[name] for name in needed})
