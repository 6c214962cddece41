"""Forms of the register of complaints. They turn words into values and decide nothing."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from deadlines.ladder import midnight
from fire_supervision.lib import faces
from fire_supervision.lib.forms import MomentInput, PersonalField, TidyField
from fire_supervision.lib.keyring import PHONE_DIGITS, index_of, normalised
from fire_supervision.lib.sought import SoughtField, belongs_to
from inspections.complaint_corrections import typed_fields
from inspections.complaint_entries import Call, Check, Told, Transfer
from inspections.complaint_secrecy import naming, told_at
from inspections.models import (
    Complaint,
    ComplaintCategory,
    ComplaintQuerySet,
    ComplaintState,
    Inspection,
    Jurisdiction,
    Manner,
    Source,
    State,
    Truth,
    on_case_of,
)
from stations.models import Organisation, User
from units.models import Unit

OPEN_ONES, LATE_ONES = "open", "overdue"
STATES = [("", "全部状态"), (OPEN_ONES, "未办结"), (LATE_ONES, "有逾期"), *ComplaintState.choices]
CATEGORIES = [
    (ComplaintCategory.EXIT, "疏散通道、安全出口被占用、堵塞、封闭，或者擅自停用消防设施"),
    (ComplaintCategory.OTHER, "其他消防违法行为或者火灾隐患"),
]
JURISDICTIONS = [
    (Jurisdiction.OURS, "属本所管辖，由本所核查"),
    (Jurisdiction.OTHER_POLICE, "不属本所管辖，移送其他派出所、公安机关或者消防救援大队"),
    (Jurisdiction.NOT_POLICE, "不属公安机关职责，当场告知"),
]
# A slip of the year, not a complaint.
OLDEST = timedelta(days=366)


def _printable(words: str) -> None:
    """What no face of the papers has is refused where it is typed, not when the 举报登记 is issued at the end."""
    if char := faces.lacking(words):
        raise forms.ValidationError(f"{faces.called(char)}印不出来，请删去或改成文字")


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ComplaintFilter(forms.Form):
    """The filter row of the register, kept in the URL. What it cannot read it leaves out; it never fails the page."""

    q = SoughtField(label="查找", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    category = forms.ChoiceField(label="类别", required=False, choices=[("", "全部类别"), *ComplaintCategory.choices])
    source = forms.ChoiceField(label="来源", required=False, choices=[("", "全部来源"), *Source.choices])
    station = forms.ChoiceField(label="派出所", required=False)
    handler = forms.ChoiceField(label="承办人", required=False)
    since = forms.DateField(label="接到日期起", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "编号、被举报单位、内容、举报人电话"
        stations = list(Organisation.objects.for_user(user).stations().values_list("pk", "name"))
        handlers = User.objects.for_user(user).enforcers().order_by("number").values_list("pk", "name")
        for name, everything, choices in (("station", "全部派出所", stations), ("handler", "全部民警", list(handlers))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", everything), *choices]
        if len(stations) < 2:
            del self.fields["station"]

    def _called_from(self, word: str) -> Q:
        """A whole telephone finds the complaints made from it, for those on the case: nobody learns by guessing."""
        if len(normalised(word)) < PHONE_DIGITS or not normalised(word).isdecimal():
            return Q()
        return on_case_of(self.user) & Q(contact_index=index_of(word))

    def narrow(self, complaints: ComplaintQuerySet, now: datetime) -> ComplaintQuerySet:
        self.is_valid()
        values = self.cleaned_data
        for word in values.get("q", "").split():
            named = Q(number__icontains=word) | Q(premises__icontains=word) | Q(address__icontains=word)
            complaints = complaints.filter(named | Q(content__icontains=word) | self._called_from(word))
        exact = {"category": "category", "source": "source", "station_id": "station", "handler_id": "handler"}
        complaints = complaints.filter(**{look: values[name] for look, name in exact.items() if values.get(name)})
        if values.get("since"):
            complaints = complaints.filter(received_at__gte=midnight(values["since"]))
        if values.get("until"):
            complaints = complaints.filter(received_at__lt=midnight(values["until"] + timedelta(days=1)))
        if values.get("state") == OPEN_ONES:
            return complaints.unanswered()
        if values.get("state") == LATE_ONES:
            return complaints.overdue(now)
        if values.get("state"):
            return complaints.filter(state=values["state"])
        return complaints


def handlers_of(station_id: int) -> QuerySet[User]:
    """Who may check for a station."""
    return User.objects.of_station(station_id).enforcers().order_by("number")


class ReceiveForm(forms.Form):
    """受理: fit for writing while the telephone is at the ear."""

    use_required_attribute = False

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ChoiceField(label="举报的是", choices=CATEGORIES, widget=forms.RadioSelect)
    jurisdiction = forms.ChoiceField(
        label="管辖", choices=JURISDICTIONS, initial=Jurisdiction.OURS, widget=forms.RadioSelect
    )
    source = forms.ChoiceField(label="来源", choices=Source.choices)
    received_at = forms.DateTimeField(label="接到时间", widget=MomentInput())
    unit = forms.ModelChoiceField(label="台账单位", queryset=Unit.objects.none(), required=False)
    premises = TidyField(label="被举报单位（场所）", max_length=120, required=False, help_text="台账里没有的才填写")
    address = TidyField(label="地址", max_length=200, required=False)
    content = forms.CharField(
        label="举报内容", max_length=2000, widget=_words(4), validators=[_printable],
        help_text="什么部位、什么情况。不要写举报人的姓名和电话",
    )  # fmt: skip
    anonymous = forms.BooleanField(label="匿名举报", required=False)
    complainant = PersonalField(label="举报人姓名", max_length=60, required=False)
    contact = PersonalField(
        label="联系方式", max_length=60, required=False, help_text="电话或者其他能告知结果的方式。匿名的也可以只留电话"
    )
    handler = forms.ModelChoiceField(
        label="承办人", queryset=User.objects.none(), required=False, empty_label="责任民警；没有责任民警的由我承办"
    )
    manner = forms.ChoiceField(label="告知方式", choices=[("", "选择方式"), *Manner.choices], required=False)
    told = forms.CharField(label="告知内容", max_length=500, required=False, widget=_words(2), validators=[_printable])
    untold = TidyField(label="无法告知的原因", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "form_key": uuid.uuid4(), "received_at": now.replace(second=0, microsecond=0), "source": Source.CALL,
        } | (kwargs.get("initial") or {})  # fmt: skip
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        self.fields["unit"].queryset = Unit.objects.for_user(user).open().select_related("officer")  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["handler"].queryset = handlers_of(user.home_station.pk)  # type: ignore[attr-defined] # a ModelChoiceField

    def show_as_needed(self) -> None:
        """Print the labels of what a complaint with a name needs without 选填."""
        for name in ("complainant", "contact"):
            self.fields[name].required = True

    def clean_received_at(self) -> datetime:
        at: datetime = self.cleaned_data["received_at"]
        if not self.now - OLDEST < at <= self.now:
            raise forms.ValidationError("不能晚于现在，也不能早于一年前，请核对")
        return at

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("unit") and not values.get("premises") and "unit" not in self.errors:
            self.add_error("premises", "选择台账单位，或者填写名称")
        if values.get("anonymous"):
            values["complainant"] = ""
        else:
            for name in ("complainant", "contact"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, "请填写；举报人不愿意留的，选匿名举报")
        if values.get("jurisdiction") == Jurisdiction.NOT_POLICE and not (values.get("manner") or values.get("untold")):
            self.add_error("manner", "选择告知方式；无法告知的写明原因")
        for field in self._named(values):
            self.add_error(field, told_at(field).words)
        return values

    def _named(self, values: dict[str, Any]) -> list[str]:
        """What is typed, and will be kept, that gives the complainant away."""
        places = () if values.get("unit") else ("premises", "address")
        told = ("told", "untold") if values.get("jurisdiction") == Jurisdiction.NOT_POLICE else ()
        typed = {name: values.get(name) or "" for name in ("content", *places, *told)}
        return naming(values.get("complainant") or "", values.get("contact") or "", typed)

    def call(self) -> Call:
        values = self.cleaned_data
        unit = values["unit"]
        jurisdiction = Jurisdiction(values["jurisdiction"])
        told = Told(values["received_at"], values["manner"], values["told"], values["untold"])
        return Call(
            source=values["source"], received_at=values["received_at"], unit=unit, premises=values["premises"],
            category=ComplaintCategory(values["category"]), jurisdiction=jurisdiction, address=values["address"],
            content=values["content"], complainant=values["complainant"], contact=values["contact"],
            handler=values["handler"] or self._by_default(unit),
            told=told if jurisdiction == Jurisdiction.NOT_POLICE else None,
        )  # fmt: skip

    def _by_default(self, unit: Unit | None) -> User:
        """The officer of the unit where he can handle it, else whoever took the complaint down."""
        if unit is None or unit.officer_id is None:
            return self.user
        return handlers_of(unit.station_id).filter(pk=unit.officer_id).first() or self.user


def _reward_field() -> TidyField:
    """奖励情况; who is rewarded with how much is a rule of the place, so words and no amount."""
    return TidyField(
        label="奖励情况", max_length=120, required=False, validators=[_printable],
        help_text="如“已奖励200元”“不符合奖励条件”，印在举报登记上。没有的不填。不要写举报人姓名",
    )  # fmt: skip


class VisitField(forms.ModelChoiceField[Inspection]):
    def label_from_instance(self, obj: Inspection) -> str:
        return f"{localdate(obj.finished_at):%Y-%m-%d} {obj.lead.name}的检查"


class CheckForm(forms.Form):
    """核查: when, by which two, what was found."""

    inspection = VisitField(
        label="关联的检查", queryset=Inspection.objects.none(), required=False, empty_label="没有制作检查记录",
        help_text="接到举报后对这家单位完成的检查",
    )  # fmt: skip
    at = forms.DateTimeField(label="核查时间", widget=MomentInput())
    first = forms.ModelChoiceField(label="核查人", queryset=User.objects.none(), empty_label="选择民警")
    second = forms.ModelChoiceField(label="第二核查人", queryset=User.objects.none(), empty_label="选择民警")
    truth = forms.ChoiceField(label="核查结论", choices=Truth.choices, widget=forms.RadioSelect)
    found = forms.CharField(
        label="核查情况和处理", max_length=2000, widget=_words(4), validators=[_printable],
        help_text="责令改正的写明文书号。不要写举报人姓名",
    )  # fmt: skip
    reward = _reward_field()

    def __init__(self, complaint: Complaint, visits: list[Inspection], user: User, now: datetime, data: Any) -> None:
        latest = visits[0] if visits else None
        initial = {"at": now.replace(second=0, microsecond=0), "first": user.pk}
        if latest is not None:
            second = latest.second_id or None
            initial = {"at": latest.finished_at, "first": latest.lead_id, "second": second, "inspection": latest.pk}
        super().__init__(data, initial=initial)
        kept = Inspection.objects.filter(pk__in=[visit.pk for visit in visits]).select_related("unit", "lead")
        field = self.fields["inspection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = kept.order_by("-finished_at")
        if not visits:
            del self.fields["inspection"]
        # Whoever can be told is, and then it is asked.
        if complaint.can_be_told:
            del self.fields["reward"]
        for name in ("first", "second"):
            self.fields[name].queryset = handlers_of(complaint.station_id)  # type: ignore[attr-defined] # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("first") and values.get("first") == values.get("second"):
            self.add_error("second", "须是另一名民警")
        return values

    def check(self) -> Check:
        values = dict(self.cleaned_data)
        return Check(inspection=values.pop("inspection", None), **values)


def visits_since(complaint: Complaint, user: User) -> list[Inspection]:
    """The finished visits to the unit since the complaint came in, the latest first."""
    if complaint.unit_id is None:
        return []
    visits = Inspection.objects.for_user(user).filter(unit_id=complaint.unit_id, state=State.SUBMITTED)
    return list(visits.filter(finished_at__gte=complaint.received_at).order_by("-finished_at")[:20])


class TellingForm(forms.Form):
    """When and how the complainant was told, or why not."""

    told_at = forms.DateTimeField(label="告知时间", widget=MomentInput())
    manner = forms.ChoiceField(label="告知方式", choices=[("", "选择方式"), *Manner.choices], required=False)
    told = forms.CharField(
        label="告知内容", max_length=1000, required=False, widget=_words(3), validators=[_printable],
        help_text="书面告知的印在举报答复上。不要写举报人姓名",
    )  # fmt: skip
    untold = TidyField(
        label="无法告知的原因", max_length=200, required=False, help_text="如多次拨打无人接听。填写后不再登记告知方式"
    )

    def __init__(self, now: datetime, data: Any) -> None:
        super().__init__(data, initial={"told_at": now.replace(second=0, microsecond=0)})

    def telling(self) -> Told:
        values = self.cleaned_data
        reward = values.get("reward", "")
        return Told(values["told_at"], values["manner"], values["told"], values["untold"], reward)


class AnswerForm(TellingForm):
    """告知结果; it ends the complaint."""

    reward = _reward_field()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("manner") and not values.get("untold"):
            self.add_error("manner", "选择告知方式；无法告知的写明原因")
        return values


class TransferForm(TellingForm):
    """移送并告知; the complainant may be told a little later."""

    at = forms.DateTimeField(label="移送时间", widget=MomentInput())
    to = TidyField(label="移送单位", max_length=80, help_text="有管辖权的派出所、公安机关或者消防救援大队")
    letter_no = TidyField(label="移送文书号", max_length=80, required=False)

    field_order = ["at", "to", "letter_no", "manner", "told_at", "told", "untold"]

    def __init__(self, complaint: Complaint, now: datetime, data: Any) -> None:
        super().__init__(now, data)
        self.initial["at"] = self.initial["told_at"]
        if not complaint.can_be_told:
            for name in ("told_at", "manner", "told", "untold"):
                del self.fields[name]
            return
        self.fields["told_at"].required = False
        self.fields["manner"].help_text = "还没有告知的先不选，移送后再登记"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        said = values.get("manner") or values.get("untold")
        if said and not values.get("told_at") and "told_at" not in self.errors:
            self.add_error("told_at", "请填写")
        return values

    def transfer(self) -> Transfer:
        values = self.cleaned_data
        said = values.get("manner") or values.get("untold")
        return Transfer(values["at"], values["to"], values["letter_no"], self.telling() if said else None)


class AssignForm(forms.Form):
    """改派."""

    handler = forms.ModelChoiceField(label="承办人", queryset=User.objects.none(), empty_label="选择民警")
    reason = TidyField(label="改派理由", max_length=200, widget=_words(2))

    def __init__(self, complaint: Complaint, *args: Any) -> None:
        super().__init__(*args)
        others = handlers_of(complaint.station_id).exclude(pk=complaint.handler_id)
        self.fields["handler"].queryset = others  # type: ignore[attr-defined] # a ModelChoiceField


class CategoryForm(forms.Form):
    """改类别."""

    category = forms.ChoiceField(label="举报的是", choices=CATEGORIES, widget=forms.RadioSelect)
    reason = TidyField(label="更改理由", max_length=200, widget=_words(2))


class CorrectForm(forms.Form):
    """更正文字: what was typed so far and stands on the papers."""

    premises = TidyField(label="被举报单位（场所）", max_length=120, validators=[_printable])
    address = TidyField(label="地址", max_length=200, required=False, validators=[_printable])
    content = forms.CharField(
        label="举报内容", max_length=2000, widget=_words(4), validators=[_printable],
        help_text="不要写举报人的姓名和电话",
    )  # fmt: skip
    found = forms.CharField(label="核查情况和处理", max_length=2000, widget=_words(4), validators=[_printable])
    transferred_to = TidyField(label="移送单位", max_length=80, validators=[_printable])
    letter_no = TidyField(label="移送文书号", max_length=80, required=False, validators=[_printable])
    reason = TidyField(label="更正理由", max_length=200, widget=_words(2), help_text="如“有一个字印不出来”")

    def __init__(self, complaint: Complaint, data: Any) -> None:
        typed = typed_fields(complaint)
        super().__init__(data, initial={name: getattr(complaint, name) for name in typed})
        for name in [name for name in self.fields if name not in (*typed, "reason")]:
            del self.fields[name]

    def words(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class WithdrawForm(forms.Form):
    """撤销登记."""

    reason = TidyField(label="撤销理由", max_length=200, widget=_words(3), help_text="如“与某号重复登记”")
