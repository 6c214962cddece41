"""Who opens a link shows that it reached him, and reads and signs for the notice that was issued or for none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from hazards import actions
from hazards.models import Dispatch, DispatchState, Order, OrderState
from records.models import DocumentFile
from stations.models import User
from tests.hazards.conftest import NOTICE, VISITED, moment
from tests.hazards.test_dispatch_pages import SIGNED
from trail.models import AlarmKind, AuditEntry
from trail.watching import signs

Browse = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to(moment(VISITED, 15), tick=False)


def address(row: Dispatch) -> str:
    return reverse("receipt", args=[row.token])


@pytest.mark.parametrize(
    ("account", "last_four", "words"),
    [
        ("liuguixiang@163.com", "iang", "邮箱@前的最后四位"),
        ("Liu＠163.com", "liu", "邮箱@前的全部字符"),
        ("13900006688@139.com", "6688", "邮箱@前的最后四位"),
        ("LiuGuiXiang", "iang", "本号码后四位"),
        ("13900006688", "6688", "本号码后四位"),
    ],
)
def test_what_proves_an_account_is_what_he_alone_has(account: str, last_four: str, words: str) -> None:
    row = Dispatch(account=account)
    assert (row.last_four, row.last_four_words) == (last_four, words)


@pytest.mark.slow
@pytest.mark.parametrize("account", ["LiuGuiXiang@163.com", "Iang@163.com"])
def test_who_was_sent_an_e_mail_is_asked_for_what_stands_before_the_at(
    link: Callable[..., Dispatch], browse: Browse, officer: User, client: Client, account: str
) -> None:
    row = link(account=account)
    page = browse(officer).get(reverse("hazards:dispatched", args=[row.pk])).content.decode()
    assert "输入邮箱@前的最后四位，阅读并签名确认" in page
    asked = client.get(address(row)).content.decode()
    assert ("填邮箱@前的最后四位" in asked, account in asked) == (True, False)
    assert [client.post(address(row), {"last_four": typed}).status_code for typed in (".com", "ang", " iANG ")] == [
        422, 422, 302
    ]  # fmt: skip


@pytest.fixture
def row(link: Callable[..., Dispatch]) -> Dispatch:
    return link()


@pytest.fixture
def kept(row: Dispatch) -> DocumentFile:
    return DocumentFile.objects.get(document=row.order.document_id, copy="UNIT")


def write(kept: DocumentFile, content: bytes) -> None:
    storage, name = kept.file.storage, str(kept.file.name)
    storage.delete(name)
    storage.save(name, ContentFile(content))


@pytest.mark.slow
def test_a_notice_that_was_changed_in_the_store_is_neither_read_nor_signed_for(
    row: Dispatch, kept: DocumentFile, client: Client
) -> None:
    url, paper = address(row), reverse("receipt_paper", args=[row.token])
    client.post(url, {"last_four": "6688"})
    write(kept, NOTICE + b"\nand more")
    for page in (client.get(url), client.post(url, SIGNED), client.get(paper)):
        words = page.content.decode()
        assert (page.status_code, f"请与{row.order.station.name}联系" in words, "<form" in words) == (503, True, False)
    found = Dispatch.objects.select_related("order").get(pk=row.pk)
    assert (found.state, found.openings, found.order.state) == (DispatchState.SENT, 0, OrderState.ISSUED)
    entry = AuditEntry.objects.get(action="records.withhold")
    assert (entry.actor_id, entry.subject_id) == (None, row.order.document_id)
    raised = [sign for sign in signs(moment(VISITED, 16)) if sign.kind == AlarmKind.PAPER]
    assert len(raised) == 1
    write(kept, NOTICE)
    assert client.get(url).status_code == 200
    assert client.post(url, SIGNED).status_code == 302
    assert Order.objects.get(pk=row.order_id).state == OrderState.SERVED


def test_a_notice_that_is_gone_from_the_store_is_not_signed_for(
    row: Dispatch, kept: DocumentFile, client: Client
) -> None:
    actions.open_dispatch(row, "", moment(VISITED, 15))
    client.post(address(row), {"last_four": "6688"})
    kept.file.storage.delete(str(kept.file.name))
    sent = client.post(address(row), SIGNED)
    assert (sent.status_code, Order.objects.get(pk=row.order_id).state) == (503, OrderState.ISSUED)
    assert not AuditEntry.objects.filter(action="records.withhold").exists()
