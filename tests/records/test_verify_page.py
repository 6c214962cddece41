"""The public page a QR leads to: what it shows, to whom it answers, and what it says of a file."""

import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from records import actions
from records.marks import public_address
from records.models import Copy, Document, DocumentFile
from records.views.verify import MAX_BYTES
from stations.models import Organisation, User
from tests.frozen import bend
from tests.records.conftest import TUESDAY
from trail.keys import new_pair
from trail.record import record
from trail.sealing import make_checkpoint

pytestmark = pytest.mark.django_db
Issue = Callable[..., Document]
UNIT, ARCHIVE = b"%PDF unit", b"%PDF archive"
SAME, OTHER = "与签发的原件一致", "不一致：此文件不是签发的原件或已被改动。"
HINT = "只有收到的 PDF 原件能核对；照片、扫描件和另存的文件都不会一致，请核对上面的文书号、单位和日期。"


class Words(HTMLParser):
    """The visible words of a page, piece by piece."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in ("head", "script", "svg")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("head", "script", "svg")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.hidden:
            self.found.append(data.strip())


def words(html: str) -> list[str]:
    return Words(html).found


@pytest.fixture
def paper(issue: Issue) -> Document:
    paper = issue()
    for copy, content in ((Copy.UNIT, UNIT), (Copy.ARCHIVE, ARCHIVE)):
        DocumentFile.objects.create(
            document=paper, copy=copy, file=ContentFile(content, "paper.pdf"), size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
    Document.objects.filter(pk=paper.pk).update(rendered_at=timezone.now())
    return paper


def url(paper: Document) -> str:
    return f"/v/{paper.token}/"


def hashed(client: Client, paper: Document, content: bytes) -> list[str]:
    """What a browser with script is told: it sends the hash alone."""
    data = {"sha256": hashlib.sha256(content).hexdigest()}
    response = client.post(url(paper), data, headers={"HX-Request": "true"})
    assert [template.name for template in response.templates] == ["records/_verdict.html"]
    return words(response.content.decode())


def uploaded(client: Client, paper: Document, content: bytes) -> str:
    """What a browser without script is told: it sends the file and gets the whole page."""
    response = client.post(url(paper), {"file": SimpleUploadedFile("a.pdf", content)})
    return response.content.decode()


# ---------- what it shows ----------


@pytest.fixture
def checkpointed(issue: Issue, settings: Settings, tmp_path: Path) -> Document:
    """Issued while the trail is sealed and signed, as in service."""
    key = tmp_path / "key.pem"
    key.write_bytes(new_pair()[0])
    settings.TRAIL_KEY = str(key)
    make_checkpoint(timezone.now())
    return issue()


def test_it_shows_number_unit_date_office_state_and_checkpoint_and_nothing_else(
    client: Client, checkpointed: Document
) -> None:
    paper = checkpointed
    response = client.get(f"{url(paper)}?c={paper.checkpoint}")
    assert re.fullmatch(r"\d+\.[0-9a-f]{16}", paper.checkpoint)
    assert words(response.content.decode()) == [
        "跳到正文",
        "文书核验",
        "有效",
        "文书号", "江公（城关）消限字〔2026〕第0001号",
        "单位", "万家福便利超市",
        "成文日期", "2026年9月22日",
        "签发机关", "江城市公安局城关派出所",
        "审计检查点", paper.checkpoint,
        "签发时全部审计记录的指纹，印在二维码中；此前的记录以后若被改动，会与它不一致。",
        "与纸上的文书号、单位、日期、机关逐项相同，才是这份文书。",
        "核对电子文件",
        "选择收到的 PDF 文件。上传后只作比对，不保存。",
        "核对",
        "对文书有疑问，请到签发机关询问。本页不显示文书内容和个人信息。",
    ]  # fmt: skip


def test_a_paper_names_the_office_it_was_issued_by_under_whatever_name_that_goes_today(
    client: Client, paper: Document, issue: Issue, browse: Callable[[User], Client], officer: User
) -> None:
    frozen = paper.context["heading"]
    older = issue()
    Document.objects.filter(pk=older.pk).update(context={**older.context, "heading": ""})
    Organisation.objects.filter(pk=paper.station_id).update(name="东关派出所", issuer_name="江城市公安局东关派出所")
    said = {
        row.pk: [frozen in words(page), "江城市公安局东关派出所" in words(page)]
        for row in (paper, older)
        for page in [client.get(url(row)).content.decode()]
    }
    assert said == {paper.pk: [True, False], older.pk: [False, True]}
    page = browse(officer).get(reverse("records:document", args=[paper.pk])).content.decode()
    assert f'<dd>{frozen}<br><small class="muted">现名 江城市公安局东关派出所</small></dd>' in page


def test_it_gives_away_no_hash_of_words_or_files(client: Client, paper: Document) -> None:
    response = client.get(url(paper))
    kept = set(paper.files.values_list("sha256", flat=True)) | {paper.context_sha256}
    assert len(kept) == 3
    assert [sha256 for sha256 in kept if sha256 in response.content.decode()] == []


def test_a_void_paper_and_a_replaced_one_say_so_without_the_reason_and_the_successor(
    client: Client, paper: Document, issue: Issue, chief: User
) -> None:
    actions.void(paper, chief, "改正期限写错", TUESDAY)
    void = words(client.get(url(paper)).content.decode())
    new = issue()
    paper.refresh_from_db()
    actions.replace(paper, new)
    replaced = words(client.get(url(paper)).content.decode())
    assert (void[2], replaced[2], words(client.get(url(new)).content.decode())[2]) == ("已作废", "被取代", "有效")
    assert [piece for piece in void if "不再有效" in piece] == [
        "这份文书已经作废，不再有效。现行文书请向签发机关索取。"
    ]
    assert [piece for piece in replaced if "新的文书" in piece] == [
        "这份文书已由新的文书代替，以新的文书为准。现行文书请向签发机关索取。"
    ]
    assert [piece for piece in void + replaced if "改正期限写错" in piece or new.number in piece] == []


def test_whoever_passes_by_gets_no_cookie_and_nothing_keeps_or_indexes_the_page(
    client: Client, paper: Document
) -> None:
    for response in (client.get(url(paper)), client.post(url(paper), {"sha256": "0" * 64})):
        assert response.cookies == {}
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in response["Cache-Control"]
        assert "<script>" not in response.content.decode()
        assert "style=" not in response.content.decode()


@pytest.fixture
def _same_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that differs between any two answers."""
    monkeypatch.setattr("csp.middleware.CSPMiddleware._make_nonce", lambda self, request: "nonce")


