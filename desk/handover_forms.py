"""What a chief says when he hands a caseload over."""

import uuid
from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.timezone import localdate

from desk.handover import Caseload
from fire_supervision.lib.text import is_number
from stations.models import User
from units.handover import Terms, receivers
from units.models import Reason


class ReceiverField(forms.ModelChoiceField[User]):
    """Each officer with the number of units he has already."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（现有 {obj.load} 户）"


class HandoverForm(forms.Form):
    """Receiver, reason and, for an absence, the day of the return. Units that stay are those not ticked."""

    receiver = ReceiverField(User.objects.none(), label="接收人", empty_label="选择民警")
    reason = forms.ChoiceField(
        label="原因", choices=[(Reason.LEFT, "调离"), (Reason.AWAY, "暂时离岗，返岗后交回")], widget=forms.RadioSelect
    )
    until = forms.DateField(
        label="预计返岗",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="暂时离岗时填写",
    )
    note = forms.CharField(label="说明", required=False, max_length=200)
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, load: Caseload, data: QueryDict | None = None, *, by: User) -> None:
        super().__init__(data, initial={"key": uuid.uuid4(), "seen": load.digest})
        self.load = load
        self.fields["receiver"].queryset = receivers(load.person, by, load.offices)  # type: ignore[attr-defined] # a ModelChoiceField
        if load.person is None:
            del self.fields["reason"], self.fields["until"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("reason") == Reason.AWAY and "until" not in self.errors:
            until = values.get("until")
            if until is None:
                self.add_error("until", "暂时离岗要填预计返岗的日期")
            elif until < localdate():
                self.add_error("until", "返岗日期应为今天或以后")
        else:
            values["until"] = None
        return values

    def terms(self) -> Terms:
        values = self.cleaned_data
        reason = Reason(values.get("reason", Reason.NOBODY))
        return Terms(values["receiver"], reason, values["key"], values["note"], values.get("until"))

    def kept(self, ticked: Collection[str]) -> set[int]:
        """The units that stay, given the ids of the ticked ones as they were sent."""
        return {unit.pk for unit in self.load.units} - {int(value) for value in ticked if is_number(value)}
