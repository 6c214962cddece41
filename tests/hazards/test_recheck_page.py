"""The page of a re-inspection: results, who was there, and the names drawn on it, in one act; nothing typed is lost."""

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hazards.models import Hazard, Reinspection
from hazards.recheck_papers import SIGNERS, shown_digest
from inspections.models import Inspection
from records.fields import WITNESS_ALONE
from records.models import Document, Kind
from records.samples.visit import STROKES
from records.signatures import check
from stations.models import User
from tests.hazards.conftest import EVE
from tests.hazards.test_act_pages import picture, said

Browse = Callable[[User], Client]
NAMES = {f"sign_{signer}": json.dumps(STROKES) for signer in SIGNERS}


@pytest.fixture(autouse=True)
def _today(time_machine: object) -> None:
    time_machine.move_to("2026-10-09T09:00:00+08:00")  # type: ignore[attr-defined] # the fixture is typed as object


@pytest.fixture
def typed(opened: Reinspection, officer: User, partner: User) -> dict[str, object]:
    """Everything, with three names on the screen."""
    hazards = list(opened.order.hazards.order_by("position"))
    return {
        "done_on": "2026-10-09", "lead": officer.pk, "second": partner.pk, "companion": "刘桂香",
        "companion_post": "店主", "refusal": "", "witness": "", "remark": "已口头督促", "ink": "",
        "place": "北大街62号门口", "latitude": "30.1234", "longitude": "120.1234",
        "seen": shown_digest(opened, hazards), **{f"passed_{row.pk}": "yes" for row in hazards}, **NAMES,
    }  # fmt: skip


@pytest.fixture
def send(opened: Reinspection, officer: User, browse: Browse, typed: dict[str, object]) -> Callable[..., HttpResponse]:
    client, url = browse(officer), reverse("hazards:reinspect", args=[opened.pk])

    def post(**changed: object) -> HttpResponse:
        return client.post(url, typed | changed, follow=True)  # type: ignore[return-value] # the test client's own type

    return post


def test_three_names_drawn_on_the_page_stand_on_the_record(send: Callable[..., HttpResponse]) -> None:
    assert said(send()) == ["已登记第 1 次复查"]
    signed = check(Document.objects.get(kind=Kind.RECHECK_RECORD))
    where = "北大街62号门口，30.1234，120.1234"
    assert [(each.name, each.place, each.held_by, each.at[:16], each.agrees) for each in signed] == [
        (name, where, "李建平（100001）", "2026-10-09T09:00", True) for name in ("李建平", "张海涛", "刘桂香")
    ]