@pytest.mark.usefixtures("_same_nonce")
def test_an_unknown_link_is_the_same_plain_404_for_every_way_of_asking(client: Client, paper: Document) -> None:
    wrong = ["/v/x/", f"/v/{paper.token[:-1]}/", f"/v/{paper.pk}/", f"/v/{paper.token}x/"]
    answers = [client.get(each) for each in wrong] + [client.post(wrong[0], {"sha256": "0" * 64})]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_it_answers_a_head_and_refuses_what_would_change_something(client: Client, paper: Document) -> None:
    head = client.head(url(paper))
    assert (head.status_code, head.content) == (200, b"")
    assert [ask(url(paper)).status_code for ask in (client.put, client.patch, client.delete)] == [405, 405, 405]


@pytest.mark.usefixtures("_same_nonce")
def test_it_is_the_same_page_for_an_officer_of_another_station(
    browse: Callable[[User], Client], client: Client, stranger: User, paper: Document
) -> None:
    assert browse(stranger).get(url(paper)).content == client.get(url(paper)).content


def test_it_asks_the_database_once_and_once_more_for_a_file(
    client: Client, paper: Document, settings: Settings
) -> None:
    settings.RATE_VERIFY = 0  # counting who asks is another matter (test_limits.py)
    with CaptureQueriesContext(connection) as looked:
        client.get(url(paper))
    with CaptureQueriesContext(connection) as checked:
        hashed(client, paper, UNIT)
    with transaction.atomic():
        record(None, "records.print", paper, "打印", after={"sha256": {"UNIT": hashlib.sha256(UNIT).hexdigest()}})
    with CaptureQueriesContext(connection) as told:
        hashed(client, paper, UNIT)
    # The words it was issued with are compared too; what was printed before the trail told is asked of its table.
    assert (len(looked), len(checked), len(told)) == (1, 4, 3)


# ---------- a file ----------


def test_either_copy_is_recognised_by_its_hash_and_by_the_file(client: Client, paper: Document) -> None:
    assert hashed(client, paper, UNIT) == [f"{SAME}（交被检查单位联）。"]
    assert hashed(client, paper, ARCHIVE) == [f"{SAME}（存档联）。"]
    assert f"{SAME}（交被检查单位联）。" in words(uploaded(client, paper, UNIT))
    assert f"{SAME}（存档联）。" in words(uploaded(client, paper, ARCHIVE))


