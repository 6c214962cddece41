"""The two signatures of a 责任书 are bound to what it says, to the minute, the place and the holder of the screen."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from fire_supervision.lib.refusals import Refusal
from records import signatures
from records.canonical import digest
from records.models import Document
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User
from tests.units.pledges import signed
from units.models import Pledge, Unit

DOOR = Place("北大街62号门口", "30.1234", "120.1234")
OTHER = {"width": 300, "height": 160, "strokes": [[[1, 1, 0], [99, 99, 9]]]}


@pytest.fixture
def paper(unit: Unit, officer: User) -> Document:
    pledge = signed(unit, officer, place=DOOR)
    assert pledge.document is not None
    return pledge.document


def agreeing(paper: Document, **changed: Any) -> list[bool | None]:
    context = json.loads(json.dumps(paper.context, cls=DjangoJSONEncoder)) | changed
    return [each.agrees for each in signatures.check(Document(context=context))]


def test_both_hands_keep_content_minute_place_and_holder(paper: Document) -> None:
    bound = paper.context["signed"]
    about = {
        "at": "2026-09-22T10:00:00+08:00", "place": "北大街62号门口", "latitude": "30.1234", "longitude": "120.1234",
        "held_by": "李建平（100001）", "sha256": bound["sha256"], "strokes_sha256": digest(STROKES),
    }  # fmt: skip
    assert bound["by"] == {"party_a": {"name": "李建平"} | about, "party_b": {"name": "刘桂香"} | about}
    assert bound["sha256"] == digest(bound["content"])


def test_what_is_signed_is_the_pledge_without_its_number(paper: Document) -> None:
    assert bound_keys(paper) == set(paper.context) - {"number", "signatures", "signed"}
    content = paper.context["signed"]["content"]
    assert content == {key: paper.context[key] for key in content}


def bound_keys(paper: Document) -> set[str]:
    return set(paper.context["signed"]["content"])


@pytest.mark.parametrize(
    "changed",
    [
        {"until": "2036-09-21"},
        {"unit_name": "另一家"},
        {"party_a": "北大街社区居民委员会"},
        {"liability": "乙方不承担责任。"},
        {"terms": []},
        {"terms_version": 9},
    ],
)
def test_a_pledge_that_says_anything_else_does_not_agree(paper: Document, changed: dict[str, Any]) -> None:
    assert agreeing(paper) == [True, True]
    assert agreeing(paper, **changed) == [False, False]


def test_a_hand_put_in_the_place_or_under_the_name_of_another_does_not_agree(paper: Document) -> None:
    assert agreeing(paper, signatures={"party_a": STROKES, "party_b": OTHER}) == [True, False]
    assert agreeing(paper, signer_b={"name": "王强", "post": "店主"}) == [False, False]
    named = deepcopy(paper.context["signed"])
    named["by"]["party_a"]["name"] = "张海涛"
    assert agreeing(paper, signed=named) == [False, True]


def test_a_pledge_from_before_is_bound_to_its_paper_alone(paper: Document) -> None:
    del paper.context["signed"]
    assert [(each.label, each.name, each.agrees) for each in signatures.check(paper)] == [
        ("甲方", "", True), ("乙方", "", True),
    ]  # fmt: skip
    paper.context["until"] = "2036-09-21"
    assert [each.agrees for each in signatures.check(paper)] == [False, False]


def test_signed_by_hand_nothing_is_bound_and_nobody_is_asked_what_the_screen_showed(unit: Unit, officer: User) -> None:
    paper = signed(unit, officer, ink=True, seen="").document
    assert paper is not None
    assert (paper.context["signed"], signatures.check(paper)) == ({}, [])


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_a_screen_that_showed_something_else_is_not_signed_on(unit: Unit, officer: User, seen: str) -> None:
    with pytest.raises(Refusal) as refused:
        signed(unit, officer, seen=seen)
    assert [fault.field for fault in refused.value.faults] == ["sign_b"]
    assert not Pledge.objects.exists()
