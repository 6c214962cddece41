"""Which rows a person reaches: three columns on every scoped table, one definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from stations.models import Organisation, User


@dataclass(frozen=True)
class Scope:
    """The organisations whose rows a person reaches; all empty means nothing."""

    bureaus: frozenset[int] = frozenset()
    stations: frozenset[int] = frozenset()
    offices: frozenset[int] = frozenset()

    def as_q(self) -> Q:
        """The condition over the scope columns; matches nothing for an empty scope."""
        condition = Q(pk__in=[])
        for column, ids in (("bureau", self.bureaus), ("station", self.stations), ("office", self.offices)):
            if ids:
                condition |= Q(**{f"{column}_id__in": ids})
        return condition

    def covers(self, row: Any) -> bool:
        """Whether ``row`` lies inside; the Python side of `as_q` (parity is tested)."""
        return row.bureau_id in self.bureaus or row.station_id in self.stations or row.office_id in self.offices

    def told(self) -> dict[str, list[int]]:
        """As plain values, to be held against another one later."""
        return {name: sorted(getattr(self, name)) for name in ("bureaus", "stations", "offices")}

    def holds(self, told: Mapping[str, Iterable[int]]) -> bool:
        """Whether all that reached what `told` said is reached by the same columns still."""
        return all(set(ids) <= getattr(self, name) for name, ids in told.items())


_M = TypeVar("_M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[_M]):
    """The QuerySet of every scoped table."""

    def for_user(self, user: User | AnonymousUser) -> Self:
        """The rows ``user`` may reach. Another station's row is as absent as a missing one."""
        if isinstance(user, AnonymousUser):
            return self.none()
        return self.filter(user.scope().as_q())


class Scoped(models.Model):
    """The scope columns, carried by the table itself so that one column answers without a join."""

    bureau = models.ForeignKey("stations.Organisation", models.PROTECT, related_name="+", verbose_name="公安机关")
    station = models.ForeignKey("stations.Organisation", models.PROTECT, related_name="+", verbose_name="派出所")
    office = models.ForeignKey(
        "stations.Organisation", models.PROTECT, related_name="+", verbose_name="警务室", null=True, blank=True
    )

    # Whether a station that goes over to another bureau takes the row along (`stations.reparenting`).
    goes_along: ClassVar[bool] = True

    class Meta:
        abstract = True

    def scope_columns(self) -> dict[str, int | None]:
        """The three columns, to be copied onto a row that belongs to this one."""
        return {"bureau_id": self.bureau_id, "station_id": self.station_id, "office_id": self.office_id}


def columns_of(organisation: Organisation) -> dict[str, int | None]:
    """The scope columns of a row that belongs to ``organisation``, a station or a police office."""
    return organisation.scope_columns()
