"""延期 as forms: the request, the decision, the filter row of the list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from fire_supervision.lib.forms import DateInput, TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from hazards.models import Extension, ExtensionState, Hazard
from stations.models import Organisation, User

APPROVE, REFUSE = "approve", "refuse"
VERDICTS = [(APPROVE, "同意延期"), (REFUSE, "不同意")]


class HazardChoice(forms.ModelMultipleChoiceField[Hazard]):
    """Hazards to tick, each with the day its period ends."""

    def label_from_instance(self, obj: Hazard) -> str:
        return f"{obj.wording}（{obj.deadline:%Y-%m-%d} 前）"


class ExtendForm(forms.Form):
    """登记延期申请."""

    hazards = HazardChoice(
        label="申请延期的隐患",
        queryset=Hazard.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "至少选择一处隐患"},
    )
    until = forms.DateField(label="延期至", widget=DateInput(), help_text="落在休息日的，顺延到下一个工作日")
    requested_on = forms.DateField(label="收到申请的日期", widget=DateInput())
    reason = TidyField(
        label="申请理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text="如改造工程量、订货周期"
    )

    def __init__(self, hazards: QuerySet[Hazard], today: date, data: Any = None) -> None:
        first = hazards.order_by("deadline").values_list("deadline", flat=True).first()
        together = [row.pk for row in hazards if row.deadline == first]
        super().__init__(data, initial={"hazards": together, "requested_on": today})
        self.fields["hazards"].queryset = hazards  # type: ignore[attr-defined] # a ModelChoiceField

    def clean_hazards(self) -> list[Hazard]:
        chosen = list(self.cleaned_data["hazards"])
        if len({hazard.deadline for hazard in chosen}) > 1:
            raise forms.ValidationError("一次申请只能选改正期限相同的隐患。期限不同的分别登记。")
        return chosen


class DecideForm(forms.Form):
    """审批: yes, perhaps for less than was asked, or no; always with a reason."""

    verdict = forms.ChoiceField(label="审批结果", choices=VERDICTS, widget=forms.RadioSelect)
    until = forms.DateField(
        label="同意延期至", widget=DateInput(), required=False, help_text="可以缩短，不能超过申请的日期；不同意的不用填"
    )
    decision = TidyField(label="审批意见", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, extension: Extension, data: Any = None) -> None:
        super().__init__(data, initial={"until": extension.until})
        self.fields["until"].widget.attrs["max"] = extension.until.isoformat()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("verdict") == APPROVE and not values.get("until") and "until" not in self.errors:
            self.add_error("until", "请填写")
        return values


class ExtensionFilter(forms.Form):
    """Kept in the URL, so that a list can be sent to a colleague."""

    q = SoughtField(label="查找", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部状态"), *ExtensionState.choices])
    station = forms.ChoiceField(label="派出所", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位、文书号"
        stations: Sequence[tuple[int, str]] = list(
            Organisation.objects.for_user(user).stations().values_list("pk", "name")
        )
        choices = [("", "全部派出所"), *((str(pk), name) for pk, name in stations)]
        self.fields["station"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        if len(stations) < 2:
            del self.fields["station"]

    def narrow(self, extensions: QuerySet[Extension]) -> QuerySet[Extension]:
        """``extensions`` as far as the readable fields narrow them."""
        self.is_valid()
        wanted = Q()
        if words := self.cleaned_data.get("q"):
            wanted &= Q(order__unit__name__icontains=words) | Q(order__number__icontains=words)
        if state := self.cleaned_data.get("state"):
            wanted &= Q(state=state)
        if station := self.cleaned_data.get("station"):
            wanted &= Q(station_id=station)
        return extensions.filter(wanted)
