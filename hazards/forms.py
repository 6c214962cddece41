"""What officers type about hazards, cleaned into values."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from fire_supervision.lib.forms import DateInput, TidyField
from hazards.backlog import OldService, OpenHazard
from hazards.models import SUGGESTED, Disposition, Suggestion
from hazards.plan import Decision, Judged
from inspections.models import HazardType, Mode
from records.models import Kind
from stations.models import User

YES_NO = [("no", "否"), ("yes", "是，同时书面报告")]
LACKS = [("1", "没有通过消防验收"), ("2", "没有进行竣工验收消防备案")]
OLD_PAPERS = [(Mode.LIMIT, Kind.ORDER_LIMIT.label), (Mode.NOW, Kind.ORDER_NOW.label)]


def officers_of(station_id: int) -> QuerySet[User]:
    """Who may serve and re-inspect for a station."""
    return User.objects.of_station(station_id).enforcers().order_by("number")


def suggestions_field(**kwargs: Any) -> forms.TypedMultipleChoiceField:
    """建议措施 of a 火灾隐患报告; which measures may be suggested is 待核定."""
    return forms.TypedMultipleChoiceField(
        label="建议措施",
        choices=Suggestion.choices,
        coerce=Suggestion,
        help_text="建议乡镇、街道采取的措施，至少选一项。可选的措施待核定",
        error_messages={"required": "至少选一项"},
        **kwargs,
    )


class ConcludeForm(forms.Form):
    """What the officer has to judge before the papers are issued; one group of fields a finding."""

    township = TidyField(
        label="报告的乡镇人民政府、街道办事处",
        max_length=60,
        required=False,
        help_text="当日送交，送交后登记签收人",
    )
    # The gate asks for one of them where a report is made.
    suggestions = suggestions_field(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, judged: Sequence[Judged], *args: Any, township: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = {"township": township, "suggestions": list(SUGGESTED)}
        super().__init__(*args, **kwargs)
        self.judged = judged
        for row in judged:
            self._ask(row)

    def _ask(self, row: Judged) -> None:
        key, default = row.finding.pk, row.default()
        if row.proposal.needs_choice:
            offers = [(offer.value, offer.label) for offer in Disposition if offer in row.proposal.offers]
            self.fields[f"do_{key}"] = radio("处理方式", offers, default.disposition.value)
        if row.asks_grave:
            known = "yes" if row.finding.grave else "no" if row.finding.fixed_on_spot else None
            self.fields[f"grave_{key}"] = radio("是否严重威胁公共安全", YES_NO, known)
        if row.asks_referral_item:
            self.fields[f"item_{key}"] = radio("移送事项", LACKS, None)

    def questions(self) -> list[dict[str, Any]]:
        """The findings that ask something, each with its fields, in print order."""
        return [
            {"row": row, "fields": [self[name] for name in self._names(row) if name in self.fields]}
            for row in self.judged
            if row.asks
        ]

    def _names(self, row: Judged) -> list[str]:
        return [f"{kind}_{row.finding.pk}" for kind in ("do", "grave", "item")]

    def ask_report(self) -> None:
        """Mark what a report needs as asked for; whether it is there, the gate says."""
        for name in ("township", "suggestions"):
            self.fields[name].required = True

    def suggested(self) -> list[Suggestion]:
        """What the report is to suggest, as far as it was decided."""
        if not self.is_bound:
            return list(SUGGESTED)
        self.is_valid()
        return list(self.cleaned_data.get("suggestions", []))

    def decisions(self) -> dict[int, Decision]:
        """What was decided so far, by finding; what was not yet falls back to the proposal."""
        self.is_valid()
        known = self.cleaned_data if self.is_bound else {}
        return {row.finding.pk: self._decision(row, known) for row in self.judged}

    def _decision(self, row: Judged, known: dict[str, Any]) -> Decision:
        chosen, grave, item = (known.get(name) for name in self._names(row))
        default = row.default()
        return Decision(
            Disposition(chosen) if chosen else default.disposition,
            grave == "yes" if grave else default.grave,
            int(item) if item else None,
        )


def radio(label: str, choices: list[tuple[str, str]], initial: str | None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        widget=forms.RadioSelect,
        error_messages={"required": "请作出判断", "invalid_choice": "请重新选择"},
    )


class EarlyForm(forms.Form):
    """单位申请提前复查."""

    deadline = forms.TypedChoiceField(label="改正期限", coerce=date.fromisoformat)
    requested_on = forms.DateField(label="收到申请的日期", widget=DateInput())

    def __init__(self, deadlines: Sequence[date], today: date, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"requested_on": today}
        super().__init__(*args, **kwargs)
        choices = [(day.isoformat(), f"{day.year}年{day.month}月{day.day}日") for day in deadlines]
        self.fields["deadline"].choices = choices  # type: ignore[attr-defined] # a ChoiceField


class FixedForm(forms.Form):
    """督促后已改正."""

    on = forms.DateField(label="改正日期", widget=DateInput())
    how = TidyField(label="核实方式", max_length=40, initial="回访查看")


class VoidForm(forms.Form):
    reason = TidyField(label="作废理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(forms.Form):
    reason = TidyField(
        label="撤回理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如单位录错、日期录错、原件已办结",
    )


class OpenOrderForm(forms.Form):
    """存量: an order from before the system."""

    mode = forms.ChoiceField(
        label="文书", choices=[(Mode.LIMIT, "责令限期改正通知书"), (Mode.NOW, "责令立即改正通知书")]
    )
    number = TidyField(label="文书号", max_length=80, help_text="照原通知书填写，不占用本系统的编号")
    issued_on = forms.DateField(label="签发日期", widget=DateInput())
    issued_by = forms.ModelChoiceField(label="签发民警", queryset=User.objects.none(), empty_label="选择民警")
    served_on = forms.DateField(label="送达日期", widget=DateInput(), required=False, help_text="没有送达的不填")
    recipient = TidyField(label="收件人", max_length=60, required=False)

    def __init__(self, station_id: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_by"].queryset = officers_of(station_id)  # type: ignore[attr-defined] # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("served_on") and not values.get("recipient"):
            self.add_error("recipient", "已送达的须填写收件人")
        return values

    def service(self) -> OldService | None:
        values = self.cleaned_data
        if not values["served_on"]:
            return None
        return OldService(values["served_on"], values["recipient"], values["issued_by"])


class OpenHazardForm(forms.Form):
    """One hazard of an old order; an empty row is left out."""

    hazard_type = forms.ModelChoiceField(label="隐患", queryset=HazardType.objects.all(), empty_label="选择隐患")
    place = TidyField(label="部位", max_length=80)
    wording = TidyField(label="表述", max_length=300)
    deadline = forms.DateField(label="改正期限", widget=DateInput())

    def hazard(self) -> OpenHazard:
        values = self.cleaned_data
        return OpenHazard(values["hazard_type"], values["place"], values["wording"], values["deadline"])


class BaseOpenHazards(forms.BaseFormSet[OpenHazardForm]):
    def hazards(self) -> list[OpenHazard]:
        return [form.hazard() for form in self.forms if form.has_changed()]


OpenHazards = forms.formset_factory(OpenHazardForm, formset=BaseOpenHazards, extra=4, min_num=1, validate_min=True)
