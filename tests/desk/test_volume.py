"""案卷: what stands in it and where, and what is said when something cannot be bound."""

# ruff: noqa: F811 - fixtures of another room, asked for by their names

import hashlib
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from desk import volume_binding, volume_writing
from desk.volume import ask_unit
from desk.volume_contents import SECTION_OF, Section, entries_of, of_case, of_unit
from hazards.models import Order, Referral, ReferralResult, Reissue
from inspections.models import Inspection
from records import actions as records
from records import bundles
from records.models import OF_COMPLAINTS, Bundle, Document, Kind
from records.models.bundle import SILENCE
from stations.models import Organisation, User
from tests.desk.volumes import (  # noqa: F401 - fixtures
    NOW,
    TODAY,
    _on_a_friday,
    bind,
    case,
    issue,
    jpeg,
    listed,
    marked,
    pages_of,
    printed,
    read,
    scanned,
)
from tests.frozen import bend
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    VISITED,
    conclude,
    find,
    open_visit,
    order,
    reinspect,
    serve,
    served,
    visit,
)
from tests.inspections.complaints import received
from units.models import Unit


def test_every_kind_of_paper_has_its_place() -> None:
    assert set(SECTION_OF) == set(Kind)


CONTENTS = [
    ("单位基本情况", "单位基本情况表"),
    ("检查记录", "公安派出所日常消防监督检查记录"),
    ("检查记录", "检查现场照片（1 张）"),
    ("责令改正通知书和送达回证", "责令限期改正通知书"),
    ("责令改正通知书和送达回证", "送达回证"),
    ("责令改正通知书和送达回证", "延期改正审批表"),
    ("复查记录", "公安派出所日常消防监督检查记录（复查）"),
    ("复查记录", "第1次复查照片（1 张）"),
    ("移送、报告和回执", "移送函"),
]


def test_papers_stand_in_the_order_of_the_procedure(case: dict[Kind, Document], unit: Unit, officer: User) -> None:
    assert listed(entries_of(of_unit(unit, officer), TODAY)) == CONTENTS
    assert listed(entries_of(of_case(Inspection.objects.get(), officer), TODAY)) == CONTENTS


def test_a_receipt_and_an_extension_follow_their_own_notice(
    order: Order,
    issue: Callable[..., Document],
    unit: Unit,
    officer: User,
) -> None:
    second = Order.objects.create(
        **order.scope_columns(),
        unit=unit,
        mode="NOW",
        number="江公即0001",
        issued_on=date(2026, 9, 28),
        issued_by=officer,
    )
    receipt_of_second, notice = (
        issue(Kind.SERVICE_RECEIPT, second, TODAY),
        issue(Kind.ORDER_NOW, second, second.issued_on),
    )
    receipt_of_first = issue(Kind.SERVICE_RECEIPT, order, TODAY)
    numbers = [each.number for each in entries_of(of_unit(unit, officer), TODAY) if each.section == Section.ORDERS]
    assert numbers == [order.number, receipt_of_first.number, notice.number, receipt_of_second.number]


def test_a_case_holds_its_own_visit_and_a_unit_all_of_them(
    case: dict[Kind, Document], issue: Callable[..., Document], open_visit: Callable[..., Inspection], unit: Unit,
    officer: User, conclude: Callable[..., Any],
) -> None:  # fmt: skip
    first = Inspection.objects.get()
    conclude(open_visit(unit, visited_on=TODAY, started_at=NOW))
    records_of = [
        [each.on for each in entries_of(subject, TODAY) if each.title == Kind.INSPECTION_RECORD.label]
        for subject in (of_case(first, officer), of_unit(unit, officer))
    ]
    assert records_of == [[VISITED], [VISITED, TODAY]]


def test_what_was_voided_stands_in_the_appendix_also_when_another_visit_corrects_it(
    case: dict[Kind, Document],
    chief: User,
    open_visit: Callable[..., Inspection],
    unit: Unit,
    officer: User,
) -> None:
    old = Inspection.objects.get()
    records.void(case[Kind.ORDER_LIMIT], chief, "期限写错", TODAY)
    new = open_visit(unit, visited_on=TODAY, started_at=NOW)
    Reissue.objects.create(old=old, new=new, reason="期限写错", decided_by=chief)
    entries = entries_of(of_case(new, officer), TODAY)
    assert listed(entries)[-1] == ("附录：不再有效的文书", "责令限期改正通知书（已作废）")
    assert [each.number for each in entries].count(case[Kind.ORDER_LIMIT].number) == 1


