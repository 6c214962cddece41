"""Opening, changing, moving and closing accounts: the acts."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.actions import NewPerson
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.models import AuditEntry
from units.models import Unit

TODAY = date(2026, 9, 25)


def told() -> list[tuple[str, int | None, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject_id", "reason"))


def postings(user: User) -> list[tuple[str, str, date, date | None]]:
    return list(user.postings.order_by("pk").values_list("role", "organisation__name", "since", "until"))


def test_a_new_account_has_a_posting_a_one_time_password_and_an_entry(
    system_admin: User, station: Organisation
) -> None:
    new = NewPerson("200001", "黄小明", Role.OFFICER, station, "江公证200001", "19900000009")

    person, password = actions.create_person(system_admin, new, TODAY)

    kept = User.objects.get(number="200001")
    assert kept.check_password(password)
    assert kept.must_change_password
    assert postings(kept) == [("OFFICER", "城关派出所", TODAY, None)]
    assert told() == [("stations.create_person", person.pk, "")]
    assert password not in str(AuditEntry.objects.values().get())


def test_one_time_passwords_differ_and_are_easy_to_read_out() -> None:
    made = {actions.one_time_password() for _ in range(50)}

    assert len(made) == 50
    assert {len(each) for each in made} == {19}
    assert not set("01ilo") & set("".join(made))


def test_a_number_taken_since_the_form_was_checked_is_refused_in_words(
    system_admin: User, officer: User, station: Organisation
) -> None:
    with pytest.raises(RuleError, match=f"警号 {officer.number} 已经登记"):
        actions.create_person(system_admin, NewPerson(officer.number, "某人", Role.OFFICER, station), TODAY)

    assert told() == []


@pytest.mark.parametrize(
    ("role", "home"), [(Role.CHIEF, "bureau"), (Role.SUPERVISOR, "station"), (Role.AUDIT_ADMIN, "station")]
)
def test_a_post_is_held_only_where_it_belongs(
    role: Role, home: str, system_admin: User, officer: User, request: pytest.FixtureRequest
) -> None:
    organisation = request.getfixturevalue(home)
    with pytest.raises(RuleError, match=f"{role.label}应在"):
        actions.create_person(system_admin, NewPerson("200001", "某人", role, organisation), TODAY)
    with pytest.raises(RuleError, match=f"{role.label}应在"):
        actions.move_person(system_admin, officer.pk, role, organisation, "调动", TODAY)

    assert told() == []


def test_nobody_is_put_into_an_organisation_out_of_use(system_admin: User, station: Organisation) -> None:
    station.is_active = False
    station.save(update_fields=["is_active"])

    with pytest.raises(RuleError, match="城关派出所已停用"):
        actions.create_person(system_admin, NewPerson("200001", "某人", Role.OFFICER, station), TODAY)


# ---------- moving ----------


def test_a_move_ends_the_old_posting_and_changes_the_reach_at_once(
    system_admin: User, station: Organisation, sibling: Organisation, make_unit: Callable[..., Unit]
) -> None:
    here, there = make_unit("本所单位", officer=None), make_unit("邻所单位", station=sibling)
    person, _ = actions.create_person(
        system_admin, NewPerson("200001", "某人", Role.OFFICER, station), date(2025, 3, 1)
    )
    assert list(Unit.objects.for_user(User.objects.get(pk=person.pk))) == [here]

    actions.move_person(system_admin, person.pk, Role.CHIEF, sibling, "提任所长", TODAY)

    moved = User.objects.get(pk=person.pk)
    assert list(Unit.objects.for_user(moved)) == [there]
    assert moved.role == Role.CHIEF
    assert postings(moved) == [
        ("OFFICER", "城关派出所", date(2025, 3, 1), TODAY),
        ("CHIEF", "北关派出所", TODAY, None),
    ]
    entry = AuditEntry.objects.get(action="stations.move_person")
    assert (entry.before["role"], entry.after["role"], entry.reason) == ("民警", "所长", "提任所长")
    assert (entry.before["organisation"], entry.after["organisation"]) == ("城关派出所", "北关派出所")


def test_a_move_to_where_somebody_stands_is_no_move(system_admin: User, officer: User, station: Organisation) -> None:
    with pytest.raises(RuleError, match="没有变化"):
        actions.move_person(system_admin, officer.pk, officer.role, station, "调动", TODAY)

    assert told() == []


def test_an_administrator_neither_moves_nor_disables_himself_nor_resets_his_own_password(
    system_admin: User, bureau: Organisation, person: Callable[..., User]
) -> None:
    colleague = person(Role.SYSTEM_ADMIN, bureau, "另一名")
    with pytest.raises(RuleError, match="不能调动自己"):
        actions.move_person(system_admin, system_admin.pk, Role.BUREAU_LEADER, bureau, "调动", TODAY)
    with pytest.raises(RuleError, match="不能停用自己"):
        actions.disable_person(system_admin, system_admin.pk, "离岗")
    with pytest.raises(RuleError, match="不能重设自己"):
        actions.reset_password(system_admin, system_admin.pk, timezone.now())
    assert told() == []

    actions.disable_person(colleague, system_admin.pk, "离岗")
    assert told() == [("stations.disable_person", system_admin.pk, "离岗")]


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_the_last_of_each_administrator_stays(
    role: Role, system_admin: User, bureau: Organisation, person: Callable[..., User]
) -> None:
    only = person(role, bureau, "唯一一名")
    with pytest.raises(RuleError, match=f"唯一在用的{role.label}"):
        actions.disable_person(system_admin, only.pk, "离岗")
    with pytest.raises(RuleError, match=f"唯一在用的{role.label}"):
        actions.move_person(system_admin, only.pk, Role.BUREAU_LEADER, bureau, "调动", TODAY)

    person(role, bureau, "另一名")
    actions.disable_person(system_admin, only.pk, "离岗")
    assert not User.objects.get(pk=only.pk).is_active


def test_a_supervisor_is_moved_once_his_stations_are_in_other_hands(
    system_admin: User, supervisor: User, station: Organisation, brigade: Organisation, person: Callable[..., User]
) -> None:
    with pytest.raises(RuleError, match="还在指导或代管城关派出所"):
        actions.move_person(system_admin, supervisor.pk, Role.BRIGADE_LEADER, brigade, "提任", TODAY)
    successor = person(Role.SUPERVISOR, brigade, "何守正")
    actions.set_guidance(system_admin, station, successor, supervisor)
    with pytest.raises(RuleError, match="还在指导或代管城关派出所"):
        actions.move_person(system_admin, supervisor.pk, Role.BRIGADE_LEADER, brigade, "提任", TODAY)

    actions.set_guidance(system_admin, station, successor, None)
    actions.move_person(system_admin, supervisor.pk, Role.BRIGADE_LEADER, brigade, "提任", TODAY)

    assert User.objects.get(pk=supervisor.pk).role == Role.BRIGADE_LEADER


# ---------- the rest ----------


def test_what_is_written_about_a_person_is_changed_with_before_and_after(system_admin: User, officer: User) -> None:
    actions.edit_person(system_admin, officer.pk, {"phone": "19900000077", "name": "李建萍"})

    officer.refresh_from_db()
    assert (officer.name, officer.phone) == ("李建萍", "19900000077")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before["name"], entry.after["name"]) == ("stations.edit_person", "李建平", "李建萍")


def test_an_account_is_disabled_and_enabled_once_each_with_the_reason(system_admin: User, officer: User) -> None:
    actions.disable_person(system_admin, officer.pk, "借调")
    with pytest.raises(RuleError, match="已经停用"):
        actions.disable_person(system_admin, officer.pk, "借调")
    actions.enable_person(system_admin, officer.pk, "归队")
    with pytest.raises(RuleError, match="没有停用"):
        actions.enable_person(system_admin, officer.pk, "归队")

    assert told() == [
        ("stations.disable_person", officer.pk, "借调"),
        ("stations.enable_person", officer.pk, "归队"),
    ]


def test_an_account_is_not_enabled_in_an_organisation_out_of_use(
    system_admin: User, officer: User, station: Organisation
) -> None:
    actions.disable_person(system_admin, officer.pk, "撤所")
    Organisation.objects.filter(pk=station.pk).update(is_active=False)

    with pytest.raises(RuleError, match="城关派出所已停用"):
        actions.enable_person(system_admin, officer.pk, "归队")


def test_a_reset_password_replaces_the_old_one_and_must_be_changed(system_admin: User, officer: User) -> None:
    _, first = actions.reset_password(system_admin, officer.pk, timezone.now())
    _, second = actions.reset_password(system_admin, officer.pk, timezone.now())

    officer.refresh_from_db()
    assert (officer.check_password(first), officer.check_password(second)) == (False, True)
    assert officer.must_change_password
    assert told() == [("stations.reset_password", officer.pk, "")] * 2


def test_a_list_of_people_is_entered_whole_or_not_at_all(system_admin: User, station: Organisation) -> None:
    good = NewPerson("200001", "甲", Role.OFFICER, station)
    with pytest.raises(RuleError):
        actions.create_people(system_admin, [good, NewPerson("200001", "乙", Role.OFFICER, station)], TODAY)
    assert not User.objects.filter(number="200001").exists()

    made = actions.create_people(system_admin, [good, NewPerson("200002", "乙", Role.ASSISTANT, station)], TODAY)
    assert [person.number for person, _ in made] == ["200001", "200002"]


def test_a_person_of_a_police_office_belongs_to_its_station(
    station: Organisation, bureau: Organisation, person: Callable[..., User]
) -> None:
    office = Organisation.objects.create(kind=OrganisationKind.OFFICE, name="警务室", parent=station, bureau=bureau)
    inside = person(Role.OFFICER, office, "社区民警")

    assert (inside.station_id, inside.office_id, inside.home_station) == (station.pk, office.pk, station)
    assert set(User.objects.of_station(station.pk)) == {inside}


def test_who_counts_as_one_of_two_officers(
    officer: User, chief: User, assistant: User, partner: User, station: Organisation
) -> None:
    User.objects.filter(pk=partner.pk).update(certificate_no="")

    assert set(User.objects.of_station(station.pk).enforcers()) == {officer, chief}
