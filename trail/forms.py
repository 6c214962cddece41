"""Looking through the trail."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from trail.models import AuditEntry


def subject_name(label: str) -> str:
    """What the screens call a kind of subject: ``units.unit`` is 单位; the label itself when the model is gone."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _subjects() -> list[tuple[str, str]]:
    ours = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
    return [("", "全部对象"), *sorted((model._meta.label_lower, str(model._meta.verbose_name)) for model in ours)]


class EntryFilter(forms.Form):
    """The filter row of the trail; an answer that makes no sense narrows nothing."""

    q = forms.CharField(label="摘要或理由", required=False, max_length=60)
    who = forms.CharField(label="操作人警号或姓名", required=False, max_length=60)
    action = forms.CharField(label="动作代码", required=False, max_length=60)
    subject = forms.ChoiceField(label="对象", required=False, choices=_subjects)
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        self.is_valid()
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        kept = Q()
        if words := asked.get("q"):
            kept &= Q(summary__contains=words) | Q(reason__contains=words)
        if who := asked.get("who"):
            kept &= Q(actor_number=who) | Q(actor_name__contains=who)
        if action := asked.get("action"):
            kept &= Q(action__startswith=action)
        if subject := asked.get("subject"):
            kept &= Q(subject_type=subject)
        if since := asked.get("since"):
            kept &= Q(at__gte=make_aware(datetime.combine(since, time())))
        if until := asked.get("until"):
            kept &= Q(at__lt=make_aware(datetime.combine(until + timedelta(days=1), time())))
        return entries.filter(kept)
