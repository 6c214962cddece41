"""Proving again who one is: once a shift before papers, each time before voiding and exporting."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import Settings

from assessments import bulletin_views
from hazards.models import Order
from inspections.models import Finding, Inspection
from stations import exports, step_up
from stations.models import Organisation, User
from stations.permissions import ROLE_CAN, STEP_UP, Can, Fresh, Role
from stations.rules import ROLE_KINDS
from tests.fire_supervision.test_access import addresses_of
from tests.hazards.conftest import conclude, find, open_visit  # noqa: F401 - fixtures
from tests.stations.keys import code_of, totp_of
from trail.models import AuditEntry
from units.models import Unit

PASSWORD = "xiang-jiang-2026"
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _asked(settings: Settings) -> None:
    settings.STEP_UP = True


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """Sign in by the page, at 9 o'clock."""

    def entered(user: User, at: datetime = NOW) -> Client:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        client = Client()
        with time_machine.travel(at, tick=False):
            client.post("/login/", {"number": user.number, "password": PASSWORD})
        return client

    return entered


def after(client: Client, minutes: float, url: str, posted: dict[str, Any] | None = None, **more: Any) -> Any:
    """What is answered so many minutes after signing in."""
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        return client.get(url, **more) if posted is None else client.post(url, posted, **more)


def prove(client: Client, minutes: float, asked: str, password: str = PASSWORD) -> Any:
    return after(client, minutes, asked, {"password": password})


def asks(response: Any, capability: Can) -> bool:
    return response.status_code == 302 and response["Location"].startswith(f"/step-up/?for={capability}&next=")


def explain(client: Client, minutes: float, url: str) -> None:
    """Say what the file of ``url`` is for, which is asked before who one is."""
    after(client, minutes, f"/export/?{urlencode({'next': url})}", {"reason": "月度台账核对"})


# ---------- the table ----------


def test_every_capability_that_issues_voids_or_exports_is_in_the_table() -> None:
    assert {can for can, fresh in STEP_UP.items() if fresh == Fresh.EACH} == {Can.VOID_PAPERS, Can.EXPORT}
    assert {Can.ISSUE_PAPERS, Can.SERVE, Can.REINSPECT, Can.REFER, Can.APPROVE_EXTENSIONS} <= set(STEP_UP)
    # Its act and its answer are papers with a number.
    assert Can.HANDLE_COMPLAINTS in STEP_UP
    assert {Can.MANAGE_PEOPLE, Can.MANAGE_ORGANISATIONS, Can.MANAGE_SETTINGS} <= set(STEP_UP)


def test_withdrawing_a_bulletin_voids_its_paper_and_asks_each_time() -> None:
    assert bulletin_views.withdraw.fresh == Fresh.EACH  # type: ignore[attr-defined]


def test_looking_and_inspecting_offline_ask_for_nothing() -> None:
    asked_of_nobody = {Can.INSPECT, Can.OWN_ACCOUNT, Can.VIEW_WORKBENCH, Can.VIEW_TRAIL, Can.VIEW_ALARMS}
    assert not asked_of_nobody & set(STEP_UP)
    assert {can for role in ROLE_CAN.values() for can in role} >= set(STEP_UP)


# Only shows what was asked for; to fetch it is asked for each time. The last two answer while one types.
FREE = {
    "bundles", "bind_unit", "bind_case", "bind_quarter", "desk:bundle", "desk:again",
    "inspections:complaint_due", "inspections:complaint_units",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "role", [Role.CHIEF, Role.SUPERVISOR, Role.BUREAU_OFFICER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN]
)
def test_no_address_of_such_a_capability_opens_without_proof(
    enter: Callable[..., Client], person: Callable[..., User], settings: Settings, role: Role,
    station: Organisation, brigade: Organisation, bureau: Organisation,
) -> None:  # fmt: skip
    settings.STEP_UP_HOURS = 0
    home = next(each for each in (station, brigade, bureau) if each.kind in ROLE_KINDS[role])
    client = enter(person(role, home, role.label))
    asking = [
        each
        for each in addresses_of(get_resolver())
        if each.capability in STEP_UP and each.capability in ROLE_CAN[role] and each.name not in FREE
    ]
    opened = []
    for each in asking:
        if each.name == "desk:download":
            explain(client, 1, each.url)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        for each in asking:
            # 405 where only the other method is taken.
            answers = (client.get(each.url), client.post(each.url))
            opened += [each.name for got in answers if got.status_code != 405 and not asks(got, each.capability)]

    assert (opened, len(asking) >= 3) == ([], True)


