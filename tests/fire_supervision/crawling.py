"""Going wherever the pages lead: every link, every filter, every workbook, as one person."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.http import HttpResponseBase

from tests.fire_supervision.stage import Stage

_LINK = re.compile(r'(?:href|src|hx-get|data-url)="([^"]+)"')
# Where some rows of filters go first; an address of their list is what comes of it.
FIND = "/find/"
# Static files are everybody's; whoever signs out sees nothing more.
LEFT_OUT = ("/static/", "/logout/", "/login/")
# What one types into any field of words, and what every place has a row of.
WORDS = "万家福"


class Filters(HTMLParser):
    """The forms of a page that are sent as addresses: each field with each of its values, one at a time."""

    def __init__(self, page: str, numbers: Iterable[int]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._page, self._numbers = page, tuple(numbers)
        self._action: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            sent = said.get("method", "get").lower() == "get" or said.get("action") == FIND
            self._action = (said.get("action") or self._page) if sent else None
        elif self._action is None:
            return
        elif tag == "select":
            self._select = said.get("name", "")
            # The numbers of others' rows, in place of those the page offers.
            for number in self._numbers:
                self._add(self._select, str(number))
        elif tag == "option" and said.get("value"):
            self._add(self._select, said["value"])
        elif tag == "input" and said.get("name") == "page" and self._action == FIND:
            self._action = said.get("value", "")
        elif tag == "input":
            kind = said.get("type", "text")
            self._add(said.get("name", ""), WORDS if kind in ("text", "search") else said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._action = None

    def _add(self, name: str, value: str) -> None:
        if name and value and self._action is not None and name != "csrfmiddlewaretoken":
            self.found.append(urljoin(self._page, f"{self._action.partition('?')[0]}?{urlencode({name: value})}"))


@dataclass
class Walk:
    """What one person finds from ``start`` on; ``numbers`` are keys of rows that are not his."""

    stage: Stage
    who: str
    start: list[str]
    numbers: tuple[int, ...] = ()
    most: int = 500
    seen: set[str] = field(default_factory=set)

    def answers(self) -> Iterator[tuple[str, HttpResponseBase]]:
        """Each address once, with its answer."""
        waiting = deque(self.start)
        while waiting and len(self.seen) < self.most:
            url = waiting.popleft()
            if url in self.seen:
                continue
            self.seen.add(url)
            response = self.stage.ask(self.who, "GET", url)
            yield url, response
            waiting.extend(next_url for next_url in self._beyond(url, response) if next_url not in self.seen)

    def _beyond(self, url: str, response: HttpResponseBase) -> Iterator[str]:
        if response.has_header("Location"):
            yield from self._kept(urljoin(url, response["Location"]))
        if not response.get("Content-Type", "").startswith("text/html"):
            return
        page = getattr(response, "content", b"").decode()
        for link in _LINK.findall(page):
            yield from self._kept(urljoin(url, unescape(link)))
        filters = Filters(url, self.numbers)
        filters.feed(page)
        for each in filters.found:
            yield from self._kept(each)

    def _kept(self, url: str) -> Iterator[str]:
        """One filter at a time, with or without the workbook: each further one only narrows."""
        parts = urlsplit(url)
        asked = sorted(parse_qsl(parts.query))
        plain = [name for name, _ in asked if name not in ("export", "next", "bureau")]
        ours = parts.path.startswith("/") and not parts.netloc and parts.scheme == ""
        if ours and len(plain) <= 1 and not parts.path.startswith(LEFT_OUT):
            yield parts.path + (f"?{urlencode(asked)}" if asked else "")
