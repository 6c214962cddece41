"""Which organisations and people a system administrator keeps."""

from collections.abc import Callable

from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role


def test_a_brigade_that_guides_stations_of_another_bureau_alone_is_not_kept(
    station: Organisation, brigade: Organisation, system_admin: User, person: Callable[..., User]
) -> None:
    make = Organisation.objects.create
    idle, theirs = (make(kind=OrganisationKind.BRIGADE, name=name) for name in ("新建大队", "河东大队"))
    far = make(kind=OrganisationKind.BUREAU, name="河东市公安局", code_word="河公")
    Organisation.objects.filter(pk=far.pk).update(bureau=far)
    make(kind=OrganisationKind.STATION, name="渡口派出所", parent=far, bureau=far, brigade=theirs)
    people = {home.pk: person(Role.SUPERVISOR, home, home.name) for home in (brigade, idle, theirs)}

    kept = set(Organisation.objects.managed_by(system_admin).values_list("pk", flat=True))

    assert kept == {station.bureau_id, station.pk, brigade.pk, idle.pk}
    assert set(User.objects.managed_by(system_admin).filter(pk__in=[each.pk for each in people.values()])) == {
        people[brigade.pk],
        people[idle.pk],
    }
