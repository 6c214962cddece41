"""Who reaches which rows."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.scope import Scope
from units.models import Unit

Tree = dict[str, Organisation]


@pytest.fixture
def tree(bureau: Organisation, brigade: Organisation, station: Organisation, sibling: Organisation) -> Tree:
    """A bureau with two stations, a police office in one, a bureau nested below with a station, and one elsewhere."""
    make = Organisation.objects.create
    office = make(kind=OrganisationKind.OFFICE, name="北大街警务室", parent=station, bureau=bureau)
    nested = make(kind=OrganisationKind.BUREAU, name="高新区分局", parent=bureau)
    elsewhere = make(kind=OrganisationKind.BUREAU, name="海州市公安局")
    for each in (nested, elsewhere):
        each.bureau = each
        each.save(update_fields=["bureau"])
    return {
        "bureau": bureau,
        "brigade": brigade,
        "station": station,
        "sibling": sibling,
        "office": office,
        "nested": nested,
        "tech": make(kind=OrganisationKind.STATION, name="科技城派出所", parent=nested, bureau=nested),
        "elsewhere": elsewhere,
        "port": make(kind=OrganisationKind.STATION, name="港口派出所", parent=elsewhere, bureau=elsewhere),
    }


@pytest.fixture
def ledger(tree: Tree, make_unit: Callable[..., Unit]) -> list[Unit]:
    """One unit in each station and one in the police office, named by where it is."""
    return [
        make_unit(name, station=tree[name], officer=None) for name in ("station", "sibling", "office", "tech", "port")
    ]


def reached(user: User | AnonymousUser) -> set[str]:
    if isinstance(user, User):
        user = User.objects.get(pk=user.pk)
    return set(Unit.objects.for_user(user).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("role", "home", "names"),
    [
        (Role.OFFICER, "office", {"office"}),
        (Role.OFFICER, "station", {"station", "office"}),
        (Role.ASSISTANT, "station", {"station", "office"}),
        (Role.CHIEF, "station", {"station", "office"}),
        (Role.CHIEF, "sibling", {"sibling"}),
        (Role.BUREAU_OFFICER, "bureau", {"station", "sibling", "office", "tech"}),
        (Role.BUREAU_LEADER, "bureau", {"station", "sibling", "office", "tech"}),
        (Role.BUREAU_LEADER, "nested", {"tech"}),
        (Role.BUREAU_LEADER, "elsewhere", {"port"}),
        (Role.BRIGADE_LEADER, "brigade", {"station", "sibling", "office"}),
        (Role.SUPERVISOR, "brigade", set()),
        (Role.SYSTEM_ADMIN, "bureau", set()),
        (Role.SECURITY_ADMIN, "bureau", set()),
        (Role.AUDIT_ADMIN, "bureau", set()),
    ],
)
def test_a_post_reaches_the_rows_of_its_organisation(
    role: Role, home: str, names: set[str], tree: Tree, ledger: list[Unit], person: Callable[..., User]
) -> None:
    assert reached(person(role, tree[home], "某人")) == names


def test_a_supervisor_reaches_the_stations_guided_and_those_stood_in_for(
    tree: Tree, ledger: list[Unit], person: Callable[..., User]
) -> None:
    supervisor, colleague = (person(Role.SUPERVISOR, tree["brigade"], name) for name in ("陈立新", "何守正"))
    Guidance.objects.create(station=tree["station"], supervisor=supervisor, substitute=colleague)
    Guidance.objects.create(station=tree["sibling"], supervisor=colleague)

    assert reached(supervisor) == {"station", "office"}
    assert reached(colleague) == {"station", "office", "sibling"}


def test_a_disabled_person_and_a_visitor_reach_nothing(ledger: list[Unit], officer: User) -> None:
    assert reached(officer) == {"station", "office"}
    User.objects.filter(pk=officer.pk).update(is_active=False)

    assert reached(officer) == set()
    assert reached(AnonymousUser()) == set()


def test_a_station_that_left_the_brigade_is_out_of_its_leaders_reach(
    tree: Tree, ledger: list[Unit], brigade_leader: User
) -> None:
    Organisation.objects.filter(pk=tree["sibling"].pk).update(brigade=None)

    assert reached(brigade_leader) == {"station", "office"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_sql_and_python_agree_on_what_a_scope_covers(data: st.DataObject, tree: Tree, ledger: list[Unit]) -> None:
    ids = st.frozensets(st.sampled_from([each.pk for each in tree.values()]), max_size=4)
    scope = Scope(bureaus=data.draw(ids), stations=data.draw(ids), offices=data.draw(ids))

    in_sql = set(Unit.objects.filter(scope.as_q()).values_list("pk", flat=True))

    assert in_sql == {unit.pk for unit in ledger if scope.covers(unit)}


def test_the_scope_of_a_request_is_resolved_once(
    tree: Tree, leader: User, queries: Callable[[Callable[[], object]], int]
) -> None:
    assert queries(leader.scope) == 2  # one a level of bureaus below his own, the last of which finds none
    assert queries(leader.scope) == 0


# ---------- what a system administrator keeps ----------


def test_an_administrator_keeps_the_tree_below_his_bureau_and_the_brigades_beside_it(
    tree: Tree, system_admin: User, person: Callable[..., User]
) -> None:
    nested_admin = person(Role.SYSTEM_ADMIN, tree["nested"], "分局系统管理员")

    kept = set(Organisation.objects.managed_by(system_admin).values_list("name", flat=True))
    assert kept == {tree[key].name for key in ("bureau", "brigade", "station", "sibling", "office", "nested", "tech")}
    assert set(Organisation.objects.managed_by(nested_admin)) == {tree["nested"], tree["tech"]}

    tree["tech"].brigade = tree["brigade"]
    tree["tech"].save(update_fields=["brigade"])
    assert set(Organisation.objects.managed_by(nested_admin)) == {tree["nested"], tree["tech"], tree["brigade"]}


def test_an_administrator_keeps_the_people_of_those_organisations(
    tree: Tree, system_admin: User, officer: User, supervisor: User, person: Callable[..., User]
) -> None:
    person(Role.OFFICER, tree["port"], "外地民警")

    assert set(User.objects.managed_by(system_admin)) == {system_admin, officer, supervisor}


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ("officer", {"城关派出所", "北大街警务室"}),
        ("supervisor", {"城关派出所", "北大街警务室"}),
        ("brigade_leader", {"城关派出所", "北关派出所", "北大街警务室"}),
        ("leader", {"江城市公安局", "城关派出所", "北关派出所", "北大街警务室", "高新区分局", "科技城派出所"}),
        ("system_admin", set()),
    ],
)
def test_the_organisations_whose_work_a_person_sees(
    user: str, names: set[str], tree: Tree, request: pytest.FixtureRequest
) -> None:
    seen = Organisation.objects.for_user(request.getfixturevalue(user))

    assert set(seen.values_list("name", flat=True)) == names