@pytest.mark.parametrize("place", range(len(UNIT)))
def test_a_changed_byte_is_refused(client: Client, paper: Document, place: int) -> None:
    changed = UNIT[:place] + bytes([UNIT[place] ^ 1]) + UNIT[place + 1 :]
    assert hashed(client, paper, changed) == [OTHER, HINT]
    assert OTHER in words(uploaded(client, paper, changed))


def test_a_file_put_in_the_place_of_the_one_that_was_printed_is_refused_and_the_printed_one_is_not(
    client: Client, paper: Document, browse: Callable[[User], Client], officer: User, tmp_path: Path
) -> None:
    told = {"UNIT": hashlib.sha256(UNIT).hexdigest(), "ARCHIVE": hashlib.sha256(ARCHIVE).hexdigest()}
    with transaction.atomic():
        record(None, "records.print", paper, "打印", after={"sha256": told})
    forged = b"%PDF forged"
    page, path = reverse("records:document", args=[paper.pk]), tmp_path / "forged.pdf"
    path.write_bytes(forged)
    words_ = "与审计记录里打印时的校验值不同"
    assert words_ not in browse(officer).get(page).content.decode()
    # Its table says so by now, and so does an entry that was written later.
    forged_as = hashlib.sha256(forged).hexdigest()
    bend(paper.files.filter(copy=Copy.UNIT), sha256=forged_as)
    with transaction.atomic():
        record(None, "records.print", paper, "打印", after={"sha256": told | {"UNIT": forged_as}})
    assert hashed(client, paper, UNIT) == [f"{SAME}（交被检查单位联）。"]
    assert hashed(client, paper, forged) == [OTHER, HINT]
    assert browse(officer).get(page).content.decode().count(words_) == 1
    with pytest.raises(CommandError, match=words_):
        call_command("verify_paper", str(path), stdout=StringIO())


def test_the_file_of_another_paper_is_refused(client: Client, paper: Document, issue: Issue) -> None:
    other = issue()
    DocumentFile.objects.create(document=other, copy=Copy.UNIT, file="x.pdf", size=1, sha256="1" * 64)
    assert hashed(client, other, UNIT) == [OTHER, HINT]


def test_the_file_of_a_void_paper_is_recognised_but_not_called_good(
    client: Client, paper: Document, chief: User, issue: Issue
) -> None:
    actions.void(paper, chief, "改正期限写错", TUESDAY)
    assert hashed(client, paper, UNIT) == [f"{SAME}（交被检查单位联），但这份文书已作废。"]
    paper.refresh_from_db()
    actions.replace(paper, issue())
    assert hashed(client, paper, UNIT) == [f"{SAME}（交被检查单位联），但这份文书被取代。"]


def test_a_paper_not_printed_yet_has_nothing_to_compare_with(client: Client, issue: Issue) -> None:
    assert hashed(client, issue(), UNIT) == ["这份文书正在打印，请过几分钟再核对。"]


@pytest.mark.parametrize("sent", [{}, {"sha256": ""}, {"sha256": "0" * 63}, {"sha256": "g" * 64}, {"file": "words"}])
def test_a_question_without_a_file_is_asked_back(client: Client, paper: Document, sent: dict[str, str]) -> None:
    response = client.post(url(paper), sent)
    assert response.status_code == 400
    assert "请选择要核对的文件。" in words(response.content.decode())


def test_a_file_larger_than_any_paper_is_refused_unread_and_nothing_is_kept(
    client: Client, paper: Document, settings: object
) -> None:
    fits = client.post(url(paper), {"file": SimpleUploadedFile("a.pdf", b"0" * (MAX_BYTES - 1000))})
    large = client.post(url(paper), {"file": SimpleUploadedFile("a.pdf", b"0" * MAX_BYTES)})
    assert (fits.status_code, large.status_code) == (200, 413)
    assert MAX_BYTES < settings.FILE_UPLOAD_MAX_MEMORY_SIZE  # type: ignore[attr-defined] # above it Django uses a disk
    assert DocumentFile.objects.count() == 2


def test_the_address_on_the_paper_is_the_one_that_is_answered(paper: Document, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://fire.example"
    assert public_address(paper.token) == "https://fire.example" + reverse("verify", args=[paper.token])
