"""送达 as a form: the way of serving first, then what it asks for."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import localtime

from fire_supervision.lib.encrypted import EncryptedTextField
from fire_supervision.lib.forms import DateInput, MomentInput, PersonalField, TidyField
from hazards.forms import officers_of
from hazards.models import Dispatch, Method, Order, Service
from hazards.serving import CONSENTED, assistants_of
from hazards.ways import WAYS, Ask, Way
from stations.models import User

DAYS = frozenset({"sent_on", "consented_on"})
EVERY_FIELD = frozenset().union(*(way.fields for way in WAYS.values()))
PEOPLE = ("server", "second", "assistant", "recorder_no", "note")
ASSISTED = "只有一名民警送达时须带辅警；两名民警送达的，有辅警协助也可以写上"
RECORDED = "只有一名民警带辅警送达时须全程录音录像（程序规定第52条）"


class ServeForm(forms.Form):
    """登记送达: only the fields the chosen way asks for are shown; what was typed for another way is carried along.

    ``typed`` is what stood in the form when the way was changed: nothing of it is judged yet.
    """

    method = forms.ChoiceField(label="送达方式", choices=Method.choices, widget=forms.RadioSelect, required=False)

    def __init__(
        self,
        order: Order,
        user: User,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> None:
        wanted = (data or typed or {}).get("method", Method.DIRECT)
        self.way: Way = WAYS[Method(wanted) if wanted in Method else Method.DIRECT]
        super().__init__(data, initial=_initial(order, user, now, self.way, typed or {}))
        for ask in self.way.asks:
            self.fields[ask.field] = _field(ask)
        self._ask_people(order)
        for name in sorted(EVERY_FIELD - set(self.fields)):
            self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)

    def _ask_people(self, order: Order) -> None:
        officers = officers_of(order.station_id)
        self.fields["server"] = forms.ModelChoiceField(officers, label="送达人", empty_label="选择民警")
        self.fields["second"] = forms.ModelChoiceField(officers, label="第二送达人", required=False, empty_label="没有")
        self.fields["assistant"] = assistant_field(order)
        if "recorder_no" not in self.fields:
            self.fields["recorder_no"] = _field(Ask("recorder_no", "执法记录仪文件号", RECORDED, needed=False))
        self.fields["note"] = _field(Ask("note", "备注", needed=False))

    def ways(self) -> Iterator[dict[str, Any]]:
        """Each way to choose, with when the article allows it."""
        for option, way in zip(self["method"], WAYS.values(), strict=True):
            yield {"option": option, "way": way}

    def asked(self) -> list[forms.BoundField]:
        return [self[ask.field] for ask in self.way.asks]

    def people(self) -> list[forms.BoundField]:
        return [self[name] for name in PEOPLE if name not in self.way.fields]

    def carried(self) -> list[forms.BoundField]:
        """What was typed for another way, kept for when the officer comes back to it."""
        return self.hidden_fields()

    def service(self) -> dict[str, Any]:
        """What `hazards.serving.serve` takes; nothing of the other ways."""
        names = [*(ask.field for ask in self.way.asks), *PEOPLE]
        return {name: self.cleaned_data[name] for name in names} | {"method": self.way.method}


def assistant_field(order: Order) -> forms.ModelChoiceField[User]:
    """协助辅警: those of the station of ``order``."""
    return forms.ModelChoiceField(
        assistants_of(order.station_id), label="协助辅警", required=False, empty_label="没有", help_text=ASSISTED
    )


def _field(ask: Ask) -> forms.Field:
    words: dict[str, Any] = {"label": ask.label, "help_text": ask.hint, "required": ask.needed}
    if ask.field == "served_at":
        return forms.DateTimeField(widget=MomentInput(), **words)
    if ask.field in DAYS:
        return forms.DateField(widget=DateInput(), **words)
    attrs = {"list": f"known-{ask.field}", "autocomplete": "off"} if ask.known else {}
    column = Service._meta.get_field(ask.field)
    kind = PersonalField if isinstance(column, EncryptedTextField) else TidyField
    length: int | None = getattr(column, "max_length", None)
    return kind(max_length=length, widget=forms.TextInput(attrs=attrs), **words)


def _initial(order: Order, user: User, now: datetime, way: Way, typed: Mapping[str, str]) -> dict[str, Any]:
    """What is known, and over it what was typed.

    A name that was only suggested as the addressee's is no suggestion for who took the paper in his place, nor is what
    was consented to one for another way.
    """
    known, consented = _known(order, user, now), _consented(order)
    suggested = {name: known[name] for name in ("recipient", "relation")} | consented
    own = {name: value for name, value in typed.items() if value and str(suggested.get(name)) != value}
    if way.method == Method.ELECTRONIC:
        known |= consented
    if way.method in (Method.PROXY, Method.LEAVE):
        known |= {"recipient": "", "relation": ""}
    return known | own | {"method": way.method}


def _consented(order: Order) -> dict[str, Any]:
    """What the unit's latest 电子送达确认书 allows, of those signed on a screen; nothing without one."""
    rows = Dispatch.objects.consented().filter(station_id=order.station_id, unit_id=order.unit_id)
    signed = rows.select_related("document").first()
    names = (*CONSENTED, "consent_no")
    return {name: getattr(signed, name) for name in names} if signed else {}


def _known(order: Order, user: User, now: datetime) -> dict[str, Any]:
    visit = order.inspection
    others = [pk for pk in (visit.lead_id, visit.second_id) if pk != user.pk] if visit else []
    return {
        "served_at": now,
        "sent_on": localtime(now).date(),
        "place": order.unit.address[:120],
        "recipient": (visit.companion if visit else "") or order.unit.person,
        "relation": visit.companion_post if visit else "",
        "server": user.pk,
        "second": next(iter(others), None),
    }
