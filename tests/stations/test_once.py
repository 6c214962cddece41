"""One stamp and one reason for one act, also when several requests come at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from fire_supervision.lib.errors import RuleError
from stations import exports, step_up
from stations.http import requires
from stations.models import User
from stations.permissions import Can
from stations.sessions import GIVEN, SessionStore

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 22, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LIST = "/units/?export=xlsx"
Ask = Callable[..., HttpRequest]


@pytest.fixture(autouse=True)
def _at_nine(settings: Settings) -> Any:
    settings.STEP_UP = True
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ask(rf: RequestFactory, chief: User) -> Ask:
    """A request that has read the session already, as one that came at the same time as others."""
    first = SessionStore()
    step_up.prove(first, NOW, Can.VOID_PAPERS)
    step_up.prove(first, NOW, Can.EXPORT)
    exports.give(first, LIST, "月度台账核对", NOW)
    first.save()

    def asked(path: str = "/void/", *, method: str = "post") -> HttpRequest:
        request = getattr(rf, method)(path)
        request.user, request.session = chief, SessionStore(first.session_key)
        assert request.session["proved_at"] == NOW.isoformat()
        return request  # type: ignore[no-any-return] # RequestFactory's methods by name

    return asked


def fresh(request: HttpRequest) -> SessionStore:
    return SessionStore(request.session.session_key)


def close(request: HttpRequest) -> None:
    """What the middleware does after the answer."""
    if request.session.modified:
        request.session.save()


@requires(Can.VOID_PAPERS)
def void(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": "/done/"})


@requires(Can.VOID_PAPERS)
def correct(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=422)


@requires(Can.VOID_PAPERS)
def refuse(request: HttpRequest) -> HttpResponse:
    raise RuleError("不能作废")


@requires(Can.VIEW_UNITS)
def table(request: HttpRequest) -> HttpResponse:
    return HttpResponse(exports.reason_of(request), headers={"Content-Disposition": "attachment"})


def test_of_requests_at_once_one_uses_the_stamp_and_the_others_are_asked(ask: Ask) -> None:
    requests = [ask() for _ in range(3)]

    said = [void(request)["Location"].partition("?")[0] for request in requests]

    assert said == ["/done/", "/step-up/", "/step-up/"]


def test_the_stamp_is_gone_while_the_act_still_runs(ask: Ask) -> None:
    second, seen = ask(), []

    @requires(Can.VOID_PAPERS)
    def slow(request: HttpRequest) -> HttpResponse:
        seen.append(void(second)["Location"].partition("?")[0])
        return HttpResponse(status=302)

    slow(ask())

    assert seen == ["/step-up/"]


def test_of_requests_at_once_one_takes_the_file_for_the_reason(ask: Ask) -> None:
    one, two = ask(LIST, method="get"), ask(LIST, method="get")

    assert table(one).content.decode() == "月度台账核对"
    assert table(two)["Location"].partition("?")[0] == "/export/"
    close(one)
    assert GIVEN not in fresh(one)
    assert list(fresh(one)["stamps"]) == [Can.VOID_PAPERS]


def test_a_request_that_began_before_brings_nothing_back(ask: Ask) -> None:
    late, one, two = ask(), ask(), ask(LIST, method="get")
    late.session["other"] = 1
    void(one)
    close(one)
    table(two)
    close(two)

    close(late)

    assert (fresh(late)["stamps"], fresh(late)["other"], GIVEN in fresh(late)) == ({}, 1, False)


def test_a_stamp_given_meanwhile_stays(ask: Ask) -> None:
    late, one = ask(), ask()
    step_up.prove(late.session, datetime(2026, 9, 22, 9, 1, tzinfo=NOW.tzinfo), Can.VOID_PAPERS)
    void(one)
    close(one)

    close(late)

    assert set(fresh(late)["stamps"]) == {Can.VOID_PAPERS, Can.EXPORT}


def test_a_form_to_correct_gives_the_stamp_back(ask: Ask) -> None:
    request = ask()
    assert correct(request).status_code == 422
    close(request)

    assert void(ask())["Location"] == "/done/"


@pytest.mark.parametrize("whole", [False, True])
def test_a_refusal_gives_the_stamp_back(ask: Ask, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", whole)
    request, before = ask(), ask()
    with pytest.raises(RuleError):
        refuse(request)
    if whole:  # what the end of the request's transaction does
        cast(SessionStore, before.session).row.save()  # type: ignore[union-attr]
    close(request)

    assert void(ask())["Location"] == "/done/"


def test_a_refused_request_brings_no_stamp_back_that_another_used(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    refused, rolled_back, other = ask(), ask(), None
    with pytest.raises(RuleError):
        refuse(refused)
    cast(SessionStore, rolled_back.session).row.save()  # type: ignore[union-attr]
    other = ask()
    void(other)
    close(other)

    close(refused)

    assert list(fresh(other)["stamps"]) == [Can.EXPORT]


def test_some_other_change_of_the_session_is_no_reason_to_ask(ask: Ask) -> None:
    request, other = ask(), ask()
    other.session["other"] = 1
    close(other)

    assert void(request)["Location"] == "/done/"
    close(request)
    assert fresh(request)["other"] == 1


def test_looking_at_the_form_uses_nothing(ask: Ask, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = ask(method="get")

    with django_assert_num_queries(0):
        assert correct(request).status_code == 422
    assert request.session.modified is False


def test_using_a_stamp_costs_one_query(ask: Ask, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = ask()

    with django_assert_num_queries(1):
        void(request)
