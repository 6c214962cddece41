"""Lines of the log: whose request, no telephone or link whole, and in JSON one object each, whatever was in them."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from fire_supervision.logs import ACCESS_LINE, REQUEST_ID, Json, Text, config
from fire_supervision.middleware import request_facts
from stations.models import User
from trail.context import Origin, current_origin
from trail.models import AuditEntry

PHONE, MASKED = "13812345678", "138****5678"


@pytest.fixture
def in_a_request() -> Iterator[None]:
    token = current_origin.set(Origin("6f9a", "203.0.113.9"))
    yield
    current_origin.reset(token)


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    about = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("stations.backends", logging.WARNING, "x.py", 1, message, args, about)
    made.created, made.msecs, made.process = 1_795_000_000.25, 250.0, 7
    return made


def told(line: logging.LogRecord) -> dict[str, object]:
    written = Json().format(line)
    assert "\n" not in written
    found: dict[str, object] = json.loads(written)
    return found


def test_a_line_of_json_says_when_what_and_whose_request(in_a_request: None) -> None:
    assert told(record("no paper %s", "江公检第0001号")) == {
        "at": "2026-11-18T11:06:40.250+00:00", "level": "WARNING", "logger": "stations.backends",
        "message": "no paper 江公检第0001号", "process": 7, "request_id": "6f9a",
    }  # fmt: skip


def test_outside_a_request_it_says_of_none() -> None:
    assert told(record("swept"))["request_id"] == ""
    assert Text().format(record("swept")).endswith(" WARNING stations.backends swept")


def test_text_ends_with_the_number_of_its_request(in_a_request: None) -> None:
    assert Text().format(record("could not queue")).endswith(" WARNING stations.backends could not queue [6f9a]")


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
def test_a_telephone_or_id_card_is_masked_in_words_values_and_errors(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(f"no person {PHONE}")
    except ValueError as error:
        line = formatter.format(record(f"of {PHONE} and %s", "11010519491231002X", error=error))
    assert (line.count(MASKED), line.count("1101************2X")) == (2, 1)
    assert (PHONE in line, "11010519491231002X" in line, "ValueError" in line) == (False, False, True)


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
def test_a_link_that_would_open_a_notice_is_told_by_its_digest(formatter: logging.Formatter) -> None:
    token = "GzrQKY5000rLpTRfR2Qi6Q"
    line = formatter.format(record(f"GET /s/{token}/paper/ and %s", f"https://x.example/s/{token}/"))
    assert (line.count(f"/s/{sha256(token.encode()).hexdigest()[:16]}/"), token in line) == (2, False)


@given(st.text())
def test_whatever_is_written_stays_one_object_on_one_line(words: str) -> None:
    found = told(record("%s", words))
    assert (found["level"], list(found)) == (
        "WARNING", ["at", "level", "logger", "message", "process", "request_id"]
    )  # fmt: skip


def test_a_request_is_told_in_its_parts_and_without_what_was_searched() -> None:
    atoms = {
        "h": "203.0.113.9",
        "m": "GET",
        "U": f"/units/{PHONE}/",
        "s": "200",
        "B": 5120,
        "M": 31,
        REQUEST_ID: "6f9a",
    }
    found = told(record(ACCESS_LINE, atoms | {"q": "q=secret", "r": "GET /units/?q=secret HTTP/1.1"}))
    assert found["message"] == f"203.0.113.9 GET /units/{MASKED}/ 200 5120 31 6f9a"
    assert {name: found[name] for name in list(found)[5:]} == {
        "request_id": "6f9a", "address": "203.0.113.9", "method": "GET", "path": f"/units/{MASKED}/", "status": 200,
        "bytes": 5120, "milliseconds": 31,
    }  # fmt: skip


def test_what_a_view_logs_carries_the_number_its_answer_has(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    lines = []

    def view(request: HttpRequest) -> HttpResponse:
        lines.append(told(record("within")))
        return HttpResponse()

    answer = request_facts(view)(rf.get("/"))
    assert [line["request_id"] for line in lines] == [answer["X-Request-ID"]]


@pytest.mark.django_db
def test_who_signs_in_or_fails_to_is_told_by_the_trail_and_not_by_the_log(
    client: Client, officer: User, caplog: pytest.LogCaptureFixture
) -> None:
    """People type their password into the field of the number, and the log goes to more hands than the trail."""
    caplog.set_level(logging.DEBUG)
    for number, password in (("correct horse 4711", "x"), (officer.number, "x")):
        client.post(reverse("stations:login"), {"number": number, "password": password})
    assert AuditEntry.objects.filter(action="stations.sign_in_failed").exists()
    told = "\n".join(Text().format(line) for line in caplog.records)
    assert ("4711" in told, officer.number in told) == (False, False)


def test_another_form_is_refused_at_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is 'xml'; it is one of text, json"):
        config("xml", "INFO")


@pytest.mark.slow  # a process each
@pytest.mark.parametrize("written", ["text", "json"])
def test_django_writes_in_the_form_that_is_set(written: str) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('desk').warning('of 13812345678')"
    own = os.environ | {"LOG_FORMAT": written, "DJANGO_SETTINGS_MODULE": "fire_supervision.settings"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=own, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    if written == "json":
        assert json.loads(line)["message"] == f"of {MASKED}"
    else:
        assert line.endswith(f" WARNING desk of {MASKED}")
