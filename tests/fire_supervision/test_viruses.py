"""Files with a virus are refused where they were put in, and without the scanner's word none is taken."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import Settings

from fire_supervision.checks import files_are_scanned
from fire_supervision.lib import viruses
from fire_supervision.lib.confined import Refused
from fire_supervision.lib.viruses import AWAY, Away, look_at
from hazards.models import AfterPhoto
from inspections.models import Inspection, Photo
from records.models import Scan, Seal
from stations.models import User
from tests.fire_supervision.hostile import Hostile, picture, workbook
from tests.fire_supervision.test_hostile_uploads import (  # noqa: F401 - fixtures
    Push,
    _on_a_friday,
    conclude,
    doors,
    draft,
    find,
    open_visit,
    opened,
    order,
    paper,
    serve,
    served,
    visit,
)
from tests.fire_supervision.test_upload_limits import _patterns
from tests.records.test_scans import PDF
from tests.records.test_seals import ring, uploaded
from trail.models import AuditEntry
from units.models import ImportBatch

# In two halves, so that no scanner takes this file for one: the file every scanner finds, and that does nothing.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"
TODAYS = "ClamAV 1.4.3/27832/Fri Oct  9 08:00:00 2026"


class Clamd:
    """As clamd speaks, on loopback: takes a stream in its pieces and finds EICAR in it."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener, self.streams, self.asked = listener, list[bytes](), 0
        # What it says instead, or None to say nothing at all; how much it takes before it has had enough.
        self.says: bytes | None = b""
        self.at_most = 10_000_000
        self.version = TODAYS
        self.hung = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.asked += 1
            with connection, connection.makefile("rb") as told:
                try:
                    self._answer(connection, told)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket, told: Any) -> None:
        command = b"".join(iter(lambda: told.read(1), b"\0"))
        if self.says is None:
            self.hung.wait(10)
            return
        answer = self.version.encode() if command == b"zVERSION" else self._stream(told)
        connection.sendall((self.says or answer) + b"\0")

    def _stream(self, told: Any) -> bytes:
        whole = b""
        while size := struct.unpack("!L", told.read(4))[0]:
            whole += told.read(size)
            if len(whole) > self.at_most:
                return b"INSTREAM size limit exceeded. ERROR"
        self.streams.append(whole)
        return f"stream: {NAME} FOUND".encode() if EICAR in whole else b"stream: OK"

    def end(self) -> None:
        self.hung.set()
        # Closing alone does not wake who waits in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        assert not self.thread.is_alive()


@pytest.fixture
def clamd(settings: Settings) -> Iterator[Clamd]:
    listener = socket.create_server(("127.0.0.1", 0))
    settings.VIRUS_SCANNER = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
    server = Clamd(listener)
    yield server
    server.end()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viruses, "SECONDS", 0.05)


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        look_at(BytesIO(content))
    return str(refused.value)


# ---------- what is said to clamd, and what it says ----------


def test_a_clean_file_passes_whole_and_stands_at_its_beginning(clamd: Clamd) -> None:
    content = bytes(range(256)) * 1024 + b"end"
    file = BytesIO(content)
    file.seek(99)
    look_at(file)
    assert (clamd.streams, file.tell()) == ([content], 0)


def test_the_test_virus_is_refused_by_its_name(clamd: Clamd) -> None:
    words = "文件带有病毒（Eicar-Test-Signature），没有收下。请先查杀存有它的手机或者电脑。"
    assert refusal(bytes(200_000) + EICAR) == words


def test_it_is_asked_through_a_socket_of_the_file_system_too(settings: Settings, tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "clamd.ctl"))
    listener.listen()
    settings.VIRUS_SCANNER = f"unix:{tmp_path / 'clamd.ctl'}"
    server = Clamd(listener)
    look_at(BytesIO(b"clean"))
    assert NAME in refusal(EICAR)
    server.end()


def test_a_scanner_that_says_nothing_is_not_waited_for_without_end(clamd: Clamd, hurried: None) -> None:
    clamd.says = None
    assert refusal(b"clean") == AWAY


@pytest.mark.parametrize(
    "garbage",
    [b"OK", b"stream: OK.", b"stream: ok", b"HTTP/1.1 200 OK", b"\xff\xfe", b"stream:  FOUND", b"UNKNOWN COMMAND",
     b"stream: OK\nstream: OK", b"stream: \n FOUND", b"x" * 5000],
)  # fmt: skip
def test_nothing_but_its_own_words_lets_a_file_pass(clamd: Clamd, garbage: bytes) -> None:
    clamd.says = garbage
    assert refusal(b"clean") == AWAY


def test_a_file_larger_than_it_takes_is_refused(clamd: Clamd, caplog: pytest.LogCaptureFixture) -> None:
    clamd.at_most = 100_000
    assert refusal(bytes(400_000)) == AWAY
    # The reason is told, or that it hung up before: never that the file is clean.
    assert "the virus scanner is away" in caplog.text


