"""消防安全责任书: the form both parties sign, the reason of a voiding, the filter row of the register."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from fire_supervision.lib.forms import DateInput, StrokesField, TidyField
from fire_supervision.lib.sought import SoughtField, belongs_to
from records.forms import PlaceForm
from stations.models import Organisation, User
from units.forms import places_of
from units.models import Pledge, Unit, UnitQuerySet
from units.pledging import Signing
from units.standing import SOON

RUNNING, ENDING, COMING, NONE = "running", "soon", "coming", "none"


def year_from(day: date) -> date:
    """The last day of a term of one year that begins on ``day``."""
    return date(day.year + 1, day.month, 1) + timedelta(days=day.day - 2)


class PledgeForm(PlaceForm):
    """签订责任书. What speaks against it is said by `pledging.sign_pledge`."""

    # The browser would not let the form go before a part that is folded away was filled in.
    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput)
    since = forms.DateField(label="责任期限自", widget=DateInput())
    until = forms.DateField(label="至", widget=DateInput())
    # Not looked at where somebody else is 甲方; there is always one to choose.
    signer_a = forms.TypedChoiceField(label="派出所签名民警")
    party_a = TidyField(
        label="甲方名称", max_length=60, required=False, help_text="如村（居）民委员会、物业服务企业全称"
    )
    person_a = TidyField(label="甲方签名人", max_length=20, required=False)
    signer_b = TidyField(label="单位签名人", max_length=20)
    post_b = TidyField(label="职务", max_length=20, required=False, help_text="如店主、法定代表人")
    ink = forms.ChoiceField(
        label="签名方式",
        choices=[("", "在屏幕上签"), ("1", "打印后现场手签")],
        required=False,
        widget=forms.RadioSelect,
    )
    sign_a = StrokesField(required=False)
    sign_b = StrokesField(required=False)

    def __init__(self, unit: Unit, colleagues: Iterable[User], actor: User, today: date, data: Any = None) -> None:
        begin = {"key": uuid.uuid4(), "since": today, "until": year_from(today)}
        super().__init__(data, initial=begin | {"signer_a": actor.pk, "signer_b": unit.person, "place": unit.address})
        people = {str(person.pk): person for person in colleagues}
        field = self.fields["signer_a"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(pk, f"{person.name}（{person.number}）") for pk, person in people.items()]
        field.coerce = people.__getitem__

    def signing(self) -> Signing:
        values = self.cleaned_data
        return Signing(
            since=values["since"], until=values["until"], signer_b=values["signer_b"], post_b=values["post_b"],
            signer_a=values["signer_a"], party_a=values["party_a"], person_a=values["person_a"],
            ink=values["ink"] == "1", strokes_a=values["sign_a"], strokes_b=values["sign_b"],
            place=self.signed_at(), seen=self.data.get("seen", ""),
        )  # fmt: skip

    @property
    def of_another(self) -> bool:
        """Whether somebody else than the station was typed as 甲方, so that his fields must show."""
        return any(self[name].value() or self[name].errors for name in ("party_a", "person_a"))


class VoidPledgeForm(forms.Form):
    reason = TidyField(label="作废理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class PledgeFilter(forms.Form):
    """The filter row of the register. What it cannot read it leaves out; it never fails the page."""

    q = SoughtField(label="查找", required=False, max_length=60)
    pledge = forms.ChoiceField(
        label="责任书",
        required=False,
        choices=[
            ("", "全部"),
            (RUNNING, "有效"),
            (ENDING, f"{SOON.days} 天内到期"),
            (COMING, "未生效"),
            (NONE, "没有签订"),
        ],
    )
    station = forms.ChoiceField(label="派出所", required=False)
    officer = forms.ChoiceField(label="责任民警", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places_of(user)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位名称、地址、代码"
        stations = list(Organisation.objects.for_user(user).stations().values_list("pk", "name"))
        officers = list(User.objects.for_user(user).enforcers().order_by("number").values_list("pk", "name"))
        for name, everything, choices in (("station", "全部派出所", stations), ("officer", "全部民警", officers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", everything), *choices]
        if len(stations) < 2:
            del self.fields["station"]

    def narrow(self, units: UnitQuerySet, today: date) -> UnitQuerySet:
        """``units`` as far as the readable fields narrow them; ``today`` says which pledges run."""
        self.is_valid()
        values = self.cleaned_data
        units = units.matching(values.get("q", ""), self.places)
        for name in ("station", "officer"):
            if values.get(name):
                units = units.filter(**{f"{name}_id": values[name]})
        running = Pledge.objects.running_on(today).filter(unit=OuterRef("pk"))
        coming = Pledge.objects.coming_on(today).filter(unit=OuterRef("pk"))
        match values.get("pledge"):
            case "running":
                return units.filter(Exists(running))
            case "soon":
                later = Pledge.objects.running_on(today + SOON).filter(unit=OuterRef("pk"))
                return units.filter(Exists(running), ~Exists(later))
            case "coming":
                return units.filter(~Exists(running), Exists(coming))
            case "none":
                return units.filter(~Exists(running), ~Exists(coming))
        return units
