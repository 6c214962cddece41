"""作废重出 of one paper as a form: the one it was typed into, filled in with what was typed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms

from fire_supervision.lib.forms import TidyField
from hazards.models import Hazard, Method, Referral, Service, Target
from hazards.referral_forms import ReferForm
from hazards.reissuing import ASKED, LEGAL_DAYS, LETTER, ways_like
from hazards.service_forms import PEOPLE, ServeForm
from hazards.ways import WAYS
from inspections.complaint_forms import AnswerForm
from inspections.models import Complaint
from stations.models import User

FIXED = "不能在这里更改"


class LetterForm(ReferForm):
    """移送函: its words. What is handed over, to which authority and when is not typed anew."""

    def __init__(self, referral: Referral, data: Any = None) -> None:
        initial = {name: getattr(referral, name) for name in (*LETTER, "sent_on")}
        super().__init__(Hazard.objects.none(), data, initial=initial)
        kept = [*LETTER, "sent_on"]
        if referral.target == Target.FIRE_BRIGADE:
            kept.remove("authority")
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]
        if "authority" in self.fields:
            self.fields["authority"].required = True
        _fix(self)
        self.fields["why"] = _why()

    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in LETTER if name in self.fields}


class ReplyForm(AnswerForm):
    """举报答复: what was told. When and how it was told stays."""

    def __init__(self, complaint: Complaint, data: Any = None) -> None:
        assert complaint.told_at is not None
        super().__init__(complaint.told_at, data)
        for name in ("manner", "untold", "reward"):
            del self.fields[name]
        self.initial["told"] = complaint.told
        self.fields["told"].required = True
        self.fields["told_at"].disabled = True
        self.fields["told_at"].help_text = FIXED
        self.fields["why"] = _why()

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class ReceiptForm(ServeForm):
    """送达回证: the service as it was registered. Another way only where it asks for the same legal days."""

    def __init__(self, service: Service, data: Any = None, typed: Mapping[str, str] | None = None) -> None:
        self.may_be = ways_like(service)
        now: datetime = service.served_at
        super().__init__(service.order, service.server, now, data, typed or {"method": service.method})
        names = {*ASKED, *PEOPLE}
        known = {name: getattr(service, name) for name in names | LEGAL_DAYS}
        self.initial = known | {name: words for name, words in (typed or {}).items() if name in names}
        self.initial["method"] = self.way.method
        self.fields["method"].choices = [(each.value, each.label) for each in self.may_be]  # type: ignore[attr-defined] # a ChoiceField
        self._keep_people(service)
        _fix(self)
        for name in LEGAL_DAYS - self.way.fields:
            del self.fields[name]
        self.fields["why"] = _why()

    def _keep_people(self, service: Service) -> None:
        """Who served then may be chosen, wherever he is today."""
        for name in ("server", "second", "assistant"):
            person: User | None = getattr(service, name)
            field = self.fields[name]
            if person is not None and isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = field.queryset | User.objects.filter(pk=person.pk)

    def ways(self) -> Iterator[dict[str, Any]]:
        for option, method in zip(self["method"], self.may_be, strict=True):
            yield {"option": option, "way": WAYS[Method(method)]}


def _why() -> forms.Field:
    """`reason` is what a service calls why the paper was not handed over."""
    return TidyField(label="作废理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


def _fix(form: forms.Form) -> None:
    for name in LEGAL_DAYS & form.fields.keys():
        form.fields[name].disabled = True
        form.fields[name].help_text = FIXED