@pytest.mark.usefixtures("certificates")
def test_who_refuses_needs_no_third_name(send: Callable[..., HttpResponse]) -> None:
    send(companion="", companion_post="", refusal="店主拒绝签名", witness="邻居赵德厚", sign_companion="")
    context = Document.objects.get(kind=Kind.RECHECK_RECORD).context
    assert (context["refusal"], context["witness"]) == ("店主拒绝签名", "邻居赵德厚")
    assert [signer for signer, strokes in context["signatures"].items() if strokes] == ["lead", "second"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"sign_second": ""}, "sign_second", "第二复查人没有签名"),
        ({"done_on": "2026-10-10"}, "done_on", "复查日期在以后，不能登记。核对复查日期。"),
        ({"companion": ""}, "companion", "还没有填随同人员，也没有注明拒签或不在场的情况"),
        ({"witness": "邻居赵德厚"}, "witness", WITNESS_ALONE),
        (
            {"companion": "刘" * 40}, "companion",
            "随同人员放不下：栏内每行 8 字、4 行，现在要 5 行。请缩短。返回登记复查结果改正。",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field_and_neither_words_nor_names_are_lost(
    changed: dict[str, str], field: str, words: str, send: Callable[..., HttpResponse], opened: Reinspection
) -> None:
    response = send(**changed)
    form, page = response.context["form"], response.content.decode()
    assert form.errors == {field: [words]}
    kept = NAMES | changed
    if field in NAMES:
        assert page.count(f'href="#div_id_{field}"') == page.count(f'id="div_id_{field}"') + 1 == 2
    assert {name: form[name].value() for name in NAMES} == {name: kept[name] for name in NAMES}
    assert (form["remark"].value(), form["companion_post"].value()) == ("已口头督促", "店主")
    opened.refresh_from_db()
    assert opened.done_on is None
    assert said(send()) == ["已登记第 1 次复查"]


def test_one_officer_twice_is_told_at_the_field(send: Callable[..., HttpResponse], officer: User) -> None:
    form = send(second=officer.pk).context["form"]
    assert form.errors == {
        "second": ["复查须由本所两名有执法证的民警进行（行政处罚法第42条）。重新选择复查人。"],
    }  # fmt: skip
    assert form["sign_lead"].value() == NAMES["sign_lead"]


def test_without_a_place_nobody_signs_on_the_screen_and_what_was_drawn_is_not_lost(
    send: Callable[..., HttpResponse], opened: Reinspection
) -> None:
    form = send(place="", longitude="").context["form"]
    assert form.errors == {"place": ["没有写明签名地点。填写地点，或者附上本机定位。"]}
    assert {name: form[name].value() for name in NAMES} == NAMES
    assert said(send(place="")) == ["已登记第 1 次复查"]


@pytest.mark.slow
def test_names_drawn_under_something_else_than_what_stands_there_now_are_drawn_again(
    send: Callable[..., HttpResponse], opened: Reinspection
) -> None:
    Hazard.objects.filter(position=1).update(wording="二层东侧走道疏散指示标志损坏")
    shown = send()
    assert list(shown.context["form"].errors) == ["sign_lead"]
    assert {name: shown.context["form"][name].value() for name in NAMES} == dict.fromkeys(NAMES, "")
    assert shown.context["form"]["remark"].value() == "已口头督促"
    # Neither may they slip in behind another mistake.
    assert {send(remark="x" * 400).context["form"][name].value() for name in NAMES} == {""}
    assert said(send(seen=shown.context["seen"])) == ["已登记第 1 次复查"]


def test_signed_by_hand_nobody_draws_a_name(send: Callable[..., HttpResponse]) -> None:
    shown = send(ink="1", seen="", **dict.fromkeys(NAMES, ""))
    record = Document.objects.get(kind=Kind.RECHECK_RECORD)
    assert said(shown) == [f'已登记第 1 次复查。<a href="/papers/{record.pk}/">打印签名后附上复查记录</a>']
    assert (record.context["signed"], check(record)) == ({}, [])


def test_a_photograph_that_was_sent_with_a_mistake_is_asked_for_again(send: Callable[..., HttpResponse]) -> None:
    first = Hazard.objects.get(position=1)
    page = send(sign_second="", **{f"photo_{first.pk}": picture()})
    assert [row["lost"] for row in page.context["form"].rows()] == [True, False]
    assert page.content.decode().count("照片没有保存，请重新选择。") == 1
    # Choosing it again is no change of what was signed: signature.js leaves the names that were kept.
    shown = page.content.decode()
    assert [part.count(f'name="photo_{first.pk}"') for part in shown.split("<div data-restores>")] == [0, 1]
    kept = page.context["form"]
    assert (kept["sign_lead"].value(), kept["sign_second"].value()) == (NAMES["sign_lead"], "")


def test_a_photograph_that_could_not_be_read_restores_nothing(send: Callable[..., HttpResponse]) -> None:
    first = Hazard.objects.get(position=1)
    page = send(sign_second="", **{f"photo_{first.pk}": SimpleUploadedFile("照片.jpg", b"no picture")})
    assert list(page.context["form"].errors) == [f"photo_{first.pk}"]
    assert "data-restores" not in page.content.decode()


def test_the_page_asks_the_database_as_often_for_one_hazard_as_for_three(
    opened: Reinspection, browse: Browse, officer: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, url, counts = browse(officer), reverse("hazards:reinspect", args=[opened.pk]), []
    third = Hazard.objects.get(position=2)
    third.pk, third.position, third.finding = None, 3, None
    third.save()
    for _ in range(2):
        with django_assert_max_num_queries(12) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
        Hazard.objects.filter(position__gt=1).update(state="CLOSED", closed_on=EVE, closed_how="复查合格")
    assert counts[0] == counts[1]


def test_the_page_suggests_who_came_along_at_the_visit(
    opened: Reinspection, visit: Inspection, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:reinspect", args=[opened.pk])
    form = client.get(url).context["form"]
    assert (form["companion"].value(), form["companion_post"].value()) == ("刘桂香", "店主")
    Inspection.objects.filter(pk=visit.pk).update(companion="", companion_post="店主", refusal="店主拒绝签名")
    form = client.get(url).context["form"]
    assert (form["companion"].value(), form["companion_post"].value()) == (opened.unit.person, "")
    assert form["place"].value() == "北大街62号"
