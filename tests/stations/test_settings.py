"""What the security administrator sees and sets."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.timezone import localdate

from stations.models import BureauSetting, Organisation, User
from stations.permissions import ROLE_CAN, Can, Role
from trail.models import AuditEntry

PATTERN = "{code}消{word}（{station}）〔{year}〕{number:05d}号"


@pytest.fixture
def client(browse: Callable[[User], Client], security_admin: User) -> Client:
    return browse(security_admin)


def test_the_matrix_shows_the_table_the_views_ask(client: Client) -> None:
    context = client.get("/settings/").context

    assert len(context["matrix"]) == len(Can)
    for label, marks in context["matrix"]:
        can = next(can for can in Can if can.label == label)
        assert [role for role, mark in zip(Role, marks, strict=True) if mark] == [
            role for role in Role if can in ROLE_CAN[role]
        ]


def test_an_unset_bureau_numbers_by_the_default_and_is_marked_to_be_confirmed(client: Client) -> None:
    content = client.get("/settings/").content.decode()

    assert "江公（城关）消限字〔2026〕第0029号" in content
    assert "待核定" in content


def test_the_pattern_is_saved_with_the_day_of_confirmation(client: Client, bureau: Organisation) -> None:
    url = f"/settings/numbers/{bureau.pk}/"
    client.post(url, {"number_pattern": PATTERN})
    assert BureauSetting.objects.get(bureau=bureau).confirmed_on is None

    client.post(url, {"number_pattern": PATTERN, "confirmed": "on"})

    setting = BureauSetting.objects.get(bureau=bureau)
    assert (setting.number_pattern, setting.confirmed_on) == (PATTERN, localdate())
    first, second = AuditEntry.objects.order_by("pk")
    assert (first.action, first.before["number_pattern"][:6], first.after["number_pattern"]) == (
        "stations.set_number_pattern",
        "{code}",
        PATTERN,
    )
    assert (second.before["confirmed_on"], second.after["confirmed_on"]) == (None, localdate().isoformat())


def test_a_pattern_under_which_papers_collide_is_refused_at_the_field(client: Client, bureau: Organisation) -> None:
    response = client.post(f"/settings/numbers/{bureau.pk}/", {"number_pattern": "{station}{year}{number}"})

    assert response.context["form"].errors == {"number_pattern": ["缺少 {word}，不同文书会重号"]}
    assert not BureauSetting.objects.exists()


def test_the_sample_follows_what_is_typed(client: Client, bureau: Organisation) -> None:
    url, htmx = f"/settings/numbers/{bureau.pk}/", {"HX-Request": "true"}

    good = client.get(url, {"number_pattern": PATTERN}, headers=htmx)
    bad = client.get(url, {"number_pattern": "{station.pk}"}, headers=htmx)

    assert [template.name for template in good.templates] == ["stations/_number_sample.html"]
    assert "江公消限（城关）〔2026〕00029号" in good.content.decode()
    assert "{station.pk} 写法不对" in bad.content.decode()


def test_another_bureau_is_not_set_from_here(client: Client) -> None:
    elsewhere = Organisation.objects.create(kind="BUREAU", name="海州市公安局")
    elsewhere.bureau = elsewhere
    elsewhere.save()

    assert client.get(f"/settings/numbers/{elsewhere.pk}/").status_code == 404