def test_a_scanner_that_is_not_there_refuses_every_file(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    for place in (f"tcp:127.0.0.1:{closed}", f"unix:{tmp_path / 'nobody'}", "clamd:3310"):
        settings.VIRUS_SCANNER = place
        assert refusal(b"clean") == AWAY


def test_without_a_scanner_nobody_is_asked(settings: Settings) -> None:
    settings.VIRUS_SCANNER = ""
    look_at(BytesIO(EICAR))


def test_of_one_request_a_scanner_that_is_away_is_asked_once(clamd: Clamd, hurried: None) -> None:
    clamd.says = None
    token = viruses.stopped.set([])
    try:
        assert [refusal(b"one"), refusal(b"two"), refusal(b"three")] == [AWAY] * 3
    finally:
        viruses.stopped.reset(token)
    assert clamd.asked == 1


# ---------- the settings ----------


@pytest.mark.parametrize(
    ("told", "where"),
    [("unix:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"), ("tcp:clamav:3310", ("clamav", 3310)),
     ("tcp:[::1]:3310", ("::1", 3310))],
)  # fmt: skip
def test_a_scanner_is_found_at_a_socket_or_a_port(settings: Settings, told: str, where: object) -> None:
    settings.VIRUS_SCANNER = told
    assert viruses.address() == where


@pytest.mark.parametrize("told", ["clamav:3310", "tcp:clamav", "tcp:clamav:0", "tcp:clamav:70000", "unix:run/x", "x"])
def test_a_place_that_is_none_is_told_by_the_check(settings: Settings, told: str) -> None:
    settings.VIRUS_SCANNER = told
    with pytest.raises(ImproperlyConfigured):
        viruses.address()
    assert [each.id for each in files_are_scanned(None)] == ["fire_supervision.E031"]


@pytest.mark.usefixtures("_on_a_friday")
def test_the_deploy_check_asks_the_scanner(clamd: Clamd, settings: Settings, hurried: None) -> None:
    def found() -> list[str | None]:
        return [each.id for each in files_are_scanned(None)]

    assert found() == []
    clamd.version = "ClamAV 1.4.3/27825/Thu Oct  1 08:00:00 2026"
    assert found() == ["fire_supervision.W033"]
    clamd.version = "ClamAV 1.4.3"
    assert found() == ["fire_supervision.W033"]
    clamd.says = None
    assert found() == ["fire_supervision.E032"]
    with pytest.raises(Away):
        viruses.version()
    settings.VIRUS_SCANNER = ""
    assert found() == ["fire_supervision.W030"]


# ---------- at the doors ----------

# Each is sound but for what lies behind its end or in a cell of it, where only a scanner looks.
INFECTED = {
    "photograph": picture("JPEG") + EICAR,
    "photograph of a re-inspection": picture("JPEG") + EICAR,
    "scan": PDF + EICAR,
    "seal": uploaded(ring()).read() + EICAR,
    "ledger": workbook() + EICAR,
    "roster": workbook(("200001", "黄小明", "民警", "城关派出所"), header=("警号", "姓名", "岗位", "机构")) + EICAR,
    "calendar": "2027-01-01,放假,元旦\n".encode() + EICAR,
}


def kept() -> list[int]:
    return [rows.count() for rows in (Photo.objects, AfterPhoto.objects, Scan.objects, Seal.objects,
                                      ImportBatch.objects)]  # fmt: skip


def test_no_door_takes_a_file_with_a_virus(doors: dict[str, Push], clamd: Clamd) -> None:  # noqa: F811 - the fixture
    assert set(doors) - set(INFECTED) == {"verification"}
    before = kept()
    for name, content in INFECTED.items():
        assert not doors[name](Hostile(name, "x", "", content)), name
    assert (len(clamd.streams), kept()) == (len(INFECTED), before)


@pytest.mark.slow
def test_every_door_takes_the_same_file_without_it(doors: dict[str, Push], clamd: Clamd) -> None:  # noqa: F811
    for name, content in INFECTED.items():
        assert doors[name](Hostile(name, "x", "", content.removesuffix(EICAR))), name
    assert len(clamd.streams) == len(INFECTED)


def test_every_page_that_keeps_a_file_is_among_these_doors() -> None:
    """The page of a paper's QR makes a hash of what it is sent and keeps nothing, so it asks no scanner."""
    taking = {each.callback for each in _patterns(get_resolver().url_patterns) if hasattr(each.callback, "takes_files")}
    assert len(taking) == len(INFECTED) + 1


def test_a_scan_with_a_virus_is_refused_at_its_field(
    browse: Callable[[User], Client],
    officer: User,
    paper: Any,  # noqa: F811 - the fixture
    clamd: Clamd,
) -> None:
    url = reverse("records:scan", args=[paper.pk])
    refused = browse(officer).post(url, {"file": SimpleUploadedFile("a.pdf", PDF + EICAR)})
    words = "文件带有病毒（Eicar-Test-Signature），没有收下。请先查杀存有它的手机或者电脑。"
    assert (refused.status_code, refused.context["form"].errors) == (422, {"file": [words]})
    assert browse(officer).post(url, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    entry = AuditEntry.objects.get(action__endswith=".virus")
    assert (entry.action, entry.actor_number, entry.bureau_id) == ("records.virus", officer.number, paper.bureau_id)
    assert entry.after == {"path": url, "virus": NAME}
    assert entry.summary == f"文件带有病毒（{NAME}），没有收下：{url}"


def test_while_the_scanner_is_away_a_photograph_is_refused_in_words_and_no_page_breaks(
    browse: Callable[[User], Client],
    officer: User,
    draft: Inspection,  # noqa: F811 - the fixture
    clamd: Clamd,
    hurried: None,
) -> None:
    clamd.says = None
    url = reverse("inspections:add_photo", args=[draft.pk])
    response = browse(officer).post(url, {"photo": SimpleUploadedFile("a.jpg", picture("JPEG"))})
    assert (response.status_code, AWAY in response.content.decode(), draft.photos.count()) == (409, True, 0)
    entry = AuditEntry.objects.get(action="inspections.unscanned")
    assert (entry.actor_number, entry.after) == (officer.number, {"path": url, "virus": ""})
