"""复查 is signed where it is registered: names drawn on the screen are bound to what the record says, or it is ink."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards import actions
from hazards.models import AfterPhoto, Hazard, Outcome, Reinspection
from hazards.recheck_papers import SIGNERS, shown_digest
from inspections.photos import Picture
from records import signatures
from records.canonical import SIGNING, digest
from records.fields import WITNESS_ALONE
from records.gate import check
from records.models import Document, Kind
from records.samples import case
from records.samples.visit import RECORD, STROKES
from records.signatures import NOWHERE, Place
from stations.models import Organisation, User
from tests.hazards.case_papers import AGAIN, Recheck, paper
from tests.hazards.conftest import moment

pytestmark = pytest.mark.usefixtures("certificates")
DOOR = Place("北大街62号门口", "30.1234", "120.1234")
OTHER = {"width": 300, "height": 160, "strokes": [[[1, 1, 0], [99, 99, 9]]]}
REFUSED = actions.Company(refusal="店主拒绝签名，已全程录音录像", witness="居委会赵德厚")
ALL = dict.fromkeys(SIGNERS, STROKES)


def drawn(*signers: str, seen: str | None = None) -> actions.Drawn:
    strokes = {signer: ALL[signer] for signer in signers or SIGNERS}
    return actions.Drawn(strokes, moment(AGAIN), DOOR, seen)


@pytest.fixture
def signed(opened: Reinspection, reinspect: Recheck) -> Document:
    """The second hazard is not corrected; three names on the officer's screen."""
    reinspect(opened, AGAIN, failed=(Hazard.objects.get(position=2),), remark="已口头督促", drawn=drawn())
    return paper(Kind.RECHECK_RECORD)


def agreeing(document: Document, **changed: Any) -> list[bool | None]:
    context = json.loads(json.dumps(document.context, cls=DjangoJSONEncoder)) | changed
    return [each.agrees for each in signatures.check(Document(context=context))]


def faults(refused: pytest.ExceptionInfo[Refusal]) -> list[tuple[str, str]]:
    return [(fault.field, fault.message) for fault in refused.value.faults]


# ---------- drawn on the screen ----------


def test_each_name_keeps_minute_place_and_holder_and_is_of_all_the_record_says_but_its_number(signed: Document) -> None:
    bound = signed.context["signed"]
    about = {
        "at": "2026-10-09T10:00:00+08:00", "place": "北大街62号门口", "latitude": "30.1234", "longitude": "120.1234",
        "held_by": "李建平（100001）", "sha256": bound["sha256"], "strokes_sha256": digest(STROKES),
    }  # fmt: skip
    names = {"lead": "李建平", "second": "张海涛", "companion": "刘桂香"}
    assert bound["by"] == {signer: {"name": name} | about for signer, name in names.items()}
    assert bound["content"] == {key: signed.context[key] for key in signed.context.keys() - SIGNING - {"number"}}
    assert bound["sha256"] == digest(bound["content"])
    assert signed.context["signatures"] == ALL


def test_whatever_the_record_says_otherwise_no_name_agrees_with(signed: Document) -> None:
    assert agreeing(signed) == [True, True, True]
    content = signed.context["signed"]["content"]
    told = {key: agreeing(signed, **{key: "改过"}) for key in content.keys() - {"officers", "companion"}}
    assert told == {key: [False, False, False] for key in told}
    assert len(told) == 20
    left_out = {key: value for key, value in signed.context.items() if key != "again_on"}
    assert [each.agrees for each in signatures.check(Document(context=left_out))] == [False, False, False]
    results = deepcopy(signed.context["results"])
    results[1]["result"]["chosen"] = "已改正"
    assert agreeing(signed, results=results) == [False, False, False]


def test_a_hand_put_in_the_place_or_under_the_name_of_another_does_not_agree(signed: Document) -> None:
    assert agreeing(signed, signatures=ALL | {"companion": OTHER}) == [True, True, False]
    others = [{"name": "王强", "certificate": "江公证100009"}, signed.context["officers"][1]]
    assert agreeing(signed, officers=others) == [False, False, False]
    named = deepcopy(signed.context["signed"])
    named["by"]["second"]["name"] = "王强"
    assert agreeing(signed, signed=named) == [True, False, True]


def test_what_is_signed_by_hand_is_bound_to_nothing(opened: Reinspection, reinspect: Recheck) -> None:
    reinspect(opened, AGAIN)
    context = paper(Kind.RECHECK_RECORD).context
    assert (context["signatures"], context["signed"]) == (dict.fromkeys(SIGNERS), {})


def test_on_the_screen_nobody_may_be_missing(opened: Reinspection, reinspect: Recheck) -> None:
    with pytest.raises(Refusal) as refused:
        reinspect(opened, AGAIN, drawn=drawn("second"))
    assert faults(refused) == [("sign_lead", "复查人没有签名"), ("sign_companion", "随同人员没有签名")]
    assert not Outcome.objects.exists()
    assert reinspect(opened, AGAIN, drawn=drawn()).done_on == AGAIN


