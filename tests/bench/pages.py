"""Every page of the demo as every role that may open it: time in the server, queries counted.

Each GET address of the resolver is opened with real rows (`subjects`), then the links of those pages are followed, so
that tabs, filters and pages of a list are measured too. Times are of the processor: a busy neighbour slows no page.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.timezone import now

from tests.bench.measure import Measure, cpu_ms, report

LIMIT_MS, LIMIT_QUERIES = 100, 12
# The time of a page that was not answered at all; its traceback stands in the log.
BROKEN = float("inf")
TIMES = 5
# Links of one route that are tried before the next ones are taken for more of the same.
SAMPLES = 2
LINK = re.compile(r'\b(?:href|hx-get)="([^"#]+)')


@dataclass(frozen=True)
class Page:
    route: str
    role: str
    url: str
    milliseconds: float
    queries: int


def main() -> None:
    django.setup()
    from stations.models import User

    pages: list[Page] = []
    for number in accounts():
        user = User.objects.get(number=number)
        if user.role in ("OFFICER", "CHIEF"):
            from tests.bench.draft import draft

            draft(user, now())
        pages += walk(user)
    report(measures(pages))


def accounts() -> list[str]:
    """One person of each role: those whose numbers the demo shows."""
    from desk.demo.people import accounts as shown

    return [number for number, _, _ in shown()]


def walk(user: Any) -> Iterator[Page]:
    """The pages one person opens: those of the resolver with their rows, then what they link to."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(user)
    waiting = deque(addresses(user))
    seen, tried = set(waiting), dict[str, int]()
    own = len(waiting)
    while waiting:
        url = waiting.popleft()
        own -= 1
        route = route_of(url)
        if route is None or (own < 0 and tried.get(route, 0) >= SAMPLES):
            continue
        if own < 0:
            tried[route] = tried.get(route, 0) + 1
        response = client.get(url)
        if response.status_code >= 500:
            yield Page(route, user.role, url, BROKEN, 0)
            continue
        if response.status_code == 302:
            links = [response.headers["Location"]]
        elif response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            yield measured(client, url, route, user.role)
            links = [unescape(found) for found in LINK.findall(response.content.decode())]
        else:
            continue
        for link in (urljoin(url, found) for found in links):
            if urlsplit(link).netloc in ("", "localhost") and link not in seen:
                seen.add(link)
                waiting.append(link)


def addresses(user: Any) -> list[str]:
    """Each address of the resolver, with the rows this person has for it. What only takes a POST answers 405."""
    from tests.bench.subjects import arguments_of

    return [
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match, given=given: str(given[match.group(1)]), route)
        for route in routes(get_resolver().url_patterns)
        for given in arguments_of(route, user)
    ]


def routes(patterns: list[URLPattern | URLResolver], above: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, above + str(pattern.pattern))
        else:
            yield above + str(pattern.pattern)


def route_of(url: str) -> str | None:
    try:
        return resolve(urlsplit(url).path).route
    except Resolver404:
        return None


def measured(client: Client, url: str, route: str, role: str) -> Page:
    """``url``, warm by now. Half the limit in one request is not timed more often: the median cannot pass it."""
    with CaptureQueriesContext(connection) as queries:
        spans = [cpu_ms(lambda: client.get(url))]
    count = len(queries)
    if spans[0] > LIMIT_MS / 2:
        spans += [cpu_ms(lambda: client.get(url)) for _ in range(TIMES - 1)]
    return Page(route, role, url, sorted(spans)[len(spans) // 2], count)


def measures(pages: list[Page]) -> list[Measure]:
    """Of each route its slowest page and the one with most queries, the slow ones first."""
    slowest: dict[str, Page] = {}
    chattiest: dict[str, Page] = {}
    for page in pages:
        if page.route not in slowest or page.milliseconds > slowest[page.route].milliseconds:
            slowest[page.route] = page
        if page.route not in chattiest or page.queries > chattiest[page.route].queries:
            chattiest[page.route] = page
    found = [Measure("pages measured", len(pages), ""), Measure("addresses measured", len(slowest), "")]
    for page in sorted(slowest.values(), key=lambda page: -page.milliseconds):
        most = chattiest[page.route]
        found.append(Measure(f"{page.url} ({page.role})", page.milliseconds, "ms", LIMIT_MS))
        found.append(Measure(f"{most.url} ({most.role})", most.queries, "queries", LIMIT_QUERIES))
    return found


if __name__ == "__main__":
    main()
