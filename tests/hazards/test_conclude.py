"""签发: what a finished visit leads to, and that it happens once."""

from collections.abc import Callable
from datetime import date

import pytest

from deadlines.calendar import Calendar
from deadlines.models import Clock
from deadlines.settling import RuleValues, change_rule
from fire_supervision.lib.errors import RuleError
from hazards import actions
from hazards.models import Disposition, Hazard, Order
from hazards.plan import Decision, findings_of, judge, plan
from inspections.models import Finding, HazardType, Inspection, OrderBasis
from records.models import Copy, Document, Kind
from records.papers import html
from records.samples.visit import ORDER_LIMIT, ORDER_NOW, RECORD
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.hazards.conftest import EVE, VISITED, moment
from trail.models import AuditEntry
from units.models import Unit

Find = Callable[..., Finding]
Conclude = Callable[..., list[Document]]


def clocks() -> dict[str, tuple[date, date, date]]:
    """Every running clock but the brigade's: key without ids → started, opens, due."""
    rows = Clock.objects.running().exclude(rule_code="FILING_REVIEW")
    return {
        ":".join(part for part in row.key.split(":") if not part.isdigit()): (row.started_on, row.opens_on, row.due_on)
        for row in rows
    }


def numbers(papers: list[Document]) -> list[str]:
    return [paper.number for paper in papers]


def test_a_visit_without_findings_leaves_the_record_alone(visit: Inspection, conclude: Conclude) -> None:
    papers = conclude(visit)
    assert numbers(papers) == ["江公（城关）消检字〔2026〕第0001号"]
    assert (Hazard.objects.count(), clocks()) == (0, {})
    visit.refresh_from_db()
    assert visit.state == "SUBMITTED"


def test_orders_take_their_numbers_first_and_the_record_cites_them(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "EV06", days=8)
    find(visit, "EV01")
    papers = conclude(visit)
    assert numbers(papers) == [
        "江公（城关）消即字〔2026〕第0001号",
        "江公（城关）消限字〔2026〕第0001号",
        "江公（城关）消检字〔2026〕第0001号",
    ]
    assert papers[-1].context["orders"] == [
        {"title": "责令立即改正通知书", "number": "江公（城关）消即字〔2026〕第0001号"},
        {"title": "责令限期改正通知书", "number": "江公（城关）消限字〔2026〕第0001号"},
    ]


def test_a_period_order_starts_service_and_a_re_inspection_across_the_holiday(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "EV06", days=8)
    conclude(visit)
    eve = date(2026, 9, 30)
    assert clocks() == {
        "serve": (VISITED, VISITED, date(2026, 9, 28)),  # 25 to 27 September: 中秋节
        "recheck:2026-09-30": (eve, eve, date(2026, 10, 10)),  # 8, 9 and the worked Saturday
    }
    assert Hazard.objects.get().deadline == eve


def test_each_distinct_deadline_has_its_own_re_inspection(visit: Inspection, find: Find, conclude: Conclude) -> None:
    find(visit, "EV06", days=8)
    find(visit, "EQ02", days=8)
    find(visit, "EQ08", days=30)
    papers = conclude(visit)
    assert sorted(clocks()) == ["recheck:2026-09-30", "recheck:2026-10-22", "serve"]
    assert papers[0].context["deadlines"] == [
        {"items": [1, 2], "on": "2026-09-30"},
        {"items": [3], "on": "2026-10-22"},
    ]


def test_what_is_to_be_corrected_at_once_is_due_on_the_day_of_the_visit(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "EV01")
    conclude(visit)
    assert clocks() == {
        "serve": (VISITED, VISITED, VISITED),
        "recheck:2026-09-22": (VISITED, VISITED, date(2026, 9, 28)),
    }


def test_what_was_corrected_on_the_spot_ends_at_once_and_still_stands_on_the_notice(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "EV02", place="北侧后门", fixed_on_spot=True)
    papers = conclude(visit)
    hazard = Hazard.objects.get()
    assert (hazard.state, hazard.closed_on, hazard.closed_how) == ("CLOSED", VISITED, "当场改正")
    assert [problem["detail"] for problem in papers[0].context["problems"]] == [hazard.wording]
    assert papers[1].context["remark"] == f"已当场改正：{hazard.wording}。"
    assert sorted(clocks()) == ["serve"]


def test_a_statutory_referral_makes_no_order_and_starts_five_working_days(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "BD05")
    papers = conclude(visit)
    hazard = Hazard.objects.get()
    assert (Order.objects.count(), hazard.state, hazard.deadline) == (0, "TO_REFER", None)
    assert papers[0].context["referrals"] == [{"items": [3], "to": "江城市消防救援大队"}]
    assert clocks() == {"refer": (VISITED, VISITED, date(2026, 9, 30))}


