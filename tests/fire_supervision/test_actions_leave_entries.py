"""Every act of the legal rooms, called once in the order of a case: which entries each leaves in the trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from assessments import bulletins
from assessments.actions import publish
from assessments.quarters import Quarter
from deadlines import actions as deadlines
from deadlines.models import CalendarYear, DayKind
from deadlines.seed import SeedDay
from deadlines.settling import RuleValues
from filings import actions as filings
from filings.models import Defect
from filings.month import Month
from hazards import actions as hazards
from hazards.models import Disposition, Hazard, Method, Order, ReferralResult, Reinspection, Service, Target
from hazards.plan import Decision
from inspections import actions as inspections
from inspections import complaining, complaint_reissuing
from inspections.complaint_entries import Told, Transfer
from inspections.entries import FindingDraft, People
from inspections.models import ComplaintCategory, Finding, HazardType, Inspection, Mode, Signer
from records import actions as records
from records import bundles, papers, sealing
from records.models import Document, Kind, ReviewState
from records.samples.visit import ORDER_LIMIT, RECORD, STROKES
from records.signatures import Place
from stations.models import Organisation, User
from tests.hazards.conftest import EVE, VISITED, find, moment, open_visit  # noqa: F401 - fixtures
from tests.inspections.complaints import CALLED, call, checked, received
from tests.inspections.conftest import picture
from tests.records.bundling import a_bundle
from tests.units.pledges import SIGNED, signing
from trail.models import AuditEntry
from units import pledging, terms
from units.models import Unit

NEXT_DAY, AFTER = date(2026, 9, 23), date(2026, 10, 9)
ROOMS = (
    inspections, complaining, complaint_reissuing, records, bundles, sealing, hazards, filings, deadlines, pledging,
    terms, bulletins,
)  # fmt: skip
# What one looks up, and what a clock or a number does inside the act that writes the entry.
NO_ACTS = {
    "review_key", "round_of", "start_clock", "start_clocks", "meet_clock", "reopen_clock", "cancel_clock",
    "describe_clock", "reassign", "bulletin_of", "draft_context", "terms_on", "versions_of", "check_reply",
}  # fmt: skip
# Where a room keeps its acts.
FILES = (
    "actions", "backlog", "bulletins", "bundles", "complaining", "complaint_reissuing", "dispatching", "extending",
    "keeping", "monthly", "numbering", "pledging", "rechecks", "referring", "reissuing", "reporting", "sealing",
    "serving", "settling", "sweeps", "terms", "voiding",
)  # fmt: skip
REVIEWED = "records.mark_reviewed"
REISSUED = ["records.void", "records.issue", "records.replace"]
ENTRIES: dict[str, list[str]] = {
    # A draft is nobody's act yet: what is written in it stands in the trail when it is finished or given up.
    "start": ["inspections.start"],
    "answer": [], "pass_rest": [], "undo_pass": [], "add_finding": [], "change_finding": [], "remove_finding": [],
    "set_people": [], "add_photo": [],
    "remove_photo": ["inspections.remove_photo"],
    "sign": ["inspections.sign"],
    "discard": ["inspections.discard"],
    "submit": ["inspections.submit"],
    "receive_complaint": ["inspections.receive_complaint"],
    "check_complaint": ["inspections.check_complaint"],
    # Told by then, it is dealt with: the register becomes a paper.
    "transfer_complaint": ["records.issue", "inspections.transfer_complaint"],
    "answer_complaint": ["records.issue", "inspections.answer_complaint"],
    "assign_complaint": ["inspections.assign_complaint"],
    "correct_complaint": ["inspections.correct_complaint"],
    "recategorise_complaint": ["inspections.recategorise_complaint"],
    "withdraw_complaint": ["inspections.withdraw_complaint"],
    "show_complainant": ["inspections.show_complainant"],
    "issue": ["records.issue"],
    "void": ["records.void"],
    "replace": ["records.replace"],
    "mark_reviewed": [REVIEWED],
    "add_scan": ["records.add_scan"],
    "set_start": ["records.set_start"],
    "set_seal": ["records.set_seal"],
    "end_seal": ["records.end_seal"],
    "set_pattern": ["records.set_pattern"],
    "drop_pattern": ["records.drop_pattern"],
    "reprint": ["records.reprint"],
    "render": ["records.print"], "render_pending": [],
    "request": ["records.request_bundle"], "renew": ["records.request_bundle"], "hand_out": ["records.download_bundle"],
    "take": [], "progress": [], "finish": [], "fail": [], "bind_pending": [], "expire": [],
    "conclude": ["inspections.submit", *["records.issue"] * 4, "hazards.conclude"],
    "deliver_report": ["hazards.deliver_report"],
    "serve": ["records.issue", "hazards.serve"],
    "dispatch": ["records.issue", "hazards.dispatch"],
    "is_addressee": [], "may_be_signed": [],
    "open_dispatch": ["hazards.open_dispatch"],
    "close_dispatch": ["hazards.close_dispatch"],
    "end_links": ["hazards.close_dispatch"],
    # The period had ended by then: the chief is asked to issue anew.
    "effect_notices": ["hazards.effect_notice", "hazards.ask_reissue"],
    "effect_notice_of": ["hazards.effect_notice", "hazards.ask_reissue"],
    "request_extension": ["hazards.request_extension"],
    "approve_extension": ["records.issue", "hazards.approve_extension"],
    "refuse_extension": ["records.issue", "hazards.refuse_extension"],
    "fell_extensions": ["hazards.fell_extension"],
    "confirm_fixed": ["hazards.confirm_fixed"],
    "request_early": ["hazards.request_early"],
    "reinspect": ["records.issue", "hazards.reinspect"],
    "reissue_reply": [*REISSUED, "inspections.reissue_reply"],
    "reissue_service": [*REISSUED, "hazards.reissue_service"],
    "reissue_referral": [*REISSUED, "hazards.reissue_referral"],
    "open_due": ["hazards.open_due"],
    "open_due_of": ["hazards.open_due"],
    "remind": ["deadlines.overdue"],
    "refer": ["records.issue", "hazards.refer"],
    "receive_referral": ["hazards.receive_referral"],
    "answer_referral": ["hazards.answer_referral"],
    "enter_open_order": ["hazards.enter_open_order"],
    "withdraw": ["hazards.withdraw_backlog"],
    "void_papers": ["records.void", "hazards.void_papers"],
    "void_order": ["records.void", "records.void", "hazards.void_order"],
    "open_filing": ["filings.open"],
    "return_filing": [REVIEWED, "filings.return"],
    "refile": [REVIEWED, "filings.refile"],
    "pass_filing": [REVIEWED, "filings.pass"],
    "open_month": ["filings.open_month"],
    "hand_in": ["filings.hand_in"],
    "acknowledge": ["filings.acknowledge"],
    "seed_year": [],
    "edit_day": ["deadlines.edit_day"],
    "confirm_year": ["deadlines.confirm_year"],
    "import_days": ["deadlines.import_days"],
    "confirm_rule": ["deadlines.confirm_rule"],
    "change_rule": ["deadlines.change_rule"],
    "withdraw_rule": ["deadlines.withdraw_rule"],
    "sign_pledge": ["records.issue", "units.sign_pledge"],
    "void_pledge": ["records.void", "units.void_pledge"],
    "settle_terms": ["units.settle_terms"],
    "withdraw_terms": ["units.withdraw_terms"],
    "end_with": ["units.end_pledge"],
    "end_over": ["units.end_pledge"],
    "save_bulletin": ["assessments.save_bulletin"],
    "issue_bulletin": ["records.issue", "assessments.issue_bulletin"],
    "withdraw_bulletin": ["records.void", "assessments.withdraw_bulletin"],
}  # fmt: skip


# Whoever signs on his phone registers the service.
ENTRIES["acknowledge_dispatch"] = ["hazards.acknowledge_dispatch", *ENTRIES["serve"]]


def acts_of(room: ModuleType) -> set[str]:
    """The functions a room offers as acts, those it takes over from its other files included."""
    offered = getattr(room, "__all__", None) or [name for name in vars(room) if not name.startswith("_")]
    own = room.__name__.split(".")[0]
    return {
        name
        for name in offered
        if callable(act := getattr(room, name)) and not isinstance(act, type) and act.__module__.split(".")[0] == own
        and act.__module__.split(".")[1] in FILES
    }  # fmt: skip


@pytest.fixture
def act() -> Callable[..., Any]:
    """Call an act and note which entries it left."""

    def do(what: Callable[..., Any], *args: Any, **fields: Any) -> Any:
        last = AuditEntry.objects.order_by("id").values_list("id", flat=True).last() or 0
        result = what(*args, **fields)
        left = list(AuditEntry.objects.filter(id__gt=last).order_by("id").values_list("action", flat=True))
        assert left == ENTRIES[what.__name__], what.__name__
        done.add(what.__name__)
        return result

    done: set[str] = set()
    do.done = done  # type: ignore[attr-defined] # a function that remembers
    return do


def test_every_act_leaves_exactly_the_entries_it_declares(
    act: Any, unit: Unit, make_unit: Callable[..., Unit], officer: User, partner: User, chief: User, supervisor: User,
    bureau_officer: User, leader: User, station: Organisation, bureau: Organisation,
    open_visit: Callable[..., Inspection], find: Callable[..., Finding],  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    _a_visit_written_down(act, make_unit("老李面馆", address="北大街63号"), officer, partner)
    _complaints(act, officer, partner, chief)
    paper = _a_case(act, open_visit(unit), find, officer, partner, supervisor)
    _another_visit(act, open_visit(make_unit("老王旅馆", address="北大街65号")), officer, chief)
    _an_old_order(act, unit, officer, chief)
    _papers(act, unit, officer, chief)
    a_bundle(act, unit, officer, moment(AFTER))
    _a_review(act, paper, officer, supervisor)
    _a_month(act, station, chief, supervisor)
    visits = [open_visit(make_unit(f"{number}号店", address=f"{number}号")) for number in (1, 2)]
    _notices(act, visits, find, officer, partner)
    _a_link(act, open_visit(make_unit("老钱书店", address="北大街68号")), find, officer, partner)
    _a_late_order(act, open_visit(make_unit("老孙粮店", address="北大街69号")), find, officer, partner, chief)
    _an_extension(act, open_visit(make_unit("老赵诊所", address="北大街67号")), find, officer, partner, chief)
    _pledges(act, [make_unit(f"{number}号楼物业", address=f"{number}号楼") for number in (1, 2)], officer, chief)
    _a_bulletin(act, bureau, bureau_officer, leader)
    act(deadlines.seed_year, 2026)
    act(deadlines.edit_day, bureau_officer, date(2026, 12, 31), DayKind.OFF, "调休")
    CalendarYear.objects.filter(year=2026).update(confirmed=False)
    act(deadlines.confirm_year, bureau_officer, 2026)
    act(deadlines.import_days, bureau_officer, [SeedDay(date(2028, 3, 6), DayKind.OFF, "本地放假")], whole=False)
    _a_rule(act, bureau_officer)
    assert act.done == set(ENTRIES)
    assert {name for room in ROOMS for name in acts_of(room)} - NO_ACTS == set(ENTRIES)


def _a_visit_written_down(act: Any, unit: Unit, officer: User, partner: User) -> None:
    draft = act(inspections.start, officer, unit, VISITED, moment(VISITED))
    exits, kind = draft.checklist.items.get(code="exit"), HazardType.objects.get(code="EV02")
    words = FindingDraft(place="后门", words="锁闭", mode="NOW")
    act(inspections.answer, draft, officer, exits, "锁闭")
    finding = act(inspections.add_finding, draft, officer, exits, kind, words)
    act(inspections.change_finding, finding, officer, replace(words, quantity="1"))
    act(inspections.remove_finding, finding, officer)
    passed = act(inspections.pass_rest, draft, officer, exits.group)
    act(inspections.undo_pass, draft, officer, passed)
    act(inspections.set_people, draft, officer, People(second=partner, showed_id=True))
    act(inspections.sign, draft, officer, Signer.LEAD, STROKES, moment(VISITED), place=Place("北大街62号"))
    photo = act(inspections.add_photo, draft, officer, picture(), moment(VISITED))
    act(inspections.remove_photo, photo, officer)
    act(inspections.discard, draft, officer)


def _complaints(act: Any, officer: User, partner: User, chief: User) -> None:
    now = CALLED + timedelta(hours=1)
    ours = act(complaining.receive_complaint, officer, call(officer), key=uuid4(), at=now)
    act(complaining.recategorise_complaint, ours, officer, ComplaintCategory.OTHER, "灯不亮")
    act(complaining.correct_complaint, ours, officer, {"content": "后门上锁"}, "错字")
    act(complaining.assign_complaint, ours, chief, partner, "休假")
    act(complaining.show_complainant, ours, chief, "核实地址")
    act(complaining.check_complaint, ours, partner, checked(officer, partner, now), now)
    act(complaining.answer_complaint, ours, partner, Told(now, "PHONE"), now)
    written = complaining.check_complaint(received(officer), officer, checked(officer, partner, now), now)
    written = complaining.answer_complaint(written, officer, Told(now, "WRITTEN", "问题不属实"), now)
    act(complaint_reissuing.reissue_reply, written, chief, "写错", "问题属实", NEXT_DAY)
    move = Transfer(now, "北关派出所", told=Told(now, "PHONE"))
    act(complaining.transfer_complaint, received(officer), officer, move, now)
    act(complaining.withdraw_complaint, received(officer), chief, "重复登记", now)


def _a_case(
    act: Any, visit: Inspection, find: Callable[..., Finding], officer: User, partner: User, supervisor: User,  # noqa: F811 - a fixture
) -> Document:  # fmt: skip
    """One visit with a hazard of each kind, until nothing of it is left."""
    find(visit, "EV06", days=8)
    now = find(visit, "EV02")
    find(visit, "EL01")
    grave = {now.pk: Decision(Disposition.ORDER_NOW, grave=True)}
    act(hazards.conclude, visit, officer, grave, moment(VISITED, 11), "城关街道办事处")
    handed = {"township": "城关街道办事处", "receiver": "刘主任", "sent_on": VISITED, "today": VISITED}
    act(hazards.deliver_report, visit, officer, **handed)
    hand = {"place": "北大街62号", "recipient": "刘桂香", "relation": "店主", "server": officer, "second": partner}
    limit, at_once = Order.objects.get(mode=Mode.LIMIT), Order.objects.get(mode=Mode.NOW)
    for order in (limit, at_once):
        act(hazards.serve, order, officer, served_at=moment(VISITED, 12), at=moment(VISITED, 13), **hand)
    urged = Hazard.objects.get(disposition=Disposition.URGE)
    act(hazards.confirm_fixed, urged, officer, on=NEXT_DAY, how="", today=NEXT_DAY)
    act(hazards.request_early, limit, officer, deadline=EVE, requested_on=NEXT_DAY, today=NEXT_DAY)
    act(hazards.open_due, VISITED)
    _again(act, Reinspection.objects.get(order=at_once), officer, partner, passed=False)
    handed_over = act(
        hazards.refer, list(at_once.hazards.all()), officer, target=Target.FIRE_BRIGADE, basis="消防法第28条",
        facts="见检查记录", sent_on=AFTER, today=AFTER,
    )  # fmt: skip
    act(hazards.receive_referral, handed_over, supervisor, on=AFTER, receiver="陈立新", today=AFTER)
    fined = {"result": ReferralResult.FINE, "on": AFTER, "result_no": "江消罚〔2026〕1号", "fine": Decimal(5000)}
    act(hazards.answer_referral, handed_over, supervisor, today=AFTER, **fined)
    _again(act, Reinspection.objects.get(order=limit), officer, partner, passed=True)
    paper = limit.document
    assert paper is not None
    return paper


def _again(act: Any, visit: Reinspection, officer: User, partner: User, *, passed: bool) -> None:
    results = {hazard.pk: hazards.Result(passed) for hazard in visit.order.hazards.all()}
    people = {"lead": officer, "second": partner, "company": hazards.Company("刘桂香", "店主")}
    act(hazards.reinspect, visit, officer, results=results, done_on=AFTER, today=AFTER, **people)


def _another_visit(act: Any, visit: Inspection, officer: User, chief: User) -> None:
    act(inspections.submit, visit, officer, moment(VISITED, 11))
    records.issue(
        kind=Kind.INSPECTION_RECORD, station=visit.station, scope=visit, context=RECORD, unit_id=visit.unit_id,
        unit_name=visit.unit.name, subject=visit, actor=officer, on=VISITED,
    )  # fmt: skip
    act(hazards.void_papers, visit, chief, "单位名称写错", NEXT_DAY)


def _ordered(visit: Inspection, find: Callable[..., Finding], officer: User) -> Order:  # noqa: F811 - a fixture
    find(visit, "EV06", days=8)
    hazards.conclude(visit, officer, {}, moment(VISITED, 11))
    return Order.objects.get(inspection=visit)


def _notices(
    act: Any, visits: list[Inspection], find: Callable[..., Finding], officer: User, partner: User,  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    """Published, and taken to be served when the period has ended: by the sweep, and at the door."""
    first, second = (_ordered(visit, find, officer) for visit in visits)
    how = {"sent_on": NEXT_DAY, "channel": "张贴公告", "reason": "下落不明"}
    for order, after in ((first, hazards.effect_notices), (second, None)):
        hazards.serve(
            order, officer, method=Method.NOTICE, server=officer, second=partner, at=moment(NEXT_DAY, 12), **how
        )  # fmt: skip
        what = [date(2026, 11, 24)] if after else [order, date(2026, 11, 24)]
        act(after or hazards.effect_notice_of, *what)


def _a_late_order(
    act: Any, visit: Inspection, find: Callable[..., Finding], officer: User, partner: User, chief: User,  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    """Served when its period had ended, of a visit the brigade has a hazard of."""
    find(visit, "BD05")
    order = _ordered(visit, find, officer)
    handed = visit.hazards.filter(order=None)
    facts = {"basis": "消防法第28条", "facts": "见检查记录", "sent_on": VISITED, "today": VISITED}
    referral = hazards.refer(handed, officer, target=Target.FIRE_BRIGADE, **facts)
    act(hazards.reissue_referral, referral, chief, "事实写错", {"facts": "见检查记录第1项"}, NEXT_DAY)
    hand = {"place": "北大街69号", "recipient": "孙大海", "relation": "店主", "server": officer, "second": partner}
    hazards.serve(order, officer, served_at=moment(AFTER, 12), at=moment(AFTER, 13), **hand)
    service, right = Service.objects.get(order=order), {"recipient": "孙小海"}
    act(hazards.reissue_service, service, chief, "收件人写错", right, moment(AFTER, 14))
    act(hazards.void_order, order, chief, "送达时期限已届满", AFTER)


def _a_link(
    act: Any, visit: Inspection, find: Callable[..., Finding], officer: User, partner: User,  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    """Sent to the wrong number, taken back, sent again, opened and signed."""
    order = _ordered(visit, find, officer)
    assert order.document is not None
    Document.objects.filter(pk=order.document.pk).update(rendered_at=moment(VISITED, 12))
    consent = {
        "consented_by": "钱老板", "consented_on": VISITED, "consent": STROKES, "consent_paper": "", "channel": "短信",
        "second": partner, "assistant": None, "recorder_no": "", "at": moment(VISITED, 12),
        "place": Place("北大街62号"),
    }  # fmt: skip
    wrong = act(hazards.dispatch, order, officer, account="13900000000", **consent)
    act(hazards.close_dispatch, wrong, officer, "号码填错")
    hazards.dispatch(order, officer, account="13900001111", **consent)
    act(hazards.end_links, date(2026, 12, 20))
    right = hazards.dispatch(order, officer, account="13900006688", **consent)
    act(hazards.is_addressee, right, "6688")
    act(hazards.may_be_signed, right, moment(VISITED, 13))
    act(hazards.open_dispatch, right, "手机", moment(VISITED, 13))
    act(
        hazards.acknowledge_dispatch,
        right,
        name="钱老板",
        relation="经营者本人",
        strokes=STROKES,
        at=moment(VISITED, 14),
    )


def _an_extension(
    act: Any, visit: Inspection, find: Callable[..., Finding], officer: User, partner: User, chief: User,  # noqa: F811 - a fixture
) -> None:  # fmt: skip
    """Asked three times: refused, granted, and left until the period was over."""
    order, until = _ordered(visit, find, officer), date(2026, 10, 15)
    hazards.serve(
        order, officer, served_at=moment(VISITED, 12), at=moment(VISITED, 13), place="北大街67号", recipient="赵医生",
        relation="负责人", server=officer, second=partner,
    )  # fmt: skip
    asked = {"hazards": list(order.hazards.all()), "requested_on": NEXT_DAY, "reason": "订货", "today": NEXT_DAY}
    first = act(hazards.request_extension, order, officer, deadline=EVE, until=until, **asked)
    act(hazards.refuse_extension, first, chief, decision="可以当天换", at=moment(NEXT_DAY))
    second = act(hazards.request_extension, order, officer, deadline=EVE, until=until, **asked)
    act(hazards.approve_extension, second, chief, until=until, decision="属实", at=moment(NEXT_DAY))
    act(hazards.request_extension, order, officer, deadline=until, until=date(2026, 10, 22), **asked)
    act(hazards.fell_extensions, until)


def _a_bulletin(act: Any, bureau: Organisation, officer: User, leader: User) -> None:
    quarter = Quarter(2026, 2)
    publish(bureau, quarter, officer, moment(VISITED))
    words = bulletins.Words(situation="没有火灾。", demands="盯紧未检查的单位。", signer=leader)
    row = act(bulletins.save_bulletin, bureau, quarter, officer, words, moment(VISITED))
    act(bulletins.issue_bulletin, row, officer, VISITED)
    act(bulletins.withdraw_bulletin, row, officer, "伤亡数写错", VISITED)


def _pledges(act: Any, units: list[Unit], officer: User, chief: User) -> None:
    """Voided, ended with the unit, ended by its term."""
    first, _ = units
    wrong = act(pledging.sign_pledge, first, officer, signing(officer), key=uuid4(), at=moment(SIGNED))
    act(pledging.void_pledge, wrong, chief, "单位名称写错", SIGNED)
    right = [pledging.sign_pledge(unit, officer, signing(officer), key=uuid4(), at=moment(SIGNED)) for unit in units]
    act(pledging.end_with, first, NEXT_DAY, officer)
    act(pledging.end_over, right[1].until + timedelta(days=1))


def _an_old_order(act: Any, unit: Unit, officer: User, chief: User) -> None:
    """Entered unserved, three working days before its service is overdue."""
    old = hazards.OpenHazard(HazardType.objects.get(code="EV06"), "走道", "走道标志不亮", date(2026, 12, 31))
    day = date(2026, 9, 21)
    deadlines.remind(moment(day, 23))
    order = act(
        hazards.enter_open_order, unit, chief, mode=Mode.LIMIT, number="消限字第0017号", issued_on=day,
        issued_by=officer, hazards=[old], service=None, today=day,
    )  # fmt: skip
    act(deadlines.remind, moment(date(2026, 9, 25)))
    act(hazards.open_due_of, order, old.deadline)
    act(hazards.withdraw, order, chief, "录到了别的单位名下", old.deadline)


def _papers(act: Any, unit: Unit, officer: User, chief: User) -> None:
    about = {
        "kind": Kind.ORDER_LIMIT, "station": unit.station, "scope": unit, "context": ORDER_LIMIT, "unit_id": unit.pk,
        "unit_name": unit.name, "subject": unit, "actor": officer, "on": AFTER,
    }  # fmt: skip
    wrong, right = act(records.issue, **about), records.issue(**about)
    act(records.void, wrong, chief, "期限写错", AFTER)
    act(records.replace, wrong, right)
    act(records.mark_reviewed, right, ReviewState.EXEMPT, AFTER, chief)
    act(records.add_scan, right, ContentFile(b"%PDF-", "scan.pdf"), "", officer)
    seal = act(sealing.set_seal, unit.station, ContentFile(b"PNG", "seal.png"), chief, moment(AFTER))
    act(sealing.end_seal, seal, chief, "印章遗失", moment(AFTER))
    act(records.set_start, chief, unit.station, Kind.ORDER_NOW, 2026, 30, "年中启用")
    bureau = chief.organisation.bureau
    assert bureau is not None
    act(records.set_pattern, chief, bureau, Kind.REFERRAL, "{code}（{station}）消函〔{year}〕{number}号", None)
    act(records.drop_pattern, chief, bureau, Kind.REFERRAL)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(papers, "pdf", lambda document, copy: b"%PDF-")
        act(records.render, right.pk)
    Document.objects.filter(pk=wrong.pk).update(render_attempts=3)
    act(records.reprint, wrong, officer)
    act(records.render_pending, moment(AFTER))


def _a_review(act: Any, paper: Document, officer: User, supervisor: User) -> None:
    act(filings.open_filing, paper, supervisor, moment(NEXT_DAY))
    remark = filings.Objection(Defect.objects.get(code="VAGUE"), "写明数量")
    act(filings.return_filing, paper, supervisor, [remark], round_=1, at=moment(NEXT_DAY))
    act(filings.refile, paper, officer, round_=1, answer="已补正", answers={}, at=moment(NEXT_DAY))
    act(filings.pass_filing, paper, supervisor, round_=2, at=moment(NEXT_DAY))


def _a_month(act: Any, station: Organisation, chief: User, supervisor: User) -> None:
    Unit.objects.update(created_at=moment(VISITED))
    act(filings.open_month, date(2026, 10, 1))
    report = act(filings.hand_in, station, Month(2026, 9), chief, note="", at=moment(AFTER))
    act(filings.acknowledge, report, supervisor, moment(AFTER, 11))


def _a_rule(act: Any, bureau_officer: User) -> None:
    act(deadlines.confirm_rule, bureau_officer, "FILING_FIX", EVE)
    values = RuleValues(2, "WORKING_DAYS", False, "市条例第9条", "二个工作日内补正。", 1, 1)
    act(deadlines.change_rule, bureau_officer, "FILING_FIX", values, AFTER, "从严", EVE)
    act(deadlines.withdraw_rule, bureau_officer, "FILING_FIX", EVE)
    text = terms.Text([{"title": "用火用电", "text": "不私拉电线。"}], "依法承担相应的法律责任。")
    act(terms.settle_terms, bureau_officer, "PREMISES", text, AFTER, "经法制部门审核", on=EVE)
    act(terms.withdraw_terms, bureau_officer, "PREMISES", on=EVE)
