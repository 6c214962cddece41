"""How much each page takes in: what is more is dropped while it comes, and not written to the disk first.

A page that says nothing takes no file. Django never reads more of a body than its Content-Length says.
"""

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MEGABYTE = 1024 * 1024
# The fields of a form, beside its file.
BESIDE = MEGABYTE
View = TypeVar("View", bound=Callable[..., object])
# A number of megabytes, or the name of the setting that says it.
Most = int | str


def takes_files(most: Most, *, several: bool = False) -> Callable[[View], View]:
    """Let the view take a file, or ``several``, of at most ``most`` each.

    A larger one reaches it as an empty file of its true size, for its form to refuse in words of its own.
    """

    def decorate(view: View) -> View:
        view.takes_files = (most, several)  # type: ignore[attr-defined] # read by Limited; functools.wraps passes it on
        return view

    return decorate


def _bytes(most: Most) -> int:
    return MEGABYTE * int(getattr(settings, most) if isinstance(most, str) else most)


class Limited(FileUploadHandler):
    """The first of FILE_UPLOAD_HANDLERS: hands on no more than the page takes."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],  # noqa: ARG002 - Django's signature
        META: dict[str, str],  # noqa: ARG002, N803 - Django's signature
        content_length: int,
        boundary: str,  # noqa: ARG002 - Django's signature
        encoding: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Before anything is read. Raises RequestDataTooBig."""
        if content_length > _bytes("UPLOAD_REQUEST_MAX_MB"):
            raise RequestDataTooBig(f"{content_length} bytes")
        self.most, several = _granted(self.request)
        self.is_open = self.most > 0
        self.least = 0
        if not several and content_length > self.most + BESIDE:
            # The one file is too large: nothing of it is kept, and it says so whatever stood beside it.
            self.most, self.least = 0, content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A page without a place for files is sent none."""
        if not self.is_open:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start + len(raw_data) <= self.most else None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        if file_size <= self.most:
            return None
        self._close()
        return UploadedFile(BytesIO(), self.file_name, self.content_type, max(file_size, self.least), self.charset)

    def _close(self) -> None:
        """What those behind have of it goes at once, not when the request does."""
        for handler in self.request.upload_handlers if self.request is not None else ():
            # A handler has one only while the file is its own to keep.
            if kept := getattr(handler, "file", None):
                kept.close()


def _granted(request: HttpRequest | None) -> tuple[int, bool]:
    """The bytes a file may have, and whether there may be several."""
    match = request.resolver_match if request is not None else None
    most, several = getattr(match.func, "takes_files", (0, False)) if match else (0, False)
    return _bytes(most), several


class BookField(forms.FileField):
    """A spreadsheet of at most ``most``."""

    def __init__(self, *, most: Most, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        if file and file.size > _bytes(self.most):
            size, most = file.size // MEGABYTE, _bytes(self.most) // MEGABYTE
            raise forms.ValidationError(f"文件有 {size} MB，超过 {most} MB，不能导入。请删去图片或分成几个文件。")
        return file
