"""The filter row of the list of duties: it narrows, and never fails the page."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Value
from django.utils.timezone import localdate

from deadlines.calendar import Calendar
from deadlines.models import ON_TIME, ClockQuerySet, ClockState, DeadlineRule, Unit, is_over
from deadlines.rules import SOON_DAYS, SOON_WORKING_DAYS
from fire_supervision.lib.sought import SoughtField, belongs_to
from stations.models import Organisation, User
from stations.permissions import Role

OVER, TODAY, SOON, DONE, LATE, CANCELLED, ALL = "over", "today", "soon", "done", "late", "cancelled", "all"
STATES = [
    ("", "没有办完的"), (OVER, "逾期"), (TODAY, "今天到期"), (SOON, "临近到期"), (DONE, "按期办完"), (LATE, "迟办"),
    (CANCELLED, "已撤销"), (ALL, "全部"),
]  # fmt: skip
NOBODY = "nobody"
ANSWERING = (Role.OFFICER, Role.CHIEF)


class ClockFilter(forms.Form):
    """Kept in the URL, so that a list can be sent to a colleague."""

    q = SoughtField(label="查找", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
    rule = forms.ChoiceField(label="规则", required=False)
    station = forms.ChoiceField(label="派出所", required=False)
    owner = forms.ChoiceField(label="责任人", required=False)
    since = forms.DateField(label="到期日起", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到期日止", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belongs_to(self, user.pk)
        self.fields["q"].widget.attrs["placeholder"] = "单位、文书号"
        rules = dict(DeadlineRule.objects.order_by("-since").values_list("code", "name"))
        self._offer("rule", [("", "全部规则"), *sorted(rules.items(), key=lambda rule: rule[1])])
        stations = list(Organisation.objects.for_user(user).stations().values_list("pk", "name"))
        self._offer("station", [("", "全部派出所"), *stations])
        if len(stations) < 2:
            del self.fields["station"]
        people = User.objects.for_user(user).working().filter(role__in=ANSWERING).order_by("number")
        self._offer("owner", [("", "全部"), (NOBODY, "没有责任人"), *people.values_list("pk", "name")])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = [(str(value), words) for value, words in choices]  # type: ignore[attr-defined] # a ChoiceField

    def narrow(self, clocks: ClockQuerySet, now: datetime, calendar: Calendar) -> ClockQuerySet:
        """``clocks`` as far as the readable fields narrow them."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        wanted = in_state(values.get("state", ""), now, calendar)
        for name, lookup in LOOKUPS.items():
            if name in values:
                wanted &= Q(**{lookup: values[name]})
        if owner := values.get("owner"):
            wanted &= Q(owner__isnull=True) if owner == NOBODY else Q(owner=owner)
        if typed := values.get("q"):
            wanted &= Q(label__icontains=typed) | Q(detail__icontains=typed)
        return clocks.filter(wanted)

    @property
    def order(self) -> tuple[str, ...]:
        """What still runs by its last day, what ended the latest first; read after `narrow`."""
        ended = self.cleaned_data.get("state") in (DONE, LATE, CANCELLED, ALL)
        return ("-due_on", "-pk") if ended else ("due_on", "pk")


LOOKUPS = {
    "rule": "rule_code",
    "station": "station_id",
    "since": "due_on__gte",
    "until": "due_on__lte",
}


def in_state(asked: str, now: datetime, calendar: Calendar) -> Q:
    """The clocks of a choice of `STATES`; of the running ones the SQL side of the tones of `rules.words`."""
    running, met = Q(state=ClockState.RUNNING), Q(state=ClockState.MET)
    match asked:
        case "all":
            return Q()
        case "done":
            return met & ON_TIME
        case "late":
            return met & ~ON_TIME
        case "cancelled":
            return Q(state=ClockState.CANCELLED)
        case "over":
            return running & is_over(now)
        case "today":
            return running & Q(due_on=localdate(now)) & ~is_over(now)
        case "soon":
            return running & _is_soon(localdate(now), calendar)
        case _:
            return running


def _is_soon(today: date, calendar: Calendar) -> Q:
    beyond = today
    for _ in range(SOON_WORKING_DAYS + 1):
        beyond = calendar.next_working(beyond)
    working, week = Q(rule__unit=Unit.WORKING_DAYS), today + timedelta(days=SOON_DAYS)
    near = working & Q(due_on__lt=beyond) | ~working & Q(due_on__lte=week)
    # The days between which all of them lie are what an index can be read by.
    return Q(due_on__gt=today, due_on__lte=max(beyond, week)) & near


def standing(clocks: ClockQuerySet, now: datetime, calendar: Calendar) -> dict[str, int]:
    """How many of ``clocks`` run, and how many of those are overdue, end today or end soon: one query.

    Each number is counted for itself, so that the three read their few days of an index and not what runs for months.
    """
    running, *few = (_counted(clocks, key, now, calendar) for key in ("", OVER, TODAY, SOON))
    counts = dict.fromkeys(("running", OVER, TODAY, SOON), 0)
    return counts | {key or "running": number for key, number in running.union(*few, all=True)}


def _counted(clocks: ClockQuerySet, key: str, now: datetime, calendar: Calendar) -> QuerySet[Any, Any]:
    found = clocks.filter(in_state(key, now, calendar)).order_by()
    return found.values(choice=Value(key)).annotate(number=Count("pk")).values_list("choice", "number")
