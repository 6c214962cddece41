"""A search by a telephone: the list it finds, and no address that holds the number."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import time_machine
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib import sought
from stations.models import User
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
MakeUnit = Callable[..., Unit]
Browse = Callable[[User], Client]
FIND = reverse("find")
PHONE, OTHER = "19900000001", "19900000002"


@pytest.fixture(autouse=True)
def units(make_unit: MakeUnit) -> tuple[Unit, Unit]:
    return make_unit("甲店", phone=PHONE), make_unit("乙店", phone=OTHER)


def searched(client: Client, page: str, **fields: str) -> str:
    """The address a row of filters leads to."""
    response = client.post(FIND, {"page": page, **fields})
    assert response.status_code == 302
    return str(response["Location"])


def names(client: Client, address: str) -> list[str]:
    return sorted(unit.name for unit in client.get(address).context["page"].rows)


@pytest.mark.slow
@pytest.mark.parametrize("typed", [PHONE, "199-0000-0001", "199 0000 0001", f"+86{PHONE}", "１９９００００００１"])
def test_no_address_holds_the_number_and_the_list_is_found(browse: Browse, officer: User, typed: str) -> None:
    client = browse(officer)
    address = searched(client, "/units/", q=typed, station="")

    query = dict(parse_qsl(urlsplit(address).query))
    assert query["q"].startswith("~")
    assert len(re.findall(r"\d{7}", unquote(address))) == 0
    # With gaps each part is a word of its own, which no number of theirs is.
    assert names(client, address) == (["甲店"] if typed.isascii() and " " not in typed else [])
    page = client.get(address).content.decode()
    assert f'value="{typed}"' in page
    assert [link for link in re.findall(r'(?:href|action)="([^"]*)"', page) if sought.NUMBER.search(link)] == []


def test_ordinary_words_stay_in_the_address_for_a_colleague(browse: Browse, officer: User, partner: User) -> None:
    address = searched(browse(officer), "/units/", q="甲店 12号", visited="no", sort="-name")

    assert parse_qsl(urlsplit(address).query) == [("q", "甲店 12号"), ("visited", "no"), ("sort", "-name")]
    assert names(browse(partner), searched(browse(officer), "/units/", q="甲店")) == ["甲店"]


def test_somebody_else_finds_nothing_by_the_token(browse: Browse, officer: User, partner: User) -> None:
    address = searched(browse(officer), "/units/", q=PHONE)

    assert names(browse(officer), address) == ["甲店"]
    assert names(browse(partner), address) == []
    assert f'value="{sought.ENDED}"' in browse(partner).get(address).content.decode()


def test_after_a_shift_it_finds_nothing_and_says_so(officer: User) -> None:
    token = sought.sealed(PHONE, officer.pk)

    with time_machine.travel(timezone.now() + sought.LIFETIME - timedelta(minutes=1), tick=False):
        assert sought.opened(token, officer.pk) == PHONE
    with time_machine.travel(timezone.now() + sought.LIFETIME + timedelta(minutes=1), tick=False):
        assert sought.opened(token, officer.pk) == sought.ENDED


@pytest.mark.parametrize("token", ["~", "~x", "~a~b~c", "~debug.AAAA.BBBB~1~2"])
def test_what_is_no_token_of_ours_finds_nothing(browse: Browse, officer: User, token: str) -> None:
    assert names(browse(officer), f"/units/?q={token}") == []
    assert browse(officer).get("/search/", {"q": token}).context["sections"] == []


@pytest.mark.parametrize(
    ("page", "name", "found"),
    [("/inspections/start/", "q", "page"), ("/inspections/complaints/new/units/", "unit_q", "units")],
)
def test_choosing_a_unit_by_telephone_too(browse: Browse, officer: User, page: str, name: str, found: str) -> None:
    response = browse(officer).get(searched(browse(officer), page, **{name: PHONE}))

    rows = response.context[found]
    assert [unit.name for unit in getattr(rows, "rows", rows)] == ["甲店"]


def test_the_whole_search_does_not_put_it_into_the_address_either(browse: Browse, officer: User) -> None:
    address = searched(browse(officer), reverse("desk:search"), q=PHONE)

    assert PHONE not in unquote(address)
    assert browse(officer).get(address).context["words"] == PHONE


def test_what_is_exported_is_what_was_found_and_the_trail_masks_the_number(browse: Browse, officer: User) -> None:
    client = browse(officer)
    address = f"{searched(client, '/units/', q=PHONE)}&export=xlsx"

    assert client.get(address).content.startswith(b"PK")
    told = json.dumps(AuditEntry.objects.get(action="units.export").after, ensure_ascii=False)
    assert "q=199****0001&export=xlsx" in told
    assert "~" not in told


@pytest.mark.parametrize(
    "page", ["", "units/", "//elsewhere.example/", "https://elsewhere.example/", "/nowhere/", "/\\x"]
)
def test_it_leads_to_no_other_place(browse: Browse, officer: User, page: str) -> None:
    assert browse(officer).post(FIND, {"page": page, "q": "甲"}).status_code == 404


def test_a_page_pasted_into_the_search_makes_no_address_a_server_refuses(browse: Browse, officer: User) -> None:
    client = browse(officer)

    for pasted in ("消防" * 5_000, "1" * 5_000):
        address = searched(client, reverse("desk:search"), q=pasted)
        assert len(address) < 2_000
        assert client.get(address).status_code == 200


def test_whoever_has_not_signed_in_is_sent_to_do_so() -> None:
    assert Client().post(FIND, {"page": "/units/", "q": PHONE})["Location"].startswith("/login/")


PAGES = {
    "officer": "/units/ /units/pledges/ /inspections/ /inspections/complaints/ /inspections/start/ /search/ /hazards/"
    " /hazards/extensions/ /hazards/referrals/ /papers/ /deadlines/clocks/ /filings/returned/ /assessments/overdue/",
    "chief": "/hazards/orders/enter/",
    "supervisor": "/filings/",
    "leader": "/assessments/coverage/",
    "system_admin": "/people/",
    "security_admin": "/settings/sign-in/",
    "audit_admin": "/trail/",
}


@pytest.mark.slow
@pytest.mark.parametrize(("who", "page"), [(who, page) for who, pages in PAGES.items() for page in pages.split()])
def test_the_rows_somebody_may_type_a_number_into_are_sent_in_the_body(
    browse: Browse, request: pytest.FixtureRequest, who: str, page: str
) -> None:
    user = request.getfixturevalue(who)
    client = browse(user)
    shown = client.get(page).content.decode()
    rows = re.findall(r"<form[^>]*role=\"search\"[^>]*>", shown)
    assert len(rows) > 0
    assert [row for row in rows if f'action="{FIND}"' not in row] == []
    found = client.get(searched(client, page, q=f"甲 {PHONE}"))
    assert (found.status_code, f'value="甲 {PHONE}"' in found.content.decode()) == (200, True)
    links = re.findall(r'(?:href|action)="([^"]*)"', found.content.decode())
    assert [link for link in links if PHONE in unquote(link)] == []


def test_what_is_searched_for_in_a_list_of_people_or_places_is_its_searchers() -> None:
    """The others find wording and names of offices: the catalogue, the rules, the seals."""
    open_ones = {
        form.__name__
        for form in forms.Form.__subclasses__()
        if form.__module__ != "fire_supervision.styleguide"
        and "q" in form.base_fields
        and not isinstance(form.base_fields["q"], sought.SoughtField)
    }
    assert open_ones == {"CatalogueFilter", "RuleFilter", "SealFilter"}


def test_the_trail_tells_what_the_auditor_searched_for_without_the_number(browse: Browse, audit_admin: User) -> None:
    client = browse(audit_admin)
    client.get(searched(client, "/trail/", q=PHONE))
    told = AuditEntry.objects.filter(action="trail.read").latest("pk").after["path"]
    assert told == "/trail/?q=199****0001"


@given(words=st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_whatever_is_typed_is_what_is_searched(words: str) -> None:
    asked = sought.sealed(words, 7)

    assert sought.opened(asked, 7) == words
    assert sought.NUMBER.search(words) is None or asked.startswith(sought.MARK)
