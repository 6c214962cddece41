"""The gate before a 送达回证 and a 举报登记: what each way of serving leaves, who served, who checked."""

from collections.abc import Callable
from typing import Any

import pytest

from fire_supervision.lib.refusals import Fault, Refusal
from records.fields import WAYS
from records.gate import check
from records.models import Document, Kind
from records.samples import complaint, service
from records.samples.visit import OFFICERS
from tests.records.test_gate import with_at

Context = dict[str, Any]
RECEIPTS: dict[str, Context] = {
    sample.context["method"]["chosen"]: sample.context | {"officers": OFFICERS}
    for sample in service.SAMPLES
    if sample.kind == Kind.SERVICE_RECEIPT
}
ALONE = service.RECEIPT | {"officers": OFFICERS[:1], "assistant": "周小川", "recorder_no": "YY-07"}


def faults(context: Context, kind: Kind = Kind.SERVICE_RECEIPT) -> list[Fault]:
    return check(kind, context)


def fields(context: Context, kind: Kind = Kind.SERVICE_RECEIPT) -> list[str]:
    return [fault.field for fault in faults(context, kind)]


# ---------- 送达回证 ----------


def test_each_way_of_serving_has_a_sample() -> None:
    assert set(RECEIPTS) == set(WAYS) == set(service.WAYS)


@pytest.mark.parametrize("way", list(WAYS))
def test_what_a_way_of_serving_leaves_is_asked_for_at_its_field(way: str) -> None:
    assert fields(RECEIPTS[way]) == []
    for path, label in WAYS[way].items():
        (fault,) = faults(with_at(RECEIPTS[way], path, " "))
        assert (fault.field, fault.message, fault.basis) == (path, f"{way}须填写{label}", "程序规定第36条")


def test_what_the_form_has_no_box_for_is_no_way_of_serving() -> None:
    (fault,) = faults(with_at(service.RECEIPT, "method.chosen", "托人带去"))
    assert (fault.field, fault.message) == ("method.chosen", "没有“托人带去”这种送达方式")


@pytest.mark.parametrize(
    ("witness", "recorder_no", "refused"),
    [("", "", ["refusal.witness"]), ("／", "／", ["refusal.witness"]), ("李秀英", "", []), ("", "YY-03", [])],
)
def test_what_is_left_behind_needs_a_witness_or_a_recording(witness: str, recorder_no: str, refused: list[str]) -> None:
    context = with_at(RECEIPTS["留置送达"], "refusal.witness", witness) | {"recorder_no": recorder_no}
    assert fields(context) == refused


@pytest.mark.parametrize(
    ("assistant", "recorder_no", "refused"),
    [
        ("", "", ["assistant", "recorder_no"]),
        ("", "YY-07", ["assistant"]),
        ("周小川", "", ["recorder_no"]),
        ("周小川", "YY-07", []),
    ],
)
def test_one_officer_serves_with_an_assistant_and_a_recording(
    assistant: str, recorder_no: str, refused: list[str]
) -> None:
    found = faults(ALONE | {"assistant": assistant, "recorder_no": recorder_no})
    assert [(fault.field, fault.basis) for fault in found] == [(field, "程序规定第52条") for field in refused]
    twice = ALONE | {"assistant": assistant, "recorder_no": recorder_no, "officers": [OFFICERS[0], OFFICERS[0]]}
    assert fields(twice) == refused


def test_two_officers_need_neither_and_nobody_serves_without_one() -> None:
    assert fields(ALONE | {"officers": OFFICERS, "assistant": "", "recorder_no": ""}) == []
    assert fields(ALONE | {"officers": []}) == ["officers"]


