"""预览草稿 of a 责任书: both parties read it before they sign, and nothing is signed by that."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stations.models import User
from tests.drafted import Drafts, caught, drafted, shown_as, unnumbered
from tests.units.pledges import signed
from tests.units.test_pledge_pages import typed
from units.models import Pledge, Unit

Browse = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to("2026-09-22T16:00:00+08:00")


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> Drafts:
    return caught(monkeypatch)


@pytest.fixture
def url(unit: Unit) -> str:
    return reverse("units:pledge_sign", args=[unit.pk])


def test_what_was_signed_is_what_was_read(unit: Unit, url: str, drafts: Drafts, browse: Browse, officer: User) -> None:
    client, form = browse(officer), typed(unit, officer)
    assert shown_as(drafted(client, url, form)) == "草稿 消防安全责任书.pdf"
    assert client.post(url, form).status_code == 302
    paper = Pledge.objects.get().document
    assert paper is not None
    assert drafts == [unnumbered(paper)]


def test_it_is_read_before_anybody_has_signed(
    unit: Unit, url: str, drafts: Drafts, browse: Browse, officer: User
) -> None:
    drafted(browse(officer), url, typed(unit, officer, sign_a="", sign_b=""))
    [(kind, context)] = drafts
    assert (kind, context["signer_b"], context["signatures"], context["signed"]) == (
        "PLEDGE", {"name": "刘桂香", "post": "店主"}, {"party_a": None, "party_b": None}, {},
    )  # fmt: skip


def test_reading_the_next_one_does_not_end_the_one_that_runs(
    unit: Unit, url: str, drafts: Drafts, browse: Browse, officer: User
) -> None:
    running = signed(unit, officer)
    drafted(browse(officer), url, typed(unit, officer, since="2027-09-22", until="2028-09-21"))
    running.refresh_from_db()
    assert ([kind for kind, _ in drafts], running.state) == (["PLEDGE"], "ACTIVE")


def test_what_speaks_against_signing_speaks_against_the_draft(
    unit: Unit, url: str, drafts: Drafts, browse: Browse, officer: User, assistant: User, stranger: User
) -> None:
    over = drafted(browse(officer), url, typed(unit, officer, until="2026-09-21"))
    assert over.context["form"].errors == {"until": ["责任期限的止日应在起日以后"]}
    assert over.context["form"]["signer_b"].value() == "刘桂香"
    told = [drafted(browse(user), url, typed(unit, officer)).status_code for user in (assistant, stranger)]
    assert (told, drafts) == ([403, 404], [])
