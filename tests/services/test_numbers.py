"""Numbers under concurrency, on a real PostgreSQL: thirty-two officers sign at once and some of them fail."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, transaction

from records.models import Document, DocumentCounter, Kind
from records.numbers import format_number, take
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role

pytestmark = [pytest.mark.services, pytest.mark.django_db]
T = TypeVar("T")
OFFICERS, DAY = 32, date(2026, 9, 22)


class Refused(Exception):
    """Something after the number went wrong; the whole act is undone."""


def elsewhere(work: Callable[[], T]) -> T:
    """Do ``work`` on a connection of its own, so that it is committed; the test itself runs in one transaction."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def committed(db: None) -> Iterator[tuple[Organisation, User]]:
    """A station and an officer every connection sees, removed again by hand."""

    def create() -> tuple[Organisation, User]:
        bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
        bureau.bureau = bureau
        bureau.save(update_fields=["bureau"])
        station = Organisation.objects.create(
            kind=OrganisationKind.STATION, name="渡口派出所", short_name="渡口", parent=bureau, bureau=bureau
        )
        return station, User.objects.create_user("990001", name="何渡", role=Role.OFFICER, organisation=station)

    station, officer = elsewhere(create)
    yield station, officer

    def remove() -> None:
        Document.objects.filter(station=station).delete()
        DocumentCounter.objects.filter(station=station).delete()
        officer.delete()
        station.delete()
        Organisation.objects.filter(pk=station.bureau_id).update(bureau=None)
        Organisation.objects.filter(pk=station.bureau_id).delete()

    elsewhere(remove)


def sign(station: Organisation, officer: User, *, fails: bool, start: Barrier) -> int | None:
    """Issue one paper on a connection of its own; its sequence, or None when the act was undone."""
    try:
        start.wait()
        with transaction.atomic():
            sequence = take(station, Kind.ORDER_LIMIT, DAY.year)
            Document.objects.create(
                **station.scope_columns(), kind=Kind.ORDER_LIMIT, year=DAY.year, sequence=sequence,
                number=format_number(station, Kind.ORDER_LIMIT, DAY.year, sequence), unit_name="渡口旅馆",
                subject_type="stations.organisation", subject_id=station.pk, context={}, issued_on=DAY,
                issued_by=officer,
            )  # fmt: skip
            if fails:
                raise Refused
    except Refused:
        return None
    else:
        return sequence
    finally:
        connection.close()


def sign_all(station: Organisation, officer: User, failing: set[int]) -> list[int]:
    start = Barrier(OFFICERS)
    with ThreadPoolExecutor(OFFICERS) as pool:
        jobs = [pool.submit(sign, station, officer, fails=place in failing, start=start) for place in range(OFFICERS)]
        return sorted(found for job in jobs if (found := job.result()) is not None)


def test_thirty_two_papers_at_once_get_the_numbers_one_to_thirty_two(committed: tuple[Organisation, User]) -> None:
    assert connection.vendor == "postgresql"
    assert sign_all(*committed, failing=set()) == list(range(1, OFFICERS + 1))


def test_a_third_of_the_acts_undone_leaves_no_gap_and_no_double(committed: tuple[Organisation, User]) -> None:
    failing = set(range(0, OFFICERS, 3))
    rounds = [sign_all(*committed, failing=failing), sign_all(*committed, failing=set())]
    kept = OFFICERS - len(failing)
    assert rounds == [list(range(1, kept + 1)), list(range(kept + 1, kept + OFFICERS + 1))]
    stored = Document.objects.filter(station=committed[0]).order_by("sequence").values_list("sequence", flat=True)
    assert list(stored) == list(range(1, kept + OFFICERS + 1))
    assert DocumentCounter.objects.get(station=committed[0]).last == kept + OFFICERS
