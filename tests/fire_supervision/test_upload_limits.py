"""What is larger than a page takes is refused in words, and nothing more of it is written than the page takes."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch, get_resolver, reverse
from pytest_django import Settings

from fire_supervision.lib.upload_limits import MEGABYTE, takes_files
from inspections import actions as inspections
from inspections.models import Inspection
from records.models import Document
from stations.models import User
from tests.fire_supervision.hostile import picture
from tests.fire_supervision.test_hostile_uploads import TODAY, _on_a_friday, moment, paper  # noqa: F401 - fixtures
from units.models import ImportBatch, Unit

HANDLER = "fire_supervision.lib.upload_limits.Limited"
TO_DISK = "django.core.files.uploadhandler.TemporaryFileUploadHandler"


@takes_files(1)
def one(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@takes_files("UPLOAD_PHOTO_MAX_MB", several=True)
def several(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def neither(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each piece that goes to the temporary disk."""
    pieces: list[int] = []
    in_earnest = TemporaryFileUploadHandler.receive_data_chunk

    def receive(self: TemporaryFileUploadHandler, raw_data: bytes, start: int) -> None:
        pieces.append(len(raw_data))
        in_earnest(self, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", receive)
    return pieces


@pytest.fixture
def sent(rf: RequestFactory, settings: Settings) -> Iterator[Callable[..., HttpRequest]]:
    """A request to ``view`` with files of so many bytes; everything goes to the disk."""
    settings.FILE_UPLOAD_HANDLERS = [HANDLER, TO_DISK]
    settings.UPLOAD_PHOTO_MAX_MB = 2
    requests: list[HttpRequest] = []

    def send(view: Callable[..., Any], *sizes: int) -> HttpRequest:
        files = [SimpleUploadedFile(f"{number}.jpg", bytes(size)) for number, size in enumerate(sizes)]
        request = rf.post("/", {"file": files, "note": "收到"})
        request.resolver_match = ResolverMatch(view, (), {})
        requests.append(request)
        return request

    yield send
    for request in requests:
        request.close()


def sizes(request: HttpRequest) -> list[tuple[int | None, int]]:
    """Of each file what it says it has, and what it has."""
    return [(file.size, len(file.read())) for file in request.FILES.getlist("file")]


def test_a_file_within_its_limit_arrives_whole(sent: Callable[..., HttpRequest], written: list[int]) -> None:
    request = sent(one, MEGABYTE)
    assert sizes(request) == [(MEGABYTE, MEGABYTE)]
    assert isinstance(request.FILES["file"], TemporaryUploadedFile)
    assert sum(written) == MEGABYTE


def test_one_byte_more_arrives_as_its_size_alone(sent: Callable[..., HttpRequest], written: list[int]) -> None:
    request = sent(one, MEGABYTE + 1)
    assert sizes(request) == [(MEGABYTE + 1, 0)]
    assert request.POST["note"] == "收到"
    assert sum(written) <= MEGABYTE


def test_it_is_the_same_for_one_that_django_would_keep_in_memory(
    sent: Callable[..., HttpRequest], written: list[int], settings: Settings
) -> None:
    settings.FILE_UPLOAD_HANDLERS = [HANDLER, "django.core.files.uploadhandler.MemoryFileUploadHandler", TO_DISK]
    assert sizes(sent(one, MEGABYTE)) == [(MEGABYTE, MEGABYTE)]
    assert sizes(sent(one, MEGABYTE + 1)) == [(MEGABYTE + 1, 0)]
    assert written == []


def test_of_one_that_must_be_too_large_nothing_is_written(sent: Callable[..., HttpRequest], written: list[int]) -> None:
    [(said, kept)] = sizes(sent(one, 3 * MEGABYTE))
    assert said is not None
    assert (said >= 3 * MEGABYTE, kept, written) == (True, 0, [])


def test_of_several_each_has_its_own_limit(sent: Callable[..., HttpRequest], written: list[int]) -> None:
    request = sent(several, 2 * MEGABYTE, 4 * MEGABYTE, 5, 2 * MEGABYTE)
    assert sizes(request) == [
        (2 * MEGABYTE, 2 * MEGABYTE), (4 * MEGABYTE, 0), (5, 5), (2 * MEGABYTE, 2 * MEGABYTE)
    ]  # fmt: skip
    assert sum(written) <= 6 * MEGABYTE + 5


def test_a_page_without_a_place_for_files_is_sent_none(sent: Callable[..., HttpRequest], written: list[int]) -> None:
    request = sent(neither, 10, 20)
    assert (sizes(request), request.POST["note"], written) == ([], "收到", [])


def test_a_request_larger_than_any_is_not_read(sent: Callable[..., HttpRequest], settings: Settings) -> None:
    settings.UPLOAD_REQUEST_MAX_MB = 5
    request = sent(several, 3 * MEGABYTE, 3 * MEGABYTE)
    with pytest.raises(RequestDataTooBig):
        _ = request.POST


# ---------- by the pages ----------


@pytest.mark.parametrize(
    ("keeper", "page"),
    [("chief", "units:import"), ("system_admin", "stations:roster"), ("bureau_officer", "deadlines:import_days")],
)
def test_a_spreadsheet_that_is_too_large_is_refused_at_its_field(
    request: pytest.FixtureRequest, browse: Callable[[User], Client], settings: Settings, keeper: str, page: str
) -> None:
    settings.UPLOAD_LEDGER_MAX_MB = 1
    file = SimpleUploadedFile("a.xlsx", bytes(2 * MEGABYTE + 99))
    client = browse(request.getfixturevalue(keeper))
    response = client.post(reverse(page), {"file": file, "whole": "no"})
    words = "文件有 2 MB，超过 1 MB，不能导入。请删去图片或分成几个文件。"
    assert response.context["form"].errors["file"] == [words]
    assert not ImportBatch.objects.exists()


def test_a_photograph_that_is_too_large_is_refused_and_the_others_wait(
    browse: Callable[[User], Client], officer: User, unit: Unit, settings: Settings
) -> None:
    settings.UPLOAD_PHOTO_MAX_MB = 1
    draft = inspections.start(officer, unit, TODAY, moment(TODAY))
    url, client = reverse("inspections:add_photo", args=[draft.pk]), browse(officer)
    large = SimpleUploadedFile("a.jpg", picture("JPEG") + bytes(MEGABYTE))
    refused = client.post(url, {"photo": large})
    assert (refused.status_code, "照片超过 1 MB，没有保存。" in refused.content.decode()) == (409, True)
    assert client.post(url, {"photo": SimpleUploadedFile("a.jpg", picture("JPEG"))}).status_code == 302
    assert Inspection.objects.get(pk=draft.pk).photos.count() == 1


@pytest.mark.parametrize("said", ["", "many", "²", "9" * 5000])
def test_a_length_that_is_no_number_breaks_no_page(
    client: Client,
    paper: Document,  # noqa: F811 - the fixture
    said: str,
) -> None:
    response = client.post(reverse("verify", args=[paper.token]), CONTENT_LENGTH=said)
    assert (response.status_code, "请选择要核对的文件。" in response.content.decode()) == (400, True)


def test_each_page_that_reads_a_file_says_how_large_it_may_be() -> None:
    """By its source: a view that takes what it does not say would find no files, and nobody would know why."""
    reads = re.compile(r"request\.FILES")
    views = {pattern.callback for pattern in _patterns(get_resolver().url_patterns)}
    modules = {view.__module__ for view in views if hasattr(view, "takes_files")}
    here = Path(__file__).parents[2]
    reading = {
        ".".join(path.relative_to(here).with_suffix("").parts)
        for path in here.glob("*/views/*.py") if reads.search(path.read_text())
    }  # fmt: skip
    assert modules == reading


def _patterns(patterns: list[Any]) -> Iterator[Any]:
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _patterns(each.url_patterns)
        else:
            yield each
