"""Forms of this room: words cleaned into values; actions decide."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import Q

from fire_supervision.lib.forms import TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from fire_supervision.lib.text import tidy
from fire_supervision.lib.upload_limits import BookField
from stations import personal
from stations.backends import NUMBER
from stations.models import (
    Guidance,
    Organisation,
    OrganisationKind,
    OrganisationQuerySet,
    User,
    UserQuerySet,
)
from stations.permissions import Role
from stations.personal import Personal
from stations.rules import PARENT_KIND, misfit

# ---------- people ----------


def _grouped(organisations: Iterable[Organisation]) -> list[tuple[str, list[tuple[object, str]]]]:
    """Choices of a select, one group a kind of organisation."""
    groups: dict[str, list[tuple[object, str]]] = {}
    for organisation in organisations:
        groups.setdefault(organisation.get_kind_display(), []).append((organisation.pk, organisation.name))
    return [("", [("", "请选择")]), *groups.items()]


def clean_police_number(written: str) -> str:
    """A police number in half-width capitals; raises ValidationError."""
    number = unicodedata.normalize("NFKC", written).strip().upper()
    if not NUMBER.fullmatch(number):
        raise forms.ValidationError("警号是 2 至 20 位数字或字母")
    return number


class PersonFilter(forms.Form):
    """The filter row of the list of people; an answer that makes no sense narrows nothing."""

    q = SoughtField(label="警号或姓名", required=False, max_length=60)
    role = forms.ChoiceField(label="岗位", required=False, choices=[("", "全部岗位"), *Role.choices])
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="机构", required=False, empty_label="全部机构"
    )
    state = forms.ChoiceField(
        label="账号",
        required=False,
        choices=[
            ("", "全部"),
            ("on", "在用"),
            ("off", "已停用"),
            ("wait", "待确认"),
            ("new", "未改初始密码"),
            ("unused", "长期未登录"),
        ],
    )

    def __init__(self, data: Any, organisations: OrganisationQuerySet, whose: int) -> None:
        super().__init__(data)
        belongs_to(self, whose)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations

    def narrow(self, people: UserQuerySet, at: datetime) -> UserQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        if words := asked.get("q", "").strip():
            people = people.filter(Q(number__contains=words.upper()) | Q(name__contains=words))
        if asked.get("role"):
            people = people.filter(role=asked["role"])
        if asked.get("organisation"):
            people = people.filter(organisation=asked["organisation"])
        if asked.get("state") == "unused":
            return people.unused(at)
        states = {
            "on": Q(is_active=True),
            "off": Q(is_active=False),
            "wait": Q(is_active=True, appointed_by__isnull=False),
            "new": Q(is_active=True, must_change_password=True),
        }
        return people.filter(states.get(asked.get("state", ""), Q()))


class _PostFields(forms.Form):
    """Post and organisation, checked to fit each other."""

    role = forms.ChoiceField(label="岗位", choices=[("", "请选择"), *Role.choices])
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label="机构", error_messages={"invalid_choice": "这个机构不能选，请重新选择"}
    )

    def offer(self, organisations: OrganisationQuerySet) -> None:
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations.filter(is_active=True)
        field.choices = _grouped(field.queryset)

    def clean(self) -> dict[str, Any]:
        super().clean()
        role, organisation = self.cleaned_data.get("role"), self.cleaned_data.get("organisation")
        if role and organisation and (reason := misfit(role, organisation.kind)):
            self.add_error("organisation", reason)
        return self.cleaned_data


class EditPersonForm(forms.ModelForm[User]):
    """What is written about a person; post and organisation change by a move."""

    class Meta:
        model = User
        fields = ["number", "name", "certificate_no", "phone"]
        # What papers print of a person.
        field_classes = dict.fromkeys(("name", "certificate_no"), TidyField)

    def __init__(self, *args: Any, viewer: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Before the form writes what was typed onto the person.
        self.viewer, self._phone = viewer, self.instance.phone
        if viewer is not None:
            self.initial["phone"] = personal.shown(viewer, Personal.STAFF_PHONE, self._phone)

    def clean_number(self) -> str:
        return clean_police_number(self.cleaned_data["number"])

    def clean_phone(self) -> str:
        now: str = self.cleaned_data["phone"]
        return personal.typed(self.viewer, Personal.STAFF_PHONE, self._phone, now) if self.viewer else now


class PersonForm(_PostFields, EditPersonForm):
    """A new account."""

    class Meta(EditPersonForm.Meta):
        fields = ["number", "name", "role", "organisation", "certificate_no", "phone"]

    field_order = Meta.fields

    def __init__(self, data: Any, organisations: OrganisationQuerySet) -> None:
        super().__init__(data)
        self.offer(organisations)


class MoveForm(_PostFields):
    """Another post or organisation for a person."""

    reason = forms.CharField(label="调动原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any, organisations: OrganisationQuerySet, person: User) -> None:
        super().__init__(data, initial={"role": person.role, "organisation": person.organisation_id})
        self.offer(organisations)


class ReasonForm(forms.Form):
    """Why an act that is seldom taken back is done."""

    reason = forms.CharField(label="原因", max_length=300)


# Each account costs a slow hash: a hundred take some ten seconds.
ROSTER_MAX = 100


class RosterForm(forms.Form):
    file = BookField(
        label="人员表",
        most="UPLOAD_LEDGER_MAX_MB",
        help_text=f"xlsx 文件，表头为警号、姓名、岗位、机构、执法证号、电话，一次最多 {ROSTER_MAX} 人。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件", "empty": "文件是空的（0 字节），请重新选择。"},
    )


# ---------- organisations and settings ----------

# What is asked of each kind; its kind and its place in the tree stay as they were entered.
ASKED: dict[str, list[str]] = {
    OrganisationKind.BUREAU: ["parent", "name", "code_word"],
    OrganisationKind.STATION: ["parent", "name", "short_name", "issuer_name", "code_word", "brigade"],
    OrganisationKind.OFFICE: ["parent", "name"],
    OrganisationKind.BRIGADE: ["name", "issuer_name"],
    OrganisationKind.TOWNSHIP: ["name"],
}


# What numbers of papers are made of, and its room: a number stands on one line of 28 characters (records.patterns).
IN_NUMBERS = {"short_name": 8, "code_word": 5}


class OrganisationForm(forms.ModelForm[Organisation]):
    """An organisation of the kind its instance has."""

    class Meta:
        model = Organisation
        fields = ["parent", "name", "short_name", "issuer_name", "code_word", "brigade"]

    def __init__(
        self, data: Any, organisations: OrganisationQuerySet, organisation: Organisation, **initial: Any
    ) -> None:
        super().__init__(data, instance=organisation, initial=initial)
        self.organisations = organisations
        asked = ASKED[organisation.kind]
        for name in set(self.fields) - set(asked):
            del self.fields[name]
        if organisation.pk:
            self.fields.pop("parent", None)
        above = PARENT_KIND[OrganisationKind(organisation.kind)]
        self._offer("parent", organisations.filter(kind=above, is_active=True), required=True)
        self._offer("brigade", organisations.filter(kind=OrganisationKind.BRIGADE, is_active=True), required=False)
        for name, room in ((name, room) for name, room in IN_NUMBERS.items() if name in self.fields):
            self.fields[name].required = True
            self.fields[name].validators.append(MaxLengthValidator(room, f"不超过 {room} 个字，文书号要印在一行里"))
            self.fields[name].widget.attrs["maxlength"] = room

    def _offer(self, name: str, choices: OrganisationQuerySet, *, required: bool) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset, field.required = choices, required
            field.empty_label = "请选择" if required else "暂不设"

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        twins = self.organisations.filter(name=name, kind=self.instance.kind).exclude(pk=self.instance.pk)
        if self.instance.kind == OrganisationKind.OFFICE:
            twins = twins.filter(
                bureau=getattr(self.cleaned_data.get("parent") or self.instance.parent, "bureau", None)
            )
        if twins.exists():
            raise forms.ValidationError("已经有一个同名的机构")
        return name


class GuidanceForm(forms.Form):
    """Who guides a station; offered are the supervisors of its brigade."""

    supervisor = forms.ModelChoiceField(User.objects.none(), label="消防监督员", required=False, empty_label="无人指导")
    substitute = forms.ModelChoiceField(User.objects.none(), label="代管人", required=False, empty_label="无")

    def __init__(self, data: Any, supervisors: UserQuerySet, guidance: Guidance | None) -> None:
        initial = {"supervisor": guidance.supervisor_id, "substitute": guidance.substitute_id} if guidance else {}
        super().__init__(data, initial=initial)
        for field in self.fields.values():
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = supervisors
            field.error_messages["invalid_choice"] = "只能选这个大队在用的消防监督员"

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("substitute") and not cleaned.get("supervisor"):
            self.add_error("supervisor", "有代管人时须指定消防监督员")
        elif cleaned.get("substitute") and cleaned["substitute"] == cleaned["supervisor"]:
            self.add_error("substitute", "代管人不能是监督员本人")
        return cleaned