# ---------- once a shift ----------


@pytest.mark.parametrize("capability", [can for can, fresh in STEP_UP.items() if fresh == Fresh.SHIFT])
def test_each_capability_of_the_shift_is_asked_for_again_when_the_shift_is_over(
    rf: Any, officer: User, capability: Can
) -> None:
    session: dict[str, Any] = {}
    step_up.prove(session, NOW)  # type: ignore[arg-type] # a dict does

    kept = [step_up.is_proved(session, capability, Fresh.SHIFT, NOW + timedelta(minutes=each)) for each in (479, 480)]  # type: ignore[arg-type]
    assert kept == [True, False]


@pytest.fixture
def visit(
    open_visit: Callable[..., Inspection],  # noqa: F811 - a fixture
    find: Callable[..., Finding],  # noqa: F811 - a fixture
    unit: Unit,
) -> Inspection:
    found = open_visit(unit)
    find(found, "EV06", days=8)
    return found


def test_a_paper_at_the_door_asks_again_on_the_page_before_anything_is_typed(
    enter: Callable[..., Client], officer: User, visit: Inspection, settings: Settings
) -> None:
    settings.STEP_UP_HOURS = 1
    client, page = enter(officer), reverse("conclude", args=[visit.pk])
    assert after(client, 59, page).status_code == 200

    asked = after(client, 60, page)

    assert asks(asked, Can.ISSUE_PAPERS)
    assert prove(client, 60, asked["Location"])["Location"] == page
    assert after(client, 61, page).status_code == 200


def test_a_post_without_proof_does_nothing_and_leads_back_to_the_form(
    enter: Callable[..., Client], officer: User, visit: Inspection, settings: Settings
) -> None:
    settings.STEP_UP_HOURS = 1
    client, page = enter(officer), reverse("conclude", args=[visit.pk])

    asked = after(client, 90, page, {"x": "1"}, headers={"referer": f"http://testserver{page}"})

    assert asks(asked, Can.ISSUE_PAPERS)
    assert asked["Location"].endswith(page.replace("/", "%2F"))
    assert Order.objects.count() == 0
    assert "data-keep-typed" in after(client, 90, asked["Location"]).content.decode()


def cancel_of(client: Client, minutes: float, asked: str) -> str:
    way: str = after(client, minutes, asked).context["cancel"]
    return way


def test_cancelling_leads_to_the_page_with_the_form(enter: Callable[..., Client], officer: User) -> None:
    client, headers = enter(officer), {"referer": "http://testserver/me/sessions/"}

    asked = after(client, 6, "/me/sessions/end/", {}, headers=headers)

    assert asks(asked, Can.OWN_ACCOUNT)
    assert cancel_of(client, 6, asked["Location"]) == "/me/sessions/"
    # A wrong password leads nowhere else.
    assert prove(client, 6, asked["Location"], "wrong").context["cancel"] == "/me/sessions/"


def test_cancelling_never_leads_in_a_circle(
    enter: Callable[..., Client], officer: User, visit: Inspection, unit: Unit, settings: Settings
) -> None:
    settings.STEP_UP_HOURS = 1
    client, form, before = enter(officer), reverse("conclude", args=[visit.pk]), reverse("unit_page", args=[unit.pk])

    looked = after(client, 90, form, headers={"referer": f"http://testserver{before}"})
    sent = after(client, 90, form, {"x": "1"}, headers={"referer": f"http://testserver{form}"})

    assert [cancel_of(client, 90, each["Location"]) for each in (looked, sent)] == [before, "/"]


def test_cancelling_a_table_leads_to_its_list_and_nothing_outside(enter: Callable[..., Client], officer: User) -> None:
    client = enter(officer)
    ways = {
        "/units/?kind=PREMISES&export=xlsx": "/units/?kind=PREMISES",
        "/bundles/1/download/": "/bundles/",
        "https://example.cn/": "/",
        "/units/0/nowhere/": "/",
    }

    assert {page: cancel_of(client, 1, f"/step-up/?{urlencode({'next': page})}") for page in ways} == ways
    assert cancel_of(client, 1, "/step-up/?next=/nowhere/&back=https://example.cn/") == "/"


