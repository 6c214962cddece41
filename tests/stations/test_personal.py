"""Personal data on the screen: whole for whoever needs it for his work, masked for everybody else, shown on record."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.lib.masking import masked, masked_within
from stations.models import User
from stations.permissions import AT_THE_DOOR
from stations.personal import SEES, Personal
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
MASKED = "199****0001"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13812345678", "138****5678"), ("138 1234 5678", "138****5678"), ("320102199001011212", "3201************12"),
        ("32010219900101121x", "3201************1x"), ("010-88886666", "010****6666"), ("0571-888866", "05******66"),
        ("wx_liu", "w****u"), ("119", "***"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_left_of_a_number(value: str, shown: str) -> None:
    assert masked(value) == shown


@given(st.text(alphabet=st.characters(blacklist_categories=["Z", "C"]), min_size=1, max_size=40))
def test_at_least_a_third_of_anything_is_hidden(value: str) -> None:
    assert masked(value).count("*") * 3 >= len(masked(value))


def test_a_number_within_a_line_is_masked_and_a_credit_code_is_not() -> None:
    line = "/units/?q=13812345678&code=91330200MA2812345X&n=2026"
    assert masked_within(line) == "/units/?q=138****5678&code=91330200MA2812345X&n=2026"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("给刘桂香13812345678核对", "给刘桂香138****5678核对"),
        ("本人 138-1234-5678、１３８１２３４５６７８", "本人 138****5678、１３８****５６７８"),
        ("身份证320106199001011234。", "身份证3201************34。"),
        ("代码 913201061234567890，编号 12345678901", "代码 913201061234567890，编号 12345678901"),
    ],
)
def test_what_somebody_typed_is_masked_where_it_looks_like_a_number_of_a_person(typed: str, kept: str) -> None:
    assert masked_within(typed) == kept


def test_who_sees_what_is_one_table() -> None:
    assert {
        Personal.UNIT_PHONE: AT_THE_DOOR,
        Personal.STAFF_PHONE: frozenset(),
        Personal.ACCOUNT: AT_THE_DOOR,
    } == SEES


@pytest.mark.parametrize("who", ["officer", "chief", "assistant"])
def test_who_calls_the_unit_sees_its_number_and_can_call_it(
    request: pytest.FixtureRequest, browse: Browse, unit: Unit, who: str
) -> None:
    page = browse(request.getfixturevalue(who)).get(unit.get_absolute_url()).content.decode()
    assert f'href="tel:{unit.phone}"' in page
    assert "显示电话" not in page


@pytest.mark.parametrize("who", ["supervisor", "brigade_leader", "bureau_officer", "leader"])
def test_everybody_else_sees_it_masked(request: pytest.FixtureRequest, browse: Browse, unit: Unit, who: str) -> None:
    page = browse(request.getfixturevalue(who)).get(unit.get_absolute_url()).content.decode()
    assert MASKED in page
    assert unit.phone not in page


def test_a_look_at_the_number_is_told(browse: Browse, leader: User, unit: Unit) -> None:
    url = reverse("units:phone", args=[unit.pk])
    fragment = browse(leader).post(url, headers={"hx-request": "true"})
    assert f'href="tel:{unit.phone}"' in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "no-store" in fragment["Cache-Control"]
    entry = AuditEntry.objects.get(action="units.reveal")
    assert (entry.actor_id, entry.subject_id, entry.summary) == (leader.pk, unit.pk, f"查看电话：{unit.name}")
    assert unit.phone not in str((entry.summary, entry.before, entry.after))

    page = browse(leader).post(url)
    assert f'href="tel:{unit.phone}"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert AuditEntry.objects.filter(action="units.reveal").count() == 2


def test_a_look_is_no_link_and_ends_at_the_scope(browse: Browse, stranger: User, leader: User, unit: Unit) -> None:
    url = reverse("units:phone", args=[unit.pk])
    assert browse(leader).get(url).status_code == 405
    assert browse(stranger).post(url).status_code == 404
    assert not AuditEntry.objects.filter(action="units.reveal").exists()


def test_a_form_that_shows_the_masked_number_keeps_the_one_behind_it(
    browse: Browse, bureau_officer: User, unit: Unit
) -> None:
    client, url = browse(bureau_officer), reverse("units:edit", args=[unit.pk])
    form = client.get(url).context["form"]
    assert form["phone"].value() == MASKED
    sent = {field.html_name: field.value() or "" for field in form} | {"person": "刘桂芳"}
    assert client.post(url, sent).status_code == 302
    unit.refresh_from_db()
    assert (unit.person, unit.phone) == ("刘桂芳", "19900000001")
    entry = AuditEntry.objects.get(action="units.change")
    assert entry.after == {"person": "刘桂芳"}

    assert client.post(url, sent | {"phone": "13900000002"}).status_code == 302
    unit.refresh_from_db()
    assert unit.phone == "13900000002"
    assert AuditEntry.objects.filter(action="units.change").latest("pk").after == {"phone": "139****0002"}


def test_an_administrator_sees_the_telephones_of_people_masked_and_asks_for_one(
    browse: Browse, system_admin: User, officer: User
) -> None:
    User.objects.filter(pk=officer.pk).update(phone="13900000003")
    client = browse(system_admin)
    for url in (reverse("stations:people"), reverse("stations:person", args=[officer.pk])):
        page = client.get(url).content.decode()
        assert ("139****0003" in page, "13900000003" in page) == (True, False)
    shown = client.post(reverse("stations:person_phone", args=[officer.pk])).content.decode()
    assert "13900000003" in shown
    assert AuditEntry.objects.get(action="stations.reveal").subject_id == officer.pk

    url = reverse("stations:person_edit", args=[officer.pk])
    form = client.get(url).context["form"]
    sent = {field.html_name: field.value() or "" for field in form} | {"name": "李建"}
    assert client.post(url, sent).status_code == 302
    assert User.objects.get(pk=officer.pk).phone == "13900000003"
    assert AuditEntry.objects.get(action="stations.edit_person").after["phone"] == "139****0003"


def test_ones_own_number_is_ones_own(browse: Browse, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(phone="13900000003")
    assert "13900000003" in browse(officer).get(reverse("stations:me")).content.decode()


def test_every_page_carries_who_looks_at_it(browse: Browse, officer: User, client: Client) -> None:
    page = browse(officer).get("/units/").content.decode()
    mark = page[page.index('<svg class="watermark"') :]
    assert mark[: mark.index("</svg>")].count(f"{officer.name} {officer.number}") == 2
    assert 'aria-hidden="true"' in mark[:80]
    assert "watermark" not in client.get("/login/").content.decode()
