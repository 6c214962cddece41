"""Global search: forgiving about width and spaces, never beyond one's own rows."""

from collections.abc import Callable

from django.test import Client

from stations.models import User
from units.models import Unit

Browse = Callable[[User], Client]


def found(client: Client, words: str) -> list[tuple[str, str]]:
    """(section, title) of each hit."""
    response = client.get("/search/", {"q": words})
    return [(section.title, hit.title) for section in response.context["sections"] for hit in section.hits]


def test_a_unit_is_found_by_a_part_of_its_name_whatever_the_width_and_spaces(
    officer: User, make_unit: Callable[..., Unit], browse: Browse
) -> None:
    make_unit("ABC便利店", credit_code="92140781BJ1XG612DG")
    client = browse(officer)
    for words in ("便利", "ＡＢＣ便利店", " abc 便利 店 ", "92140781", "北大街62"):
        assert found(client, words) == [("单位", "ABC便利店")], words
    assert found(client, "旅馆") == []


def test_a_stranger_finds_nothing_of_our_station(
    officer: User, stranger: User, leader: User, unit: Unit, browse: Browse
) -> None:
    assert found(browse(officer), "万家福") == [("单位", "万家福便利超市")]
    assert found(browse(leader), "万家福") == [("单位", "万家福便利超市")]
    assert found(browse(stranger), "万家福") == []


def test_one_character_is_too_little_and_the_page_says_what_to_type(officer: User, unit: Unit, browse: Browse) -> None:
    response = browse(officer).get("/search/", {"q": "万"})
    assert response.context["sections"] == []
    assert "至少输入两个字" in response.content.decode()


def test_what_was_typed_stays_in_the_field(officer: User, browse: Browse) -> None:
    assert browse(officer).get("/search/", {"q": "<b>没有"}).context["words"] == "<b>没有"
