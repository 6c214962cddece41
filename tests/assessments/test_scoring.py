from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import Points, Tally, mean_share, ranks, score, shared, summed, total_weight

weights = st.decimals(min_value="0.01", max_value="100", places=2)
targets = st.sampled_from(
    [Decimal(1), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal("0.333333"), Decimal(0)]
)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    due = draw(st.integers(0, 500))
    return Tally(draw(weights), draw(st.integers(0, due)), due, draw(targets))


@given(st.lists(tallies(), min_size=1, max_size=12))
def test_the_shared_weights_add_up_to_the_whole_scheme(given_tallies: list[Tally]) -> None:
    found = score(given_tallies)
    expected = total_weight(given_tallies) if any(tally.at_stake for tally in given_tallies) else Decimal(0)
    assert sum((each.weight for each in found), Decimal(0)) == expected


@given(st.lists(tallies(), min_size=1, max_size=12))
def test_points_lie_between_nothing_and_the_shared_weight(given_tallies: list[Tally]) -> None:
    found = score(given_tallies)
    assert all(0 <= each.points <= each.weight for each in found if each.points is not None)
    total = summed(found)
    assert total is None or 0 <= total <= total_weight(given_tallies)


@given(st.lists(tallies(), min_size=1, max_size=12))
def test_nothing_due_earns_and_costs_nothing(given_tallies: list[Tally]) -> None:
    for tally, found in zip(given_tallies, score(given_tallies), strict=True):
        if not tally.at_stake:
            assert found == Points(Decimal(0), None)


@given(st.lists(tallies(), min_size=1, max_size=12))
def test_everything_done_earns_everything(given_tallies: list[Tally]) -> None:
    done = [Tally(tally.weight, tally.due, tally.due, tally.target) for tally in given_tallies]
    found = summed(score(done))
    assert found == (total_weight(done) if any(tally.at_stake for tally in done) else None)


@given(st.lists(tallies(), min_size=1, max_size=8), st.data())
def test_doing_one_more_never_costs_points(given_tallies: list[Tally], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(given_tallies) - 1))
    tally = given_tallies[place]
    if tally.done < tally.due:
        better = [*given_tallies]
        better[place] = Tally(tally.weight, tally.done + 1, tally.due, tally.target)
        assert (summed(score(better)) or 0) >= (summed(score(given_tallies)) or 0)


def test_the_weight_of_what_was_not_due_is_shared_in_proportion() -> None:
    found = score([Tally(Decimal(20), 1, 2), Tally(Decimal(10), 3, 3), Tally(Decimal(30), 0, 0)])
    assert found == [
        Points(Decimal("40.000"), Decimal("20.000")),
        Points(Decimal("20.000"), Decimal("20.000")),
        Points(Decimal("0.000"), None),
    ]


def test_a_station_on_the_pace_of_the_year_has_all_points() -> None:
    (found,) = score([Tally(Decimal(20), 75, 100, Decimal("0.75"))])
    assert found.points == Decimal(20)
    (behind,) = score([Tally(Decimal(20), 60, 100, Decimal("0.75"))])
    assert behind.points == Decimal("16.000")


def test_a_third_is_rounded_so_that_the_sum_stays_whole() -> None:
    assert shared([Decimal(1), Decimal(1), Decimal(1)], Decimal(100)) == [
        Decimal("33.334"),
        Decimal("33.333"),
        Decimal("33.333"),
    ]


def test_no_figures_at_all_give_no_score() -> None:
    assert summed(score([Tally(Decimal(100), 0, 0)])) is None


def test_equal_points_share_a_rank_and_the_next_is_skipped() -> None:
    points = {"a": Decimal("90.00"), "b": Decimal("95.10"), "c": Decimal("90.00"), "d": None, "e": Decimal(12)}
    assert ranks(points) == {"a": 2, "b": 1, "c": 2, "d": None, "e": 4}


@given(st.dictionaries(st.integers(), st.one_of(st.none(), weights), max_size=30))
def test_a_rank_is_one_more_than_how_many_are_better(points: dict[int, Decimal | None]) -> None:
    for key, rank in ranks(points).items():
        own = points[key]
        better = sum(value > own for value in points.values() if value is not None and own is not None)
        assert rank == (None if own is None else better + 1)


def test_the_mean_is_taken_over_all_rows_and_not_over_stations() -> None:
    assert mean_share([(1, 2), (0, 8)]) == Decimal("0.100000")
    assert mean_share([]) == Decimal(0)
    assert mean_share([(0, 5)]) == Decimal(0)
