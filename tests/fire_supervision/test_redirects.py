"""Every door that sends somebody on leads to a page of this site and nowhere else."""

from collections.abc import Callable
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stations.messages import send
from stations.models import Message, User
from tests.examples import examples

pytestmark = pytest.mark.django_db
HOST = "http://testserver"
KNOWN = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "http:///evil.example", "https:/evil.example", "javascript:alert(1)",
    "JaVaScRiPt://x%0aalert(1)", "data:text/html,x", "//testserver@evil.example", "http://testserver.evil.example/",
    "http://testserver:80@evil.example", "/\t/evil.example", " //evil.example", "\x01//evil.example",
    "/%5cevil.example", "//%65vil.example", "/..//evil.example", "?next=//evil.example", "ftp://testserver/",
    "//[::1]/", "http://[", "/a\r\nLocation: //evil.example",
]  # fmt: skip
PIECES = st.sampled_from(
    ["/", "//", "\\", "http:", "https://", "evil.example", "testserver", "@", ":", "\t", "%2f", "?", "#", "units"]
)
HOSTILE = st.one_of(st.sampled_from(KNOWN), st.lists(PIECES, max_size=6).map("".join))


def leads_outside(location: str) -> bool:
    """Where a browser would go: backslashes count as slashes, white space before and tabs within as nothing."""
    as_read = "".join(char for char in location.strip(" \x01") if char not in "\t\r\n").replace("\\", "/")
    target = urlsplit(urljoin(f"{HOST}/login/", as_read))
    return (target.scheme, target.netloc) != ("http", "testserver")


def _followed(answer: object) -> list[str]:
    """Where an answer leads, by redirect or by a link somebody made for it."""
    return [answer["Location"]] if answer.has_header("Location") else []  # type: ignore[attr-defined, index]


@pytest.fixture
def doors(officer: User, browse: Callable[[User], Client]) -> list[Callable[[str], object]]:
    """Each door with an address to go on to: the sign-in, before and after; the proof; the reason of an export."""
    officer.set_password("xiang-jiang-2026")
    officer.save(update_fields=["password"])
    inside = browse(officer)
    sign_in, step_up = reverse("stations:login"), reverse("stations:step_up")
    typed = {"number": officer.number, "password": "xiang-jiang-2026"}
    return [
        lambda to: inside.get(f"{sign_in}?{urlencode({'next': to})}"),
        lambda to: Client().post(f"{sign_in}?{urlencode({'next': to})}", typed),
        lambda to: Client().post(sign_in, typed | {"next": to}),
        lambda to: inside.post(f"{step_up}?{urlencode({'next': to})}", {"password": typed["password"]}),
        lambda to: inside.post(f"{reverse('stations:export')}?{urlencode({'next': to})}", {"reason": "年度检查"}),
        lambda to: inside.post(reverse("stations:logout"), {"next": to}) if to == "never" else inside.get(sign_in),
        lambda to: Client().post(reverse("units:assign"), {}, headers={"Referer": f"{HOST}{_header(to)}"}),
    ]


def _header(words: str) -> str:
    return "".join(char for char in words if char.isprintable())


@given(data=st.data())
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_door_leads_outside(doors: list[Callable[[str], object]], data: st.DataObject) -> None:
    target = data.draw(HOSTILE)
    door = data.draw(st.sampled_from(doors))

    assert [where for where in _followed(door(target)) if leads_outside(where)] == []


@pytest.mark.parametrize("target", ["/units/?q=1", "/papers/"])
def test_every_door_leads_where_it_should(doors: list[Callable[[str], object]], target: str) -> None:
    for door in doors[:4]:
        assert _followed(door(target)) == [target]


@pytest.mark.parametrize("target", KNOWN)
def test_a_message_leads_outside_to_nobody(browse: Callable[[User], Client], officer: User, target: str) -> None:
    send(officer, about=None, key="x", title="题目", url=target[:200])
    message = Message.objects.get()
    answer = browse(officer).get(reverse("stations:message", args=[message.pk]))

    assert [where for where in _followed(answer) if leads_outside(where)] == []


def test_what_a_browser_would_leave_for_is_known_here() -> None:
    tried = ("//evil.example", "/\\evil.example", "/\t/evil.example", "/units/", "?a=b")
    assert [leads_outside(each) for each in tried] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_a_host_that_is_not_ours_is_no_host(browse: Callable[[User], Client], officer: User) -> None:
    client = browse(officer)
    for name in ("evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80:80"):
        answer = client.get("/units/", headers={"Host": name})
        assert answer.status_code == 400
        assert "evil.example" not in answer.content.decode()
