"""保密: who complained is known to those on the case, by a deliberate look that leaves an entry, and to nobody else."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Refusal
from inspections import complaining
from inspections.complaint_entries import Told, Transfer
from inspections.complaint_secrecy import naming
from inspections.models import Complaint, ComplaintCategory, Jurisdiction
from records.models import Document
from stations.models import Message, User
from tests.inspections.complaints import CALLED, NAME, PHONE, call, checked, instant, received
from trail.models import AuditEntry
from units.models import Unit

Browse = Callable[[User], Client]
NOW = instant(24, 16)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def complaint(officer: User, chief: User, unit: Unit) -> Complaint:
    """Taken down by the officer, handed to the chief and back, looked into: every act that writes something."""
    made = received(officer, unit=unit)
    complaining.recategorise_complaint(made, officer, ComplaintCategory.OTHER, "灯不亮")
    complaining.assign_complaint(made, officer, chief, "所长督办")
    complaining.show_complainant(made, chief, "核实地址")
    return complaining.check_complaint(made, chief, checked(officer, chief, instant(24, 9)), NOW)


def pages_of(complaint: Complaint) -> list[str]:
    register, page = reverse("inspections:complaints"), complaint.get_absolute_url()
    return [
        register, f"{register}?q={PHONE}", page, f"{page}answer/", f"{page}assign/", f"{register}new/", "/",
        reverse("stations:messages"), reverse("trail:list"), reverse("unit_page", args=[complaint.unit_id]),
    ]  # fmt: skip


def shown(client: Client, url: str) -> str:
    """The page without what was typed into its own search box, and the links that carry it on."""
    return client.get(url, follow=True).content.decode().replace(f'value="{PHONE}"', "").replace(f"?q={PHONE}", "")


@pytest.mark.slow
def test_no_page_names_the_complainant_to_anybody(
    complaint: Complaint, browse: Browse, officer: User, partner: User, chief: User, supervisor: User,
    bureau_officer: User, leader: User, audit_admin: User,
) -> None:  # fmt: skip
    people = (officer, partner, chief, supervisor, bureau_officer, leader, audit_admin)
    leaks = [
        (user.name, url, secret)
        for user, client in [(user, browse(user)) for user in people]
        for url in pages_of(complaint)
        for page in [shown(client, url)]
        for secret in (NAME, PHONE)
        if secret in page
    ]
    assert leaks == []


def test_searching_for_the_complainant_s_name_finds_nothing(
    complaint: Complaint, browse: Browse, officer: User
) -> None:
    register = reverse("inspections:complaints")
    found = [browse(officer).get(register, {"q": word}).context["page"].total for word in (NAME, NAME[:2], "后门")]
    assert found == [0, 0, 1]


def test_neither_trail_nor_message_nor_clock_nor_export_names_the_complainant(
    complaint: Complaint, browse: Browse, officer: User, chief: User
) -> None:
    complaining.answer_complaint(complaint, officer, Told(NOW, "PHONE", "已责令改正"), NOW)
    rows = [*AuditEntry.objects.values(), *Message.objects.values(), *Clock.objects.values()]
    response = browse(officer).get(reverse("inspections:complaints"), {"export": "xlsx"})
    cells = list(load_workbook(BytesIO(response.content)).worksheets[0].values)
    words = repr((rows, cells))
    assert (len(rows) > 8, len(cells), NAME in words, PHONE in words) == (True, 2, False, False)
    assert NAME not in repr(call(officer))


@pytest.mark.parametrize("who", ["officer", "chief"])
def test_those_on_the_case_see_the_name_once_and_leave_an_entry_each_time(
    complaint: Complaint, browse: Browse, request: pytest.FixtureRequest, who: str
) -> None:
    user = request.getfixturevalue(who)
    client, url = browse(user), reverse("inspections:complainant", args=[complaint.pk])
    before = AuditEntry.objects.filter(action="inspections.show_complainant").count()
    page = client.post(url, {"reason": "告知结果"})
    fragment = client.post(url, {"reason": "再次拨打"}, headers={"HX-Request": "true"})
    assert [(NAME in one.content.decode(), PHONE in one.content.decode()) for one in (page, fragment)] == [
        (True, True)
    ] * 2
    assert "no-store" in page["Cache-Control"]
    looks = AuditEntry.objects.filter(action="inspections.show_complainant").order_by("-id")
    assert [(look.actor_id, look.reason) for look in looks[:2]] == [(user.pk, "再次拨打"), (user.pk, "告知结果")]
    assert looks.count() == before + 2
    assert NAME not in client.get(complaint.get_absolute_url()).content.decode()


def test_a_look_needs_a_reason_and_a_part_in_the_case(
    complaint: Complaint, browse: Browse, officer: User, partner: User, supervisor: User, stranger: User
) -> None:
    url = reverse("inspections:complainant", args=[complaint.pk])
    statuses = [browse(user).post(url, {"reason": "好奇"}).status_code for user in (partner, supervisor, stranger)]
    assert statuses == [409, 403, 404]
    refused = browse(officer).post(url, {"reason": " "})
    assert (refused.status_code, NAME in refused.content.decode()) == (409, False)
    assert AuditEntry.objects.filter(action="inspections.show_complainant").count() == 1


def test_the_one_who_had_the_case_before_no_longer_sees_the_name(officer: User, partner: User, chief: User) -> None:
    made = received(officer, handler=partner)
    complaining.assign_complaint(made, chief, officer, "休假")
    made.refresh_from_db()
    with pytest.raises(RuleError, match="受理人、承办人和所长"):
        complaining.show_complainant(made, partner, "好奇")
    assert complaining.show_complainant(made, officer, "告知结果").complainant == NAME


def test_guessing_a_name_in_a_reason_tells_an_outsider_nothing(officer: User, partner: User, chief: User) -> None:
    made = received(officer)
    complaining.recategorise_complaint(made, partner, ComplaintCategory.OTHER, f"是{NAME}吧")
    with pytest.raises(RuleError, match="姓名或者电话"):
        complaining.recategorise_complaint(made, chief, ComplaintCategory.EXIT, f"{NAME}说的")


@pytest.mark.slow
def test_who_calls_again_is_found_by_those_on_the_case_and_by_nobody_else(
    complaint: Complaint, browse: Browse, officer: User, partner: User, chief: User, supervisor: User,
    bureau_officer: User,
) -> None:  # fmt: skip
    """Whoever is not on the case must not learn by trying a number whether its owner complained."""
    register = reverse("inspections:complaints")

    def found(user: User, typed: str) -> int:
        page = browse(user).get(register, {"q": typed})
        return len(page.context["rows"])

    assert [found(user, PHONE) for user in (officer, chief)] == [1, 1]
    assert found(officer, f"+86{PHONE}") == 1
    assert [found(user, PHONE) for user in (partner, supervisor, bureau_officer)] == [0, 0, 0]
    # A part of a number finds nothing for anybody.
    assert [found(user, PHONE[:8]) for user in (officer, chief)] == [0, 0]


# ---------- every typed word that leaves the case ----------


def refused(act: Callable[..., object], *args: Any, **changes: Any) -> list[str]:
    with pytest.raises(Refusal, match="姓名或者电话") as raised:
        act(*args, **changes)
    return [fault.field for fault in raised.value.faults]


def test_no_word_that_is_registered_names_the_complainant(officer: User, unit: Unit) -> None:
    places = {"premises": f"{NAME}住处楼下超市", "address": f"裕华路180号，电话 {PHONE[:3]} {PHONE[3:]}"}
    assert refused(received, officer, **places, content=f"{NAME[:2]}女士说后门上锁") == [
        "content",
        "premises",
        "address",
    ]
    other = {"jurisdiction": Jurisdiction.NOT_POLICE}
    assert refused(received, officer, **other, told=Told(CALLED, "PHONE", f"已告知{NAME}")) == ["told"]
    assert refused(received, officer, **other, told=Told(CALLED, untold=f"{PHONE}打不通")) == ["untold"]
    assert (Complaint.objects.count(), AuditEntry.objects.filter(summary__contains=NAME).count()) == (0, 0)
    # What the ledger calls the unit is nobody's word of this complaint: its owner may complain of his tenant.
    Unit.objects.filter(pk=unit.pk).update(name=f"{NAME}超市")
    assert received(officer, unit=unit, **places).premises == f"{NAME}超市"
    assert received(officer, premises="慕容路超市").premises == "慕容路超市"


def test_no_word_of_what_was_done_names_the_complainant(officer: User, partner: User, chief: User) -> None:
    made, at = received(officer), instant(24, 9)
    assert refused(complaining.transfer_complaint, made, officer, Transfer(at, f"{NAME}处", PHONE), NOW) == [
        "to", "letter_no",
    ]  # fmt: skip
    told = Told(at, "WRITTEN", f"{NAME}：", reward=f"已奖励{NAME}")
    assert refused(complaining.transfer_complaint, made, officer, Transfer(at, "北关派出所", told=told), NOW) == [
        "told", "reward",
    ]  # fmt: skip
    result = checked(officer, partner, at, found=f"{NAME}在场")
    assert refused(complaining.check_complaint, made, officer, result, NOW) == ["found"]
    for act, rest in (
        (complaining.assign_complaint, [chief, NAME]),
        (complaining.recategorise_complaint, [ComplaintCategory.OTHER, NAME]),
        (complaining.withdraw_complaint, [NAME, NOW]),
        (complaining.correct_complaint, [{"content": "后门上锁"}, NAME]),
    ):
        assert refused(act, made, chief, *rest) == ["reason"]
    assert refused(complaining.correct_complaint, made, chief, {"premises": NAME, "address": PHONE}, "错字") == [
        "premises", "address",
    ]  # fmt: skip
    moved = complaining.transfer_complaint(made, officer, Transfer(at, "北关派出所", "移字3号"), NOW)
    assert (moved.transferred_to, moved.letter_no) == ("北关派出所", "移字3号")


def test_each_form_says_it_where_it_was_typed(officer: User, chief: User, browse: Browse) -> None:
    client = browse(officer)
    sent = {
        "category": "EXIT", "jurisdiction": "OURS", "source": "CALL", "received_at": "2026-09-24T15:00",
        "form_key": "5f6a2a2e-7c0e-4c53-9a43-6c8d5e9f1a01", "premises": f"{NAME}楼下超市", "address": f"联系{PHONE}",
        "content": "后门上锁", "complainant": NAME, "contact": PHONE,
    }  # fmt: skip
    form = client.post(reverse("inspections:complaint_receive"), sent).context["form"]
    assert list(form.errors) == ["premises", "address"]
    assert "先登记到台账" in form.errors["premises"][0]
    page = received(officer).get_absolute_url()
    day = "2026-09-24T15:00"
    typed: dict[str, dict[str, str]] = {
        "transfer": {"at": day, "to": f"{NAME}处", "letter_no": PHONE},
        "check": {"at": day, "first": str(officer.pk), "second": str(chief.pk), "truth": "TRUE", "found": NAME},
        "assign": {"handler": str(chief.pk), "reason": NAME},
        "category": {"category": "OTHER", "reason": NAME},
        "correct": {"premises": f"{NAME}超市", "content": "上锁", "reason": PHONE},
    }
    errors = {act: list(client.post(f"{page}{act}/", data).context["form"].errors) for act, data in typed.items()}
    assert errors == {
        "transfer": ["to", "letter_no"], "check": ["found"], "assign": ["reason"], "category": ["reason"],
        "correct": ["reason", "premises"],
    }  # fmt: skip
    assert list(browse(chief).post(f"{page}withdraw/", {"reason": NAME}).context["form"].errors) == ["reason"]


def test_what_was_registered_before_it_was_searched_is_found_before_a_paper_is_made(
    complaint: Complaint, officer: User, partner: User
) -> None:
    """The public page shows the unit of a paper for good."""
    Complaint.objects.filter(pk=complaint.pk).update(unit=None, premises=f"{NAME}楼下超市", found=f"{NAME}在场")
    for teller in (officer, partner):
        assert refused(complaining.answer_complaint, complaint, teller, Told(NOW, "PHONE", "已责令改正"), NOW) == [
            "premises", "found",
        ]  # fmt: skip
    complaining.correct_complaint(complaint, officer, {"premises": "楼下超市", "found": "举报人在场"}, "保密")
    done = complaining.answer_complaint(complaint, officer, Told(NOW, "PHONE", "已责令改正"), NOW)
    assert Document.objects.get(pk=done.document_id).unit_name == "楼下超市"
    told = AuditEntry.objects.get(action="inspections.correct_complaint")
    assert (told.before["premises"], NAME in repr((told.before, told.after))) == ("举报人楼下超市", False)


@pytest.mark.parametrize(
    ("complainant", "contact", "given_away", "kept"),
    [
        (NAME, PHONE, ["慕容 雪晴", "慕容女士家", "137-0000 9527", f"+86{PHONE}"], ["慕容路9527号"]),
        (NAME, PHONE, ["１３７００００９５２７"], []),
        (f"{NAME}女士（业主）", "", [NAME], ["业主群"]),
        ("王", "", ["王先生楼下", "王 女士说"], ["王府井大街1号", "王家面馆"]),
        ("王女士", "", ["王女士楼下", "王先生"], ["王府井大街1号"]),
        ("欧阳", "", ["欧阳先生"], ["欧阳路180号"]),
        ("老张", "", ["老张说", "张先生"], ["老太太堆物"]),
        ("张伟、李娜", "", ["李娜", "李女士"], ["张庄村"]),
        ("", "", [], ["某先生和某女士"]),
        (" ", "·", [], ["任何 文字·先生"]),
        ("先生", "门卫", [], ["一名先生在门卫室"]),
        ("热心群众", "12345", [], ["热心群众通过12345反映"]),
        ("", "110", [], ["裕华路110号"]),
        ("", "0312-5551234", ["5551234", "（0312）5551234"], ["0312"]),
        ("", "661234", ["短号661234"], ["第6612345号"]),
        ("", "微信snow_9527x，liu@163.com", ["SNOW_9527X", "liu@163.com"], ["微信告知", "163.com"]),
        ("", "裕华路180号3单元502室", ["裕华路180号 3单元502室"], ["裕华路180号"]),
    ],
)  # fmt: skip
def test_whoever_is_called_or_reached_so_is_given_away_by_these_words_and_not_by_those(
    complainant: str, contact: str, given_away: list[str], kept: list[str]
) -> None:
    typed = {words: words for words in (*given_away, *kept)}
    assert naming(complainant, contact, typed) == given_away
