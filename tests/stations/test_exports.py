"""What leaves the house: by who may, with a reason, told in the trail, marked with who took it."""

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from stations.models import User
from stations.permissions import Role
from stations.personal import SEES, Personal
from trail.models import AuditEntry
from units.models import Unit

pytestmark = pytest.mark.django_db
LIST = "/units/?q=%E4%B8%87%E5%AE%B6%E7%A6%8F&export=xlsx"
ROOMS = ("stations", "deadlines", "records", "units", "inspections", "hazards", "filings", "assessments", "desk")
# Every list that can be taken out as a table, by somebody who sees it.
TABLES = {
    "units:list": "chief", "units:pledges": "chief", "units:twins": "chief", "inspections:list": "chief",
    "inspections:complaints": "chief", "inspections:catalogue": "chief", "hazards:list": "chief",
    "hazards:extensions": "chief", "hazards:referrals": "chief", "records:list": "chief", "deadlines:clocks": "chief",
    "deadlines:rules": "chief", "deadlines:calendar": "chief", "filings:queue": "supervisor",
    "filings:returned": "chief", "filings:monthly": "bureau_officer", "assessments:coverage": "chief",
    "assessments:overdue": "chief", "stations:people": "system_admin", "stations:organisations": "system_admin",
    "trail:list": "audit_admin", "trail:alarms": "audit_admin",
}  # fmt: skip


@pytest.fixture
def plain() -> Callable[[User], Client]:
    """A client that gives no reason by itself, unlike that of `browse`."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


def take(client: Client, url: str, reason: str = "月度台账核对") -> HttpResponse:
    """The file of ``url``, by way of the page that asks what for."""
    asked = client.get(url)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/export/?next=")
    answer = client.post(asked["Location"], {"reason": reason})
    assert (answer.status_code, answer["Location"]) == (302, url)
    return client.get(url)


# ---------- every table of the product ----------


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Where the product calls ``name`` (`module.function`)."""
    for room in ROOMS:
        for path in sorted((Path(settings.BASE_DIR) / room).rglob("*.py")):
            text = path.read_text()
            for node in ast.walk(ast.parse(text)) if name in text else ():
                if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                    yield str(path.relative_to(settings.BASE_DIR)), node


def test_workbooks_leave_by_one_function_alone() -> None:
    assert {path for path, _ in _calls("excel.workbook")} == {"stations/exports.py", "stations/views/roster.py"}
    empty = [ast.unparse(call.args[2]) for path, call in _calls("excel.workbook") if path == "stations/views/roster.py"]
    # The template of the roster holds nobody.
    assert empty == ["[]"]


def test_every_table_is_in_the_list_above() -> None:
    """The pages of a quarter, whose addresses carry numbers, are walked in tests/assessments."""
    found = {path for path, _ in _calls("exports.table")}
    listed = {_module_of(name) for name in TABLES} | {
        "assessments/views.py", "assessments/record_views.py", "units/views/imports.py",
    }  # fmt: skip
    assert found == listed


def _module_of(name: str) -> str:
    from django.urls import resolve

    return resolve(reverse(name)).func.__module__.replace(".", "/") + ".py"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "who"), TABLES.items())
def test_a_table_leaves_with_a_reason_and_an_entry(
    request: pytest.FixtureRequest, plain: Callable[[User], Client], name: str, who: str
) -> None:
    user = request.getfixturevalue(who)
    url = reverse(name) + "?export=xlsx"
    client = plain(user)
    response = take(client, url)
    assert response.has_header("Content-Disposition")
    entry = AuditEntry.objects.get(action__endswith=".export")
    assert (entry.actor_id, entry.reason, entry.after["path"]) == (user.pk, "月度台账核对", url)
    book = load_workbook(BytesIO(b"".join(response)))
    assert entry.after["rows"] == book.worksheets[0].max_row - 1
    said = {row[0]: row[1] for row in book["导出说明"].iter_rows(values_only=True)}
    assert (said["导出人"], said["用途"]) == (f"{user.name}（{user.number}）", "月度台账核对")
    assert user.number in (book.worksheets[0].oddFooter.left.text or "")
    # One reason, one file.
    assert client.get(url)["Location"].startswith("/export/")


