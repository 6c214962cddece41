"""规定30: each listed object at least once a year. Who has visited how many of how many, and which are left."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet

from assessments.figures import visited
from stations.models import User
from units.models import Unit


@dataclass(frozen=True)
class Portion:
    """The units of one officer (or of one station, for who sees several); ``key`` is what the filter takes."""

    key: str
    name: str
    done: int
    due: int

    @property
    def left(self) -> int:
        return self.due - self.done


def unvisited(user: User, today: date) -> QuerySet[Unit]:
    """The open units ``user`` sees that were not visited this year."""
    return Unit.objects.for_user(user).open().filter(~_this_year(today))


def _this_year(today: date) -> Exists:
    return visited(date(today.year, 1, 1), today)


def portions(user: User, today: date) -> list[Portion]:
    """By officer for a station, 未分配 last; by station for who sees several. One query."""
    by = ("officer_id", "officer__name") if user.station_id is not None else ("station_id", "station__name")
    units: QuerySet[Any] = Unit.objects.for_user(user).open().annotate(is_done=_this_year(today))
    rows = units.order_by().values_list(*by).annotate(
        done=Count("pk", filter=Q(is_done=True)), due=Count("pk")
    )  # fmt: skip
    found = [Portion(str(key) if key else "none", name or "未分配", done, due) for key, name, done, due in rows]
    return sorted(found, key=lambda row: (row.key == "none", row.name))


def whole(rows: list[Portion]) -> Portion:
    return Portion("", "合计", sum(row.done for row in rows), sum(row.due for row in rows))
