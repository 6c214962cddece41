"""三员分立: system, security and audit administrators exclude each other and all business (等保 8.1.4.2)."""

from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.models import Organisation, User
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
    assert ROLE_CAN[pair[0]] & ROLE_CAN[pair[1]] == {Can.OWN_ACCOUNT}


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
    entry = AuditEntry.objects.get()
    assert ROLE_CAN[Role.AUDIT_ADMIN] == {Can.OWN_ACCOUNT, Can.VIEW_TRAIL}
    for attempt in (entry.save, entry.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update()):
        with pytest.raises(TypeError, match="append-only"):
            attempt()
    assert browse(audit_admin).post(f"/trail/{entry.pk}/", {"summary": "x"}).status_code in (200, 405)
    assert AuditEntry.objects.get(pk=entry.pk).summary == entry.summary


def test_a_system_administrator_gives_himself_no_other_post(system_admin: User, station: Organisation) -> None:
    with pytest.raises(RuleError, match="不能调动自己"):
        actions.move_person(system_admin, system_admin.pk, Role.CHIEF, station, "兼任", TODAY)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("act", ["disable", "move"])
def test_the_last_of_each_stays(
    person: Callable[..., User], bureau: Organisation, system_admin: User, role: Role, act: str
) -> None:
    actor = person(Role.OFFICER, bureau, "旁人") if role == Role.SYSTEM_ADMIN else system_admin
    last = system_admin if role == Role.SYSTEM_ADMIN else person(role, bureau, "某员")
    acts = {
        "disable": lambda: actions.disable_person(actor, last.pk, "离职"),
        "move": lambda: actions.move_person(actor, last.pk, Role.BUREAU_OFFICER, bureau, "调整", TODAY),
    }
    with pytest.raises(RuleError, match="唯一在用的"):
        acts[act]()
    last.refresh_from_db()
    assert (last.is_active, last.role) == (True, role)

    person(role, bureau, "另一员")
    actions.disable_person(actor, last.pk, "离职")


def test_a_post_taken_up_ends_the_sessions_of_the_one_before_and_stays_in_the_history(
    browse: Callable[[User], Client], officer: User, system_admin: User, bureau: Organisation
) -> None:
    client = browse(officer)
    client.get("/me/")

    actions.move_person(system_admin, officer.pk, Role.AUDIT_ADMIN, bureau, "任审计管理员", TODAY)

    assert client.get("/units/").status_code == 302
    moved = User.objects.get(pk=officer.pk)
    assert not moved.can(Can.VIEW_UNITS)
    assert not moved.scope().stations
    assert [posting.role for posting in moved.postings.filter(until=None)] == [Role.AUDIT_ADMIN]
