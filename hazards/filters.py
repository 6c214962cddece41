"""The filter row of the hazard list: it narrows, and never fails the page."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from fire_supervision.lib.sought import SoughtField, belongs_to
from hazards.duties import overdue
from hazards.models import HazardQuerySet, HazardState
from inspections.models import HazardCategory
from stations.models import Organisation, User

UNSOLVED, VALID = "unsolved", "valid"
# The words a station uses, each with the states it takes in.
STATES = [("", "全部状态"), (UNSOLVED, "没有销号"), (VALID, "不含作废"), *HazardState.choices]


class HazardFilter(forms.Form):
    """Kept in the URL, so that a list can be sent to a colleague."""

    q = SoughtField(label="查找", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    station = forms.ChoiceField(label="派出所", required=False)
    officer = forms.ChoiceField(label="责任民警", required=False)
    category = forms.ChoiceField(label="类别", required=False, choices=[("", "全部类别"), *HazardCategory.choices])
    overdue = forms.ChoiceField(label="期限", required=False, choices=[("", "不限"), ("yes", "有逾期")])
    since = forms.DateField(label="发现日期起", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="发现日期止", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位、隐患表述、文书号"
        stations = list(Organisation.objects.for_user(user).stations().values_list("pk", "name"))
        self._offer("station", "全部派出所", stations)
        if len(stations) < 2:
            del self.fields["station"]
        officers = User.objects.for_user(user).working().exclude(certificate_no="").order_by("number")
        self._offer("officer", "全部民警", list(officers.values_list("pk", "name")))

    def _offer(self, name: str, everything: str, choices: list[tuple[int, str]]) -> None:
        self.fields[name].choices = [("", everything), *((str(pk), words) for pk, words in choices)]  # type: ignore[attr-defined] # a ChoiceField

    def narrow(self, hazards: HazardQuerySet, now: datetime) -> HazardQuerySet:
        """``hazards`` as far as the readable fields narrow them."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        wanted = Q()
        if words := values.get("q"):
            wanted &= Q(wording__icontains=words) | Q(unit__name__icontains=words) | Q(order__number__icontains=words)
        for name, lookup in LOOKUPS.items():
            if name in values:
                wanted &= Q(**{lookup: values[name]})
        state = values.get("state")
        if state == UNSOLVED:
            hazards = hazards.unsolved()
        elif state == VALID:
            hazards = hazards.exclude(state=HazardState.VOID)
        elif state:
            wanted &= Q(state=state)
        if values.get("overdue"):
            wanted &= overdue(now)
        return hazards.filter(wanted)


LOOKUPS = {
    "station": "station_id",
    "officer": "unit__officer_id",
    "category": "hazard_type__category",
    "since": "found_on__gte",
    "until": "found_on__lte",
}
