"""The organisation tree: acts and pages."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from fire_supervision.lib.errors import RuleError
from stations import actions
from stations.models import Guidance, Organisation, User
from stations.tree import branches
from trail.models import AuditEntry

URL = "/organisations/"
ONE_LINE = "不超过 {} 个字，文书号要印在一行里"


@pytest.fixture
def client(browse: Callable[[User], Client], system_admin: User) -> Client:
    return browse(system_admin)


def made(name: str) -> Organisation:
    return Organisation.objects.get(name=name)


def test_each_kind_is_entered_in_its_place_of_the_tree(
    client: Client, bureau: Organisation, brigade: Organisation
) -> None:
    client.post(f"{URL}new/BUREAU/", {"name": "高新区分局", "code_word": "江公高", "parent": bureau.pk})
    nested = made("高新区分局")
    station = {
        "name": "科技城派出所",
        "short_name": "科技城",
        "code_word": "江公高",
        "parent": nested.pk,
        "brigade": brigade.pk,
    }
    client.post(f"{URL}new/STATION/", station)
    client.post(f"{URL}new/OFFICE/", {"name": "创业街警务室", "parent": made("科技城派出所").pk})
    client.post(f"{URL}new/BRIGADE/", {"name": "高新区消防救援大队"})
    client.post(f"{URL}new/TOWNSHIP/", {"name": "石桥镇"})

    assert (nested.parent, nested.bureau) == (bureau, nested)
    assert (made("科技城派出所").bureau, made("科技城派出所").brigade) == (nested, brigade)
    assert made("创业街警务室").scope_columns() == {
        "bureau_id": nested.pk,
        "station_id": made("科技城派出所").pk,
        "office_id": made("创业街警务室").pk,
    }
    assert (made("高新区消防救援大队").bureau, made("高新区消防救援大队").parent) == (None, bureau)
    assert AuditEntry.objects.filter(action="stations.create_organisation").count() == 5


@pytest.mark.parametrize(
    ("kind", "posted", "errors"),
    [
        ("STATION", {"name": "城关派出所"}, {"name": ["已经有一个同名的机构"]}),
        ("STATION", {"name": "东关派出所", "short_name": ""}, {"short_name": ["请填写"]}),
        ("STATION", {"name": "东关派出所", "parent": ""}, {"parent": ["请选择"]}),
        ("BRIGADE", {"name": "江城市消防救援大队"}, {"name": ["已经有一个同名的机构"]}),
        ("STATION", {"name": "东关派出所", "short_name": "东" * 9}, {"short_name": [ONE_LINE.format(8)]}),
        ("BUREAU", {"name": "东关分局", "code_word": "江" * 6}, {"code_word": [ONE_LINE.format(5)]}),
    ],
)
def test_a_form_that_does_not_do_says_why_at_the_field(
    kind: str,
    posted: dict[str, str],
    errors: dict[str, list[str]],
    client: Client,
    bureau: Organisation,
    station: Organisation,
) -> None:
    count = Organisation.objects.count()
    whole = {"short_name": "东关", "code_word": "江公", "parent": bureau.pk, **posted}

    assert client.post(f"{URL}new/{kind}/", whole).context["form"].errors == errors
    assert Organisation.objects.count() == count


def test_a_kind_nobody_knows_is_not_found(client: Client) -> None:
    assert client.get(f"{URL}new/MINISTRY/").status_code == 404
    assert client.get(f"{URL}new/STATION/").status_code == 200


def test_names_are_changed_with_before_and_after_and_the_place_stays(client: Client, station: Organisation) -> None:
    posted = {
        "name": "城关第一派出所",
        "short_name": "城一",
        "issuer_name": "",
        "code_word": "江公",
        "parent": "",
        "brigade": "",
    }

    client.post(f"{URL}{station.pk}/edit/", posted)

    station.refresh_from_db()
    assert (station.name, station.short_name, station.parent_id) == ("城关第一派出所", "城一", station.bureau_id)
    entry = AuditEntry.objects.get(action="stations.edit_organisation")
    assert (entry.before["name"], entry.after["name"]) == ("城关派出所", "城关第一派出所")


def test_another_brigade_ends_the_guidance_by_the_old_one(
    system_admin: User, supervisor: User, station: Organisation
) -> None:
    other = Organisation.objects.create(kind="BRIGADE", name="高新区消防救援大队")

    actions.edit_organisation(system_admin, station.pk, {"brigade": other})

    assert not Guidance.objects.filter(station=station).exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "stations.end_guidance",
        "stations.edit_organisation",
    ]


def test_an_organisation_with_people_or_lower_ones_is_not_disabled_and_says_why(
    client: Client, bureau: Organisation, station: Organisation, brigade: Organisation, officer: User
) -> None:
    assert actions.reasons_to_keep(bureau) == ["还有 1 名在用人员", "还有 1 个下级机构"]
    assert actions.reasons_to_keep(brigade) == ["还指导 1 个派出所"]
    assert "现在不能停用：还有 1 名在用人员" in client.get(f"{URL}{station.pk}/").content.decode()

    refused = client.post(f"{URL}{station.pk}/switch/", {"reason": "撤所"})

    assert refused.status_code == 409
    assert "城关派出所不能停用：还有 1 名在用人员" in refused.content.decode()
    assert made("城关派出所").is_active


def test_an_empty_organisation_is_disabled_and_enabled_with_the_reason(client: Client, sibling: Organisation) -> None:
    client.post(f"{URL}{sibling.pk}/switch/", {"reason": "撤所"})
    assert not made("北关派出所").is_active
    client.post(f"{URL}{sibling.pk}/switch/?to=on", {"reason": "恢复"})
    assert made("北关派出所").is_active
    client.post(f"{URL}{sibling.pk}/switch/", {"reason": ""})
    assert made("北关派出所").is_active

    assert list(AuditEntry.objects.order_by("pk").values_list("action", "reason")) == [
        ("stations.disable_organisation", "撤所"),
        ("stations.enable_organisation", "恢复"),
    ]


def test_below_an_organisation_out_of_use_nothing_is_enabled(
    system_admin: User, bureau: Organisation, sibling: Organisation
) -> None:
    Organisation.objects.filter(pk__in=[bureau.pk, sibling.pk]).update(is_active=False)

    with pytest.raises(RuleError, match="上级江城市公安局还在停用"):
        actions.enable_organisation(system_admin, sibling.pk, "恢复")


def test_the_tree_is_printed_depth_first_with_brigades_last(
    bureau: Organisation, station: Organisation, sibling: Organisation, brigade: Organisation
) -> None:
    nested = Organisation.objects.create(kind="BUREAU", name="高新区分局", parent=bureau)
    Organisation.objects.create(kind="STATION", name="科技城派出所", parent=nested, bureau=nested)
    Organisation.objects.create(kind="OFFICE", name="北大街警务室", parent=station, bureau=bureau)

    rows = [(branch.organisation.name, branch.depth) for branch in branches(Organisation.objects.all())]

    assert rows == [
        ("江城市公安局", 0),
        ("北关派出所", 1),
        ("城关派出所", 1),
        ("北大街警务室", 2),
        ("高新区分局", 1),
        ("科技城派出所", 2),
        ("江城市消防救援大队", 0),
    ]


def test_the_tree_page_counts_people_at_the_same_cost_for_any_number_of_rows(
    client: Client, officer: User, queries: Callable[[Callable[[], object]], int], bureau: Organisation
) -> None:
    before = queries(lambda: client.get(URL))
    for name in ("东关派出所", "西关派出所"):
        Organisation.objects.create(kind="STATION", name=name, parent=bureau, bureau=bureau)

    assert queries(lambda: client.get(URL)) == before
    counts = {row.organisation.name: row.organisation.head_count for row in client.get(URL).context["rows"]}
    assert counts == {"江城市公安局": 1, "城关派出所": 1, "东关派出所": 0, "西关派出所": 0, "江城市消防救援大队": 0}


def test_the_export_holds_the_tree(client: Client, station: Organisation) -> None:
    rows = list(load_workbook(BytesIO(client.get(f"{URL}?export=xlsx").content)).active.iter_rows(values_only=True))

    assert [row[0] for row in rows] == ["名称", "江城市公安局", "城关派出所", "江城市消防救援大队"]


def test_the_organisations_of_another_bureau_do_not_exist_here(client: Client) -> None:
    elsewhere = Organisation.objects.create(kind="BUREAU", name="海州市公安局")
    elsewhere.bureau = elsewhere
    elsewhere.save()

    assert client.get(f"{URL}{elsewhere.pk}/").status_code == 404
    assert client.post(f"{URL}{elsewhere.pk}/switch/", {"reason": "x"}).status_code == 404
    assert "海州市公安局" not in client.get(URL).content.decode()
