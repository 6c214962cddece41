"""Looking through the trail, and answering for what alarmed."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from fire_supervision.lib.sought import SoughtField, belongs_to
from trail.models import AuditEntry
from trail.names import action_choices


def subject_name(label: str) -> str:
    """What the screens call a kind of subject: ``units.unit`` is 单位; the label itself when the model is gone."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _subjects() -> list[tuple[str, str]]:
    ours = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
    return [("", "全部对象"), *sorted((model._meta.label_lower, str(model._meta.verbose_name)) for model in ours)]


# Field → column, for what is either the same or not.
EQUAL = {
    "subject": "subject_type",
    "subject_id": "subject_id",
    "station": "station_id",
    "address": "address",
    "request": "request_id",
}


class AlarmForm(forms.Form):
    """What was found and done, by whoever answers for an alarm."""

    note = forms.CharField(
        label="处置情况",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="核实了什么，采取了什么措施",
    )


class EntryFilter(forms.Form):
    """The filter row of the trail; an answer that makes no sense narrows nothing."""

    q = SoughtField(label="摘要或理由", required=False, max_length=60)
    who = forms.CharField(label="操作人警号或姓名", required=False, max_length=60)
    action = forms.ChoiceField(label="动作", required=False, choices=action_choices)
    subject = forms.ChoiceField(label="对象", required=False, choices=_subjects)
    subject_id = forms.IntegerField(label="对象编号", required=False, min_value=0, max_value=2**63 - 1)
    station = forms.TypedChoiceField(label="派出所", required=False, coerce=int, empty_value=None)
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    address = forms.GenericIPAddressField(label="地址", required=False)
    request = forms.CharField(label="请求编号", required=False, max_length=36)

    def __init__(self, data: Any, stations: Iterable[tuple[int, str]] = (), whose: int = 0) -> None:
        """``whose``: who looks; a search is his."""
        super().__init__(data)
        belongs_to(self, whose)
        chosen = [("", "全部派出所"), *((str(pk), name) for pk, name in stations)]
        cast(forms.ChoiceField, self.fields["station"]).choices = chosen

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries asked for."""
        self.is_valid()
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        kept = Q()
        if words := asked.get("q"):
            kept &= Q(summary__contains=words) | Q(reason__contains=words)
        if who := asked.get("who"):
            kept &= Q(actor_number=who) | Q(actor_name__contains=who)
        if action := asked.get("action"):
            # A room as a whole ends in its dot; what happens in any room begins with it.
            how = "startswith" if action.endswith(".") else "endswith" if action.startswith(".") else "exact"
            kept &= Q(**{f"action__{how}": action})
        if since := asked.get("since"):
            kept &= Q(at__gte=make_aware(datetime.combine(since, time())))
        if until := asked.get("until"):
            kept &= Q(at__lt=make_aware(datetime.combine(until + timedelta(days=1), time())))
        return entries.filter(kept, **{column: asked[name] for name, column in EQUAL.items() if name in asked})
