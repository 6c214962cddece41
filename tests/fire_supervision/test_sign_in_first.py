"""A session that has ended: where somebody comes back to after signing in."""

import pytest
from django.test import Client
from django.urls import reverse

LOGIN = reverse("stations:login")
ASSIGN = reverse("units:assign")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/units/?officer=none#rows", "/units/%3Fofficer%3Dnone"),
        ("http://elsewhere.example/units/", "/"),
        ("", "/"),
        ("http://[", "/"),
    ],
)
def test_a_form_sent_too_late_leads_back_to_its_page(client: Client, referer: str, back: str) -> None:
    response = client.post(ASSIGN, {"ids": "1"}, headers={"Referer": referer})
    assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next={back}")


@pytest.mark.django_db
def test_a_page_asked_for_too_late_is_shown_after_signing_in(client: Client) -> None:
    assert client.get("/units/?officer=none")["Location"] == f"{LOGIN}?next=/units/%3Fofficer%3Dnone"
