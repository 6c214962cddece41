"""Forms of the ledger: the filter row, the unit, closing, assigning."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict

from fire_supervision.lib.forms import TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import is_number
from stations import personal
from stations.models import Organisation, User
from stations.personal import Personal
from units.actions import officers_with_load
from units.ledger import clean
from units.models import COMMITTEES, Category, Kind, State, Unit, UnitQuerySet
from units.names import places_in

KINDS_AS_CATEGORY = {"PROPERTY": (Kind.PROPERTY,), "COMMITTEES": COMMITTEES}


def places_of(user: User) -> list[str]:
    """The city whose name may lead a unit's name, for `UnitQuerySet.matching`."""
    return places_in(user.organisation.bureau.name) if user.organisation.bureau else []


class UnitFilter(forms.Form):
    """The filter row of the list. What it cannot read it leaves out; it never fails the page."""

    q = SoughtField(label="查找", required=False, max_length=60)
    station = forms.ChoiceField(label="派出所", required=False)
    committee = forms.ChoiceField(label="社区（村）", required=False)
    category = forms.ChoiceField(label="类别", required=False)
    officer = forms.ChoiceField(label="责任民警", required=False)
    visited = forms.ChoiceField(
        label="今年检查", required=False, choices=[("", "不限"), ("no", "今年还没有检查"), ("yes", "今年已检查")]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "在营"), (State.CLOSED, "已关闭"), ("all", "全部")]
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "名称、代码、地址、人、电话"
        self.officers = list(officers_with_load(user))
        known = Organisation.objects.for_user(user).stations().values_list("pk", "name", "bureau__name")
        stations = [(pk, name) for pk, name, _ in known]
        self.places = {place for *_, bureau in known for place in places_in(bureau or "")}
        _offer(self, "station", "全部派出所", stations)
        if len(stations) < 2:
            del self.fields["station"]
        chosen = self.data.get("station") or user.station_id
        _offer(self, "committee", "全部社区、村" if chosen else "先选派出所", self._committees(chosen))
        categories = list(Category.objects.values_list("pk", "name"))
        _offer(self, "category", "全部类别", [*categories, ("COMMITTEES", "村居委会"), ("PROPERTY", "物业服务企业")])
        people = [(person.pk, person.name) for person in self.officers]
        _offer(self, "officer", "全部民警", [("none", "没有责任民警"), *people])

    def _committees(self, station: Any) -> list[tuple[int, str]]:
        if not is_number(str(station or "")):
            return []
        committees = Unit.objects.for_user(self.user).open().committees().filter(station_id=station)
        return list(committees.order_by("name_key").values_list("pk", "name"))

    def narrow(self, units: UnitQuerySet, today: date) -> UnitQuerySet:
        """``units`` as far as the readable fields narrow them; ``today`` says which year is this one."""
        self.is_valid()
        values = self.cleaned_data
        units = units.matching(values.get("q", ""), self.places)
        for name in ("station", "committee"):
            if values.get(name):
                units = units.filter(**{f"{name}_id": values[name]})
        units = units.filter(self._category(values.get("category", "")))
        if values.get("officer") == "none":
            units = units.unassigned()
        elif values.get("officer"):
            units = units.filter(officer_id=values["officer"])
        if values.get("visited"):
            this_year = Q(last_visited_on__gte=date(today.year, 1, 1))
            units = units.filter(this_year) if values["visited"] == "yes" else units.exclude(this_year)
        if values.get("state") != "all":
            units = units.filter(state=values.get("state") or State.OPEN)
        return units

    def _category(self, value: str) -> Q:
        if value in KINDS_AS_CATEGORY:
            return Q(kind__in=KINDS_AS_CATEGORY[value])
        return Q(category_id=value) if value else Q()


