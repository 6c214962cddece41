"""What is told when something went wrong, and what browsers may report."""

import json
import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from stations.models import User

REPORT = reverse("csp_report")
OUTSIDE = "https://x.example/a?token=1"
SECRET = "s3cret-of-the-server"  # looked for in the page below


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that fails with a secret in a local variable and in its message."""

    def fail(*_args: object, **_kwargs: object) -> None:
        password = SECRET
        raise OperationalError(f"connection to 10.0.0.5 refused for {password}")

    monkeypatch.setattr("units.views.ledger.page_of", fail)


@pytest.mark.django_db
@pytest.mark.usefixtures("_broken")
def test_an_error_tells_its_number_and_nothing_of_the_inside(
    browse: Callable[[User], Client], officer: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = False
    client = browse(officer)
    client.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL):
        answer = client.get("/units/")
    page = answer.content.decode()

    assert (answer.status_code, answer["X-Request-ID"] in page) == (500, True)
    assert [word for word in (SECRET, "10.0.0.5", "OperationalError", "Traceback", "ledger") if word in page] == []
    assert page.count("<script nonce=") == page.count("<script")
    assert "unit" not in page.split("<body")[1].lower()


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "heading"), [(400, "请求不完整"), (404, "找不到这一页"), (403, "没有这项权限")])
def test_each_refusal_is_a_plain_page(
    browse: Callable[[User], Client], officer: User, settings: Settings, status: int, heading: str
) -> None:
    settings.DEBUG = False
    address = {400: "/units/?q=%00", 404: "/units/0/", 403: reverse("stations:people")}[status]
    client = browse(officer)
    client.raise_request_exception = False
    page = client.get(address)

    assert (page.status_code, page.content.decode().count("<h1>")) == (status, 1)
    assert "Traceback" not in page.content.decode()
    assert "DEBUG" not in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"csp-report": {"violated-directive": "script-src", "blocked-uri": OUTSIDE, "script-sample": "sample"}},
        [{"type": "csp-violation", "body": {"effectiveDirective": "script-src", "blockedURL": OUTSIDE}}],
    ],
)  # fmt: skip
def test_a_report_is_one_line_without_query_or_sample(
    client: Client, caplog: pytest.LogCaptureFixture, body: object
) -> None:
    answer = client.post(REPORT, json.dumps(body), content_type="application/csp-report")

    assert (answer.status_code, answer.content) == (204, b"")
    (line,) = [each.getMessage() for each in caplog.records if each.name == "fire_supervision.answers"]
    assert ("script-src" in line, "https://x.example/a" in line) == (True, True)
    assert [word for word in ("token=1", "sample", "\n") if word in line] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 7_000, b"null", b'{"csp-report": "x"}', b'[1, {"body": 3}]',
     b"\xff", b'{"body": {}}' + b" " * 9_000],
)  # fmt: skip
def test_a_report_that_is_none_is_answered_alike_and_not_written(
    client: Client, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert client.post(REPORT, body, content_type="application/reports+json").status_code == 204
    assert [each for each in caplog.records if each.name == "fire_supervision.answers"] == []


@pytest.mark.django_db
def test_no_line_of_the_log_can_be_made_by_a_report(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    body = {"csp-report": {"violated-directive": "x\n2026-01-01 ERROR made up\x1b[31m" + "y" * 500}}
    client.post(REPORT, json.dumps(body), content_type="application/csp-report")

    (line,) = [each.getMessage() for each in caplog.records if each.name == "fire_supervision.answers"]
    assert ("\n" in line, "\x1b" in line, len(line) < 250) == (False, False, True)
    assert Client().get(REPORT).status_code == 405


@pytest.mark.django_db
def test_an_address_that_takes_forms_alone_says_so_when_it_is_opened(
    browse: Callable[[User], Client], officer: User
) -> None:
    page = browse(officer).get(reverse("stations:logout"))

    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "<h1>" in page.content.decode()
    assert "这个地址不能直接打开" in page.content.decode()
    other = Client().generic("TRACE", "/units/")
    assert (other.status_code, other["Allow"], "<h1>" in other.content.decode()) == (405, "GET, HEAD, POST", True)