@pytest.mark.parametrize(
    ("way", "path", "late", "at"),
    [
        ("邮寄送达", "sending.sent_on", "2026-09-26", "served_at"),
        ("委托送达", "sending.sent_on", "2026-09-26", "served_at"),
        ("电子送达", "electronic.consented_on", "2026-09-24", "served_at"),
        ("直接送达", "served_at", "2026-09-24T00:00+08:00", "issued_on"),
        ("公告送达", "notice.on", "2026-09-24", "issued_on"),
    ],
)
def test_each_step_of_a_service_comes_after_the_one_before(way: str, path: str, late: str, at: str) -> None:
    issued_on = "2026-09-25" if way in ("邮寄送达", "委托送达") else "2026-09-23"
    context = RECEIPTS[way] | {"issued_on": issued_on}
    assert fields(context) == []
    assert fields(with_at(context, path, late)) == [at]
    on_the_day = {"served_at": "2026-09-23T23:59+08:00"}.get(path, context["served_at"][:10] or issued_on)
    assert fields(with_at(context, path, on_the_day)) == []


@pytest.mark.django_db
def test_nothing_is_frozen_of_an_officer_who_served_alone(issue: Callable[..., Document]) -> None:
    for kind, context, field in (
        (Kind.SERVICE_RECEIPT, ALONE | {"assistant": ""}, "assistant"),
        (Kind.COMPLAINT, complaint.COMPLAINT | {"checkers": OFFICERS[:1]}, "checkers"),
    ):
        with pytest.raises(Refusal) as refused:
            issue(kind=kind, context=context)
        assert [fault.field for fault in refused.value.faults] == [field]
    assert not Document.objects.exists()
    assert issue(kind=Kind.SERVICE_RECEIPT, context=ALONE).sequence == 1


# ---------- 举报登记 ----------


@pytest.mark.parametrize(
    ("checkers", "named"), [([], 0), (OFFICERS[:1], 1), ([OFFICERS[0], OFFICERS[0]], 1)], ids=["none", "one", "twice"]
)
def test_a_complaint_is_checked_by_two_officers(checkers: list[Context], named: int) -> None:
    (fault,) = faults(complaint.COMPLAINT | {"checkers": checkers}, Kind.COMPLAINT)
    assert (fault.field, fault.basis) == ("checkers", "《行政处罚法》第42条")
    assert fault.message == f"核查须有 2 名执法人员，现在 {named} 名"
    assert fields(complaint.COMPLAINT | {"checkers": OFFICERS}, Kind.COMPLAINT) == []


@pytest.mark.parametrize("path", ["checked_at", "truth", "found"])
def test_a_check_says_when_it_was_and_what_it_found(path: str) -> None:
    assert fields(complaint.COMPLAINT | {path: ""}, Kind.COMPLAINT) == [path]


@pytest.mark.parametrize("path", ["name", "certificate"])
def test_who_checked_stands_there_with_name_and_certificate(path: str) -> None:
    nameless = with_at(complaint.COMPLAINT, f"checkers[1].{path}", "")
    assert fields(nameless, Kind.COMPLAINT) == [f"checkers[1].{path}"]


def test_what_the_station_has_to_check_is_not_filed_unchecked() -> None:
    unchecked = {"checked_at": "", "checkers": [], "truth": "", "found": "", "visited_on": ""}
    ours = complaint.COMPLAINT | unchecked
    assert fields(ours, Kind.COMPLAINT) == ["checked_at", "truth", "found", "checkers"]
    assert fields(ours | {"jurisdiction": "不属公安职责"}, Kind.COMPLAINT) == []


def test_what_was_moved_on_says_when_and_where_to() -> None:
    assert fields(complaint.COMPLAINT_AWKWARD, Kind.COMPLAINT) == []
    for path in ("transferred_at", "transferred_to"):
        assert fields(complaint.COMPLAINT_AWKWARD | {path: ""}, Kind.COMPLAINT) == [path]


def test_nothing_is_checked_before_it_was_reported() -> None:
    early = complaint.COMPLAINT | {"checked_at": "2026-09-22T09:00:00+08:00"}
    assert fields(early, Kind.COMPLAINT) == ["checked_at"]
