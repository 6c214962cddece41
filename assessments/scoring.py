"""Points from figures: pure, exact, and nothing is invented where nothing was due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TypeVar

STEP = Decimal("0.001")
SUM_STEP = Decimal("0.01")
TARGET_STEP = Decimal("0.000001")
Key = TypeVar("Key")


@dataclass(frozen=True)
class Tally:
    """One indicator of one station: its weight, the figures, and the share that earns all of the weight."""

    weight: Decimal
    done: int
    due: int
    target: Decimal = Decimal(1)

    @property
    def at_stake(self) -> bool:
        """Whether there is anything to judge: something was due, and there is a share to compare it with."""
        return self.due > 0 and self.target > 0


@dataclass(frozen=True)
class Points:
    """What an indicator counts this time, and what it earned; None for 无应办."""

    weight: Decimal
    points: Decimal | None


def score(tallies: Sequence[Tally]) -> list[Points]:
    """The weight of what had nothing due is shared among the rest in proportion; the sum stays the same.

    points = shared weight × min(1, done / due / target), to a thousandth.
    """
    weights = shared([tally.weight if tally.at_stake else Decimal(0) for tally in tallies], total_weight(tallies))
    return [
        Points(weight, (weight * _share(tally)).quantize(STEP, ROUND_HALF_UP) if tally.at_stake else None)
        for tally, weight in zip(tallies, weights, strict=True)
    ]


def total_weight(tallies: Sequence[Tally]) -> Decimal:
    return sum((tally.weight for tally in tallies), Decimal(0))


def _share(tally: Tally) -> Decimal:
    return min(Decimal(1), Decimal(tally.done) / (Decimal(tally.due) * tally.target))


def shared(weights: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """``weights`` scaled to ``total`` in thousandths, the largest remainders rounded up so that the sum is exact.

    All zero when no weight is left to share.
    """
    kept = sum(weights, Decimal(0))
    if not kept:
        return [Decimal(0) for _ in weights]
    exact = [weight * total / kept for weight in weights]
    floors = [share.quantize(STEP, ROUND_DOWN) for share in exact]
    missing = int((total - sum(floors, Decimal(0))) / STEP)
    by_remainder = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    for place in by_remainder[:missing]:
        floors[place] += STEP
    return floors


def summed(points: Sequence[Points]) -> Decimal | None:
    """The points of a station, to a hundredth; None when nothing at all was due."""
    earned = [each.points for each in points if each.points is not None]
    return sum(earned, Decimal(0)).quantize(SUM_STEP, ROUND_HALF_UP) if earned else None


def ranks(points: Mapping[Key, Decimal | None]) -> dict[Key, int | None]:
    """Equal points share a rank and the next one is skipped: 1, 2, 2, 4. No points, no rank."""
    known = sorted((value for value in points.values() if value is not None), reverse=True)
    return {key: None if value is None else known.index(value) + 1 for key, value in points.items()}


def mean_share(figures: Sequence[tuple[int, int]]) -> Decimal:
    """The share done of all that was due, over (done, due) of every station; 0 when nothing was."""
    due = sum(each[1] for each in figures)
    done = sum(each[0] for each in figures)
    return (Decimal(done) / Decimal(due)).quantize(TARGET_STEP, ROUND_HALF_UP) if due else Decimal(0)
