"""预览草稿 at the door: the receipt, the consent and the record of a re-inspection, read before anybody signs."""

# ruff: noqa: F811 - fixtures are imported from where the forms of these pages are tested

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hazards.link_papers import consent_shown
from hazards.models import AfterPhoto, Dispatch, Method, Order, Reinspection, Service
from hazards.recheck_papers import SIGNERS
from records.models import Document
from stations.models import User
from tests.drafted import Drafts, caught, drafted, shown_as, unnumbered
from tests.hazards.test_act_pages import picture
from tests.hazards.test_recheck_page import typed as recheck_form  # noqa: F401 - a fixture
from tests.hazards.test_serve_page import typed as serve_form  # noqa: F401 - a fixture

Browse = Callable[[User], Client]
RECORD = "草稿 公安派出所日常消防监督检查记录（复查）.pdf"
UNDRAWN = {f"sign_{signer}": "" for signer in SIGNERS}


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> Drafts:
    return caught(monkeypatch)


@pytest.fixture
def at(time_machine: Any) -> Callable[[str], None]:
    return lambda instant: time_machine.move_to(f"{instant}:00+08:00", tick=False)


def latest() -> Document:
    return Document.objects.latest("pk")


# ---------- 送达回证 ----------


@pytest.mark.parametrize("method", [Method.DIRECT, Method.NOTICE])
def test_the_receipt_is_read_before_the_notice_is_served(
    method: Method, order: Order, serve_form: Callable[..., dict[str, str]], drafts: Drafts, browse: Browse,
    officer: User, at: Callable[[str], None],
) -> None:  # fmt: skip
    at("2026-09-25T16:00")
    client, url, form = browse(officer), reverse("hazards:serve", args=[order.pk]), serve_form(method)
    assert shown_as(drafted(client, url, form)) == "草稿 送达回证.pdf"
    assert client.post(url, form).status_code == 302
    assert drafts == [unnumbered(latest())]


def test_a_service_that_is_refused_has_no_draft_either(
    order: Order, serve_form: Callable[..., dict[str, str]], drafts: Drafts, browse: Browse, officer: User,
    supervisor: User, stranger: User, at: Callable[[str], None],
) -> None:  # fmt: skip
    at("2026-09-25T16:00")
    url, form = reverse("hazards:serve", args=[order.pk]), serve_form(Method.LEAVE, witness="")
    unseen = drafted(browse(officer), url, form)
    assert (unseen.status_code, "witness" in unseen.context["form"].errors) == (200, True)
    assert unseen.context["form"]["reason"].value() == form["reason"]
    told = [drafted(browse(user), url, serve_form(Method.DIRECT)).status_code for user in (supervisor, stranger)]
    assert (told, drafts, Service.objects.count()) == ([403, 404], [], 0)


# ---------- 电子送达确认书 ----------


@pytest.fixture
def consent_form(partner: User, printed: Order, at: Callable[[str], None]) -> dict[str, Any]:
    at("2026-09-23T10:00")
    return {
        "consented_by": "刘桂香", "consented_on": "2026-09-23", "consent": "", "consent_paper": "", "channel": "短信",
        "account": "13900006688", "second": partner.pk, "seen": consent_shown(printed),
    }  # fmt: skip


def test_the_consent_is_read_before_it_is_signed(
    printed: Order, consent_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User
) -> None:
    client, url = browse(officer), reverse("hazards:dispatch", args=[printed.pk])
    assert shown_as(drafted(client, url, consent_form)) == "草稿 电子送达确认书.pdf"
    [(_, context)] = drafts
    assert (context["consenter"], context["signatures"]["consenter"]["strokes"]) == ({"name": "刘桂香"}, [])
    assert list(client.post(url, consent_form).context["form"].errors) == ["consent"]
    assert Dispatch.objects.count() == 0


def test_a_consent_that_is_refused_or_lies_on_paper_has_no_draft(
    printed: Order, consent_form: dict[str, Any], drafts: Drafts, browse: Browse, officer: User, supervisor: User,
    stranger: User,
) -> None:  # fmt: skip
    url = reverse("hazards:dispatch", args=[printed.pk])
    later = drafted(browse(officer), url, consent_form | {"consented_on": "2026-09-24"})
    assert (later.status_code, list(later.context["form"].errors)) == (422, ["consented_on"])
    paper = drafted(browse(officer), url, consent_form | {"consent_paper": "卷一第3页"})
    assert (paper.status_code, paper.context["refusal"].message) == (409, "这样办理不出具文书，没有草稿可以预览")
    told = [drafted(browse(user), url, consent_form).status_code for user in (supervisor, stranger)]
    assert (told, drafts) == ([403, 404], [])


# ---------- 复查记录 ----------


@pytest.fixture
def recheck_url(opened: Reinspection, at: Callable[[str], None]) -> str:
    at("2026-10-09T16:00")
    return reverse("hazards:reinspect", args=[opened.pk])


def test_the_record_of_a_reinspection_is_read_with_its_names_once_all_have_signed(
    recheck_url: str,
    recheck_form: dict[str, Any],
    drafts: Drafts,
    browse: Browse,
    officer: User,
) -> None:
    client = browse(officer)
    assert shown_as(drafted(client, recheck_url, recheck_form)) == RECORD
    assert client.post(recheck_url, recheck_form).status_code == 302
    assert drafts == [unnumbered(latest())]
    assert set(drafts[0][1]["signed"]["by"]) == set(SIGNERS)


def test_it_is_read_before_anybody_has_signed_and_its_photographs_are_not_kept(
    opened: Reinspection, recheck_url: str, recheck_form: dict[str, Any], drafts: Drafts, browse: Browse,
    officer: User,
) -> None:  # fmt: skip
    first = opened.order.hazards.order_by("position").values_list("pk", flat=True)[0]
    form, client = recheck_form | {f"photo_{first}": picture()}, browse(officer)
    assert shown_as(drafted(client, recheck_url, form | UNDRAWN)) == RECORD
    [(_, context)] = drafts
    assert (context["signed"], AfterPhoto.objects.count()) == ({}, 0)
    client.post(recheck_url, recheck_form | {f"photo_{first}": picture()})
    assert AfterPhoto.objects.count() == 1


def test_a_reinspection_that_is_refused_has_no_draft_either(
    opened: Reinspection, recheck_url: str, recheck_form: dict[str, Any], drafts: Drafts, browse: Browse,
    officer: User, supervisor: User, stranger: User,
) -> None:  # fmt: skip
    early = drafted(browse(officer), recheck_url, recheck_form | {"done_on": "2026-09-29"})
    assert (early.status_code, "done_on" in early.context["form"].errors) == (200, True)
    assert early.context["form"]["remark"].value() == recheck_form["remark"]
    Order.objects.filter(pk=opened.order_id).update(state="ISSUED")
    unserved = drafted(browse(officer), recheck_url, recheck_form)
    assert (unserved.status_code, unserved.context["refusal"].remedy) == (409, "先登记送达。")
    told = [drafted(browse(user), recheck_url, recheck_form).status_code for user in (supervisor, stranger)]
    assert (told, drafts) == ([403, 404], [])