def test_the_officer_says_which_lack_is_handed_to_housing(visit: Inspection, find: Find, conclude: Conclude) -> None:
    finding = find(visit, "BD04")
    papers = conclude(visit, {finding.pk: Decision(Disposition.REFER, referral_item=2)})
    assert papers[0].context["referrals"] == [{"items": [2], "to": "住房和城乡建设主管部门"}]


def test_what_is_outside_the_list_is_urged_on_the_record(visit: Inspection, find: Find, conclude: Conclude) -> None:
    find(visit, "EL01", place="后厨")
    papers = conclude(visit)
    hazard = Hazard.objects.get()
    assert (hazard.disposition, hazard.state, hazard.order) == ("URGE", "OPEN", None)
    assert papers[0].context["remark"] == f"已督促整改：{hazard.wording}。"
    assert clocks() == {}


def test_an_urged_hazard_may_be_referred_instead(visit: Inspection, find: Find, conclude: Conclude) -> None:
    finding = find(visit, "EL01")
    conclude(visit, {finding.pk: Decision(Disposition.REFER)})
    assert Hazard.objects.get().state == "TO_REFER"
    assert sorted(clocks()) == ["refer_other"]


def test_an_order_the_law_does_not_offer_is_refused(visit: Inspection, find: Find, conclude: Conclude) -> None:
    finding = find(visit, "EL01")
    with pytest.raises(RuleError, match="不能责令限期改正"):
        conclude(visit, {finding.pk: Decision(Disposition.ORDER_LIMIT)})
    visit.refresh_from_db()
    assert (visit.state, Document.objects.count()) == ("DRAFT", 0)


def test_the_same_order_is_issued_where_the_bureau_names_a_basis(
    visit: Inspection, find: Find, conclude: Conclude
) -> None:
    finding = find(visit, "EL01")
    OrderBasis.objects.create(bureau=visit.bureau, hazard_type=finding.hazard_type, basis="江城市消防条例第20条")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_LIMIT)})
    hazard = Hazard.objects.get()
    assert (hazard.disposition, hazard.order_basis) == ("ORDER_LIMIT", "江城市消防条例第20条")


def test_a_grave_hazard_is_reported_the_same_day(visit: Inspection, find: Find, conclude: Conclude) -> None:
    finding = find(visit, "EV02")
    conclude(visit, {finding.pk: Decision(Disposition.ORDER_NOW, grave=True)})
    assert Hazard.objects.get().grave
    assert clocks()["report"] == (VISITED, VISITED, VISITED)


def test_the_notices_have_the_keys_their_forms_print(visit: Inspection, find: Find, conclude: Conclude) -> None:
    find(visit, "EV01", place="北侧", wording="北侧疏散通道堆放纸箱，堵塞疏散通道")
    find(visit, "EV06", days=8)
    now, limit, record = (paper.context for paper in conclude(visit))
    assert (set(now), set(limit), set(record)) == (set(ORDER_NOW), set(ORDER_LIMIT), set(RECORD))
    assert now["ticked"] == [{"no": 5, "chosen": ["堵塞"]}]
    assert now["problems"] == [
        {"no": 1, "detail": "北侧疏散通道堆放纸箱，堵塞疏散通道", "violates": now["problems"][0]["violates"]}
    ]
    assert set(limit["problems"][0]) == set(ORDER_LIMIT["problems"][0])
    assert now["officers"] == [
        {"name": visit.lead.name, "certificate": visit.lead.certificate_no},
        {"name": "张海涛", "certificate": now["officers"][1]["certificate"]},
    ]


def test_a_second_press_of_the_button_gives_the_same_papers(visit: Inspection, find: Find, conclude: Conclude) -> None:
    find(visit, "EV06", days=8)
    first, second = conclude(visit), conclude(visit)
    assert numbers(first) == numbers(second)
    assert (Document.objects.count(), Order.objects.count(), Hazard.objects.count()) == (2, 1, 1)
    assert AuditEntry.objects.filter(action="hazards.conclude").count() == 1


def test_an_unfinished_visit_issues_nothing(visit: Inspection, find: Find, conclude: Conclude) -> None:
    find(visit, "EV06", days=8)
    visit.answers.first().delete()
    with pytest.raises(RuleError, match="还差 1 项"):
        conclude(visit)
    assert (Document.objects.count(), Order.objects.count(), Clock.objects.count()) == (0, 0, 0)


def test_each_unit_of_a_year_takes_the_next_number(
    open_visit: Callable[..., Inspection], make_unit: Callable[..., Unit], find: Find, conclude: Conclude
) -> None:
    for name in ("一号店", "二号店"):
        visit = open_visit(make_unit(name, address=name))
        find(visit, "EV06", days=8)
        papers = conclude(visit)
    assert [paper.sequence for paper in papers] == [2, 2]