def test_under_htmx_the_whole_page_goes_to_the_question(
    enter: Callable[..., Client], officer: User, visit: Inspection, settings: Settings
) -> None:
    settings.STEP_UP_HOURS = 1
    client, page = enter(officer), reverse("conclude", args=[visit.pk])
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{page}"}

    asked = after(client, 90, page, headers=headers)

    assert (asked.status_code, asked["HX-Redirect"]) == (
        204,
        f"/step-up/?for=ISSUE_PAPERS&next={page.replace('/', '%2F')}",
    )


# ---------- each time ----------


@pytest.fixture
def voidable(visit: Inspection, conclude: Callable[..., Any]) -> str:  # noqa: F811 - a fixture
    conclude(visit)
    return reverse("hazards:void", args=[visit.pk])


def test_voiding_asks_each_time_even_right_after_signing_in(
    enter: Callable[..., Client], chief: User, voidable: str
) -> None:
    client = enter(chief)

    assert asks(after(client, 0, voidable), Can.VOID_PAPERS)


def test_the_stamp_is_kept_by_a_form_to_correct_and_used_by_the_act(
    enter: Callable[..., Client], chief: User, voidable: str
) -> None:
    client = enter(chief)
    prove(client, 1, f"/step-up/?for=VOID_PAPERS&next={voidable}")
    assert after(client, 2, voidable).status_code == 200
    assert after(client, 3, voidable, {"reason": ""}).status_code == 200
    assert after(client, 4, voidable, {"reason": "日期写错"}).status_code == 302
    assert AuditEntry.objects.filter(action="hazards.void_papers").count() == 1

    assert asks(after(client, 4, voidable), Can.VOID_PAPERS)


def test_a_stamp_is_good_for_five_minutes(enter: Callable[..., Client], chief: User, voidable: str) -> None:
    client = enter(chief)
    prove(client, 1, f"/step-up/?for=VOID_PAPERS&next={voidable}")
    assert after(client, 5.9, voidable).status_code == 200

    assert asks(after(client, 6, voidable, {"reason": "日期写错"}), Can.VOID_PAPERS)
    assert not AuditEntry.objects.filter(action="hazards.void_papers").exists()


def test_a_stamp_for_one_act_opens_no_other(enter: Callable[..., Client], chief: User, voidable: str) -> None:
    client = enter(chief)
    prove(client, 1, f"/step-up/?for=EXPORT&next={voidable}")

    assert asks(after(client, 1, voidable), Can.VOID_PAPERS)


EXPORTS = [
    "units:list", "units:twins", "inspections:list", "inspections:catalogue", "inspections:complaints", "hazards:list",
    "hazards:extensions", "hazards:referrals", "records:list", "deadlines:clocks", "deadlines:rules",
    "deadlines:calendar", "filings:monthly", "assessments:current",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPORTS)
def test_every_table_that_leaves_the_house_is_asked_for_each_time(
    enter: Callable[..., Client], chief: User, name: str
) -> None:
    client, url = enter(chief), reverse(name)
    explain(client, 0, f"{url}?export=xlsx")
    asked = after(client, 0, f"{url}?export=xlsx")
    assert asks(asked, Can.EXPORT)

    waits = prove(client, 1, asked["Location"])["Location"]
    assert waits.startswith("/step-up/done/?next=")
    page = after(client, 1, waits).content.decode()
    assert f'content="0;url={url}?export=xlsx"' in page
    assert after(client, 1, url).status_code in (200, 302)


def test_a_table_is_handed_out_once_for_one_proof(enter: Callable[..., Client], chief: User) -> None:
    client, url = enter(chief), reverse("units:list") + "?export=xlsx"
    explain(client, 1, url)
    prove(client, 1, f"/step-up/?for=EXPORT&next={url}")

    assert after(client, 1, url).has_header("Content-Disposition")
    explain(client, 1, url)
    assert asks(after(client, 1, url), Can.EXPORT)


@pytest.mark.parametrize(("who", "name"), [("system_admin", "stations:people"), ("audit_admin", "trail:list")])
def test_administrators_take_tables_out_under_the_same_rule(
    enter: Callable[..., Client], request: pytest.FixtureRequest, who: str, name: str
) -> None:
    client = enter(request.getfixturevalue(who))
    assert after(client, 1, reverse(name)).status_code == 200

    explain(client, 1, reverse(name) + "?export=1")
    assert asks(after(client, 1, reverse(name) + "?export=1"), Can.EXPORT)


