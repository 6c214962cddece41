"""Whose stations are compared: the ranking is a bureau's, whoever looks at it."""

from django.db.models import Q

from stations.models import Organisation, OrganisationKind, User


def bureaus_of(user: User) -> list[Organisation]:
    """The bureaus with a station ``user`` sees; his own comes first."""
    scope = user.scope()
    seen = Organisation.objects.filter(kind=OrganisationKind.STATION).filter(
        Q(bureau_id__in=scope.bureaus) | Q(pk__in=scope.stations) | Q(pk=user.station_id)
    )
    found = Organisation.objects.filter(pk__in=seen.values("bureau")).order_by("name")
    return sorted(found, key=lambda bureau: bureau.pk != user.bureau_id)


def bureau_for(user: User, asked: str = "") -> Organisation | None:
    """The bureau asked for by its id if ``user`` sees a station of it, else his own or the first he sees."""
    own = user.organisation
    if not asked and own.kind == OrganisationKind.BUREAU:
        return own
    bureaus = bureaus_of(user)
    return next((bureau for bureau in bureaus if str(bureau.pk) == asked), bureaus[0] if bureaus else None)


def sees(user: User, station: Organisation) -> bool:
    """Whether the station's figures are for ``user``: those he reaches, and his own for a police office."""
    scope = user.scope()
    return station.bureau_id in scope.bureaus or station.pk in scope.stations or station.pk == user.station_id
