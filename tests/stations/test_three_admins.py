"""三员分立: system, security and audit administrators exclude each other and all business (等保 8.1.4.2)."""

from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.administrators import seen
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import ADMINISTRATORS, ROLE_CAN, Can, Role
from trail.models import AuditEntry

TODAY = date(2026, 9, 22)
BUSINESS = set(Role) - ADMINISTRATORS
# Who unlocks and who resets: never the same, so that nobody opens another's account by himself.
WHO = {
    Can.MANAGE_PEOPLE: {Role.SYSTEM_ADMIN},
    Can.MANAGE_ORGANISATIONS: {Role.SYSTEM_ADMIN},
    Can.MANAGE_SETTINGS: {Role.SECURITY_ADMIN},
    Can.VIEW_TRAIL: {Role.AUDIT_ADMIN},
}


@pytest.fixture
def far_bureau(db: None) -> Organisation:
    made = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=made.pk).update(bureau=made)
    made.refresh_from_db()
    return made


def capabilities_of(prefix: str) -> dict[str, Can]:
    """The views below /``prefix`` with the capability each asks for."""
    found: dict[str, Can] = {}

    def walk(patterns: list[URLPattern | URLResolver], above: str) -> None:
        for each in patterns:
            route = above + str(each.pattern)
            if isinstance(each, URLResolver):
                walk(each.url_patterns, route)
            elif route.startswith(prefix):
                found[route] = each.callback.capability  # type: ignore[attr-defined] # set by `requires`

    walk(get_resolver().url_patterns, "")
    return found


@pytest.mark.parametrize("pair", list(combinations(sorted(ADMINISTRATORS), 2)), ids=str)
def test_two_administrators_share_only_their_own_accounts(pair: tuple[Role, Role]) -> None:
    # What alarms by itself is told to both: one looks into the trail, the other to accounts and settings.
    told = {Can.VIEW_ALARMS} if Role.SYSTEM_ADMIN not in pair else set()
    assert ROLE_CAN[pair[0]] & ROLE_CAN[pair[1]] == {Can.OWN_ACCOUNT} | told


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_administrator_shares_nothing_with_business(role: Role) -> None:
    business = frozenset().union(*(ROLE_CAN[each] for each in BUSINESS))
    assert ROLE_CAN[role] & business == {Can.OWN_ACCOUNT}


@pytest.mark.parametrize("capability", sorted(WHO))
def test_each_power_over_accounts_is_in_one_hand(capability: Can) -> None:
    assert {role for role, can in ROLE_CAN.items() if capability in can} == WHO[capability]


def test_one_resets_passwords_another_unlocks_and_takes_away_factors() -> None:
    assert capabilities_of("people/")["people/<int:pk>/password/"] == Can.MANAGE_PEOPLE
    assert set(capabilities_of("settings/sign-in/").values()) == {Can.MANAGE_SETTINGS}


def test_an_administrator_reaches_no_row_of_business(
    system_admin: User, security_admin: User, audit_admin: User
) -> None:
    for admin in (system_admin, security_admin, audit_admin):
        assert not (admin.scope().bureaus | admin.scope().stations | admin.scope().offices)


def test_whoever_reads_the_trail_changes_nothing_and_nobody_changes_the_trail(
    browse: Callable[[User], Client], audit_admin: User, system_admin: User
) -> None:
    actions.create_person(
        system_admin, actions.NewPerson("200001", "黄小明", Role.SYSTEM_ADMIN, system_admin.organisation), TODAY
    )
    entry = AuditEntry.objects.get(action="stations.create_person")
    assert ROLE_CAN[Role.AUDIT_ADMIN] == {Can.OWN_ACCOUNT, Can.VIEW_TRAIL, Can.VIEW_ALARMS}
    for attempt in (entry.save, entry.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update()):
        with pytest.raises(TypeError, match="append-only"):
            attempt()
    assert browse(audit_admin).post(f"/trail/{entry.pk}/", {"summary": "x"}).status_code in (200, 405)
    assert AuditEntry.objects.get(pk=entry.pk).summary == entry.summary


def test_a_system_administrator_gives_himself_no_other_post(system_admin: User, station: Organisation) -> None:
    with pytest.raises(RuleError, match="不能调动自己"):
        actions.move_person(system_admin, system_admin.pk, Role.CHIEF, station, "兼任", TODAY)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("act", ["disable", "another post", "another bureau"])
