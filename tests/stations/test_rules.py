"""What fits together."""

from stations.models import OrganisationKind
from stations.permissions import ADMINISTRATORS, ENFORCERS, ROLE_CAN, Can, Role
from stations.rules import PARENT_KIND, ROLE_KINDS, misfit


def test_every_post_has_its_capabilities_and_its_places() -> None:
    assert set(ROLE_CAN) == set(ROLE_KINDS) == set(Role)
    assert set(PARENT_KIND) == set(OrganisationKind)


def test_the_three_administrators_share_nothing_but_their_own_account_and_two_the_alarms() -> None:
    business = frozenset[Can]().union(*(ROLE_CAN[role] for role in Role if role not in ADMINISTRATORS))
    for one in ADMINISTRATORS:
        assert ROLE_CAN[one] & business == {Can.OWN_ACCOUNT}
    # An alarm is looked into by who ends sessions and by who reads the trail; it changes neither.
    security, audit, system = Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN
    assert ROLE_CAN[security] & ROLE_CAN[audit] == {Can.OWN_ACCOUNT, Can.VIEW_ALARMS}
    assert ROLE_CAN[system] & (ROLE_CAN[security] | ROLE_CAN[audit]) == {Can.OWN_ACCOUNT}


def test_only_those_who_may_be_one_of_two_officers_inspect_and_issue_papers() -> None:
    for can in (Can.INSPECT, Can.ISSUE_PAPERS, Can.SERVE, Can.REINSPECT):
        assert {role for role in Role if can in ROLE_CAN[role]} == ENFORCERS


def test_a_post_names_where_it_is_held_when_it_does_not_fit() -> None:
    assert misfit(Role.CHIEF, OrganisationKind.STATION) == ""
    assert misfit(Role.OFFICER, OrganisationKind.OFFICE) == ""
    assert misfit(Role.CHIEF, OrganisationKind.BUREAU) == "所长应在派出所任职"
    assert misfit(Role.OFFICER, OrganisationKind.BRIGADE) == "民警应在派出所或警务室任职"