def test_what_was_replaced_is_called_so_in_the_appendix(
    case: dict[Kind, Document], issue: Callable[..., Document], visit: Inspection, chief: User, officer: User
) -> None:
    old = records.void(case[Kind.ORDER_LIMIT], chief, "期限写错", TODAY)
    records.replace(old, issue(Kind.ORDER_LIMIT, Order.objects.get(), TODAY))
    entries = entries_of(of_case(visit, officer), TODAY)
    assert listed(entries)[-1] == ("附录：不再有效的文书", "责令限期改正通知书（被取代）")


def test_scans_follow_their_paper(case: dict[Kind, Document], unit: Unit, officer: User) -> None:
    scanned(case[Kind.ORDER_LIMIT], b"%PDF-1", officer, "pdf")
    titles = [each.title for each in entries_of(of_unit(unit, officer), TODAY)]
    assert titles[3:6] == ["责令限期改正通知书", "责令限期改正通知书签名件", "送达回证"]


def test_a_result_of_a_referral_is_told(
    case: dict[Kind, Document], unit: Unit, officer: User, supervisor: User
) -> None:
    Referral.objects.update(
        state="ANSWERED", received_on=TODAY, received_by=supervisor, result=ReferralResult.NONE, result_on=TODAY,
        result_note="已改正", answered_by=supervisor,
    )  # fmt: skip
    assert listed(entries_of(of_unit(unit, officer), TODAY))[-1] == ("处罚反馈", "处罚反馈（1 件）")


def test_papers_of_complaints_are_for_whoever_may_see_them_and_an_extract_stands_for_those_without(
    unit: Unit, officer: User, assistant: User, issue: Callable[..., Document]
) -> None:
    facts = ("单位基本情况", "单位基本情况表")
    complaint = received(officer, unit=unit)
    assert listed(entries_of(of_unit(unit, officer), TODAY)) == [facts, ("举报", "举报登记摘录（1 件）")]
    for kind in OF_COMPLAINTS:
        bend(Document.objects.filter(pk=issue(kind, complaint, TODAY).pk), unit_id=None)
    assert sorted(listed(entries_of(of_unit(unit, officer), TODAY))[1:]) == [("举报", "举报登记"), ("举报", "举报答复")]
    assert listed(entries_of(of_unit(unit, assistant), TODAY)) == [facts]


def test_papers_out_of_reach_stay_out(
    case: dict[Kind, Document], unit: Unit, officer: User, supervisor: User, sibling: Organisation
) -> None:
    Document.objects.filter(kind=Kind.REFERRAL).update(**sibling.scope_columns())
    for who in (officer, supervisor):
        assert listed(entries_of(of_unit(unit, who), TODAY)) == CONTENTS[:-1]


# ---------- the volume ----------


@pytest.mark.slow
def test_the_contents_name_the_pages_on_which_the_papers_stand(
    case: dict[Kind, Document], bind: Callable[..., Bundle]
) -> None:
    for length, paper in enumerate(case.values(), start=1):
        printed(paper, length)
    bundle = bind()
    pages = pages_of(bundle)
    assert (bundle.state, bundle.error, bundle.left_out, bundle.pages) == ("READY", "", 0, len(pages))
    contents = pages[1]
    for length, paper in enumerate(case.values(), start=1):
        stands = [number for number, text in enumerate(pages, start=1) if f"PAPER{paper.pk}." in text]
        said = f"{stands[0]}" if length == 1 else f"{stands[0]}–{stands[-1]}"
        line = r"\s*".join(map(re.escape, paper.number)) + rf"\s*{paper.issued_on}\s*{said}\s"
        assert len(stands) == length
        assert re.search(line, contents), (paper.number, said, contents)


