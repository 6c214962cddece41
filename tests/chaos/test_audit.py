"""The auditor of `make chaos` sees what it is there to see: defects planted one at a time in sound records."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from deadlines.actions import remind
from deadlines.models import Clock, Notice
from hazards import actions
from hazards.models import Order, Reinspection
from records.actions import render
from records.models import Copy, Document, DocumentCounter, DocumentFile
from stations.models import Message, User
from tests.chaos.audit import CHECKS, Fault, audit
from tests.chaos.forms import NoForm, read_form
from tests.frozen import bend
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    EVE,
    conclude,
    find,
    moment,
    open_visit,
    order,
    serve,
    served,
    visit,
)
from tests.trail.tampering import superuser
from trail.models import AuditEntry
from units import yearly

TODAY = date(2026, 10, 12)


def found(acknowledged: tuple[tuple[str, int], ...] = ()) -> list[tuple[str, str]]:
    return sorted((finding.fault.value, finding.says) for finding in audit(TODAY, settings.MEDIA_ROOT, acknowledged))


def sql(statement: str, *values: object) -> None:
    """Behind the back of every action."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def sound(served: Order, chief: User, monkeypatch: pytest.MonkeyPatch) -> Order:  # noqa: F811 - a fixture
    """An order of 22 September, served, whose re-inspection was opened on the eve of 国庆 and is overdue."""
    monkeypatch.setattr("records.papers.pdf", lambda document, copy: f"{document.pk} {copy}".encode())
    for paper in Document.objects.all():
        render(paper.pk)
    yearly.open_year(EVE)
    actions.open_due(EVE)
    remind(moment(TODAY))
    return served


def test_sound_records_are_found_sound(sound: Order) -> None:
    assert found((("conclude", sound.inspection_id), ("serve", sound.pk))) == []


def test_a_duty_that_vanished_is_lost(sound: Order) -> None:
    clock = Clock.objects.get(rule_code="RECHECK")
    clock.detail, clock.state = "撤错了", "CANCELLED"
    clock.save(update_fields=["detail", "state"])
    assert found() == [("lost", f"running re-inspection of a period: {sound.pk} 2026-09-30")]


def test_a_duty_nobody_was_reminded_of_is_lost(sound: Order) -> None:
    clock = Clock.objects.get(rule_code="RECHECK")
    Notice.objects.filter(clock=clock, step="OVERDUE").delete()
    assert found() == [("lost", f"notice of an overdue duty: {clock.key}")]


def test_a_period_that_ended_without_a_re_inspection_is_lost(sound: Order) -> None:
    visit = Reinspection.objects.get()  # noqa: F811 - a fixture
    Reinspection.objects.all().delete()
    assert ("lost", f"re-inspection of a period that has ended: {visit.clock.key}") in found()


def test_an_act_that_was_acknowledged_and_is_not_there_is_lost(sound: Order) -> None:
    assert found((("reinspect", Reinspection.objects.get().pk),)) == [
        ("lost", f"reinspect {Reinspection.objects.get().pk} was acknowledged")
    ]


def test_an_act_without_its_entry_is_lost_and_one_with_two_is_doubled(sound: Order) -> None:
    with superuser():
        sql("UPDATE trail_auditentry SET action = 'hazards.conclude', subject_id = %s, subject_type = "
            "'inspections.inspection' WHERE action = 'hazards.serve'", sound.inspection_id)  # fmt: skip
        assert found() == [
            ("doubled", f"entry hazards.conclude: inspections.inspection {sound.inspection_id}"),
            ("lost", f"entry hazards.serve: hazards.order {sound.pk}"),
        ]


def test_a_paper_that_was_not_printed_or_whose_file_was_changed_is_lost(sound: Order) -> None:
    paper = sound.document
    printed = DocumentFile.objects.get(document=paper, copy=Copy.UNIT)
    Path(printed.file.path).write_bytes(b"something else")
    other = Document.objects.get(kind="INSPECTION_RECORD")
    Document.objects.filter(pk=other.pk).update(rendered_at=None)
    assert found() == [("lost", f"file {printed.file.name}"), ("lost", f"printed paper: {other.number}")]


