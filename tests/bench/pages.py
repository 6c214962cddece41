"""Every page of the demo, as every role: found by following links, timed in the server, queries counted."""

import re
from collections import deque
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

from tests.bench.measure import Measure, median_ms, report

LIMIT_MS, LIMIT_QUERIES = 100, 12
# Links of one route that are tried before the next ones are taken for more of the same.
SAMPLES = 2
LINK = re.compile(r'\b(?:href|hx-get)="([^"#]+)')


@dataclass
class Page:
    route: str
    role: str
    milliseconds: float
    queries: int


def main() -> None:
    django.setup()
    from stations.models import User

    slowest: dict[str, Page] = {}
    for role in User.objects.order_by("role").values_list("role", flat=True).distinct():
        user = User.objects.filter(role=role, is_active=True).order_by("pk").first()
        for page in walk(user):
            known = slowest.get(page.route)
            if known is None or page.milliseconds > known.milliseconds:
                slowest[page.route] = page
    report(measures(list(slowest.values())))


def walk(user) -> list[Page]:
    """The pages one person reaches from the start page by GET."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(user)
    pages, waiting, seen = [], deque(["/"]), {"/"}
    tried: dict[str, int] = {}
    while waiting:
        url = waiting.popleft()
        route = route_of(url)
        if route is None or tried.get(route, 0) >= SAMPLES:
            continue
        tried[route] = tried.get(route, 0) + 1
        response = client.get(url)
        if response.status_code == 302:
            links = [response.headers["Location"]]
        elif response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            pages.append(measured(client, url, route, user.role))
            links = [unescape(found) for found in LINK.findall(response.content.decode())]
        else:
            continue
        for link in (urljoin(url, found) for found in links):
            if urlsplit(link).netloc in ("", "localhost") and link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages


def route_of(url: str) -> str | None:
    try:
        return resolve(urlsplit(url).path).route
    except Resolver404:
        return None


def measured(client: Client, url: str, route: str, role: str) -> Page:
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    # Counted before the next request empties the log.
    count = len(queries)
    return Page(route, role, median_ms(lambda: client.get(url), times=5), count)


def measures(pages: list[Page]) -> list[Measure]:
    """Two figures of each page, the slow ones first."""
    found = [Measure("pages measured", len(pages), "")]
    for page in sorted(pages, key=lambda page: -page.milliseconds):
        name = f"/{page.route} ({page.role})"
        found.append(Measure(name, page.milliseconds, "ms", LIMIT_MS))
        found.append(Measure(name, page.queries, "queries", LIMIT_QUERIES))
    return found


if __name__ == "__main__":
    main()
