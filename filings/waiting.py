"""What waits: the papers of the queue with the words of their clocks, and the neighbours of one paper."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.rules import words
from filings.actions import AWAITING
from filings.models import Review
from records.models import Document, ReviewState
from stations.models import User

ORDER = ("issued_on",)


def papers(user: User) -> QuerySet[Document]:
    """The papers that are sent for review, whatever became of it; a void one is not reviewed."""
    return Document.objects.for_user(user).valid().exclude(review_state=ReviewState.EXEMPT)


def waiting(user: User) -> QuerySet[Document]:
    return papers(user).filter(review_state__in=AWAITING)


def returned(user: User) -> QuerySet[Document]:
    return papers(user).filter(review_state=ReviewState.RETURNED)


def with_rounds(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Each paper with ``decided``, the number of rounds that are over."""
    rounds = Review.objects.filter(filing__document=OuterRef("pk")).order_by().values("filing").annotate(n=Count("pk"))
    return documents.annotate(decided=Coalesce(Subquery(rounds.values("n")), 0))


def with_place(documents: QuerySet[Document], queue: QuerySet[Document]) -> QuerySet[Document]:
    """Each paper with ``next_pk`` and ``previous_pk``, its neighbours in ``queue``, and ``queue_total``."""
    on, pk = OuterRef("issued_on"), OuterRef("pk")
    later = queue.filter(Q(issued_on__gt=on) | Q(issued_on=on, pk__gt=pk)).order_by("issued_on", "pk")
    earlier = queue.filter(Q(issued_on__lt=on) | Q(issued_on=on, pk__lt=pk)).order_by("-issued_on", "-pk")
    total = queue.order_by().values("state").annotate(n=Count("pk")).values("n")
    return documents.annotate(
        next_pk=Subquery(later.values("pk")[:1]),
        previous_pk=Subquery(earlier.values("pk")[:1]),
        queue_total=Coalesce(Subquery(total), 0),
    )


def clock_key(document: Document, decided: int) -> str:
    """The key of the clock that runs for a paper: its review, or the station's answer to the last round."""
    if document.review_state == ReviewState.RETURNED:
        return f"fix:{document.pk}:{decided}"
    return f"review:{document.pk}:{decided + 1}"


def say_clocks(rows: Sequence[Document], today: date) -> None:
    """Give each row (from `with_rounds`) ``clock_words``, ``clock_tone`` and ``due_on`` of its clock."""
    keys = {clock_key(row, row.decided): row for row in rows}  # type: ignore[attr-defined] # annotated
    clocks = {clock.key: clock for clock in Clock.objects.filter(key__in=keys).select_related("rule")}
    calendar = calendar_of([clock.due_on for clock in clocks.values()], today)
    for key, row in keys.items():
        clock = clocks.get(key)
        row.due_on = clock.due_on if clock else None  # type: ignore[attr-defined] # for the template
        said = words(clock.due_on, clock.state, today, clock.rule.unit, calendar) if clock else ("", "")
        row.clock_words, row.clock_tone = said  # type: ignore[attr-defined] # for the template


def calendar_of(days: Sequence[date], today: date) -> Calendar:
    """The calendar from the earliest to the latest of ``days`` and ``today``."""
    span = [*days, today]
    return Calendar.load(min(span), max(span) + timedelta(days=1))