def _offer(form: forms.Form, name: str, everything: str, choices: list[tuple[Any, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", everything), *choices]


class UnitForm(forms.ModelForm[Unit]):
    """A unit written by hand. Who sees several stations says which one; the station is never changed afterwards."""

    station = forms.ModelChoiceField(Organisation.objects.none(), label="派出所", empty_label="选择派出所")
    residents = forms.TypedChoiceField(
        label="住人",
        required=False,
        choices=[("", "不清楚"), ("yes", "住人"), ("no", "不住人")],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )

    class Meta:
        model = Unit
        fields = [
            "kind", "category", "name", "credit_code", "official_code", "committee", "township", "address",
            "building_name", "area", "floors", "height", "staff", "person", "phone", "residents", "gas",
            "extinguishers", "is_public_gathering", "is_dense", "is_key", "remark",
        ]  # fmt: skip
        # What papers print of a unit.
        field_classes = dict.fromkeys(("name", "address", "floors", "person"), TidyField)
        help_texts = {
            "credit_code": "18 位，营业执照上的统一社会信用代码",
            "floors": "例如 1，或 1-2",
            "gas": "无、瓶装或管道",
            "phone": "11 位手机号",
            "official_code": "村居委会的统计用区划代码",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        # Before the form writes what was typed onto the unit.
        self._phone = self.instance.phone
        self.initial["phone"] = personal.shown(user, Personal.UNIT_PHONE, self._phone)
        stations = Organisation.objects.for_user(user).stations()
        if self.instance.pk or user.station_id is not None:
            del self.fields["station"]
        else:
            self.fields["station"].queryset = stations  # type: ignore[attr-defined] # a ModelChoiceField
        committees = Unit.objects.for_user(user).open().committees()
        home = self.instance.station_id if self.instance.pk else user.station_id
        if home is not None:
            committees = committees.filter(station_id=home)
        self.fields["committee"].queryset = committees.only("name", "station_id").order_by("name_key")  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["category"].empty_label = "选择类别"  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["committee"].empty_label = "没有登记"  # type: ignore[attr-defined] # a ModelChoiceField
        if self.instance.pk and self.instance.residents is not None:
            self.initial["residents"] = "yes" if self.instance.residents else "no"

    def clean_name(self) -> str:
        return clean.text(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        now = personal.typed(self.user, Personal.UNIT_PHONE, self._phone, self.cleaned_data["phone"])
        value, odd = clean.phone(now)
        # What a ledger brought in odd may stay as it is.
        if odd is not None and now == self._phone:
            return now
        if odd is not None:
            raise forms.ValidationError("电话应为 11 位数字")
        return str(value)

    def clean_credit_code(self) -> str:
        value, odd = clean.credit_code(self.cleaned_data["credit_code"])
        if odd is not None:
            raise forms.ValidationError(odd.reason.removesuffix("，不带代码导入"))
        return str(value)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == Kind.PREMISES and not values.get("category") and "category" not in self.errors:
            self.add_error("category", "单位（场所）要选择类别")
        if values.get("kind") != Kind.PREMISES:
            values["category"] = None
        station = self.home(values)
        committee = values.get("committee")
        if committee is not None and station is not None and committee.station_id != station:
            self.add_error("committee", "这个村居不归所选派出所管辖")
        if values.get("credit_code") and station is not None:
            self._refuse_code_twice(values["credit_code"], station)
        return values

    def home(self, values: dict[str, Any]) -> int | None:
        """The id of the station the unit belongs to, as far as it is known."""
        if self.instance.pk:
            return self.instance.station_id
        chosen: Organisation | None = values.get("station")
        return chosen.pk if chosen is not None else self.user.station_id

    def _refuse_code_twice(self, code: str, station: int) -> None:
        others = Unit.objects.open().filter(station_id=station, credit_code=code).exclude(pk=self.instance.pk)
        if (other := others.first()) is not None:
            self.add_error("credit_code", f"本所已有这个代码：{other.name}（{other.address}）")

    def placed(self) -> Unit:
        """The new unit with the scope columns of its station, or of the writer's police office."""
        unit = self.instance
        home = self.cleaned_data.get("station") or self.user.organisation
        for column, value in home.scope_columns().items():
            setattr(unit, column, value)
        return unit


class AssignForm(forms.Form):
    """Who takes over, and which units: the ticked ones or the whole filtered list."""

    officer = forms.ModelChoiceField(User.objects.none(), error_messages={"required": "请选择民警"})
    which = forms.ChoiceField(choices=[("chosen", "所选"), ("all", "全部")])
    ids = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        self.fields["officer"].queryset = User.objects.for_user(user).enforcers()  # type: ignore[attr-defined] # a ModelChoiceField
        ids = [value for value in data.getlist("ids") if is_number(value)]
        self.fields["ids"].choices = [(value, value) for value in ids]  # type: ignore[attr-defined] # a ChoiceField
