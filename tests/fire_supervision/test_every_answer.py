"""What each answer tells the browser and shows of its reader: every address, with a row behind it and without."""

# ruff: noqa: F811 - the stage is a fixture

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponseBase

from stations.models import User
from stations.permissions import ROLE_CAN, Role
from tests.fire_supervision.stage import NOBODY, Owner, Stage, _files_stay_in_the_test_and_passwords_are_cheap, stage  # noqa: F401
from tests.fire_supervision.test_access import Address
from tests.fire_supervision.test_headers import lacking

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
LOGOUT = "stations:logout"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Answer:
    """Of one address to one person; ``page`` is the text of a whole page, empty of anything else."""

    name: str
    who: str
    method: str
    status: int
    kind: str
    lacking: list[str]
    page: str = ""


def _holders(address: Address) -> list[Role]:
    """Who may open it, those who have rows at hand first."""
    return sorted((role for role in Role if address.capability in ROLE_CAN[role]), key=list(Role).index)


def _answer(address: Address, who: str, method: str, response: HttpResponseBase) -> Answer:
    kind = response.get("Content-Type", "").partition(";")[0]
    body = getattr(response, "content", b"").decode() if kind == "text/html" else ""
    page = body if "<html" in body else ""
    return Answer(address.name, who, method, response.status_code, kind, lacking(response), page)


def _answers(stage: Stage, address: Address) -> Iterator[Answer]:
    """To nobody and to who has no business with the row; to holders of the capability until one is shown it."""
    own, missing = stage.url(address, Owner.OWN), stage.url(address, Owner.MISSING)
    yield _answer(address, NOBODY, "GET", stage.ask(NOBODY, "GET", own))
    yield _answer(address, NOBODY, "POST", stage.ask(NOBODY, "POST", own))
    holders = _holders(address)
    for who in holders:
        shown = _answer(address, who, "GET", stage.ask(who, "GET", own))
        yield shown
        if shown.status not in (403, 404):
            break
    for who in holders[:1]:
        yield _answer(address, who, "POST", stage.ask(who, "POST", own))
        if missing != own:
            yield _answer(address, who, "GET", stage.ask(who, "GET", missing))


@pytest.fixture(scope="module")
def answers(stage: Stage, django_db_blocker: Any) -> list[Answer]:
    with django_db_blocker.unblock():
        return [each for address in stage.addresses if address.name != LOGOUT for each in _answers(stage, address)]


def test_every_address_says_all_of_it_to_whoever_asks(answers: list[Answer]) -> None:
    assert [(each.name, each.who, each.method, each.status, each.lacking) for each in answers if each.lacking] == []
    # Pages, photographs, papers, workbooks and bound volumes themselves, not only what is said in their place.
    shown = {each.kind for each in answers if each.status == 200}
    assert shown >= {"text/html", "image/jpeg", "image/png", "application/pdf", SHEET}, shown
    assert {each.status for each in answers} >= {200, 302, 403, 404, 405}


def test_every_page_says_who_looks_at_it_and_when(answers: list[Answer], stage: Stage) -> None:
    """Refusals too; 2026-10-09 09:00 is the hour of the stage."""
    pages = [each for each in answers if each.page]
    # Whoever opens what takes forms alone (405) is told so before anybody asks who he is, and is shown nothing.
    signed_in = [each for each in pages if each.who != NOBODY and each.status != 405]
    bare = [each for each in signed_in if _mark(each) != _expected(stage.people[each.who])]
    assert [(each.name, each.method, each.who, each.status) for each in bare] == []
    assert len({each.name for each in signed_in if each.status == 200}) > 100
    assert [each.name for each in pages if each.who == NOBODY and "watermark" in each.page] == []


def _mark(answer: Answer) -> list[str]:
    """The words of the watermark, in their order."""
    _, _, rest = answer.page.partition('<svg class="watermark" aria-hidden="true"')
    words = rest.partition("</svg>")[0].split("</text>")[:-1]
    return [each.rpartition(">")[2] for each in words]


def _expected(reader: User) -> list[str]:
    return [f"{reader.name} {reader.number}", "2026-10-09 09:00"] * 2
