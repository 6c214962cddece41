"""What leaves the house as a file: with a reason, told in the trail, and marked with who took it.

A reason is given on a page of its own, holds for one address and one file, and stands in the session until then. The
gate (`stations.http.requires`) asks, so that no list has to remember it; `table` hands a list out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.timezone import localtime

from fire_supervision.lib import excel, sought
from stations.models import User
from stations.permissions import Can, may_export
from stations.sessions import GIVEN
from trail.record import record

TakesOut = bool | Callable[[HttpRequest], bool]
# In the session: the reason given last, as a suggestion. GIVEN holds the address a reason is for, the reason, and when.
LAST = "export_last"
# In an address: what the browser's viewer would show is to be saved.
SAVE = "download"
REASONS = ("日常工作核对", "整理归档", "迎接检查考核", "向上级报送", "案件办理")


# ---------- asking ----------


def wanted(request: HttpRequest, user: User, takes_out: TakesOut) -> bool:
    """Whether this request takes something out; raises PermissionDenied for whoever may not.

    ``?export`` asks for a table, whatever page it is asked of; ``takes_out`` is said of a view that hands out files,
    always or when it says so of the request.
    """
    hands_out = takes_out(request) if callable(takes_out) else takes_out
    if not (hands_out or request.GET.get("export")):
        return False
    if not may_export(user):
        raise PermissionDenied(Can.EXPORT.label)
    return True


def is_given(request: HttpRequest, at: datetime) -> bool:
    """Whether a reason was given for this very address, not long ago."""
    given = request.session.get(GIVEN)
    if not given or given["path"] != request.get_full_path():
        return False
    return at - datetime.fromisoformat(given["at"]) < timedelta(minutes=settings.STEP_UP_MINUTES)


def give(session: SessionBase, path: str, reason: str, at: datetime) -> None:
    session[GIVEN], session[LAST] = {"path": path, "reason": reason, "at": at.isoformat()}, reason


def question(request: HttpRequest) -> HttpResponse:
    """The way to the page that asks what for."""
    return HttpResponseRedirect(f"{reverse('stations:export')}?{urlencode({'next': request.get_full_path()})}")


def without(data: Any) -> dict[str, Any]:
    """``data`` of a session with the reason used up."""
    return {name: value for name, value in data.items() if name != GIVEN}


def reason_of(request: HttpRequest) -> str:
    """What the file being handed out is for; for the entry in the trail."""
    given = request.session.get(GIVEN) or {}
    return str(given.get("reason", ""))


def is_file(target: str) -> bool:
    """Whether the address ``target`` leaves the page standing that led to it: a file to be saved."""
    address = urlsplit(target)
    if _asks_for_table(address.query):
        return True
    takes_out = _takes_out(address.path)
    # What leaves only now and then (a callable) opens in the browser's viewer, unless it is to be saved.
    return takes_out is True or (bool(takes_out) and _asks_to_save(address.query))


def is_marked(target: str) -> bool:
    """Whether the file at ``target`` says who took it; printed papers are issued as they are, and the entry tells."""
    address = urlsplit(target)
    return _asks_for_table(address.query) or not callable(_takes_out(address.path))


def _takes_out(path: str) -> TakesOut:
    try:
        found: TakesOut = getattr(resolve(path).func, "takes_out", False)
    except Resolver404:
        return False
    return found


def page_of(target: str) -> str:
    """The page with the list that the file at ``target`` is of."""
    page = urlsplit(target)
    if _asks_to_save(page.query) and callable(_takes_out(page.path)):
        # A file to be saved lies below the page of its row: /papers/5/files/unit/.
        return "/".join([*page.path.split("/")[:3], ""])
    if not _asks_for_table(page.query):
        return "/bundles/" if page.path.startswith("/bundles/") else "/"
    query = urlencode([(name, value) for name, value in parse_qsl(page.query) if name != "export"])
    return page._replace(query=query).geturl()


def _asks_for_table(query: str) -> bool:
    return any(name == "export" for name, _ in parse_qsl(query))


def saves(request: HttpRequest) -> bool:
    """Whether the file is asked for to be saved: `takes_out` of a view that also shows it."""
    return SAVE in request.GET


def _asks_to_save(query: str) -> bool:
    return any(name == SAVE for name, _ in parse_qsl(query, keep_blank_values=True))


# ---------- handing out ----------


class _Counted:
    """Rows that are counted while they are written."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.count, self._rows = 0, rows

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def table(
    request: HttpRequest, name: str, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """``rows`` as a workbook called ``name``, with an entry of who took how many of which list, and what for.

    Raises RuntimeError where no reason was asked for: the view is not behind `requires`.
    """
    user, reason = request.user, reason_of(request)
    if not isinstance(user, User) or not reason:
        raise RuntimeError("a table leaves the house with a reason")
    counted = _Counted(rows)
    content = excel.workbook(title, header, counted, mark=mark(user, timezone.now(), title, reason))
    match = request.resolver_match
    room = (match.app_name or match.func.__module__.split(".")[0]) if match else "stations"
    after = {"path": sought.told(request.get_full_path(), user.pk)[:200], "file": name, "rows": counted.count}
    with transaction.atomic():
        record(user, f"{room}.export", None, f"导出{title} {counted.count} 条", after=after, reason=reason)
    return excel.download(name, content)


def mark(user: User, at: datetime, title: str, reason: str) -> list[tuple[str, str]]:
    """Who took it, when and what for, as a workbook says it."""
    return [
        ("内容", title),
        ("导出人", signature(user)),
        ("所在机构", user.organisation.name),
        ("导出时间", f"{localtime(at):%Y-%m-%d %H:%M}"),
        ("用途", reason),
    ]


def signature(user: User) -> str:
    return f"{user.name}（{user.number}）"