@pytest.mark.parametrize("name", [name for name, who in TABLES.items() if who == "chief"])
def test_whoever_may_not_export_is_refused(plain: Callable[[User], Client], assistant: User, name: str) -> None:
    client = plain(assistant)
    assert client.get(reverse(name) + "?export=xlsx").status_code == 403
    assert not AuditEntry.objects.filter(action__endswith=".export").exists()


# ---------- the reason ----------


def test_without_a_reason_nothing_leaves(plain: Callable[[User], Client], chief: User, unit: Unit) -> None:
    client = plain(chief)
    asked = client.get(LIST)["Location"]
    for reason in ("", " ", "x"):
        assert client.post(asked, {"reason": reason}).status_code == 422
    assert client.get(LIST)["Location"] == asked
    assert not AuditEntry.objects.filter(action="units.export").exists()


def test_a_reason_holds_for_the_list_it_was_given_for(plain: Callable[[User], Client], chief: User, unit: Unit) -> None:
    client = plain(chief)
    client.post(client.get(LIST)["Location"], {"reason": "月度台账核对"})
    assert client.get("/units/?export=xlsx").status_code == 302
    assert client.get("/hazards/?export=xlsx").status_code == 302
    assert client.get(LIST).status_code == 200


def test_a_reason_is_forgotten_after_a_few_minutes(plain: Callable[[User], Client], chief: User, unit: Unit) -> None:
    client = plain(chief)
    client.post(client.get(LIST)["Location"], {"reason": "月度台账核对"})
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.STEP_UP_MINUTES + 1)):
        assert client.get(LIST).status_code == 302


def test_the_last_reason_is_suggested_and_the_usual_ones_are_listed(
    plain: Callable[[User], Client], chief: User, unit: Unit
) -> None:
    client = plain(chief)
    take(client, LIST, "报送分局")
    page = client.get(client.get(LIST)["Location"])
    assert page.context["form"].initial["reason"] == "报送分局"
    assert '<option value="迎接检查考核">' in page.content.decode()
    assert page.context["back"] == "/units/?q=%E4%B8%87%E5%AE%B6%E7%A6%8F"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "", "units"])
def test_it_leads_nowhere_else(plain: Callable[[User], Client], chief: User, target: str) -> None:
    assert plain(chief).post(f"/export/?next={target}", {"reason": "月度台账核对"}).status_code == 404


def test_a_head_request_takes_nothing_out(plain: Callable[[User], Client], chief: User, unit: Unit) -> None:
    assert plain(chief).head(LIST).status_code == 302
    assert plain(chief).post(LIST).status_code == 302


def test_a_telephone_somebody_searched_for_is_masked_in_the_entry(
    plain: Callable[[User], Client], chief: User, unit: Unit
) -> None:
    take(plain(chief), f"/units/?q={unit.phone}&export=xlsx")
    assert AuditEntry.objects.get(action="units.export").after["path"] == "/units/?q=199****0001&export=xlsx"


# ---------- what it holds ----------


@pytest.mark.slow
@pytest.mark.parametrize("who", ["officer", "chief", "supervisor", "brigade_leader", "bureau_officer", "leader"])
def test_a_table_shows_the_telephones_its_reader_sees_on_the_page(
    request: pytest.FixtureRequest, plain: Callable[[User], Client], unit: Unit, supervisor: User, who: str
) -> None:
    user = request.getfixturevalue(who)
    whole = Role(user.role) in SEES[Personal.UNIT_PHONE]
    sheet = load_workbook(BytesIO(take(plain(user), "/units/?export=xlsx").content)).worksheets[0]
    assert sheet["H2"].value == (unit.phone if whole else "199****0001")
    page = plain(user).get("/units/").content.decode()
    assert (unit.phone in page, "199****0001" in page) == (whole, not whole)
