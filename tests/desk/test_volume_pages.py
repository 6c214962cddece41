"""下载与案卷: who asks for a volume, who fetches it, and what the list says."""

# ruff: noqa: F811 - fixtures of another room, asked for by their names

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk.volume import ask_unit
from hazards.models import Order
from inspections.models import Inspection
from records import bundles
from records.models import Bundle
from stations.models import Organisation, OrganisationKind, User
from stations.permissions import Role
from tests.desk.volumes import (  # noqa: F401 - fixtures
    NOW,
    _on_a_friday,
)
from tests.hazards.conftest import (  # noqa: F401 - fixtures
    conclude,
    find,
    open_visit,
    order,
    visit,
)
from trail.models import AuditEntry
from units.models import Unit


def ready(bundle: Bundle, content: bytes = b"%PDF-") -> Bundle:
    taken = bundles.take(bundle.pk, NOW)
    assert taken is not None
    bundles.finish(taken, ContentFile(content), sha256="a" * 64, pages=5, left_out=0, at=NOW)
    return Bundle.objects.get(pk=bundle.pk)


def test_the_buttons_ask_once_and_lead_to_the_list(
    order: Order,
    unit: Unit,
    officer: User,
    browse: Callable[[User], Client],
) -> None:
    client = browse(officer)
    for url in (reverse("bind_unit", args=[unit.pk]), reverse("bind_case", args=[order.inspection_id])):
        assert [client.post(url).headers["Location"] for _ in range(2)] == [reverse("bundles")] * 2
    assert sorted(Bundle.objects.values_list("kind", "title")) == [
        ("CASE", "万家福便利超市2026年9月22日消防监督检查案卷"), ("UNIT", "万家福便利超市消防监督管理档案"),
    ]  # fmt: skip
    for url in (reverse("unit_page", args=[unit.pk]), reverse("hazards:order", args=[order.pk])):
        assert "生成案卷" in client.get(url).text


def test_whoever_may_not_export_has_no_button(unit: Unit, assistant: User, browse: Callable[[User], Client]) -> None:
    client = browse(assistant)
    assert "生成案卷" not in client.get(reverse("unit_page", args=[unit.pk])).text
    assert client.post(reverse("bind_unit", args=[unit.pk])).status_code == 403


def test_a_visit_that_is_not_finished_has_no_volume(
    visit: Inspection, officer: User, browse: Callable[[User], Client]
) -> None:
    response = browse(officer).post(reverse("bind_case", args=[visit.pk]))
    assert response.status_code == 409
    assert "没有完成" in response.text


def test_a_supervisor_binds_what_he_guides_and_a_stranger_nothing(
    order: Order,
    unit: Unit,
    supervisor: User,
    stranger: User,
    browse: Callable[[User], Client],
) -> None:
    urls = [reverse("bind_unit", args=[unit.pk]), reverse("bind_case", args=[order.inspection_id])]
    assert [browse(supervisor).post(url).status_code for url in urls] == [302, 302]
    assert [browse(stranger).post(url).status_code for url in urls] == [404, 404]


def test_a_volume_is_fetched_by_whoever_asked_for_it_and_nobody_else(
    unit: Unit, officer: User, chief: User, stranger: User, supervisor: User, browse: Callable[[User], Client]
) -> None:
    bundle = ready(ask_unit(unit, officer, NOW))
    url = reverse("desk:download", args=[bundle.pk])
    response = browse(officer).get(url)
    assert response.getvalue() == b"%PDF-"
    assert response.headers["Cache-Control"] == "no-store"
    assert unquote(response.headers["Content-Disposition"]).endswith("万家福便利超市消防监督管理档案.pdf")
    assert AuditEntry.objects.filter(action="records.download_bundle", actor_id=officer.pk).count() == 1
    assert [browse(who).get(url).status_code for who in (chief, stranger, supervisor)] == [404, 404, 404]


def test_whoever_was_moved_to_a_police_office_meanwhile_has_it_made_anew(
    unit: Unit, officer: User, browse: Callable[[User], Client]
) -> None:
    """Of the unit he keeps, papers from before it was the office's are the station's."""
    home = officer.organisation
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=home, bureau=home.bureau
    )
    bundle = ready(ask_unit(unit, officer, NOW))
    url = reverse("desk:download", args=[bundle.pk])
    got = browse(officer).get(url)
    assert (got.status_code, b"".join(got.streaming_content)) == (200, b"%PDF-")
    for scoped in (Unit.objects.filter(pk=unit.pk), Bundle.objects.filter(pk=bundle.pk)):
        scoped.update(office=office)
    User.objects.filter(pk=officer.pk).update(organisation=office)

    client = browse(officer)
    answer = client.get(url)
    assert (answer.status_code, "管辖范围在生成以后变了" in answer.text) == (409, True)
    shown = client.get(reverse("bundles")).text
    assert (url in shown, reverse("desk:again", args=[bundle.pk]) in shown) == (False, True)
    client.post(reverse("desk:again", args=[bundle.pk]))
    anew = ready(Bundle.objects.exclude(pk=bundle.pk).get())
    again = client.get(reverse("desk:download", args=[anew.pk]))
    assert (again.status_code, b"".join(again.streaming_content)) == (200, b"%PDF-")


