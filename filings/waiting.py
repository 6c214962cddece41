"""What waits: the papers of the queue with the words of their clocks, and the neighbours of one paper."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.rules import words
from filings.actions import AWAITING
from filings.models import Review
from records.actions import review_key
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


def clock_key(document: Document) -> str:
    """The key of the clock that runs for a paper: its review, or the station's answer to the last round."""
    decided = document.decided  # type: ignore[attr-defined] # from with_rounds
    if document.review_state == ReviewState.RETURNED:
        return f"fix:{document.pk}:{decided}"
    return review_key(document, decided + 1)


def say_clocks(rows: Sequence[Document], now: datetime) -> None:
    """Give each row (from `with_rounds`) ``clock_words``, ``clock_tone`` and ``due_on`` of its clock."""
    keys = {clock_key(row): row for row in rows}
    clocks = {clock.key: clock for clock in Clock.objects.filter(key__in=keys).select_related("rule")}
    say(((row, clocks.get(key)) for key, row in keys.items()), [clock.due_on for clock in clocks.values()], now)


def say(pairs: Iterable[tuple[Document, Clock | None]], days: Sequence[date], now: datetime) -> None:
    """Put the words of each clock on its paper; ``days`` are the last days the calendar must reach."""
    today = localdate(now)
    span = (min([*days, today]), max([*days, today]))
    calendar = Calendar.load(*span)
    for row, clock in pairs:
        said = words(clock, now, calendar) if clock else ("", "")
        shown = {"clock_words": said[0], "clock_tone": said[1], "due_on": clock.due_on if clock else None}
        row.__dict__.update(shown)