def test_the_last_of_each_stays(
    person: Callable[..., User], bureau: Organisation, far_bureau: Organisation, system_admin: User, role: Role,
    act: str,
) -> None:  # fmt: skip
    actor = person(Role.OFFICER, bureau, "旁人") if role == Role.SYSTEM_ADMIN else system_admin
    last = system_admin if role == Role.SYSTEM_ADMIN else person(role, bureau, "某员")
    acts = {
        "disable": lambda: actions.disable_person(actor, last.pk, "离职"),
        "another post": lambda: actions.move_person(actor, last.pk, Role.BUREAU_OFFICER, bureau, "调整", TODAY),
        "another bureau": lambda: actions.move_person(actor, last.pk, role, far_bureau, "调整", TODAY),
    }
    # Who works in another bureau does nothing for this one; who was disabled nothing for any.
    person(role, far_bureau, "外局某员")
    # There it is confirmed.
    person(Role.SECURITY_ADMIN if role == Role.AUDIT_ADMIN else Role.AUDIT_ADMIN, far_bureau, "外局旁员")
    User.objects.filter(pk=person(role, bureau, "离岗某员").pk).update(is_active=False)
    with pytest.raises(RuleError, match="江城市公安局唯一在用的"):
        acts[act]()
    last.refresh_from_db()
    assert (last.is_active, last.role, last.organisation) == (True, role, bureau)

    person(role, bureau, "另一员")
    acts[act]()
    last.refresh_from_db()
    assert (last.is_active, last.role, last.organisation) != (True, role, bureau)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_the_bureau_above_keeps_the_one_below_but_not_the_other_way_round(
    person: Callable[..., User], bureau: Organisation, system_admin: User, role: Role
) -> None:
    below = actions.create_organisation(
        system_admin, {"kind": OrganisationKind.BUREAU, "name": "江城市公安局东区分局", "parent": bureau}
    )
    actor = person(Role.OFFICER, bureau, "旁人")
    above = system_admin if role == Role.SYSTEM_ADMIN else person(role, bureau, "某员")
    under = person(role, below, "分局某员")
    confirming = person(Role.SECURITY_ADMIN if role == Role.AUDIT_ADMIN else Role.AUDIT_ADMIN, bureau, "旁员")
    with pytest.raises(RuleError, match="唯一在用的"):
        actions.move_person(actor, above.pk, role, below, "下派", TODAY)

    moved = actions.move_person(actor, under.pk, role, bureau, "上调", TODAY)
    actions.confirm_post(confirming, under.pk, seen(moved))
    actions.move_person(actor, above.pk, role, below, "下派", TODAY)
    actions.disable_person(actor, above.pk, "离职")


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_a_bureau_whose_stations_went_over_to_another_keeps_its_last_ones_and_stays_open(
    person: Callable[..., User], bureau: Organisation, far_bureau: Organisation, station: Organisation,
    system_admin: User, role: Role,
) -> None:  # fmt: skip
    for each in Organisation.objects.filter(bureau=bureau, kind=OrganisationKind.STATION):
        actions.move_station(system_admin, each.pk, far_bureau, "两局合并")
    actor = person(Role.OFFICER, far_bureau, "旁人")
    last = system_admin if role == Role.SYSTEM_ADMIN else person(role, bureau, "某员")
    for act in (
        lambda: actions.disable_person(actor, last.pk, "合并"),
        lambda: actions.move_person(actor, last.pk, role, far_bureau, "合并", TODAY),
    ):
        with pytest.raises(RuleError, match="唯一在用的"):
            act()
    with pytest.raises(RuleError, match="名在用人员"):
        actions.disable_organisation(actor, bureau.pk, "合并")


def test_the_page_says_why_the_last_one_stays(
    browse: Callable[[User], Client], person: Callable[..., User], bureau: Organisation, system_admin: User
) -> None:
    last = person(Role.AUDIT_ADMIN, bureau, "某审计")
    client = browse(system_admin)
    moved = {"role": Role.BUREAU_OFFICER, "organisation": bureau.pk, "reason": "调整"}
    for url, asked in (
        (f"/people/{last.pk}/disable/", {"reason": "离职"}),
        (f"/people/{last.pk}/move/", moved),
    ):
        answer = client.post(url, asked)
        assert answer.status_code == 409
        assert "某审计是江城市公安局唯一在用的审计管理员" in answer.content.decode()


def test_a_post_taken_up_ends_the_sessions_of_the_one_before_and_stays_in_the_history(
    browse: Callable[[User], Client], officer: User, system_admin: User, security_admin: User, bureau: Organisation
) -> None:
    client = browse(officer)
    client.get("/me/")

    actions.move_person(system_admin, officer.pk, Role.AUDIT_ADMIN, bureau, "任审计管理员", TODAY)

    assert client.get("/units/").status_code == 302
    moved = User.objects.get(pk=officer.pk)
    actions.confirm_post(security_admin, officer.pk, seen(moved))
    assert not moved.can(Can.VIEW_UNITS)
    assert not moved.scope().stations
    assert [posting.role for posting in moved.postings.filter(until=None)] == [Role.AUDIT_ADMIN]