def test_a_volume_is_asked_for_freely_and_fetched_with_proof(
    enter: Callable[..., Client], officer: User, unit: Unit
) -> None:
    client = enter(officer)
    assert after(client, 1, reverse("bind_unit", args=[unit.pk]), {})["Location"] == "/bundles/"
    assert after(client, 1, "/bundles/").status_code == 200

    explain(client, 1, reverse("desk:download", args=[1]))
    assert asks(after(client, 1, reverse("desk:download", args=[1])), Can.EXPORT)


def test_asking_a_free_page_for_a_table_is_no_way_around_the_proof(enter: Callable[..., Client], officer: User) -> None:
    client = enter(officer)
    explain(client, 1, "/bundles/?export=1")

    assert asks(after(client, 1, "/bundles/?export=1"), Can.EXPORT)


@pytest.mark.parametrize(
    ("target", "is_file", "page"),
    [
        ("/units/?officer=none&export=xlsx", True, "/units/?officer=none"),
        ("/units/?q=export%3D", False, "/"),
        ("/bundles/3/download/", True, "/bundles/"),
        ("/trail/integrity/exports/3/", True, "/"),
        ("/units/import/3/rejected/", True, "/"),
        ("/papers/stack/?which=all", False, "/"),
        ("/papers/5/files/unit/?download=1", True, "/papers/5/"),
        ("/papers/5/scans/7/?download", True, "/papers/5/"),
        ("/papers/5/files/unit/", False, "/"),
        ("/?download=1", False, "/"),
        ("/nowhere/", False, "/"),
    ],
)
def test_what_is_saved_leaves_a_page_that_leads_back_to_its_list(target: str, is_file: bool, page: str) -> None:
    assert (exports.is_file(target), exports.page_of(target)) == (is_file, page)


def test_who_may_not_export_is_not_asked_to_prove_himself(enter: Callable[..., Client], assistant: User) -> None:
    assert after(enter(assistant), 1, reverse("inspections:list") + "?export=xlsx").status_code == 403


# ---------- the page ----------


def test_a_wrong_password_proves_nothing_and_the_fifth_ends_the_session(
    enter: Callable[..., Client], chief: User
) -> None:
    client = enter(chief)
    asked = "/step-up/?for=EXPORT&next=/units/"
    said = [prove(client, 1, asked, "wrong").status_code for _ in range(4)]
    assert said == [200] * 4

    assert prove(client, 1, asked, "wrong")["Location"] == "/login/"
    assert after(client, 1, "/me/").status_code == 302


def test_a_proof_changes_the_key_of_the_session(enter: Callable[..., Client], chief: User) -> None:
    client = enter(chief)
    before = client.session.session_key

    prove(client, 1, "/step-up/?for=EXPORT&next=/units/")

    assert client.session.session_key != before
    assert after(client, 1, "/me/").status_code == 200


def test_whoever_has_a_telephone_enrolled_proves_himself_by_it(enter: Callable[..., Client], chief: User) -> None:
    client = enter(chief)
    device = totp_of(chief)
    assert "password" not in after(client, 1, "/step-up/?for=EXPORT&next=/me/").context["form"].fields
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        response = client.post("/step-up/?for=EXPORT&next=/me/", {"code": code_of(device)})

    assert response["Location"] == "/me/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_proof_leads_to_no_other_site(enter: Callable[..., Client], chief: User, target: str) -> None:
    assert prove(enter(chief), 1, f"/step-up/?for=EXPORT&next={target}")["Location"] == "/"


def test_a_capability_made_up_earns_no_stamp(enter: Callable[..., Client], chief: User) -> None:
    client = enter(chief)
    prove(client, 1, "/step-up/?for=EVERYTHING&next=/me/")

    assert "stamps" not in client.session


@pytest.mark.slow
def test_one_s_own_keys_are_changed_only_shortly_after_a_proof(enter: Callable[..., Client], chief: User) -> None:
    client = enter(chief)
    assert after(client, 4, "/me/factors/totp/").status_code == 200

    assert asks(after(client, 6, "/me/factors/totp/"), Can.OWN_ACCOUNT)
    device = totp_of(chief)
    assert asks(after(client, 6, f"/me/factors/totp/{device.pk}/remove/", {}), Can.OWN_ACCOUNT)


def test_without_the_setting_nobody_is_asked(
    enter: Callable[..., Client], chief: User, voidable: str, settings: Settings
) -> None:
    settings.STEP_UP = False
    assert after(enter(chief), 1, voidable).status_code == 200
