"""What the page of a paper says of the signatures on it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from records.canonical import digest
from records.models import Document, Kind
from records.samples.visit import ORDER_LIMIT, STROKES
from stations.models import User

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
CONTENT = {
    "unit": {"name": ORDER_LIMIT["unit_name"]},
    "visited_on": "2026-09-22",
    "officers": ORDER_LIMIT["officers"],
    "remark": "",
    "findings": [{"wording": row["detail"], "violates": row["violates"]} for row in ORDER_LIMIT["problems"]],
}
LEAD = {
    "name": "李建平", "at": "2026-09-22T10:30:00+08:00", "place": "裕华路180号", "latitude": "30.1234",
    "longitude": "120.1234", "held_by": "李建平（040101）", "sha256": digest(CONTENT),
    "strokes_sha256": digest(STROKES),
}  # fmt: skip


def signed(**given: str) -> dict[str, object]:
    by = {"lead": LEAD | given}
    signatures = {"lead": STROKES, "second": None}
    return ORDER_LIMIT | {"signatures": signatures, "signed": {"content": CONTENT, "sha256": digest(CONTENT), "by": by}}


def page(paper: Document, browse: Callable[[User], Client], officer: User) -> str:
    return browse(officer).get(reverse("records:document", args=[paper.pk])).content.decode()


def test_who_signed_when_where_and_on_whose_screen(
    issue: Issue, browse: Callable[[User], Client], officer: User
) -> None:
    shown = page(issue(context=signed()), browse, officer)
    assert "2026年9月22日10时30分，裕华路180号，30.1234，120.1234，李建平（040101）的设备" in shown
    assert ("与内容一致" in shown, "与内容不一致" in shown, "未绑定" in shown) == (True, False, False)


def test_a_signature_of_something_else_is_said_aloud(
    issue: Issue, browse: Callable[[User], Client], officer: User
) -> None:
    shown = page(issue(context=signed(sha256="0" * 64)), browse, officer)
    assert ("与内容不一致" in shown, "未绑定" in shown) == (True, False)


def test_a_signature_from_before_is_bound_to_nothing(
    issue: Issue, browse: Callable[[User], Client], officer: User
) -> None:
    shown = page(issue(context=ORDER_LIMIT | {"signed": {}}), browse, officer)
    assert (shown.count("未绑定（旧记录）"), "与内容" in shown) == (2, False)


def test_a_paper_signed_by_hand_shows_none(issue: Issue, browse: Callable[[User], Client], officer: User) -> None:
    unsigned = dict.fromkeys(("lead", "second"))
    assert "的设备" not in page(issue(context=ORDER_LIMIT | {"signatures": unsigned}), browse, officer)


def test_who_signs_in_the_act_itself_is_bound_to_the_paper(
    issue: Issue, browse: Callable[[User], Client], officer: User
) -> None:
    paper = issue(kind=Kind.ORDER_LIMIT, context=ORDER_LIMIT | {"signatures": {"party_b": STROKES}})
    assert page(paper, browse, officer).count("与内容一致") == 1
    Document.objects.filter(pk=paper.pk).update(context=paper.context | {"visited_on": "2026-09-21"})
    assert page(paper, browse, officer).count("与内容不一致") == 1
