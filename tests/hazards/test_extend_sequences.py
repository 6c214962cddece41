"""Whatever is asked, granted, refused, visited or swept, in whatever order: no hazard is left without its duty."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Extension, Hazard, Order, Reinspection
from inspections.models import Finding, Inspection
from records.models import Document
from stations.models import User
from tests.examples import examples
from tests.hazards.conftest import COMPANY, VISITED, moment

ACTS = ("ask", "approve", "refuse", "early", "visit", "sweep", "fell")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 6), st.integers(0, 40), st.integers(0, 7)), min_size=3, max_size=14
)


@pytest.fixture
def long_order(
    visit: Inspection, find: Callable[..., Finding], conclude: Callable[..., list[Document]],
    serve: Callable[..., Order],
) -> Order:  # fmt: skip
    """Three hazards, two periods, served the next day."""
    for code, days in (("EV06", 8), ("EQ02", 8), ("EQ08", 30)):
        find(visit, code, days=days)
    conclude(visit)
    return serve(Order.objects.get(), VISITED + timedelta(days=1))


@pytest.mark.slow
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_open_hazard_has_exactly_one_running_duty_that_covers_it(
    long_order: Order, officer: User, partner: User, chief: User, steps: list[tuple[str, int, int, int]]
) -> None:
    case = Case(long_order, officer, partner, chief)
    with transaction.atomic():
        for act, wait, far, which in steps:
            case.today += timedelta(days=wait)
            with suppress(RuleError), transaction.atomic():
                getattr(case, act)(far, which)
            case.check()
        # The next example begins with the same order.
        transaction.set_rollback(True)


class Case:
    """One order and the people around it, day by day."""

    def __init__(self, order: Order, officer: User, partner: User, chief: User) -> None:
        self.order, self.officer, self.partner, self.chief = order, officer, partner, chief
        self.today: date = VISITED + timedelta(days=1)

    def deadline(self, which: int) -> date:
        days = sorted({row.deadline for row in self.order.hazards.all() if row.deadline})
        return days[which % len(days)]

    def ask(self, far: int, which: int) -> None:
        deadline = self.deadline(which)
        hazards = [row for row in self.order.hazards.filter(deadline=deadline) if (1 << row.position % 3) & (which | 1)]
        actions.request_extension(
            self.order, self.officer, deadline=deadline, hazards=hazards, until=self.today + timedelta(days=far),
            requested_on=self.today, reason="订货", today=self.today,
        )  # fmt: skip

    def approve(self, far: int, which: int) -> None:
        for extension in Extension.objects.filter(state="REQUESTED")[:1]:
            until = min(extension.until, extension.deadline + timedelta(days=far))
            actions.approve_extension(extension, self.chief, until=until, decision="属实", at=moment(self.today))

    def refuse(self, _far: int, _which: int) -> None:
        for extension in Extension.objects.filter(state="REQUESTED")[:1]:
            actions.refuse_extension(extension, self.chief, decision="不属实", at=moment(self.today))

    def early(self, _far: int, which: int) -> None:
        deadline = self.deadline(which)
        actions.request_early(self.order, self.officer, deadline=deadline, requested_on=self.today, today=self.today)

    def visit(self, far: int, _which: int) -> None:
        for again in Reinspection.objects.filter(done_on__isnull=True)[:1]:
            waiting = again.order.hazards.filter(deadline=again.deadline, state__in=("OPEN", "DUE"))
            results = {row.pk: actions.Result((far >> place) % 2 == 0) for place, row in enumerate(waiting)}
            actions.reinspect(
                again, self.officer, results=results, done_on=self.today, lead=self.officer, second=self.partner,
                today=self.today, company=COMPANY,
            )  # fmt: skip

    def sweep(self, _far: int, _which: int) -> None:
        actions.open_due(self.today)

    def fell(self, _far: int, _which: int) -> None:
        actions.fell_extensions(self.today)

    def check(self) -> None:
        running = Clock.objects.running().filter(key__startswith="recheck:").values_list("started_on", flat=True)
        waiting = Hazard.objects.filter(state__in=("OPEN", "DUE")).values_list("deadline", flat=True)
        # One duty a day that something waits for, and none for a day nothing waits for.
        assert sorted(running) == sorted(set(waiting))
        early = Clock.objects.running().filter(key__startswith="early:").count()
        assert early == Reinspection.objects.filter(early=True, done_on__isnull=True).count()
