"""The seals of the offices: uploaded, replaced, ended by the security administrator; kept for what they sealed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from fire_supervision.lib.errors import RuleError
from records import papers
from records.marks import Marks
from records.models import Copy, Document, Seal
from records.sealing import end_seal, set_seal
from records.seals import Stamp, checked, opaque
from stations.models import Organisation, OrganisationKind, User
from tests.records.test_seals import ring, uploaded
from trail.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 22, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_tuesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(browse: Callable[[User], Client], security_admin: User) -> Client:
    return browse(security_admin)


@cache
def _drawn(width: int) -> bytes:
    image = ring()
    image.paste((200, 20, 20, 255), (500, 500 - width, 500 + width, 500))
    return checked(uploaded(image)).read()


def picture(width: int = 40) -> ContentFile[bytes]:
    """A seal that differs by the length of a stroke in its middle."""
    return ContentFile(_drawn(width), "seal.png")


@pytest.fixture
def seal(station: Organisation, security_admin: User) -> Seal:
    return set_seal(station, picture(), security_admin, NOW - timedelta(days=30))


def address(office: Organisation, tail: str = "") -> str:
    return f"/papers/seals/{office.pk}/{tail}"


def entries() -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(action__in=["records.set_seal", "records.end_seal"]).order_by("id")
    return list(found.values_list("action", "summary", "reason"))


def test_an_uploaded_seal_is_in_use_from_that_moment(
    client: Client, station: Organisation, security_admin: User
) -> None:
    response = client.post(address(station), {"image": uploaded(ring())})
    assert (response.status_code, response["Location"]) == (302, address(station))
    row = Seal.objects.get()
    assert (row.organisation, row.since, row.until, row.uploaded_by) == (station, NOW, None, security_admin)
    assert row.sha256 == sha256(row.content()).hexdigest()
    assert entries() == [("records.set_seal", "城关派出所启用印章", "")]


def test_what_is_no_seal_comes_back_with_the_reason_and_changes_nothing(client: Client, seal: Seal) -> None:
    upload = SimpleUploadedFile("a.png", b"PK", "image/png")
    response = client.post(address(seal.organisation), {"image": upload})
    assert response.status_code == 422
    assert response.context["form"].errors == {"image": ["只收 PNG 图片；这个文件不是，或者已经损坏"]}
    assert list(Seal.objects.current()) == [seal]


def test_a_new_seal_ends_the_one_before_and_both_are_kept(client: Client, seal: Seal, security_admin: User) -> None:
    client.post(address(seal.organisation), {"image": uploaded(ring(ground=(255, 255, 255, 255), ink=(190, 0, 0)))})
    old, new = Seal.objects.order_by("pk")
    assert (old.until, old.ended_by, old.end_reason) == (NOW, security_admin, "启用新印章")
    assert (new.since, new.until) == (NOW, None)
    context = client.get(address(seal.organisation)).context
    assert (context["current"], context["ended"]) == (new, [old])


def test_the_seal_in_use_cannot_be_put_into_use_again(seal: Seal, security_admin: User) -> None:
    with pytest.raises(RuleError, match="上传的就是现在使用的印章"):
        set_seal(seal.organisation, picture(), security_admin, NOW)
    assert set_seal(seal.organisation, picture(60), security_admin, NOW).since == NOW


def test_an_office_has_one_seal_in_use_whoever_writes(seal: Seal) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal.objects.create(organisation=seal.organisation, image="seals/x.png", sha256="0" * 64, since=NOW)


def test_a_seal_is_ended_with_a_reason_and_not_twice(client: Client, seal: Seal, security_admin: User) -> None:
    url = address(seal.organisation, "end/")
    assert client.post(url, {"reason": " "}).status_code == 409
    assert client.post(url, {"reason": "印章遗失"}).status_code == 302
    seal.refresh_from_db()
    assert (seal.until, seal.ended_by, seal.end_reason) == (NOW, security_admin, "印章遗失")
    assert client.post(url, {"reason": "印章遗失"}).status_code == 404
    with pytest.raises(RuleError, match="这枚印章已经停用"):
        end_seal(seal, security_admin, "印章遗失", NOW)
    assert entries()[1:] == [("records.end_seal", "城关派出所停用印章", "印章遗失")]


def test_the_picture_is_shown_to_whoever_keeps_it_and_no_cache_keeps_it(client: Client, seal: Seal) -> None:
    response = client.get(address(seal.organisation, f"{seal.pk}/"))
    assert (response["Content-Type"], response["Cache-Control"]) == ("image/png", "no-store")
    assert response.getvalue() == seal.content()


def test_every_office_that_issues_papers_is_listed_with_its_seal(
    client: Client, seal: Seal, station: Organisation, sibling: Organisation, bureau: Organisation
) -> None:
    Organisation.objects.create(kind=OrganisationKind.OFFICE, name="东街警务室", parent=station, bureau=bureau)
    rows = client.get("/papers/seals/").context["page"].rows
    assert {row: row.seals_in_use for row in rows} == {bureau: [], station: [seal], sibling: []}


@pytest.mark.parametrize(
    ("query", "names"), [("has=yes", {"城关派出所"}), ("has=no&q=派出所", {"东关派出所"}), ("q=城关", {"城关派出所"})]
)
def test_the_list_is_narrowed_to_offices_with_and_without_a_seal(
    client: Client, seal: Seal, sibling: Organisation, query: str, names: set[str]
) -> None:
    sibling.name = "东关派出所"
    sibling.save()
    assert {row.name for row in client.get(f"/papers/seals/?{query}").context["page"].rows} == names


def test_a_closed_station_is_listed_as_long_as_there_is_a_seal_to_look_up(
    client: Client, seal: Seal, sibling: Organisation
) -> None:
    Organisation.objects.filter(kind=OrganisationKind.STATION).update(is_active=False)
    rows = client.get("/papers/seals/?q=派出所").context["page"].rows
    assert list(rows) == [seal.organisation]


@pytest.mark.parametrize("offices", [1, 3])
def test_the_list_asks_as_often_for_three_offices_as_for_one(
    client: Client, seal: Seal, bureau: Organisation, security_admin: User, offices: int,
    django_assert_num_queries: Callable[..., object],
) -> None:  # fmt: skip
    for number in range(offices - 1):
        fields = {"kind": OrganisationKind.STATION, "name": f"{number}所", "parent": bureau, "bureau": bureau}
        set_seal(Organisation.objects.create(**fields), picture(50), security_admin, NOW)
    client.get("/papers/seals/")
    with django_assert_num_queries(7):
        assert client.get("/papers/seals/").status_code == 200


def test_a_paper_bears_the_seal_its_office_had_when_it_was_issued(
    issue: Callable[..., Document], seal: Seal, security_admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issue()
    set_seal(seal.organisation, picture(60), security_admin, NOW + timedelta(hours=1))
    asked: list[Marks] = []
    monkeypatch.setattr(papers, "written", lambda kind, context, copy, marks: asked.append(marks))
    papers.pdf(paper, Copy.UNIT)
    assert [marks.seal for marks in asked] == [Stamp(opaque(seal.content()), seal.sha256)]


def test_a_paper_from_before_the_seal_and_from_after_its_end_is_sealed_in_ink(seal: Seal, security_admin: User) -> None:
    end_seal(seal, security_admin, "印章遗失", NOW)
    at = [seal.since - timedelta(seconds=1), seal.since, NOW - timedelta(seconds=1), NOW]
    assert [Seal.objects.used(seal.organisation_id, each) for each in at] == [None, seal, seal, None]