def test_two_clocks_of_one_duty_are_doubled(sound: Order) -> None:
    clock = Clock.objects.get(rule_code="RECHECK")
    Clock.objects.filter(pk=clock.pk).update(next_at=None)
    Notice.objects.filter(clock=clock)
    twin = Clock.objects.get(pk=clock.pk)
    twin.pk, twin.key, twin.due_on, twin._state.adding = None, "twin", date(2026, 12, 1), True
    twin.opens_on = date(2026, 12, 1)
    twin.save()
    assert [fault for fault, _ in found()] == ["doubled", "doubled"]


def test_two_messages_of_the_same_words_are_doubled(sound: Order, chief: User) -> None:
    message = Message.objects.filter(user=chief).first()
    message.pk, message.key, message._state.adding = None, "again", True
    message.save()
    told = f"two messages of the same words: {chief.pk} {message.title} {message.body} {message.url}"
    assert found() == [("doubled", told)]


def test_a_second_re_inspection_of_one_period_is_doubled_and_its_number_is_missed(sound: Order) -> None:
    twin = Reinspection.objects.get()
    first = twin.pk
    twin.pk, twin.number, twin.early, twin._state.adding = None, 3, True, True
    twin.save()
    faults = {fault for fault, _ in found()}
    assert faults >= {"doubled", "skipped"}
    Reinspection.objects.exclude(pk=first).delete()
    assert found() == []


def test_a_number_left_out_is_skipped(sound: Order) -> None:
    paper = sound.document
    bend(Document.objects.filter(pk=paper.pk), sequence=2)
    counter = DocumentCounter.objects.get(kind=paper.kind)
    series = f"{counter.station_id} {paper.kind} 2026: last"
    assert found() == [
        ("skipped", f"number above its series: {paper.number}"),
        ("skipped", f"number of a series: {series} 1"),
    ]
    DocumentCounter.objects.filter(pk=counter.pk).update(last=2)
    assert found() == [("skipped", f"number of a series: {series} 2")]


def test_every_kind_of_fault_has_checks() -> None:
    assert {check.fault for check in CHECKS} == set(Fault)
    assert AuditEntry._meta.db_table == "trail_auditentry"


# ---------- the form a browser would send ----------

PAGE = """
<form method="post" action="/logout/"><input type="hidden" name="csrfmiddlewaretoken" value="t"></form>
<form method="get"><input name="q" value="x"></form>
<form id="act" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t">
<input name="place" value="北大街"><textarea name="facts">
一、二</textarea><select name="lead"><option value="">选择</option><option value="7" selected>甲</option></select>
<label><input type="radio" name="passed_3" value="yes"></label><label><input type="radio" name="passed_3" value="no"></label>
<input type="checkbox" name="hazards" value="3" checked><input type="checkbox" name="hazards" value="4" checked>
<input type="checkbox" name="sure"><input type="file" name="photo"><button name="b">登记</button></form>
<input type="hidden" name="outside" form="act" value="5"><input name="alone" value="6">
"""  # noqa: E501 - SQL, one rule a line


def test_a_form_is_sent_as_the_page_filled_it_in_with_the_answers_of_the_officer() -> None:
    form = read_form(PAGE)
    assert form.values == {
        "csrfmiddlewaretoken": ["t"], "place": ["北大街"], "facts": ["一、二"], "lead": ["7"], "passed_3": [],
        "hazards": ["3", "4"], "sure": [], "outside": ["5"],
    }  # fmt: skip
    body = form.filled({"passed_": "no", "place": "南大街", "unknown": "1"})
    assert "passed_3=no" in body
    assert "place=%E5%8D%97" in body
    assert "unknown" not in body


def test_a_page_without_a_form_has_nothing_to_send() -> None:
    with pytest.raises(NoForm):
        read_form("<p>已登记</p>")
