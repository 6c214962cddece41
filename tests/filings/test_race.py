"""Several supervisors decide one paper in the same moment, on a real PostgreSQL: one decides, the rest are told who."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from deadlines.models import Clock
from filings.actions import pass_filing
from filings.models import Filing, Review
from fire_supervision.lib.errors import RuleError
from records.models import Document, Kind
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.filings.conftest import VISITED, moment
from tests.frozen import thawed

pytestmark = [pytest.mark.services, pytest.mark.django_db]
SUPERVISORS = 8


@pytest.fixture
def committed(db: None) -> Iterator[tuple[Document, list[User]]]:
    """A waiting paper and supervisors every connection sees, removed again by hand."""
    with ThreadPoolExecutor(1) as pool:
        paper, people = pool.submit(_create).result()
        yield paper, people
        pool.submit(_remove, paper, people).result()


def _create() -> tuple[Document, list[User]]:
    try:
        bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河西市公安局")
        bureau.bureau = bureau
        bureau.save(update_fields=["bureau"])
        station = Organisation.objects.create(
            kind=OrganisationKind.STATION, name="渡口派出所", parent=bureau, bureau=bureau
        )
        people = [
            User.objects.create_user(f"98000{place}", name=f"审查{place}", role=Role.SUPERVISOR, organisation=station)
            for place in range(SUPERVISORS)
        ]
        paper = Document.objects.create(
            **station.scope_columns(), kind=Kind.ORDER_LIMIT, year=2026, sequence=1, number="消限字第0001号",
            unit_name="某店", subject_type="test", subject_id=1, context={}, issued_on=VISITED, issued_by=people[0],
        )  # fmt: skip
        return paper, people
    finally:
        connection.close()


def _remove(paper: Document, people: list[User]) -> None:
    try:
        Review.objects.filter(filing__document=paper).delete()
        Filing.objects.filter(document=paper).delete()
        Clock.objects.filter(station=paper.station_id).delete()
        with thawed():
            paper.delete()
        User.objects.filter(pk__in=[person.pk for person in people]).delete()
        with connection.cursor() as cursor:  # the trail itself refuses to forget
            cursor.execute("ALTER TABLE trail_auditentry DISABLE TRIGGER ALL")
            cursor.execute("DELETE FROM trail_auditentry WHERE bureau_id = %s", [paper.bureau_id])
            cursor.execute("ALTER TABLE trail_auditentry ENABLE ALWAYS TRIGGER trail_auditentry_append_only")
        Organisation.objects.filter(pk=paper.station_id).delete()
        Organisation.objects.filter(pk=paper.bureau_id).update(bureau=None)
        Organisation.objects.filter(pk=paper.bureau_id).delete()
    finally:
        connection.close()


def test_of_many_supervisors_in_one_moment_one_decides(committed: tuple[Document, list[User]]) -> None:
    paper, people = committed
    start = Barrier(SUPERVISORS)

    def decide(person: User) -> str:
        try:
            start.wait()
            pass_filing(paper, person, round_=1, at=moment(23))
            return "decided"
        except RuleError as refused:
            return refused.message
        finally:
            connection.close()

    with ThreadPoolExecutor(SUPERVISORS) as pool:
        told = sorted(pool.map(decide, people))
    winner = Review.objects.get(filing__document=paper).reviewer.name
    first = f"消限字第0001号 已由{winner}于 2026-09-23 10:00 审查：合格"
    assert told == sorted(["decided", *[first] * (SUPERVISORS - 1)])