def test_a_unit_that_went_to_another_station_takes_its_volume_along(
    unit: Unit, officer: User, sibling: Organisation, browse: Callable[[User], Client]
) -> None:
    url = reverse("desk:download", args=[ready(ask_unit(unit, officer, NOW)).pk])
    Unit.objects.filter(pk=unit.pk).update(**sibling.scope_columns())
    assert browse(officer).get(url).status_code == 404


def test_an_expired_volume_says_so_and_is_made_anew_on_request(
    unit: Unit, officer: User, browse: Callable[[User], Client]
) -> None:
    bundle, client = ready(ask_unit(unit, officer, NOW)), browse(officer)
    assert bundle.expires_at is not None
    with time_machine.travel(bundle.expires_at, tick=False):
        client.force_login(officer)
        early = client.get(reverse("desk:download", args=[bundle.pk]))
        bundles.expire(timezone.now())
        late = client.get(reverse("desk:download", args=[bundle.pk]))
        assert [early.status_code, late.status_code] == [409, 409]
        assert "已过期" in late.text
        assert "重新生成" in client.get(reverse("bundles")).text
        client.post(reverse("desk:again", args=[bundle.pk]))
    assert list(Bundle.objects.order_by("pk").values_list("state", flat=True)) == ["EXPIRED", "QUEUED"]


def test_a_volume_whose_file_is_lost_is_made_anew(unit: Unit, officer: User, browse: Callable[[User], Client]) -> None:
    bundle, client = ready(ask_unit(unit, officer, NOW)), browse(officer)
    download, again = (reverse(f"desk:{name}", args=[bundle.pk]) for name in ("download", "again"))
    page = client.get(reverse("bundles")).text
    assert (download in page, again in page, "可以下载" in page) == (True, False, True)
    bundle.file.storage.delete(str(bundle.file.name))
    page = client.get(reverse("bundles")).text
    assert (download in page, again in page, "可以下载" in page) == (False, True, False)
    assert ("文件已丢失" in page, "重新生成" in page) == (True, True)
    client.post(again)
    assert list(Bundle.objects.order_by("pk").values_list("state", flat=True)) == ["READY", "QUEUED"]


def test_a_police_office_is_not_offered_the_papers_of_the_whole_station(
    person: Callable[..., User], station: Organisation, officer: User, browse: Callable[[User], Client]
) -> None:
    office = Organisation.objects.create(
        kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau=station.bureau
    )
    url, at_office = reverse("bind_quarter"), person(Role.OFFICER, office, "何东街")
    for who, offered in ((officer, True), (at_office, False)):
        pages = [browse(who).get(reverse(name)).text for name in ("bundles", "records:list")]
        assert [url in page for page in pages] == [offered] * 2
    assert [browse(who).get(url).status_code for who in (officer, at_office)] == [200, 409]


def test_a_row_asks_for_itself_until_it_is_made(unit: Unit, officer: User, browse: Callable[[User], Client]) -> None:
    bundle, client = ask_unit(unit, officer, NOW), browse(officer)
    url = reverse("desk:bundle", args=[bundle.pk])
    taken = bundles.take(bundle.pk, NOW)
    assert taken is not None
    bundles.progress(taken, 3, 12, NOW)
    row = client.get(url, headers={"HX-Request": "true"}).text
    assert f'hx-get="{url}"' in row
    assert "已装订 3 / 12" in row
    bundles.finish(taken, ContentFile(b"%PDF-"), sha256="a" * 64, pages=5, left_out=2, at=NOW)
    row = client.get(url, headers={"HX-Request": "true"}).text
    assert "hx-get" not in row
    assert "5 页" in row
    assert "有 2 件没有装入，见卷内备考表" in row
    assert client.get(url).headers["Location"] == reverse("bundles")


def test_the_list_says_what_to_do_when_it_is_empty_and_costs_the_same_with_three_rows(
    unit: Unit, officer: User, browse: Callable[[User], Client], django_assert_num_queries: Any
) -> None:
    client = browse(officer)
    assert "还没有生成过案卷" in client.get(reverse("bundles")).text
    for _ in range(3):
        ready(ask_unit(unit, officer, NOW))
        with django_assert_num_queries(4):
            client.get(reverse("bundles"))
