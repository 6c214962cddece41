from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from assessments.quarters import Quarter
from assessments.results import change, results
from deadlines.models import Clock
from stations.models import Organisation
from tests.assessments.conftest import TODAY
from units.models import Unit

pytestmark = pytest.mark.django_db
Q3 = Quarter(2026, 3)


def test_a_quarter_knows_its_days_and_neighbours() -> None:
    assert (Q3.start, Q3.end, str(Q3)) == (date(2026, 7, 1), date(2026, 9, 30), "2026年第三季度")
    assert (Quarter(2026, 4).next, Quarter(2026, 1).previous) == (Quarter(2027, 1), Quarter(2025, 4))
    assert [Quarter.of(date(2026, month, 1)).number for month in range(1, 13)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_points_of_a_busy_quarter_can_be_checked_by_hand(busy_quarter: Unit, station: Organisation) -> None:
    row = results(busy_quarter.bureau_id, [Q3], TODAY)[Q3].of(station.pk)
    assert row is not None
    # 17 points have nothing due; the other 83 are scaled by 100 / 83, the two largest remainders up.
    assert {line.code: (line.weight, line.points) for line in row.lines} == {
        "COVERAGE": (Decimal("24.097"), Decimal("21.420")),  # 2 / 3 of 75 %
        "QUALITY": (Decimal("18.072"), Decimal("9.036")),
        "FINDING": (Decimal("12.048"), Decimal("12.048")),  # 1 / 2, the mean of the bureau
        "RECTIFY": (Decimal("18.072"), Decimal("9.036")),
        "RECHECK": (Decimal("12.048"), Decimal("6.024")),
        "REFER": (Decimal("9.639"), Decimal("4.820")),
        "COMPLAINT": (Decimal(0), None),
        "OUTREACH": (Decimal(0), None),
        "ARCHIVE": (Decimal("6.024"), Decimal("4.016")),
        "REPORTING": (Decimal(0), None),
    }
    assert row.points == Decimal("66.40")


def test_the_score_of_a_station_does_not_depend_on_who_looks(busy_quarter: Unit, bureau: Organisation) -> None:
    found = results(bureau.pk, [Q3], TODAY)[Q3]
    assert [(row.rank, row.station.name) for row in found.stations] == [(1, "城关派出所"), (2, "北关派出所")]


def test_a_quarter_before_anything_was_registered_has_no_score_and_no_rank(
    busy_quarter: Unit, bureau: Organisation
) -> None:
    found = results(bureau.pk, [Quarter(2025, 1)], TODAY)[Quarter(2025, 1)]
    assert [(row.points, row.rank) for row in found.stations] == [(None, None), (None, None)]


def test_the_change_is_in_points_places_and_percentage_points(
    busy_quarter: Unit, station: Organisation, clock: Callable[..., Clock]
) -> None:
    clock(busy_quarter, "RECHECK", date(2026, 5, 8), date(2026, 5, 8))
    found = results(busy_quarter.bureau_id, [Q3, Q3.previous], TODAY)
    now, before = found[Q3].of(station.pk), found[Q3.previous].of(station.pk)
    assert now is not None
    assert before is not None
    moved = change(now, before)
    assert moved.rates["RECHECK"] == Decimal(-50)
    assert moved.rates["REFER"] is None
    assert moved.points == now.points - before.points  # type: ignore[operator] # both have points
    assert change(now, None).points is None


def test_a_new_station_has_no_score_until_something_is_due(
    busy_quarter: Unit, bureau: Organisation, brigade: Organisation
) -> None:
    Organisation.objects.create(kind="STATION", name="新设派出所", parent=bureau, bureau=bureau, brigade=brigade)
    last = results(bureau.pk, [Q3], TODAY)[Q3].stations[-1]
    assert (last.station.name, last.points, last.rank) == ("新设派出所", None, None)
