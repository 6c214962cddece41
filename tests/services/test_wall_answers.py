"""The wall changes no answer: the whole matrix, with and without it, byte for byte the same, and as its table says.

Every address × method × person × owner of the row, POSTs and refusals included, and what lists answer to a filter or as
a workbook. The filter decides what a page shows; an answer that differs has asked for rows its person does not reach.
What is drawn anew for each answer is pinned: the clock, whatever is drawn at random, the numbers of new rows.
"""

# ruff: noqa: F811 - the stage, the table and the addresses are fixtures

import random
from dataclasses import dataclass, fields

import pytest
from django.db import connection
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse

from hazards.dispatching import close_dispatch
from hazards.models import Dispatch
from inspections.complaining import show_complainant
from inspections.models import Complaint
from stations import securing
from stations.permissions import ROLE_CAN, Role
from stations.scope import ScopedQuerySet
from stations.wall import reach_of
from tests.fire_supervision.matrix import EVERYBODY, Line
from tests.fire_supervision.stage import (  # noqa: F401 - fixtures
    Owner,
    Stage,
    _files_stay_in_the_test_and_passwords_are_cheap,
    _session,
    stage,
)
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.test_matrix import addresses, cases, table  # noqa: F401 - fixtures
from tests.fire_supervision.test_moves import gone_over, opened, undone
from tests.wall import as_app
from trail import record as trail_record
from trail.models import AuditEntry

pytestmark = [pytest.mark.services, pytest.mark.once, pytest.mark.django_db]
# The whole list as a workbook, and what a filter finds.
ASKED = ("?export=xlsx", "?q=万家福")


@dataclass(frozen=True)
class Answer:
    """What came back; ``lazy`` is an answer that would still read the database while it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: str
    body: bytes
    lazy: bool

    @classmethod
    def of(cls, response: HttpResponseBase) -> "Answer":
        body = getattr(response, "whole", None) or getattr(response, "content", b"")
        lazy = response.streaming and not isinstance(response, FileResponse)
        return cls(response.status_code, tuple(sorted(response.items())), response.cookies.output(), body, lazy)

    def differs(self, other: "Answer") -> str:
        """In what it is another; empty where it is the same."""
        return " ".join(
            f"{each.name}: {_first_difference(getattr(self, each.name), getattr(other, each.name))}"
            for each in fields(self)
            if getattr(self, each.name) != getattr(other, each.name)
        )


def _first_difference(one: object, other: object) -> str:
    if not isinstance(one, bytes) or not isinstance(other, bytes):
        return f"{one} / {other}"
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return " / ".join(repr(each[max(0, at - 60) : at + 60].decode(errors="replace")) for each in (one, other))


# The whole export of the trail says which entry tells that it was taken: a GET that writes a row and names it.
TELLS_A_NUMBER = "/integrity/exports/"


class Dice:
    """Secrets, ids and nonces, the same ones for each answer."""

    def __init__(self) -> None:
        self.again()

    def again(self) -> None:
        self._random = random.Random(1)

    def __call__(self, size: int) -> bytes:
        return self._random.randbytes(size)


class Numbers:
    """The numbers new rows get: what an answer wrote is undone, and PostgreSQL goes on counting."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 'SELECT ' || string_agg(format('setval(%L, %s, %L)', sequencename,"
                " coalesce(last_value, start_value), last_value IS NOT NULL), ', ')"
                " FROM pg_sequences WHERE schemaname = 'public'"
            )
            (self._set,) = cursor.fetchone()

    def again(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self._set)


@pytest.fixture
def dice(monkeypatch: pytest.MonkeyPatch) -> Dice:
    made = Dice()
    for name in ("os.urandom", "random._urandom", "django_otp.util.urandom"):
        monkeypatch.setattr(name, made)
    return made


@dataclass
class Comparison:
    """One question after another, each asked twice."""

    stage: Stage
    dice: Dice
    numbers: Numbers

    def ask(self, who: str, method: str, url: str) -> tuple[Answer, str]:
        """The answer behind the wall, and in what the one without is another."""
        answers = [self._once(who, method, url, wall) for wall in (False, True)]
        return answers[1], answers[0].differs(answers[1])

    def _once(self, who: str, method: str, url: str, wall: bool) -> Answer:
        self.dice.again()
        if method == "POST" or TELLS_A_NUMBER in url:
            self.numbers.again()
        trail_record._left_out.clear()
        return Answer.of(self.stage.ask(who, method, url, wall=wall))


