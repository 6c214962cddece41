"""The scheme of a bureau, its bulletin, and the filters of the units not yet visited and of what is overdue."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from assessments.bulletins import Words
from assessments.figures import MEASURES
from assessments.models import Indicator
from assessments.quarters import Quarter
from deadlines.models import ClockQuerySet
from fire_supervision.lib.forms import TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import squeezed
from stations.models import Organisation, User
from stations.permissions import Role
from units.models import Unit

NOBODY = "none"


class IndicatorForm(forms.Form):
    """One indicator; weight 0 leaves it out."""

    code = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label="名称", max_length=60)
    formula = forms.CharField(
        label="算法",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
    )
    weight = forms.DecimalField(
        label="分值", min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal", "data-weight": "", "class": "num"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code not in MEASURES:
            raise forms.ValidationError("没有这项指标")
        return code


class BaseSchemeFormSet(forms.BaseFormSet[IndicatorForm]):
    """All indicators; the sum is 100."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """A row that was sent empty is a mistake, not a spare one."""
        return {**super().get_form_kwargs(index), "empty_permitted": False}

    def clean(self) -> None:
        if any(self.errors):
            return
        if len({form.cleaned_data["code"] for form in self.forms}) != len(self.forms):
            raise forms.ValidationError("同一项指标出现了两次，请重新打开本页")
        if self.total != 100:
            raise forms.ValidationError(f"分值合计 {self.total} 分，应为 100 分")

    @property
    def total(self) -> Decimal:
        """The sum of what was typed and can be read."""
        return sum((form.cleaned_data.get("weight") or Decimal(0) for form in self.forms), Decimal(0))


SchemeFormSet = forms.formset_factory(IndicatorForm, formset=BaseSchemeFormSet, extra=0, max_num=len(MEASURES))


# Indicators the product can count that the default scheme does not have.
OFFERED = (
    ("SERVE", "按期送达率", "在期限内送达的 ÷ 本季到期的送达"),
    ("FIX", "按期补正率", "在期限内补正的 ÷ 本季到期的退回补正"),
)


def initial_of(indicators: list[Indicator], defaults: list[Indicator]) -> list[dict[str, Any]]:
    """The rows of the form: the scheme in force, then what it leaves out, with weight 0."""
    known = {row.code for row in indicators}
    rows = [{"code": row.code, "name": row.name, "formula": row.formula, "weight": row.weight} for row in indicators]
    offered = [*((row.code, row.name, row.formula) for row in defaults), *OFFERED]
    left = [row for row in offered if row[0] not in known]
    return rows + [{"code": code, "name": name, "formula": formula, "weight": 0} for code, name, formula in left]


class SinceForm(forms.Form):
    """From which quarter the version applies: this one or one of the next four."""

    since = forms.ChoiceField(label="从哪个季度起")

    def __init__(self, *args: Any, current: Quarter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quarters = [current]
        for _ in range(4):
            quarters.append(quarters[-1].next)
        self.quarters = {f"{quarter.year}-{quarter.number}": quarter for quarter in quarters}
        self.fields["since"] = forms.ChoiceField(
            label="从哪个季度起", choices=[(key, str(quarter)) for key, quarter in self.quarters.items()]
        )

    def clean_since(self) -> Quarter:
        return self.quarters[self.cleaned_data["since"]]


class OverdueFilter(forms.Form):
    """Narrows the overdue duties; what cannot be read narrows nothing."""

    q = SoughtField(label="单位、文书号", required=False)
    station = forms.ModelChoiceField(Organisation.objects.none(), label="派出所", required=False, empty_label="全部")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        stations = self.fields["station"]
        assert isinstance(stations, forms.ModelChoiceField)
        stations.queryset = Organisation.objects.for_user(user).stations()

    def narrow(self, duties: ClockQuerySet) -> ClockQuerySet:
        self.full_clean()
        if station := self.cleaned_data.get("station"):
            duties = duties.filter(station=station)
        typed = self.cleaned_data.get("q", "").strip()
        return duties.filter(Q(label__icontains=typed) | Q(detail__icontains=typed)) if typed else duties


class UnvisitedFilter(forms.Form):
    """Narrows the units not yet visited; what cannot be read narrows nothing."""

    q = SoughtField(label="单位、地址", required=False)
    officer = forms.ChoiceField(label="责任民警", required=False)
    station = forms.ModelChoiceField(Organisation.objects.none(), label="派出所", required=False, empty_label="全部")

    def __init__(self, *args: Any, user: User, officers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        choices = [("", "全部"), (NOBODY, "未分配"), *((str(pk), name) for pk, name in officers)]
        self.fields["officer"] = forms.ChoiceField(label="责任民警", choices=choices, required=False)
        if user.station_id is not None:
            del self.fields["station"]
        else:
            stations = self.fields["station"]
            assert isinstance(stations, forms.ModelChoiceField)
            stations.queryset = Organisation.objects.for_user(user).stations()

    def narrow(self, units: QuerySet[Unit]) -> QuerySet[Unit]:
        self.full_clean()
        asked = self.cleaned_data
        if asked.get("officer"):
            nobody = asked["officer"] == NOBODY
            units = units.filter(officer__isnull=True) if nobody else units.filter(officer_id=int(asked["officer"]))
        if asked.get("station"):
            units = units.filter(station=asked["station"])
        typed = squeezed(asked.get("q", ""))
        return units.filter(Q(name_key__contains=typed) | Q(address_key__contains=typed)) if typed else units


class BulletinForm(forms.Form):
    """What a bureau writes itself in its 季度通报; the figures come from the published quarter."""

    situation = forms.CharField(
        label="火灾形势",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="按消防救援机构的统计填写：起数、伤亡、损失、主要原因和场所。每行一段",
    )
    demands = forms.CharField(
        label="工作要求", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}), help_text="每行一段"
    )
    signer = forms.ModelChoiceField(
        User.objects.none(),
        label="签发领导",
        empty_label="选择局领导",
    )

    def __init__(self, bureau: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        home = [bureau.pk, bureau.parent_id]
        leaders = User.objects.working().filter(role=Role.BUREAU_LEADER, organisation__in=home).order_by("number")
        if not leaders:
            self.fields["signer"].help_text = "没有可选的，请系统管理员登记局领导账号"
        self.fields["signer"].queryset = leaders  # type: ignore[attr-defined] # a ModelChoiceField

    def words(self) -> Words:
        return Words(**self.cleaned_data)


class WithdrawForm(forms.Form):
    reason = TidyField(label="撤回理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
