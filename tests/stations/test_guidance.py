"""Which supervisor guides which stations, and who stands in."""

from collections.abc import Callable

import pytest
from django.test import Client

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.models import Guidance, Organisation, User
from stations.permissions import Role
from trail.models import AuditEntry

URL = "/guidance/"


@pytest.fixture
def client(browse: Callable[[User], Client], system_admin: User) -> Client:
    return browse(system_admin)


@pytest.fixture
def colleague(person: Callable[..., User], brigade: Organisation) -> User:
    return person(Role.SUPERVISOR, brigade, "何守正")


def test_a_station_is_given_another_supervisor_and_a_substitute(
    client: Client, supervisor: User, colleague: User, station: Organisation
) -> None:
    client.post(f"{URL}{station.pk}/", {"supervisor": colleague.pk, "substitute": supervisor.pk})

    guidance = Guidance.objects.get(station=station)
    assert (guidance.supervisor, guidance.substitute) == (colleague, supervisor)
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == (
        {"supervisor": "陈立新", "substitute": ""},
        {"supervisor": "何守正", "substitute": "陈立新"},
    )


def test_a_guidance_is_ended(client: Client, supervisor: User, station: Organisation) -> None:
    client.post(f"{URL}{station.pk}/", {"supervisor": "", "substitute": ""})

    assert not Guidance.objects.exists()
    assert AuditEntry.objects.get().action == "stations.end_guidance"


@pytest.mark.parametrize(
    ("supervisor_name", "substitute_name", "errors"),
    [
        ("陈立新", "陈立新", {"substitute": ["代管人不能是监督员本人"]}),
        ("", "陈立新", {"supervisor": ["有代管人时须指定消防监督员"]}),
        ("李建平", "", {"supervisor": ["只能选这个大队在用的消防监督员"]}),
    ],
)
def test_a_choice_that_does_not_do_is_refused_at_its_field(
    supervisor_name: str,
    substitute_name: str,
    errors: dict[str, list[str]],
    client: Client,
    supervisor: User,
    officer: User,
    station: Organisation,
) -> None:
    numbers = {"": "", "陈立新": supervisor.pk, "李建平": officer.pk}
    posted = {"supervisor": numbers[supervisor_name], "substitute": numbers[substitute_name]}

    assert client.post(f"{URL}{station.pk}/", posted).context["form"].errors == errors
    assert Guidance.objects.get().supervisor == supervisor


def test_a_supervisor_of_another_brigade_guides_no_station_of_this_one(
    system_admin: User, station: Organisation, person: Callable[..., User]
) -> None:
    other = Organisation.objects.create(kind="BRIGADE", name="高新区消防救援大队")
    outsider = person(Role.SUPERVISOR, other, "外队")

    with pytest.raises(RuleError, match="外队不是江城市消防救援大队的消防监督员"):
        actions.set_guidance(system_admin, station, outsider, None)
    assert not Guidance.objects.exists()


def test_the_page_names_stations_without_a_supervisor_and_supervisors_with_too_many(
    client: Client, supervisor: User, sibling: Organisation, bureau: Organisation, brigade: Organisation
) -> None:
    content = client.get(URL).content.decode()
    assert "1 个派出所没有在用的消防监督员" in content
    assert "超过 3 个" not in content

    Guidance.objects.create(station=sibling, supervisor=supervisor)
    for name in ("东关", "西关"):
        fields = {"kind": "STATION", "parent": bureau, "bureau": bureau, "brigade": brigade}
        Guidance.objects.create(station=Organisation.objects.create(name=name, **fields), supervisor=supervisor)

    content = client.get(URL).content.decode()
    assert "4 个，超过 3 个" in content
    assert "没有在用的消防监督员" not in content


def test_a_disabled_supervisor_counts_as_none(client: Client, supervisor: User) -> None:
    User.objects.filter(pk=supervisor.pk).update(is_active=False)

    assert client.get(URL).context["unguided"] == 1


def test_the_page_costs_the_same_with_one_and_three_stations(
    client: Client, supervisor: User, bureau: Organisation, queries: Callable[[Callable[[], object]], int]
) -> None:
    one = queries(lambda: client.get(URL))
    for name in ("东关", "西关"):
        station = Organisation.objects.create(kind="STATION", name=name, parent=bureau, bureau=bureau)
        Guidance.objects.create(station=station, supervisor=supervisor)

    assert queries(lambda: client.get(URL)) == one