@pytest.fixture
def comparison(stage: Stage, dice: Dice) -> Comparison:
    return Comparison(stage, dice, Numbers())


def test_a_page_that_asks_past_the_filter_is_told_apart(
    comparison: Comparison, addresses: list[Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = (each for each in addresses if each.name == "unit_page")
    own, sibling = (comparison.stage.url(page, owner) for owner in (Owner.OWN, Owner.SIBLING))
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda rows, _: rows.all())
    differing = [comparison.ask(Role.OFFICER, "GET", url) for url in (own, sibling)]
    assert [(answer.status, differs.partition(":")[0]) for answer, differs in differing] == [(200, ""), (404, "status")]


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_answer_of_the_matrix_is_the_same_with_and_without_the_wall_and_the_one_of_the_table(
    who: str, comparison: Comparison, table: dict[str, Line], addresses: list[Address]
) -> None:
    found, compared = [], 0
    for case in cases(addresses, [who]):
        answer, differs = comparison.ask(who, case.method, comparison.stage.url(case.address, case.owner))
        expected = table[case.address.name].status(who, case.method, case.owner)
        if differs or answer.lazy or answer.status != expected:
            found.append(f"{case.address.name} {case.method} {case.owner}: {answer.status}, of {expected}; {differs}")
        compared += 1
    assert not found, f"{len(found)} answers:\n" + "\n".join(found)
    assert compared > 2_300


@pytest.mark.parametrize("role", list(Role))
def test_lists_filtered_and_as_a_workbook_are_the_same_with_and_without_the_wall(
    role: Role, comparison: Comparison, addresses: list[Address]
) -> None:
    open_to = [each for each in addresses if not each.values and each.capability in ROLE_CAN[role]]
    found = []
    for url in (each.url + asked for each in open_to for asked in ASKED):
        answer, differs = comparison.ask(role, "GET", url)
        if differs or answer.lazy:
            found.append(f"{url}: {answer.status}; {differs}")
    assert not found, f"{len(found)} answers:\n" + "\n".join(found)
    assert len(open_to) > 10


# ---------- what the trail tells on a page ----------


@pytest.mark.parametrize("role", list(Role))
def test_everybody_is_told_behind_the_wall_who_tried_to_get_in_with_his_number(
    role: Role, comparison: Comparison
) -> None:
    person = comparison.stage.people[role]
    with undone():
        for _ in range(2):
            securing.note_sign_in_failed(person.number)
        securing.note_lock(person.number, 15)
        securing.unlock(None, [person.number], "本人来电")
        answer, differs = comparison.ask(role, "GET", reverse("stations:sessions"))
    shown = [answer.body.decode().count(words) for words in (">登录失败<", ">锁定<", ">解除锁定<")]
    assert (answer.status, differs, shown) == (200, "", [2, 1, 1])


def test_a_station_brings_its_history_along_to_its_new_bureau(
    comparison: Comparison, addresses: list[Address], table: dict[str, Line]
) -> None:
    """Entries keep the bureau of their day; what they tell on a page of a row is told to whoever reaches the row."""
    stage, role, told = comparison.stage, Role.BUREAU_OFFICER, {}
    stage.cookies["far"] = _session(stage.places[Owner.OTHER].bureau_officer)
    pages = [each for each in opened(role, addresses, table) if "GET" in table[each.name].takes]
    ours, officer = stage.worlds[Owner.OWN], stage.places[Owner.OWN].officer
    with undone():
        complaint = Complaint.objects.get(pk=ours["rows"]["inspections:complain"])
        show_complainant(complaint, officer, "核实报警地址")
        close_dispatch(Dispatch.objects.get(pk=ours["own"]["hazards:close_dispatch"]["pk"]), officer, "改为直接送达")
        with gone_over(stage):
            for page in pages:
                told[page.name] = comparison.ask("far", "GET", stage.url(page, Owner.OWN))
            with as_app(), reach_of(stage.people[role]):
                left = AuditEntry.objects.filter(station_id=officer.station_id).exclude(actor_id=stage.people[role].pk)
                assert left.count() == 0
    assert {name: differs for name, (_, differs) in told.items() if differs} == {}
    assert "核实报警地址" in told["inspections:complaint"][0].body.decode()
    assert len(pages) > 20
