"""A signature is bound to what stood on the screen, to the minute, the place and the holder of the screen."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadlines.models import CalendarDay
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from hazards.actions import conclude
from inspections import actions
from inspections.entries import People
from inspections.missing import missing
from inspections.models import ChecklistItem, Finding, HazardType, Inspection, Signature, Signer
from inspections.papers import people_context, record_context, seen_digest, signed_content, signed_digest
from inspections.rules import sheet_of
from records import signatures
from records.canonical import digest
from records.fills import ticked_of
from records.models import Document
from records.signatures import Place
from stations.models import User
from tests.examples import examples
from tests.inspections.conftest import AT, STROKES
from trail.models import AuditEntry

Item = Callable[[str], ChecklistItem]
Find = Callable[[Inspection], Finding]
BRIGADE = "江城市消防救援大队"
TICKED = [{"no": 5, "chosen": ["封闭"]}]
NOTED = {"no": 1, "detail": "一层北侧后门安全出口锁闭1处", "violates": "消防法第28条"}
DOOR = Place("北大街62号", "30.1234", "120.1234")


@pytest.fixture
def signed(ready: Inspection, officer: User, people: People, find: Find) -> Inspection:
    """One hazard, nothing missing, signed by all three on the screen of the leading officer."""
    find(ready)
    actions.set_people(ready, officer, replace(people, ink=False, remark="已口头提醒。"))
    for signer in Signer:
        actions.sign(ready, officer, signer, STROKES, AT, place=DOOR)
    return Inspection.objects.get(pk=ready.pk)


def frozen(inspection: Inspection, **changed: object) -> Document:
    """The record as it would be kept: through JSON and back."""
    context = record_context(inspection, orders=[], referral_items=[]) | changed
    return Document(context=json.loads(json.dumps(context)))


def agreeing(inspection: Inspection, **changed: object) -> list[bool | None]:
    return [each.agrees for each in signatures.check(frozen(inspection, **changed))]


def test_it_keeps_content_minute_place_and_holder(signed: Inspection, officer: User) -> None:
    bound = signed_digest(signed)
    rows = Signature.objects.values_list(
        "name", "context_sha256", "signed_at", "place", "latitude", "longitude", "held_by"
    )
    place = ("北大街62号", "30.1234", "120.1234", officer.pk)
    assert list(rows.order_by("pk")) == [(name, bound, AT, *place) for name in ("李建平", "张海涛", "刘桂香")]
    entry = AuditEntry.objects.filter(action="inspections.sign").latest("pk")
    assert entry.after == {"signer": "COMPANION", "sha256": bound}


def test_what_is_signed_is_the_record_without_numbers_additions_and_signatures(signed: Inspection) -> None:
    content = signed_content(signed, sheet_of(signed))
    record = record_context(signed, orders=[], referral_items=[])
    assert set(record) - set(content) == {"issued_on", "orders", "referrals", "signatures", "signed"}
    noted = {"findings", "receivers"}
    assert {key: record[key] for key in content if key not in noted} == {
        key: content[key] for key in content if key not in noted
    }
    assert content["findings"] == [
        {
            "wording": "一层北侧后门安全出口锁闭1处", "offence": HazardType.objects.get(code="EV02").name,
            "violates": "消防法第28条", "mode": "NOW", "days": 0, "until": "", "fixed": True, "box": 5,
            "chosen": ["封闭"],
        }
    ]  # fmt: skip
    assert content["receivers"] == []


def test_every_paper_proves_by_itself_who_signed_it(signed: Inspection) -> None:
    checked = signatures.check(frozen(signed))
    assert [(each.label, each.name, each.agrees) for each in checked] == [
        ("检查人", "李建平", True), ("第二检查人", "张海涛", True), ("随同人员", "刘桂香", True),
    ]  # fmt: skip
    assert (checked[0].at, checked[0].place, checked[0].held_by) == (
        "2026-09-25T10:30:00+08:00", "北大街62号，30.1234，120.1234", "李建平（100001）",
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"visited_on": "2026-09-24"},
        {"companion": {"name": "刘桂花", "post": "店主"}},
        {"officers": [{"name": "李建平", "certificate": "江公证100001"}]},
        {"remark": "另有说明"},
        {"witness": "邻居"},
        {"unit_name": "另一家"},
        {"problems": [{"no": 1, "detail": "没有签过的隐患", "violates": "消防法第28条"}]},
        {"problems": []},
        {"problems": [NOTED, NOTED | {"no": 2}]},
        {"problems": [NOTED | {"offence": "别的违法行为"}]},
        {"problems": [NOTED], "deadlines": [{"items": [1], "on": "2030-01-01"}]},
        {"deadlines": [{"items": [1], "on": "2030-01-01"}]},
        {"referrals": [{"items": [1], "to": "住房和城乡建设主管部门"}]},
        {"sections": []},
        {"problems": [NOTED], "ticked": []},
        {"problems": [NOTED], "ticked": [{"no": 5, "chosen": []}]},
        {"problems": [NOTED], "ticked": [{"no": 10, "chosen": ["封闭"]}]},
        {"problems": [NOTED], "ticked": [*TICKED, {"no": 12, "chosen": []}]},
    ],
)
def test_a_paper_that_says_anything_else_does_not_agree(signed: Inspection, changed: dict[str, object]) -> None:
    assert agreeing(signed) == [True, True, True]
    assert agreeing(signed, **changed) == [False, False, False]


@pytest.fixture
def notice(ready: Inspection, officer: User, people: People, find: Find) -> Document:
    """限期改正 within eight days, drawn on a screen and issued: 2026-09-25 and eight days lead into 国庆."""
    find(ready)
    ready.findings.update(mode="LIMIT", days=8, fixed_on_spot=False)
    actions.set_people(ready, officer, replace(people, ink=False))
    for signer in Signer:
        actions.sign(ready, officer, signer, STROKES, AT, place=DOOR)
    return conclude(Inspection.objects.get(pk=ready.pk), officer, {}, AT)[0]


def checked(notice: Document, **changed: object) -> list[bool | None]:
    return [each.agrees for each in signatures.check(Document(context=notice.context | changed))]


def test_a_notice_agrees_with_the_days_that_were_signed(notice: Document) -> None:
    assert notice.kind == "ORDER_LIMIT"
    assert notice.context["deadlines"] == [{"items": [1], "on": "2026-10-08"}]
    assert checked(notice) == [True, True]


def test_a_notice_names_nobody_of_the_unit_who_signed_the_check(notice: Document) -> None:
    assert notice.context.keys() & {"companion", "refusal", "witness"} == set()
    drawn = [list(notice.context["signatures"]), list(notice.context["signed"]["by"])]
    assert drawn == [["lead", "second"]] * 2
    # The officers signed all of the visit, with who came along.
    assert notice.context["signed"]["content"]["companion"] == {"name": "刘桂香", "post": "店主"}


def test_a_notice_from_before_is_checked_with_the_companion_it_names(notice: Document) -> None:
    visit = record_context(Inspection.objects.get(), orders=[], referral_items=[])
    before = {key: visit[key] for key in ("companion", "refusal", "witness", "signatures", "signed")}
    assert checked(notice, **before) == [True, True, True]
    assert checked(notice, **before | {"companion": {"name": "刘桂花", "post": "店主"}}) == [False, False, False]
    assert checked(notice, **before | {"refusal": "拒绝签名"}) == [False, False, False]


@pytest.mark.parametrize(
    "changed",
    [
        {"deadlines": [{"items": [1], "on": "2030-01-01"}]},
        {"deadlines": [{"items": [1], "on": "2026-10-02"}]},
        {"deadlines": [{"items": [1], "on": "2026-10-09"}]},
        {"deadlines": [{"items": [1], "on": "2026-10-08"}, {"items": [1], "on": "2026-10-09"}]},
        {"deadlines": [{"items": [1, 2], "on": "2026-10-08"}]},
        {"deadlines": []},
        {"problems": []},
        {"problems": [NOTED | {"offence": "别的违法行为"}]},
        {"problems": [NOTED], "deadlines": [{"items": [2], "on": "2026-10-08"}]},
    ],
)
def test_a_notice_that_says_anything_else_does_not_agree(notice: Document, changed: dict[str, object]) -> None:
    assert checked(notice, **changed) == [False, False]


# What contents lacked: before the last day, the box and the receivers were kept, and before offences were.
FORMER = [{"until", "box", "chosen"}, {"until", "box", "chosen", "offence"}]


def of_former_times(content: dict[str, Any], lacked: set[str]) -> dict[str, Any]:
    former = json.loads(json.dumps({key: content[key] for key in content if key != "receivers"}))
    for finding in former["findings"]:
        for key in lacked:
            del finding[key]
    return former


@pytest.mark.parametrize("lacked", FORMER)
def test_a_notice_signed_before_all_of_it_was_kept_still_agrees(notice: Document, lacked: set[str]) -> None:
    signed = json.loads(json.dumps(notice.context["signed"]))
    now, former = signed["content"], of_former_times(signed["content"], lacked)
    for given_ in signed["by"].values():
        given_["sha256"] = digest(former)
    for content in (former, now):
        old = signed | {"content": content}
        # Of the day nothing was signed but its period, whatever stands beside it by now.
        assert checked(notice, signed=old, deadlines=[{"items": [1], "on": "2026-10-09"}]) == [True, True]
        assert checked(notice, signed=old, deadlines=[{"items": [1], "on": "2030-01-01"}]) == [False, False]


def test_what_is_put_beside_the_content_later_makes_no_signature_an_older_one(notice: Document) -> None:
    signed = json.loads(json.dumps(notice.context["signed"]))
    signed["content"] = of_former_times(signed["content"], FORMER[0])
    assert checked(notice, signed=signed) == [False, False]


@pytest.mark.parametrize("lacked", FORMER)
def test_signatures_given_before_all_of_it_was_kept_do_not_fall(
    signed: Inspection, officer: User, lacked: set[str]
) -> None:
    former = of_former_times(signed_content(signed, sheet_of(signed)), lacked)
    signed.signatures.update(context_sha256=digest(former))
    assert missing(signed) == []
    assert agreeing(signed) == [True, True, True]
    assert actions.submit(signed, officer, AT).state == "SUBMITTED"


def test_what_is_added_when_the_paper_is_issued_agrees(signed: Inspection) -> None:
    orders = [{"title": "责令立即改正通知书", "number": "1"}]
    remark = "已口头提醒。已当场改正：一层北侧后门安全出口锁闭1处。"
    assert agreeing(signed, remark=remark, orders=orders, number="2") == [True] * 3


def test_a_notice_of_what_was_noted_and_a_referral_of_what_was_noted_to_be_referred_agree(signed: Inspection) -> None:
    assert agreeing(signed, problems=[NOTED], ticked=TICKED) == [True] * 3
    signed.findings.update(mode="", fixed_on_spot=False)
    assert signed_content(signed, sheet_of(signed))["receivers"] == ["住房和城乡建设主管部门"] * 2 + [BRIGADE]
    signed.signatures.update(context_sha256=signed_digest(signed))
    assert agreeing(signed, referrals=[{"items": [1], "to": "住房和城乡建设主管部门"}]) == [True] * 3
    assert agreeing(signed, referrals=[{"items": [3], "to": BRIGADE}]) == [True] * 3
    assert agreeing(signed, referrals=[{"items": [1, 2], "to": "住房和城乡建设主管部门"}]) == [False] * 3
    assert agreeing(signed, referrals=[{"items": [1], "to": BRIGADE}]) == [False] * 3
    assert agreeing(signed, referrals=[{"items": [3], "to": "住房和城乡建设主管部门"}]) == [False] * 3


def test_a_record_that_leaves_out_a_hazard_or_a_part_does_not_agree(signed: Inspection) -> None:
    sections = frozen(signed).context["sections"]
    unnamed = [
        section | {"rows": [row | {"note": row["note"].replace("安全出口锁闭", "")} for row in section["rows"]]}
        for section in sections
    ]
    assert agreeing(signed, sections=unnamed) == [False] * 3
    # Also where the part it stands in is not there to be compared.
    for part in ("sections", "unit", "refusal", "companion"):
        paper = frozen(signed)
        del paper.context[part]
        assert [each.agrees for each in signatures.check(paper)] == [False] * 3


def test_a_calendar_changed_between_signing_and_issuing_asks_for_new_signatures(
    ready: Inspection, officer: User, people: People, find: Find
) -> None:
    find(ready)
    ready.findings.update(mode="LIMIT", days=8, fixed_on_spot=False)
    row = actions.set_people(ready, officer, replace(people, ink=False))
    for signer in Signer:
        actions.sign(row, officer, signer, STROKES, AT, place=DOOR)
    assert missing(row) == []
    CalendarDay.objects.update_or_create(day=date(2026, 10, 8), defaults={"kind": "OFF", "name": "调休"})
    with pytest.raises(RuleError, match="签名以后内容有改动"):
        conclude(row, officer, {}, AT)
    for signer in Signer:
        actions.sign(row, officer, signer, STROKES, AT, place=DOOR)
    notice = conclude(row, officer, {}, AT)[0]
    assert notice.context["deadlines"] == [{"items": [1], "on": "2026-10-09"}]
    assert checked(notice) == [True, True]


def test_a_hand_put_under_another_name_does_not_agree(signed: Inspection) -> None:
    paper = frozen(signed)
    other = {"width": 300, "height": 160, "strokes": [[[1, 1, 0], [99, 99, 9]]]}
    paper.context["signatures"]["lead"] = other
    paper.context["signed"]["by"]["second"]["name"] = "刘桂香"
    assert [each.agrees for each in signatures.check(paper)] == [False, False, True]


def test_a_signature_from_before_is_shown_as_bound_to_nothing(signed: Inspection) -> None:
    Signature.objects.update(context_sha256="", held_by=None, place="", latitude="", longitude="")
    checked = signatures.check(frozen(signed))
    assert [(each.name, each.held_by, each.place, each.agrees) for each in checked] == [
        (name, "", "", None) for name in ("李建平", "张海涛", "刘桂香")
    ]
    bare = frozen(signed, signed={})
    assert [(each.name, each.agrees) for each in signatures.check(bare)] == [
        ("李建平", None), ("张海涛", None), ("刘桂香", None),
    ]  # fmt: skip


def test_nothing_is_checked_where_nobody_drew(ready: Inspection) -> None:
    assert signatures.check(frozen(ready)) == []
    assert people_context(ready)["signed"] == {}


def test_a_change_the_code_forgot_is_caught_when_the_visit_is_finished(signed: Inspection, officer: User) -> None:
    assert missing(signed) == []
    signed.findings.update(days=3)
    with pytest.raises(RuleError) as refusal:
        actions.submit(signed, officer, AT)
    assert (refusal.value.message, refusal.value.remedy) == (
        "检查人、第二检查人、随同人员签名以后内容有改动", "请重新签名。",
    )  # fmt: skip
    assert next((gap.words, gap.anchor) for gap in missing(signed)) == (
        "检查人签名以后内容有改动，请重新签名", "sign-LEAD",
    )  # fmt: skip
    for signer in Signer:
        actions.sign(signed, officer, signer, STROKES, AT, place=DOOR)
    assert actions.submit(signed, officer, AT).state == "SUBMITTED"


def test_a_name_corrected_in_the_ledger_asks_for_new_signatures(signed: Inspection, officer: User) -> None:
    type(signed.unit).objects.filter(pk=signed.unit_id).update(name="万家福超市")
    with pytest.raises(RuleError, match="签名以后内容有改动"):
        actions.submit(signed, officer, AT)


def fallen() -> list[tuple[str, list[str]]]:
    entries = AuditEntry.objects.filter(action="inspections.unsign").order_by("pk")
    return [(entry.summary, sorted(entry.before)) for entry in entries]


def test_signatures_that_fall_with_a_change_are_named_once(signed: Inspection, officer: User, item: Item) -> None:
    actions.answer(signed, officer, item("exit"), "缺少", "东侧只有一个")
    words = "签名失效：检查人李建平、第二检查人张海涛、随同人员刘桂香"
    assert fallen() == [(words, ["COMPANION", "LEAD", "SECOND"])]
    actions.answer(signed, officer, item("exit"), "缺少", "西侧只有一个")
    assert len(fallen()) == 1


def test_other_people_or_a_signature_taken_back_leave_their_entry(
    signed: Inspection, officer: User, people: People
) -> None:
    same = replace(people, ink=False, remark="已口头提醒。")
    actions.set_people(signed, officer, same)
    assert fallen() == []
    actions.sign(signed, officer, Signer.LEAD, None, AT)
    actions.sign(signed, officer, Signer.LEAD, None, AT)
    assert fallen() == [("签名失效：检查人李建平", ["LEAD"])]
    actions.set_people(signed, officer, replace(same, remark="另行通知。"))
    assert fallen()[1:] == [("签名失效：第二检查人张海涛、随同人员刘桂香", ["COMPANION", "SECOND"])]


def test_in_ink_nothing_is_bound_and_nothing_outdated(signed: Inspection, officer: User, people: People) -> None:
    row = actions.set_people(signed, officer, people)
    row.findings.update(days=3)
    assert actions.submit(row, officer, AT).state == "SUBMITTED"


def test_a_screen_that_shows_something_else_is_not_signed_on(
    ready: Inspection, officer: User, partner: User, item: Item
) -> None:
    shown = seen_digest(ready)
    actions.answer(ready, partner, item("exit"), "缺少", "东侧只有一个")
    with pytest.raises(Refusal) as refusal:
        actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR, seen=shown)
    assert [fault.field for fault in refusal.value.faults] == ["sign_lead"]
    assert not ready.signatures.exists()
    assert actions.sign(ready, officer, Signer.LEAD, STROKES, AT, place=DOOR, seen=seen_digest(ready)) is not None


@given(place=st.integers(0, 3), text=st.text("甲乙ab19　\n", min_size=1, max_size=4))
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_word_of_the_content_moves_without_the_hash(signed: Inspection, place: int, text: str) -> None:
    content = json.loads(json.dumps(signed_content(signed, sheet_of(signed))))
    path = [("remark",), ("unit", "address"), ("findings", 0, "wording"), ("sections", 0, "rows", 1, "note")][place]
    part = content
    for step in path[:-1]:
        part = part[step]
    before, old = digest(content), part[path[-1]]
    part[path[-1]] = old + text
    assert digest(content) != before
    part[path[-1]] = old
    assert digest(content) == before


# ---------- any notice ----------

DAYS = st.dates(date(2026, 9, 26), date(2026, 10, 25))
MODES = st.sampled_from(["NOW", "LIMIT"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Hazards as they were signed, and a notice of some of those of one mode."""
    mode = draw(MODES)
    findings = [
        {
            "wording": f"隐患{number}", "offence": f"行为{number}", "violates": "消防法第28条",
            "mode": (noted := mode if not number else draw(MODES)), "fixed": False, "days": 8,
            "until": draw(DAYS).isoformat() if noted == "LIMIT" else "", "box": draw(st.integers(1, 12)),
            "chosen": draw(st.lists(st.sampled_from("甲乙丙"), unique=True, max_size=2)),
        }
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    of_mode = [finding for finding in findings if finding["mode"] == mode]
    ordered = of_mode[: draw(st.integers(1, len(of_mode)))]
    problems = [
        {"no": no, "detail": row["wording"], "violates": row["violates"]} for no, row in enumerate(ordered, start=1)
    ]
    if mode == "NOW":
        boxes = [(row["box"], row["chosen"]) for row in ordered]
        return findings, {"problems": problems, "ticked": ticked_of(boxes)}
    dates = sorted({row["until"] for row in ordered})
    numbers = {day: [no for no, row in enumerate(ordered, start=1) if row["until"] == day] for day in dates}
    return findings, {"problems": problems, "deadlines": [{"items": numbers[day], "on": day} for day in dates]}


def agrees(findings: list[dict[str, Any]], notice: dict[str, Any]) -> bool | None:
    visit = {"visited_on": "2026-09-25", "officers": [{"name": "李建平", "certificate": "江公证100001"}]}
    content = visit | {"unit": {"name": "万家福"}, "remark": "", "findings": findings, "receivers": []}
    by = {"lead": {"name": "李建平", "sha256": digest(content), "strokes_sha256": digest(STROKES)}}
    signed = {"content": content, "sha256": digest(content), "by": by}
    context = visit | notice | {"unit_name": "万家福", "signatures": {"lead": STROKES}, "signed": signed}
    (given_,) = signatures.check(Document(context=context))
    return given_.agrees


@given(cases())
@settings(max_examples=examples(60))
def test_any_notice_of_what_was_signed_agrees(case: tuple[list[dict[str, Any]], dict[str, Any]]) -> None:
    assert agrees(*case) is True


@given(cases(), st.data())
@settings(max_examples=examples(60))
def test_any_other_day_box_or_hazard_does_not(
    case: tuple[list[dict[str, Any]], dict[str, Any]], data: st.DataObject
) -> None:
    findings, notice = case
    bent = json.loads(json.dumps(notice))
    what = data.draw(st.sampled_from(["problems", "deadlines" if "deadlines" in notice else "ticked"]))
    entry = data.draw(st.sampled_from(bent[what]))
    if what == "problems":
        entry[data.draw(st.sampled_from(["detail", "violates"]))] += "甲"
    elif what == "ticked":
        entry["no"] += data.draw(st.sampled_from([-12, 12]))
    else:
        days = data.draw(st.integers(-14, 14).filter(bool))
        entry["on"] = (date.fromisoformat(entry["on"]) + timedelta(days=days)).isoformat()
    assert agrees(findings, bent) is False


# ---------- the page ----------


def url(inspection: Inspection) -> str:
    return reverse("inspections:people", args=[inspection.pk])


@pytest.fixture
def sent_form(partner: User) -> dict[str, object]:
    return {
        "second": partner.pk, "showed_id": "on", "companion": "刘桂香", "companion_post": "店主", "ink": "",
        "place": "北大街62号门口", "sign_lead": json.dumps(STROKES),
    }  # fmt: skip


def test_the_page_shows_the_last_day_that_is_signed_and_who_receives_what_is_handed_over(
    draft: Inspection, officer: User, find: Find, browse: Callable[[User], Client]
) -> None:
    find(draft)
    shown = []
    for mode, fields in (("LIMIT", {"days": 8}), ("NOW", {"days": 0}), ("", {"days": 0})):
        draft.findings.update(mode=mode, fixed_on_spot=False, **fields)
        page = browse(officer).get(url(draft)).content.decode()
        shown.append(("2026-10-08 届满" in page, f"由{BRIGADE}接收" in page))
    assert shown == [(True, False), (False, False), (False, True)]


def test_the_page_keeps_the_place_and_says_who_signed_when_and_on_whose_screen(
    draft: Inspection, officer: User, partner: User, sent_form: dict[str, object], browse: Callable[[User], Client]
) -> None:
    client = browse(partner) if draft.second_id else browse(officer)
    shown = client.get(url(draft)).context["seen"]
    sent = sent_form | {"seen": shown, "latitude": "30.1234", "longitude": "120.1234"}
    page = client.post(url(draft), sent, follow=True).content.decode()
    given_ = draft.signatures.get()
    assert (given_.place, given_.latitude, given_.longitude) == ("北大街62号门口", "30.1234", "120.1234")
    assert f"{localtime(given_.signed_at):%m-%d %H:%M}" in page
    assert "李建平的设备，北大街62号门口" in page


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_the_page_refuses_what_another_screen_showed_and_keeps_the_people(
    draft: Inspection, officer: User, sent_form: dict[str, object], browse: Callable[[User], Client], seen: str
) -> None:
    response = browse(officer).post(url(draft), sent_form | {"seen": seen}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "检查内容在打开签名页以后改过，签名没有保存（《电子签名法》第13条）。请核对后重新签名。"
    ]
    draft.refresh_from_db()
    assert (draft.companion, draft.signatures.count()) == ("刘桂香", 0)


@pytest.mark.parametrize("degrees", ["north", "30.12345", "1" * 20])
def test_a_place_that_is_none_is_not_kept(
    draft: Inspection, officer: User, sent_form: dict[str, object], browse: Callable[[User], Client], degrees: str
) -> None:
    sent = sent_form | {"seen": seen_digest(draft), "latitude": degrees, "longitude": "120.1"}
    assert list(browse(officer).post(url(draft), sent).context["form"].errors) == ["latitude"]
    assert draft.signatures.count() == 0


def test_whose_signature_fell_is_said(
    draft: Inspection, officer: User, sent_form: dict[str, object], browse: Callable[[User], Client]
) -> None:
    client = browse(officer)
    sent = sent_form | {"seen": seen_digest(draft)}
    client.post(url(draft), sent, follow=True)
    response = client.post(url(draft), sent | {"remark": "已口头提醒"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "内容有改动，检查人先前的签名已取消，没有重签的请重新签名", "已保存",
    ]  # fmt: skip
    assert draft.signatures.count() == 0
