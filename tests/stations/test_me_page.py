"""我的: on a phone the door to everything that has no place in the bar at the foot of the page."""

from collections.abc import Callable

from django.test import Client

from stations.models import User


def test_a_phone_reaches_every_page_of_the_rail(browse: Callable[[User], Client], officer: User) -> None:
    response = browse(officer).get("/me/")

    more = response.content.decode().split('id="more"')[1].split("</nav>")[0]
    tabs = [entry["url"] for entry in response.context["tabs"]]
    missing = [
        entry["label"] for entry in response.context["nav"] if entry["url"] not in tabs and entry["url"] not in more
    ]
    assert missing == []
    assert [entry["label"] for entry in response.context["nav"] if f'href="{entry["url"]}"' in more][:2] == [
        "举报", "隐患",
    ]  # fmt: skip


def test_what_somebody_may_not_open_is_not_offered(browse: Callable[[User], Client], officer: User) -> None:
    assert 'href="/trail/"' not in browse(officer).get("/me/").content.decode()
