"""What fits together."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.models import BureauSetting, OrganisationKind
from stations.permissions import ADMINISTRATORS, ENFORCERS, ROLE_CAN, Can, Role
from stations.rules import PARENT_KIND, ROLE_KINDS, misfit, sample_number

DEFAULT = BureauSetting._meta.get_field("number_pattern").default


def test_every_post_has_its_capabilities_and_its_places() -> None:
    assert set(ROLE_CAN) == set(ROLE_KINDS) == set(Role)
    assert set(PARENT_KIND) == set(OrganisationKind)


def test_the_three_administrators_share_nothing_but_their_own_account() -> None:
    business = frozenset[Can]().union(*(ROLE_CAN[role] for role in Role if role not in ADMINISTRATORS))
    for one in ADMINISTRATORS:
        assert ROLE_CAN[one] & business == {Can.OWN_ACCOUNT}
        for other in ADMINISTRATORS - {one}:
            assert ROLE_CAN[one] & ROLE_CAN[other] == {Can.OWN_ACCOUNT}


def test_only_those_who_may_be_one_of_two_officers_inspect_and_issue_papers() -> None:
    for can in (Can.INSPECT, Can.ISSUE_PAPERS, Can.SERVE, Can.REINSPECT):
        assert {role for role in Role if can in ROLE_CAN[role]} == ENFORCERS


def test_a_post_names_where_it_is_held_when_it_does_not_fit() -> None:
    assert misfit(Role.CHIEF, OrganisationKind.STATION) == ""
    assert misfit(Role.OFFICER, OrganisationKind.OFFICE) == ""
    assert misfit(Role.CHIEF, OrganisationKind.BUREAU) == "所长应在派出所任职"
    assert misfit(Role.OFFICER, OrganisationKind.BRIGADE) == "民警应在派出所或警务室任职"


def test_the_default_number_reads_as_stations_write_it() -> None:
    assert sample_number(DEFAULT, code="江公") == "江公（城关）消限字〔2026〕第0029号"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{station}{word}{year", "大括号没有成对"),
        ("{station}{word}{year}", "缺少 {number}，不同文书会重号"),
        ("{word}{number}", "缺少 {station}、{year}，不同文书会重号"),
        (
            "{station}{word}{year}{number}{chief}",
            "{chief} 写法不对，只能用 {code} {station} {word} {year} {number:04d}",
        ),
        (
            "{station.pk}{word}{year}{number}",
            "{station.pk} 写法不对，只能用 {code} {station} {word} {year} {number:04d}",
        ),
        ("{station!r}{word}{year}{number}", "{station} 写法不对，只能用 {code} {station} {word} {year} {number:04d}"),
        ("{}{station}{word}{year}{number}", "{} 写法不对，只能用 {code} {station} {word} {year} {number:04d}"),
        (
            "{station}{word}{year}{number:99999d}",
            "{number} 写法不对，只能用 {code} {station} {word} {year} {number:04d}",
        ),
    ],
)
def test_a_pattern_under_which_papers_would_collide_or_break_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        sample_number(pattern)


@given(st.text(alphabet="{}!:.[]0d字号codestationwordyearnumber_ ", max_size=60))
def test_any_pattern_is_either_a_number_or_a_reason(pattern: str) -> None:
    try:
        number = sample_number(pattern)
    except ValueError as refused:
        number, reason = "", str(refused)
    else:
        reason = ""

    assert bool(number) != bool(reason)
    assert [part for part in ("城关", "限", "2026", "29") if number and part not in number] == []
