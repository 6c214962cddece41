"""隐患库: read by everybody, settled by bureau and brigade."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from fire_supervision.lib.errors import RuleError
from inspections import confirming
from inspections.models import HazardType, OrderBasis
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.models import AuditEntry

CATALOGUE = reverse("inspections:catalogue")
Browse = Callable[[User], Client]


def entry(code: str = "EV06") -> str:
    return reverse("inspections:hazard_type", args=[code])


def values(code: str = "EV06", **changes: object) -> dict[str, object]:
    kind = HazardType.objects.get(code=code)
    names = ("name", "violates", "hint", "penalty", "standard", "measure", "mode", "days", "severity")
    return {name: getattr(kind, name) for name in names} | changes


def codes(client: Client, query: str = "") -> list[str]:
    return [kind.code for kind, _ in client.get(CATALOGUE + query).context["rows"]]


def test_the_whole_catalogue_is_one_page_and_marked_as_not_confirmed(officer: User, browse: Browse) -> None:
    page = browse(officer).get(CATALOGUE)
    assert len(page.context["rows"]) == 73
    assert page.content.decode().count('<td class="c2"><span class="st st-line">待核定</span></td>') == 73


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=飞线", ["EB03"]),
        ("?q=ev06", ["EV06"]),
        ("?category=ACCESS", ["AC01", "AC02", "AC03"]),
        ("?confirmed=yes", ["EV06"]),
        ("?category=ACCESS&confirmed=yes", []),
        ("?q=没有这样的", []),
    ],
)
def test_it_is_searched_and_filtered(officer: User, browse: Browse, query: str, found: list[str]) -> None:
    HazardType.objects.filter(code="EV06").update(confirmed=True)
    assert codes(browse(officer), query) == found


def test_it_is_exported_as_shown(officer: User, assistant: User, browse: Browse) -> None:
    response = browse(officer).get(CATALOGUE, {"category": "ACCESS", "export": "xlsx"})
    rows = list(load_workbook(BytesIO(response.content)).worksheets[0].values)
    assert [row[0] for row in rows] == ["代码", "AC01", "AC02", "AC03"]
    assert rows[1][5] == "消防监督检查规定第33条第1款第3项"
    assert browse(assistant).get(CATALOGUE, {"export": "xlsx"}).status_code == 403


def test_bureau_and_brigade_confirm_an_entry_and_the_trail_keeps_before_and_after(
    bureau_officer: User, brigade_leader: User, browse: Browse
) -> None:
    browse(bureau_officer).post(entry(), values(days=10, confirmed="on"))
    kind = HazardType.objects.get(code="EV06")
    assert (kind.days, kind.confirmed) == (10, True)
    told = AuditEntry.objects.get()
    assert (told.action, told.before, told.after) == (
        "inspections.set_hazard_type", {"days": 7, "confirmed": False}, {"days": 10, "confirmed": True},
    )  # fmt: skip
    browse(brigade_leader).post(entry(), values(days=10, confirmed="on", name="疏散指示标志 缺失"))
    assert HazardType.objects.get(code="EV06").name_key == "疏散指示标志缺失"


def test_saving_what_stands_there_tells_nothing(bureau_officer: User, browse: Browse) -> None:
    assert browse(bureau_officer).post(entry(), values()).status_code == 302
    assert AuditEntry.objects.count() == 0


def test_a_period_needs_days_and_at_once_has_none(bureau_officer: User, browse: Browse) -> None:
    client = browse(bureau_officer)
    assert list(client.post(entry(), values(days=0)).context["form"].errors) == ["days"]
    client.post(entry(), values(mode="NOW", days=7))
    assert HazardType.objects.get(code="EV06").days == 0
    assert client.post(entry("BD04"), values("BD04", confirmed="on")).status_code == 302


def test_an_entry_names_one_offence_and_no_choice_of_several(bureau_officer: User, browse: Browse) -> None:
    client = browse(bureau_officer)
    refused = client.post(entry(), values(name="疏散指示标志缺失/损坏")).context["form"]
    assert refused.errors["name"] == ["一条只写一种违法行为，不用“/”并列"]
    assert client.post(entry(), values(name="疏散指示标志缺失或者损坏")).status_code == 302
    assert HazardType.objects.get(code="EV06").name == "疏散指示标志缺失或者损坏"


REFUSED = [
    ("消防法第28条；地方条例（如粤办法第25条）", "“如”只是举例，没有写定是哪一部规定"),
    ("消防法第16条/第27条", "用“/”并列，没有选定是哪一条"),
    ("消防法第28条5000元", "写了金额"),
    ("沪条例第69条", "“沪条例”不是规定的全称"),
    ("消防法第28条（", "括号不成对"),
]


@pytest.mark.parametrize(("words", "reason"), REFUSED)
def test_what_no_paper_may_cite_is_refused_at_the_field_of_the_entry_and_of_the_own_basis(
    bureau_officer: User, browse: Browse, words: str, reason: str
) -> None:
    client = browse(bureau_officer)
    form = client.post(entry(), values(violates=words)).context["form"]
    assert dict(form.errors) == {"violates": [reason]}
    page = client.post(reverse("inspections:basis", args=["EV06"]), {"basis": words})
    assert dict(page.context["basis_form"].errors) == {"basis": [reason]}
    html = page.content.decode()
    assert (html.count(f'name="basis" value="{words}"'), html.count(f'method="post" action="{entry()}"')) == (1, 1)
    assert AuditEntry.objects.count() == 0
    assert client.post(entry(), values(violates="《江城市消防条例》第9条", hint="")).status_code == 302


def test_an_article_no_paper_may_cite_is_marked_where_it_is_kept_and_the_hint_stands_beside_it(
    officer: User, browse: Browse
) -> None:
    client = browse(officer)
    assert client.get(CATALOGUE).content.decode().count("条款待改写") == 1
    page = client.get(entry("EQ10")).content.decode()
    assert "没有写明违反条款：引用它的通知书、移送函、隐患报告不能签发" in page
    page = client.get(entry("FI04")).content.decode()
    assert '地方条例（沪条例第69条5000-50000元） <span class="st st-line">待核定</span>' in page
    assert "不能签发" not in page


def test_an_entry_kept_with_a_choice_of_several_is_marked_in_the_list(officer: User, browse: Browse) -> None:
    client, mark = browse(officer), "并列，待改写"
    assert mark not in client.get(CATALOGUE).content.decode()
    HazardType.objects.filter(code="EV06").update(name="疏散指示标志缺失/损坏")
    assert client.get(CATALOGUE).content.decode().count(mark) == 1


def test_an_officer_reads_and_does_not_change(officer: User, chief: User, leader: User, browse: Browse) -> None:
    for user in (officer, chief, leader):
        client = browse(user)
        assert client.get(entry()).context["form"] is None
        assert client.post(entry(), values(days=99)).status_code == 403
    assert HazardType.objects.get(code="EV06").days == 7


def test_one_bureau_keeps_what_all_share_and_the_others_read_it(
    bureau: Organisation, bureau_officer: User, brigade_leader: User, person: Callable[..., User], browse: Browse
) -> None:
    bureaus = {
        name: Organisation.objects.create(kind=OrganisationKind.BUREAU, name=name, parent=parent)
        for name, parent in (("城东分局", bureau), ("河东市公安局", None))
    }
    for each in bureaus.values():
        Organisation.objects.filter(pk=each.pk).update(bureau=each)
    kind, url = HazardType.objects.get(code="EV06"), entry()
    assert browse(bureau_officer).get(url).context["form"] is not None
    assert browse(brigade_leader).get(url).context["form"] is not None
    beside = [person(Role.BUREAU_OFFICER, each, "卫") for each in bureaus.values()]
    far = bureaus["河东市公安局"]
    Organisation.objects.create(kind=OrganisationKind.STATION, name="渡口派出所", parent=far, bureau=far)
    for user in (*beside, brigade_leader):
        client = browse(user)
        assert client.get(url).context["form"] is None
        answer = client.post(url, values(name="改写"))
        assert (answer.status_code, "由江城市公安局维护" in answer.text) == (409, True)
        with pytest.raises(RuleError, match="各公安机关共用"):
            confirming.set_hazard_type(kind.pk, {"name": "改写"}, user)
    kind.refresh_from_db()
    assert kind.name != "改写"


def test_a_bureau_names_its_own_basis_changes_it_and_takes_it_away(
    bureau_officer: User, bureau: Organisation, browse: Browse
) -> None:
    address, client = reverse("inspections:basis", args=["EL01"]), browse(bureau_officer)
    for words in ("《××省消防条例》第35条", "《××省消防条例》第35条", "  "):
        assert client.post(address, {"basis": words})["Location"] == entry("EL01")
    assert OrderBasis.objects.count() == 0
    assert [told.after["basis"] for told in AuditEntry.objects.order_by("id")] == ["《××省消防条例》第35条", ""]


def test_a_basis_is_the_bureaus_business_alone(officer: User, brigade_leader: User, browse: Browse) -> None:
    address = reverse("inspections:basis", args=["EL01"])
    for user in (officer, brigade_leader):
        assert browse(user).post(address, {"basis": "《××省消防条例》第35条"}).status_code == 403
    assert OrderBasis.objects.count() == 0


def test_a_basis_shows_at_its_entry_for_the_stations_of_that_bureau(
    bureau_officer: User, bureau: Organisation, officer: User, browse: Browse
) -> None:
    confirming.set_basis(bureau, HazardType.objects.get(code="EL01"), "《××省消防条例》第35条", bureau_officer)
    assert browse(officer).get(entry("EL01")).context["basis"].words == "《××省消防条例》第35条"


def test_an_unknown_code_is_not_found_and_an_administrator_has_no_business_here(
    officer: User, system_admin: User, browse: Browse
) -> None:
    assert browse(officer).get(entry("XX99")).status_code == 404
    assert browse(system_admin).get(CATALOGUE).status_code == 403
