"""What is typed about 移送 and 报告, cleaned into values."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from fire_supervision.lib.forms import DateInput, TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from hazards.forms import suggestions_field
from hazards.models import SUGGESTED, Hazard, Referral, ReferralResult, ReferralState, Report, Target
from hazards.reporting import township_of
from hazards.rules import target_of
from inspections.models import Inspection
from stations.models import Organisation, User

RESULTS = [("", "选择处理结果"), *ReferralResult.choices]


def authority_of(hazard: Hazard) -> Target:
    """Whom a hazard belongs to: what failed its re-inspection to the brigade, else as the catalogue says."""
    return Target.FIRE_BRIGADE if hazard.order_id else target_of(hazard.hazard_type.refer_to)


class ReferForm(forms.Form):
    """移送: which hazards, to whom, on what basis, with which facts."""

    hazards = forms.ModelMultipleChoiceField(
        label="移送的隐患",
        queryset=Hazard.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "至少选择一处隐患"},
    )
    target = forms.ChoiceField(label="移送对象", choices=Target.choices)
    authority = TidyField(
        label="接收单位全称",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "known-authority", "autocomplete": "off"}),
        help_text="移送函的主送机关，如江城市住房和城乡建设局；移送消防救援大队的不用填",
    )
    sure = forms.BooleanField(label="已核对管辖，确认移送所选的部门", required=False)
    basis = TidyField(label="依据", max_length=120)
    facts = forms.CharField(
        label="违法事实",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="移送的隐患和违反的条款由移送函逐项列明，这里不用重复",
    )
    sent_on = forms.DateField(
        label="移送日期", widget=DateInput(), help_text="不早于检查、送达和复查；移送函和期限按签发当天"
    )
    receiver = TidyField(label="接收人", max_length=60, required=False)

    def __init__(self, hazards: QuerySet[Hazard], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hazards"].queryset = hazards.select_related("hazard_type")  # type: ignore[attr-defined] # a ModelChoiceField
        # Shown only after another authority than that of the catalogue was picked.
        self.differs = False

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        chosen, target = values.get("hazards"), values.get("target")
        self.differs = bool(chosen and target) and any(authority_of(hazard) != target for hazard in chosen or ())
        if self.differs and not values.get("sure"):
            self.add_error(
                "target", f"按隐患库应移送{_authorities(list(chosen or ()))}。核对管辖后确认，或者分开移送。"
            )
        return values

    def values(self) -> dict[str, Any]:
        """What `refer` takes beside the hazards."""
        values = {name: self.cleaned_data[name] for name in ("authority", "basis", "facts", "sent_on", "receiver")}
        return values | {"target": Target(self.cleaned_data["target"])}


def _authorities(hazards: Sequence[Hazard]) -> str:
    return "、".join(dict.fromkeys(authority_of(hazard).label for hazard in hazards))


class ReceiveForm(forms.Form):
    """登记接收: since when and by whom the authority has it."""

    on = forms.DateField(label="接收日期", widget=DateInput())
    receiver = TidyField(label="接收人", max_length=60)

    def __init__(self, referral: Referral, user: User, today: date, *args: Any, **kwargs: Any) -> None:
        own = user.name if referral.target == Target.FIRE_BRIGADE else referral.receiver
        kwargs["initial"] = {"on": today, "receiver": own}
        super().__init__(*args, **kwargs)


class AnswerForm(forms.Form):
    """登记处理结果: what the authority decided."""

    result = forms.ChoiceField(label="处理结果", choices=RESULTS)
    on = forms.DateField(label="处理日期", widget=DateInput())
    result_no = TidyField(label="决定书文号", max_length=80, required=False, help_text="罚款、查封、停产停业须填写")
    fine = forms.DecimalField(
        label="罚款金额（元）", max_digits=12, decimal_places=2, min_value=0, required=False, help_text="罚款的填写"
    )
    note = TidyField(label="处理情况", max_length=200, required=False, help_text="不予处罚、其他处理的须写明")

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": today}
        super().__init__(*args, **kwargs)

    def clean_result(self) -> ReferralResult:
        return ReferralResult(self.cleaned_data["result"])


class DeliverForm(forms.Form):
    """送交书面报告 (规定第34条); its paper says where to, what for and its number, unless it is from before."""

    township = TidyField(label="送交的乡镇人民政府、街道办事处", max_length=60)
    suggestions = suggestions_field(widget=forms.CheckboxSelectMultiple)
    sent_on = forms.DateField(label="送交日期", widget=DateInput())
    receiver = TidyField(label="签收人", max_length=60)
    letter_no = TidyField(label="文书号", max_length=80, required=False)

    def __init__(self, inspection: Inspection, report: Report | None, today: date, *args: Any, **kwargs: Any) -> None:
        known = report.township if report else ""
        kwargs["initial"] = {
            "township": known or township_of(inspection.unit),
            "suggestions": list(SUGGESTED),
            "sent_on": today,
        }
        super().__init__(*args, **kwargs)
        if report is not None:
            del self.fields["suggestions"]
        if report is None or report.document_id:
            del self.fields["letter_no"]
        if report is not None and report.document_id:
            del self.fields["township"]


class ReferralFilter(forms.Form):
    """The filter row of the referrals, kept in the URL; it narrows and never fails the page."""

    q = SoughtField(label="查找", required=False, max_length=60)
    state = forms.ChoiceField(label="进度", required=False, choices=[("", "全部进度"), *ReferralState.choices])
    target = forms.ChoiceField(label="移送对象", required=False, choices=[("", "全部对象"), *Target.choices])
    station = forms.ChoiceField(label="派出所", required=False)
    since = forms.DateField(label="移送日期起", required=False, widget=DateInput())
    until = forms.DateField(label="移送日期止", required=False, widget=DateInput())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位、文书号、隐患表述"
        stations = [
            (str(pk), name) for pk, name in Organisation.objects.for_user(user).stations().values_list("pk", "name")
        ]
        if len(stations) < 2:
            del self.fields["station"]
        else:
            self.fields["station"].choices = [("", "全部派出所"), *stations]  # type: ignore[attr-defined] # a ChoiceField

    def narrow(self, referrals: QuerySet[Referral]) -> QuerySet[Referral]:
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if words := values.pop("q", ""):
            told = Hazard.objects.filter(wording__icontains=words).values("referrals")
            referrals = referrals.filter(
                Q(unit__name__icontains=words) | Q(letter_no__icontains=words) | Q(pk__in=told)
            )
        return referrals.filter(**{LOOKUPS[name]: value for name, value in values.items()})


LOOKUPS = {
    "state": "state", "target": "target", "station": "station_id", "since": "sent_on__gte", "until": "sent_on__lte",
}  # fmt: skip
