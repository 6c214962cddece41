"""保密: who complained is known to those on the case, by a deliberate look that leaves an entry, and to nobody else."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from deadlines.models import Clock
from fire_supervision.lib.errors import RuleError
from inspections import complaining
from inspections.complaint_entries import Told
from inspections.models import Complaint, ComplaintCategory
from stations.models import Message, User
from tests.inspections.complaints import NAME, PHONE, call, checked, instant, received
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