def test_a_refused_issue_leaves_no_gap_in_the_numbers(visit: Inspection, find: Find, conclude: Conclude) -> None:
    finding = find(visit, "EV06", days=8)
    with pytest.raises(RuleError):
        conclude(visit, {finding.pk: Decision(Disposition.URGE)})
    assert [paper.sequence for paper in conclude(visit)] == [1, 1]


def test_papers_are_sent_to_the_printer_after_the_commit(
    visit: Inspection,
    officer: User,
    sent: list[tuple[str, tuple[int, ...]]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        papers = actions.conclude(visit, officer, {}, moment(VISITED, 11))
    assert sent == [("records.render", (papers[0].pk,))]


@pytest.mark.parametrize(
    ("second", "chosen"), [("后门锁闭", ["占用", "封闭"]), ("疏散宽度不够", [])], ids=["named", "any of them"]
)
def test_an_item_strikes_out_only_what_none_of_its_hazards_can_be(
    second: str, chosen: list[str], visit: Inspection, find: Find, conclude: Conclude
) -> None:
    find(visit, "EV01", wording="二层走道堆放货物")
    find(visit, "EV02", wording=second)
    assert conclude(visit)[0].context["ticked"] == [{"no": 5, "chosen": chosen}]


def test_what_was_issued_stays_as_it_was_when_names_change_afterwards(
    visit: Inspection, find: Find, conclude: Conclude, unit: Unit, officer: User, station: Organisation
) -> None:
    find(visit, "EV06")
    find(visit, "EV02")
    printed = [_printed(paper) for paper in conclude(visit)]
    Unit.objects.filter(pk=unit.pk).update(name="改名超市", person="王新", address="新街1号")
    User.objects.filter(pk=officer.pk).update(name="李改名", certificate_no="江公证9")
    Organisation.objects.filter(pk=station.pk).update(issuer_name="江城市公安局新城派出所", short_name="新城")
    HazardType.objects.update(name="改了的表述", violates="改了的条款")
    papers = list(Document.objects.order_by("pk"))
    assert [_printed(paper) for paper in papers] == printed
    assert {paper.unit_name for paper in papers} == {"万家福便利超市"}
    assert {paper.number[:6] for paper in papers} == {"江公（城关）"}


def _printed(paper: Document) -> str:
    return html(Kind(paper.kind), paper.context, Copy.ARCHIVE)


def test_everything_that_will_run_is_announced(visit: Inspection, find: Find, conclude: Conclude) -> None:
    """将要产生 names the clocks that then start; the brigade's review is not the station's."""
    decisions = {
        find(visit, "EV06").pk: Decision(Disposition.ORDER_LIMIT),
        find(visit, "EV02").pk: Decision(Disposition.ORDER_NOW, grave=True),
        find(visit, "BD05").pk: Decision(Disposition.REFER),
        find(visit, "EL01").pk: Decision(Disposition.REFER),
    }
    drawn = plan(visit, judge(visit, findings_of(visit)), decisions, Calendar.load(VISITED))
    announced = sorted((clock.rule.code, clock.started_on, clock.explained.due_on) for clock in drawn.clocks)
    conclude(visit, decisions)
    started = Clock.objects.exclude(rule_code="FILING_REVIEW").values_list("rule_code", "started_on", "due_on")
    assert announced == sorted(started)


def test_what_is_announced_is_counted_by_the_rules_of_the_own_bureau(
    visit: Inspection, find: Find, conclude: Conclude, bureau_officer: User, person: Callable[..., User]
) -> None:
    find(visit, "EV06", days=8)
    strict = RuleValues(1, "WORKING_DAYS", False, "市条例第9条", "一个工作日内复查。", 1, 1)
    other = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="临江市公安局")
    other.bureau = other
    other.save(update_fields=["bureau"])
    change_rule(person(Role.BUREAU_OFFICER, other, "外局民警"), "RECHECK", strict, VISITED, "从严", VISITED)
    assert announced(visit) == {"ORDER_LIMIT_SERVE": date(2026, 9, 28), "RECHECK": date(2026, 10, 10)}
    change_rule(bureau_officer, "RECHECK", strict, EVE, "从严", VISITED)
    assert announced(visit) == {"ORDER_LIMIT_SERVE": date(2026, 9, 28), "RECHECK": date(2026, 10, 8)}
    conclude(visit)
    assert Clock.objects.get(rule_code="RECHECK").due_on == date(2026, 10, 8)


def announced(visit: Inspection) -> dict[str, date]:
    drawn = plan(visit, judge(visit, findings_of(visit)), {}, Calendar.load(VISITED))
    return {clock.rule.code: clock.explained.due_on for clock in drawn.clocks}
