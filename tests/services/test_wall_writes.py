"""What the web's role may change on a real PostgreSQL: never what it merely reads."""

# ruff: noqa: F811 - fixtures are imported from where orders and links are made

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Assessment, Scheme, Score
from fire_supervision.wall.policies import APP, walled
from hazards.models import Dispatch, DispatchState, Order
from hazards.views import receipt
from records.models import Copy, Document, DocumentFile
from stations.messages import send
from stations.models import Message, Organisation, User
from stations.wall import reach_of, reach_of_anybody
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    VISITED,
    conclude,
    find,
    link,
    moment,
    open_visit,
    order,
    printed,
    visit,
)
from tests.hazards.test_dispatch_pages import SIGNED
from tests.wall import as_app, behind_the_wall
from trail.models import AuditEntry
from trail.record import notice
from units.models import Unit

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def copied(row: models.Model) -> models.Model:
    """One like it, not yet saved."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in fields})


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        yield


def test_no_row_is_put_into_the_reach_of_another(unit: Unit, stranger: User) -> None:
    with as_app(), reach_of(stranger):
        with refused():
            copied(unit).save()
        assert Unit.objects.filter(pk=unit.pk).update(name="改名") == 0


def test_a_request_deletes_only_where_the_product_does(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.role_table_grants"
            " WHERE grantee = %s AND privilege_type = 'DELETE'",
            [APP],
        )
        granted = {name for (name,) in cursor.fetchall()}
    assert granted == {each.name for each in walled() if each.table.deletes}


@pytest.fixture
def ranked(station: Organisation, leader: User) -> Score:
    """A line of the published ranking of our station."""
    scheme = Scheme.objects.get()
    placed = Assessment.objects.create(
        **station.scope_columns(), scheme=scheme, year=2026, quarter=1,
        published_at=datetime(2026, 4, 2, 9, tzinfo=UTC), published_by=leader,
    )  # fmt: skip
    indicator = scheme.indicators.first()
    assert indicator is not None
    return Score.objects.create(assessment=placed, indicator=indicator, done=1, due=1, weight=10)


def test_who_reads_a_published_ranking_changes_nothing_of_it(
    ranked: Score, stranger: User, leader: User, officer: User
) -> None:
    rank, line = Assessment.objects.filter(pk=ranked.assessment_id), Score.objects.filter(pk=ranked.pk)
    done = {}
    for person in (stranger, officer, leader):
        with as_app(), reach_of(person):
            assert (rank.count(), line.count()) == (1, 1)
            done[person.name] = (rank.update(year=2026), line.update(done=2))
    assert done == {stranger.name: (0, 0), officer.name: (1, 1), leader.name: (1, 1)}


def test_who_holds_a_token_reads_the_row_and_changes_nothing_of_it(printed: Order, officer: User) -> None:
    paper = printed.document
    assert paper is not None
    papers, files = Document.objects.filter(pk=paper.pk), DocumentFile.objects.filter(document=paper)
    with as_app(), reach_of_anybody(paper.token):
        assert (papers.count(), files.count()) == (1, 1)
        # Columns the freeze leaves open: it is the wall that says no.
        assert (papers.update(render_attempts=2), files.update(file="y.pdf")) == (0, 0)
        with refused():
            DocumentFile.objects.create(document=paper, copy=Copy.ARCHIVE, file="x.pdf", sha256="0" * 64, size=1)
    with as_app(), reach_of(officer):
        assert (papers.update(render_attempts=1), files.update(file="z.pdf")) == (1, 1)


def test_a_message_is_put_into_another_inbox_and_never_moved_there(officer: User, stranger: User) -> None:
    with as_app(), reach_of(stranger):
        assert send(officer, about=None, key="a", title="一") is True
        send(stranger, about=None, key="b", title="二")
        with refused():
            # Without a condition nothing is read, so that the policy of reading does not refuse it first.
            Message.objects.update(user=officer)
        assert Message.objects.update(title="三") == 1
    assert sorted(Message.objects.values_list("user_id", "title")) == sorted([(officer.pk, "一"), (stranger.pk, "三")])


# ---------- the link of a notice ----------


def test_the_door_of_a_link_opens_to_who_has_shown_that_it_reached_him(
    link: Callable[..., Dispatch], client: Client, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(moment(VISITED, 15), tick=False)
    row, reached = link(), []
    shown = receipt.render

    def render(*args: Any, **kwargs: Any) -> Any:
        reached.append((args[1].rpartition("/")[2], Dispatch.objects.count(), Order.objects.count()))
        return shown(*args, **kwargs)

    monkeypatch.setattr(receipt, "render", render)
    behind_the_wall(monkeypatch)
    url = reverse("receipt", args=[row.token])
    assert client.get(url).status_code == 200
    assert client.post(url, {"last_four": "0000"}).status_code == 422
    assert Dispatch.objects.get().wrong_tries == 1
    assert client.post(url, {"last_four": "6688"}).status_code == 302
    assert client.get(url).status_code == 200
    assert client.post(url, SIGNED).status_code == 302
    assert Dispatch.objects.get().state == DispatchState.ACKNOWLEDGED
    assert reached == [("receipt_ask.html", 1, 0), ("receipt_ask.html", 1, 0), ("receipt.html", 1, 1)]


# ---------- what is noticed ----------


def test_nobody_is_noticed_by_walking_through_the_entries_of_years(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trail_auditentry (at, actor_name, actor_number, action, subject_type, summary, before, after,"
            " reason, request_id) SELECT now() - n * interval '1 minute', '系统', '', 'units.sweep', '', '', '{}',"
            " '{}', '', '' FROM generate_series(2, 20000) n"
        )
        cursor.execute("ANALYZE trail_auditentry")
    with as_app(), reach_of_anybody():
        with CaptureQueriesContext(connection) as asked:
            notice(None, "records.verify_failed", "没有这份文书", after={"path": "/v/x/"})
        (query,) = [each["sql"] for each in asked if each["sql"].startswith("SELECT") and "trail_audit" in each["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".replace("%", "%%"))
            (plan,) = cursor.fetchone()[0]
    assert AuditEntry.objects.filter(action="records.verify_failed").count() == 1
    assert removed(plan["Plan"]) < 10


def removed(node: dict[str, Any]) -> int:
    """How many rows were read in vain."""
    return int(node.get("Rows Removed by Filter", 0)) + sum(removed(each) for each in node.get("Plans", []))