def test_on_a_screen_that_is_nowhere_nobody_signs(opened: Reinspection, reinspect: Recheck) -> None:
    with pytest.raises(Refusal) as refused:
        reinspect(opened, AGAIN, drawn=replace(drawn(), place=NOWHERE))
    assert faults(refused) == [("place", "没有写明签名地点")]


def test_a_screen_that_showed_something_else_is_not_signed_on(
    opened: Reinspection, reinspect: Recheck, station: Organisation
) -> None:
    hazards = list(opened.order.hazards.order_by("position"))
    before = shown_digest(opened, hazards)
    opened.order.unit.address = "北大街64号"
    opened.order.unit.save(update_fields=["address"])
    with pytest.raises(Refusal) as refused:
        reinspect(opened, AGAIN, drawn=drawn(seen=before))
    assert faults(refused) == [("sign_lead", "单位、通知书或者隐患在打开这一页以后改过，签名没有保存")]
    assert reinspect(opened, AGAIN, drawn=drawn(seen=shown_digest(opened, hazards))).done_on == AGAIN


# ---------- nobody of the unit signs ----------


def test_who_refuses_or_is_absent_is_told_with_the_witness_and_nobody_signs_for_him(
    opened: Reinspection, reinspect: Recheck
) -> None:
    done = reinspect(opened, AGAIN, company=REFUSED, drawn=drawn())
    assert (done.refusal, done.witness, done.companion) == (REFUSED.refusal, REFUSED.witness, "")
    record = paper(Kind.RECHECK_RECORD)
    told = {key: record.context[key] for key in ("refusal", "witness", "companion")}
    assert told == {
        "refusal": "店主拒绝签名，已全程录音录像", "witness": "居委会赵德厚", "companion": {"name": "", "post": ""},
    }  # fmt: skip
    assert record.context["signatures"] == ALL | {"companion": None}
    assert [(each.label, each.agrees) for each in signatures.check(record)] == [("检查人", True), ("第二检查人", True)]


@pytest.mark.parametrize(
    ("company", "field", "words"),
    [
        (actions.Company(), "companion", "还没有填随同人员，也没有注明拒签或不在场的情况"),
        (actions.Company("刘桂香", refusal="／"), "refusal", "写明怎样拒签或者为什么不在场"),
        (actions.Company("刘桂香", witness="邻居赵德厚"), "witness", WITNESS_ALONE),
    ],
)
def test_somebody_came_along_or_it_is_said_in_words_why_not(
    company: actions.Company, field: str, words: str, opened: Reinspection, reinspect: Recheck
) -> None:
    with pytest.raises(Refusal) as refused:
        reinspect(opened, AGAIN, company=company)
    assert faults(refused) == [(field, words)]
    assert reinspect(opened, AGAIN, company=REFUSED).done_on == AGAIN


def test_everything_that_was_entered_wrongly_is_told_at_once(
    opened: Reinspection, reinspect: Recheck, officer: User
) -> None:
    with pytest.raises(Refusal) as refused:
        reinspect(opened, AGAIN, today=moment(AGAIN).date().replace(day=8), second=officer, company=actions.Company())
    assert [field for field, _ in faults(refused)] == ["done_on", "second", "companion"]


def test_the_gate_asks_for_who_came_along_too() -> None:
    lacking = case.RECHECK | {"companion": {"name": "", "post": ""}}
    assert [(fault.field, fault.remedy) for fault in check(Kind.RECHECK_RECORD, lacking)] == [
        ("companion.name", "返回登记复查结果改正。"),
    ]  # fmt: skip
    assert check(Kind.RECHECK_RECORD, lacking | {"refusal": "负责人不在场"}) == []


@pytest.mark.parametrize(("kind", "record"), [(Kind.RECHECK_RECORD, case.RECHECK), (Kind.INSPECTION_RECORD, RECORD)])
def test_the_gate_lets_no_witness_through_who_would_not_be_printed(kind: Kind, record: dict[str, object]) -> None:
    alone = record | {"witness": "邻居赵德厚"}
    assert [(fault.field, fault.message) for fault in check(kind, alone)] == [("witness", WITNESS_ALONE)]
    assert [fault.field for fault in check(kind, alone | {"refusal": "／"})] == ["witness"]
    assert check(kind, alone | {"refusal": "负责人拒绝签名"}) == []


# ---------- what a refusal leaves ----------


def test_a_record_that_is_refused_leaves_no_photograph(opened: Reinspection, reinspect: Recheck, settings: Any) -> None:
    hazards = list(opened.order.hazards.order_by("position"))
    seen = {row.pk: actions.Result(True, "", Picture(b"jpeg", "0" * 64, None)) for row in hazards}
    with pytest.raises(RuleError, match="放不下"):
        reinspect(opened, AGAIN, results=seen, company=actions.Company("刘" * 40))
    assert (AfterPhoto.objects.count(), list(settings.MEDIA_ROOT.rglob("*.jpg"))) == (0, [])
    reinspect(opened, AGAIN, results=seen)
    assert (AfterPhoto.objects.count(), len(list(settings.MEDIA_ROOT.rglob("*.jpg")))) == (2, 2)
    assert [row["photos"] for row in paper(Kind.RECHECK_RECORD).context["results"]] == [1, 1]