@pytest.mark.slow
def test_every_page_has_its_number_a_bookmark_leads_to_each_paper_and_the_cover_counts_right(
    case: dict[Kind, Document], bind: Callable[..., Bundle]
) -> None:
    for paper in case.values():
        printed(paper)
    bundle = bind()
    reader = pypdf.PdfReader(BytesIO(read(bundle)))
    texts = [page.extract_text() for page in reader.pages]
    assert [str(number) in text.split() for number, text in enumerate(texts, start=1)] == [True] * len(texts)
    assert f"{len(texts)}页" in texts[0].replace(" ", "")
    for word in ("江城市公安局城关派出所", "万家福便利超市消防监督管理档案", "2026年9月22日至2026年10月9日", "李建平"):
        assert word in re.sub(r"\s", "", texts[0])
    top = [mark for mark in reader.outline if not isinstance(mark, list)]
    assert [mark.title for mark in top] == [
        "封面", "卷内文书目录", "单位基本情况", "检查记录", "责令改正通知书和送达回证", "复查记录",
        "移送、报告和回执", "卷内备考表",
    ]  # fmt: skip
    record = case[Kind.INSPECTION_RECORD]
    assert f"PAPER{record.pk}." in texts[reader.get_destination_page_number(top[3])]
    assert "卷内备考表" in texts[reader.get_destination_page_number(top[-1])]


@pytest.mark.slow
def test_the_cover_names_the_days_of_the_papers_and_not_that_of_the_binding(
    unit: Unit, issue: Callable[..., Document], bind: Callable[..., Bundle]
) -> None:
    for on in (date(2026, 3, 5), date(2026, 6, 18)):
        printed(issue(Kind.PLEDGE, unit, on))
    cover = re.sub(r"\s", "", pages_of(bind())[0])
    assert "起止日期2026年3月5日至2026年6月18日" in cover
    assert "立卷日期2026年10月9日" in cover


@pytest.mark.slow
def test_what_is_kept_stays_as_it_is_and_its_hash_is_told(
    case: dict[Kind, Document], bind: Callable[..., Bundle]
) -> None:
    kept = {paper: printed(paper) for paper in case.values()}
    last = re.sub(r"\s", "", pages_of(bind())[-1])
    for file in kept.values():
        with file.file.open("rb") as stored:
            assert hashlib.sha256(stored.read()).hexdigest() == file.sha256
        assert file.sha256 in last


@pytest.mark.slow
def test_scans_of_any_shape_are_bound_and_what_cannot_be_is_told_at_the_end(
    case: dict[Kind, Document], bind: Callable[..., Bundle], officer: User
) -> None:
    wanted = [paper for kind, paper in case.items() if kind != Kind.EXTENSION]
    kept = [printed(paper) for paper in wanted]
    order, record, *_ = (case[kind] for kind in (Kind.ORDER_LIMIT, Kind.INSPECTION_RECORD))
    scanned(order, marked("WIDE.", size=(1190, 842)), officer, "pdf")
    scanned(order, jpeg((3000, 2000)), officer, "jpg")
    scanned(record, b"%PDF-1.7 broken %%EOF", officer, "pdf")
    replaced = scanned(order, marked("TRUE."), officer, "pdf")
    with open(replaced.file.path, "wb") as stored:  # noqa: PTH123 - somebody at the file itself
        stored.write(marked("FORGED."))
    gone = next(file for file in kept if file.document.kind == Kind.REFERRAL)
    default_storage.delete(gone.file.name)
    changed = next(file for file in kept if file.document.kind == Kind.RECHECK_RECORD)
    with open(changed.file.path, "ab") as stored:  # noqa: PTH123 - somebody at the file itself
        stored.write(b" ")
    bundle = bind()
    texts = pages_of(bundle)
    last = re.sub(r"\s", "", texts[-1])
    assert (bundle.state, bundle.left_out) == ("READY", 5)
    assert "FORGED." not in "".join(texts)
    for kind, why in [
        (Kind.EXTENSION, "还没有打印"), (Kind.REFERRAL, "存储中没有存档联"),
        (Kind.RECHECK_RECORD, "存档联与签发时的校验值不符"), (Kind.INSPECTION_RECORD, "扫描件打不开"),
        (Kind.ORDER_LIMIT, "扫描件与上传时的校验值不符"),
    ]:  # fmt: skip
        assert re.search(f"{case[kind].number}：{why}", last), why
    reader = pypdf.PdfReader(BytesIO(read(bundle)))
    wide = [float(page.mediabox.width) > 800 for page in reader.pages]
    assert [number for number, text in enumerate(texts) if "WIDE." in text] == [wide.index(True)]
    assert wide.count(True) == 2


