"""Forms of the visit: a hazard, the people, the lists. They turn words into values and decide nothing."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from fire_supervision.lib.forms import StrokesField, TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import squeezed, tidy
from inspections.bases import only_referred
from inspections.entries import FindingDraft, People
from inspections.models import (
    HazardCategory,
    HazardType,
    HazardTypeQuerySet,
    Inspection,
    InspectionQuerySet,
    Mode,
    OrderBasis,
    Signer,
    State,
)
from inspections.rules import GRAVE_SEVERITY
from records.citations import flaw
from records.fields import WITNESS_ALONE
from records.fills import undecided
from records.forms import PlaceForm
from stations.models import Organisation, User
from stations.permissions import ENFORCERS, Role

YES_NO = [("no", "否"), ("yes", "是")]


def _clean(text: str) -> str:
    return tidy(unicodedata.normalize("NFC", text))


class FindingForm(forms.Form):
    """A hazard of the catalogue at one row: blanks in a sentence, the period, the judgement of 规定第34条."""

    place = forms.CharField(label="部位", max_length=80, error_messages={"required": "写明在什么部位"})
    words = forms.CharField(label="表述", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    quantity = forms.CharField(label="数量", max_length=20, required=False)
    mode = forms.ChoiceField(label="改正方式", choices=Mode.choices, required=False)
    days = forms.IntegerField(label="改正天数", min_value=0, max_value=365, required=False)
    fixed_on_spot = forms.BooleanField(label="已当场改正", required=False)
    grave = forms.ChoiceField(label="是否严重威胁公共安全", choices=YES_NO, required=False)

    def __init__(self, *args: Any, hazard_type: HazardType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hazard_type = hazard_type

    @property
    def asks_grave(self) -> bool:
        """Whether the officer must judge (规定第34条): the gravest level, or where the catalogue says to report."""
        return self.hazard_type.severity >= GRAVE_SEVERITY or self.hazard_type.report_gov == "Y"

    @property
    def has_period(self) -> bool:
        return not only_referred(self.hazard_type.order_item)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.has_period and not values.get("mode"):
            self.add_error("mode", "选择立即或限期")
        if values.get("mode") == Mode.LIMIT and not values.get("days"):
            self.add_error("days", "写明限期几天")
        if self.asks_grave and not values.get("grave"):
            self.add_error("grave", "判断是否严重威胁公共安全")
        return values

    def draft(self) -> FindingDraft:
        values = self.cleaned_data
        return FindingDraft(
            place=_clean(values["place"]),
            words=_clean(values["words"]),
            quantity=unicodedata.normalize("NFKC", _clean(values["quantity"])),
            mode=values["mode"],
            days=values["days"] or 0,
            fixed_on_spot=values["fixed_on_spot"],
            grave=self.asks_grave and values["grave"] == "yes",
        )


class PeopleForm(PlaceForm):
    """Who inspected and who came along; nothing is required of a draft, `rules.missing` says what it lacks."""

    use_required_attribute = False

    second = forms.TypedChoiceField(label="第二检查人", required=False, empty_value=None)
    assistant = forms.TypedChoiceField(label="协助辅警", required=False, empty_value=None)
    showed_id = forms.BooleanField(label="已向被检查单位出示执法证件", required=False)
    companion = TidyField(label="随同人员姓名", max_length=60, required=False)
    companion_post = TidyField(label="职务", max_length=40, required=False)
    # As much as the form has room for; see records.fields.
    refusal = TidyField(label="拒签或不在场的情况", max_length=80, required=False)
    witness = TidyField(label="见证人", max_length=24, required=False, help_text="见证拒签、不在场的人；没有的不填")
    ink = forms.ChoiceField(
        label="签名方式",
        choices=[("", "在屏幕上签"), ("1", "打印后现场手签")],
        required=False,
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(label="备注", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    sign_lead = StrokesField(required=False)
    sign_second = StrokesField(required=False)
    sign_companion = StrokesField(required=False)

    def __init__(self, *args: Any, inspection: Inspection, colleagues: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {str(person.pk): person for person in colleagues if person.pk != inspection.lead_id}
        seconds = [person for person in people.values() if person.role in ENFORCERS and person.certificate_no]
        assistants = [person for person in people.values() if person.role == Role.ASSISTANT]
        for name, choices, nobody in (("second", seconds, "选择民警"), ("assistant", assistants, "没有")):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", nobody), *((person.pk, f"{person.name}（{person.number}）") for person in choices)]
            field.coerce = people.__getitem__

    def show_as_needed(self) -> None:
        """Print the labels of what a finished visit needs without 选填; a draft may still lack it."""
        for name in ("second", "showed_id", "companion"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("witness") and not values.get("refusal") and "refusal" not in self.errors:
            self.add_error("witness", WITNESS_ALONE)
        return values

    def people(self) -> People:
        values = self.cleaned_data
        return People(
            second=values["second"],
            assistant=values["assistant"],
            showed_id=values["showed_id"],
            companion=_clean(values["companion"]),
            companion_post=_clean(values["companion_post"]),
            refusal=_clean(values["refusal"]),
            witness=_clean(values["witness"]),
            ink=values["ink"] == "1",
            remark=values["remark"].strip(),
        )

    def strokes(self) -> dict[Signer, Any]:
        return {signer: self.cleaned_data[f"sign_{signer.lower()}"] for signer in Signer}


class InspectionFilter(forms.Form):
    """The filter row of the visits. What it cannot read it leaves out; it never fails the page."""

    q = SoughtField(label="查找", required=False, max_length=60)
    station = forms.ChoiceField(label="派出所", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "检查中和已完成"), *State.choices])
    officer = forms.ChoiceField(label="检查人", required=False)
    found = forms.ChoiceField(
        label="隐患", required=False, choices=[("", "不限"), ("yes", "发现隐患"), ("no", "未发现隐患")]
    )
    since = forms.DateField(label="检查日期起", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位名称、地址、代码"
        stations = list(Organisation.objects.for_user(user).stations().values_list("pk", "name"))
        officers = User.objects.for_user(user).filter(role__in=ENFORCERS).order_by("number").values_list("pk", "name")
        for name, everything, choices in (("station", "全部派出所", stations), ("officer", "全部民警", list(officers))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", everything), *choices]
        if len(stations) < 2:
            del self.fields["station"]

    def narrow(self, visits: InspectionQuerySet) -> InspectionQuerySet:
        self.is_valid()
        values = self.cleaned_data
        for word in values.get("q", "").split():
            key = squeezed(word)
            named = Q(unit__name_key__contains=key) | Q(unit__address_key__contains=key)
            visits = visits.filter(named | Q(unit__credit_code__contains=key.upper()))
        exact = {"station_id": "station", "lead_id": "officer", "visited_on__gte": "since", "visited_on__lte": "until"}
        visits = visits.filter(**{look: values[name] for look, name in exact.items() if values.get(name)})
        if values.get("found"):
            visits = visits.filter(findings__isnull=values["found"] == "no").distinct()
        if values.get("state"):
            return visits.filter(state=values["state"])
        return visits.filter(state__in=[State.DRAFT, State.SUBMITTED])


def search_catalogue(types: HazardTypeQuerySet, words: str) -> HazardTypeQuerySet:
    """The entries in which every one of ``words`` occurs, in name or code; width, case and space do not count."""
    for word in words.split():
        key = squeezed(word)
        types = types.filter(Q(name_key__contains=key) | Q(code__contains=key.upper()))
    return types


class CatalogueFilter(forms.Form):
    """The filter row of the catalogue."""

    q = forms.CharField(label="查找", required=False, max_length=60)
    category = forms.ChoiceField(label="类别", required=False, choices=[("", "全部类别"), *HazardCategory.choices])
    confirmed = forms.ChoiceField(
        label="核定", required=False, choices=[("", "不限"), ("no", "待核定"), ("yes", "已核定")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = "表述或代码"

    def narrow(self, types: HazardTypeQuerySet) -> HazardTypeQuerySet:
        self.is_valid()
        values = self.cleaned_data
        types = search_catalogue(types, values.get("q", ""))
        if values.get("category"):
            types = types.filter(category=values["category"])
        if values.get("confirmed"):
            types = types.filter(confirmed=values["confirmed"] == "yes")
        return types


def _citable(text: str) -> str:
    """``text`` as a paper may cite it, refused at the field for what the gate would refuse later."""
    if reason := flaw(text):
        raise forms.ValidationError(reason)
    return text


class HazardTypeForm(forms.ModelForm[HazardType]):
    """What a bureau or brigade may set for an entry; its place in 规定第31–33条 is law and stays."""

    class Meta:
        model = HazardType
        fields = [
            "name", "violates", "hint", "penalty", "standard", "measure", "mode", "days", "severity", "confirmed",
        ]  # fmt: skip
        widgets = {
            "name": forms.Textarea(attrs={"rows": 2}),
            "hint": forms.Textarea(attrs={"rows": 2}),
            "penalty": forms.Textarea(attrs={"rows": 3}),
            "measure": forms.Textarea(attrs={"rows": 3}),
            "severity": forms.Select(choices=[(1, "1 一般"), (2, "2 较重"), (3, "3 严重")]),
        }
        labels = {"confirmed": "技术标准、天数和级别已核定", "days": "建议天数"}
        help_texts = {
            "violates": "印在文书上：规定的全称加书名号、条款，例如《××省消防条例》第35条；《消防法》等可以简写",
            "hint": "地方规定、部令和金额，待核定，不印在文书上；适用的写入违反条款",
            "days": "立即改正的填 0",
            "penalty": "处罚由消防救援机构或住建部门决定，这里只供参考",
        }

    def clean_name(self) -> str:
        name = _clean(self.cleaned_data["name"])
        if undecided(name):
            raise forms.ValidationError("一条只写一种违法行为，不用“/”并列")
        return name

    def clean_violates(self) -> str:
        return _citable(self.cleaned_data["violates"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("mode") == Mode.LIMIT and not values.get("days") and not only_referred(self.instance.order_item):
            self.add_error("days", "限期改正要有建议天数")
        if values.get("mode") == Mode.NOW:
            values["days"] = 0
        return values


class BasisForm(forms.ModelForm[OrderBasis]):
    """The bureau's own basis for ordering what 规定第33条 does not list; an empty one takes it away."""

    basis = TidyField(
        label="本地责令依据",
        max_length=120,
        required=False,
        help_text="省、市规定的全称加书名号、条款，例如《××省消防条例》第35条",
    )

    class Meta:
        model = OrderBasis
        fields = ["basis"]

    def clean_basis(self) -> str:
        return _citable(self.cleaned_data["basis"])