@pytest.mark.slow
def test_each_page_of_a_paper_says_whether_it_was_voided_or_replaced_and_the_end_tells_of_both(
    case: dict[Kind, Document], issue: Callable[..., Document], bind: Callable[..., Bundle], chief: User
) -> None:
    for paper in case.values():
        printed(paper, 2)
    for kind in (Kind.ORDER_LIMIT, Kind.EXTENSION):
        records.void(case[kind], chief, "期限写错", TODAY)
    records.replace(case[Kind.ORDER_LIMIT], issue(Kind.ORDER_LIMIT, Order.objects.get(), TODAY))
    texts = pages_of(bind())
    said = [
        ("".join(re.findall("已作废|被取代", text)), int(number))
        for text in texts
        for number in re.findall(r"PAPER(\d+)\.", text)
    ]
    assert [state for state, pk in said if pk == case[Kind.ORDER_LIMIT].pk] == ["被取代", "被取代"]
    assert [state for state, pk in said if pk == case[Kind.EXTENSION].pk] == ["已作废", "已作废"]
    gone = {case[Kind.ORDER_LIMIT].pk, case[Kind.EXTENSION].pk}
    assert {state for state, pk in said if pk not in gone} == {""}
    assert "附录2件为不再有效的文书及其附件，每页上角标明“已作废”或者“被取代”" in re.sub(r"\s", "", texts[-1])


@pytest.mark.slow
def test_an_extract_does_not_tell_who_complained(unit: Unit, officer: User, bind: Callable[..., Bundle]) -> None:
    complaint = received(officer, unit=unit)
    text = re.sub(r"\s", "", "".join(pages_of(bind())))
    assert re.sub(r"\s", "", complaint.content) in text
    assert complaint.complainant not in text
    assert complaint.contact not in text


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_it_is_one_file(
    case: dict[Kind, Document], bind: Callable[..., Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in case.values():
        printed(paper)

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(volume_writing, "strips", die)
        with pytest.raises(Killed):
            bind()
    bundle = Bundle.objects.get()
    assert (bundle.state, bundle.done, bundle.attempts) == ("RUNNING", len(CONTENTS) - 1, 1)
    volume_binding.bind(bundle.pk, NOW)
    assert Bundle.objects.get().attempts == 1
    assert bundles.bind_pending(NOW + SILENCE) == 1
    volume_binding.bind(bundle.pk, NOW + SILENCE)
    bundle.refresh_from_db()
    assert (bundle.state, bundle.attempts, bundle.done) == ("READY", 2, bundle.total)
    assert default_storage.listdir("bundles")[1] == [f"{bundle.pk}-2.pdf"]
    assert hashlib.sha256(read(bundle)).hexdigest() == bundle.sha256


def test_what_goes_wrong_is_said_and_can_be_tried_again(
    unit: Unit,
    officer: User,
    browse: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
    bind: Callable[..., Bundle],
) -> None:
    def break_down(*_: Any) -> None:
        raise ValueError("no")

    monkeypatch.setattr(volume_binding, "write", break_down)
    bundle = bind()
    assert (bundle.state, bundle.error) == ("FAILED", volume_binding.BROKEN)
    page = browse(officer).get(reverse("bundles"))
    assert volume_binding.BROKEN in page.text
    assert "重试" in page.text
    browse(officer).post(reverse("desk:again", args=[bundle.pk]))
    bundle.refresh_from_db()
    assert (bundle.state, bundle.attempts) == ("QUEUED", 0)


def test_whoever_has_lost_the_unit_gets_no_volume(
    unit: Unit, officer: User, sibling: Organisation, bind: Callable[..., Bundle]
) -> None:
    asked = ask_unit(unit, officer, NOW)
    Unit.objects.filter(pk=unit.pk).update(**sibling.scope_columns())
    bundle = bind(asked)
    assert (bundle.state, bundle.error) == ("FAILED", "李建平已无权查看，没有生成")
