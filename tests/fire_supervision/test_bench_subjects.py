"""Every address is measured by make bench, or says there why it is not."""

from collections.abc import Iterator

from django.urls import URLResolver, get_resolver

from tests.bench.subjects import SUBJECTS


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


def test_the_bench_knows_with_which_rows_every_address_is_opened() -> None:
    unknown = [
        route
        for route in routes(get_resolver())
        if "<" in route
        and not any(route.startswith(known) and route.count("<") == known.count("<") for known, _ in SUBJECTS)
    ]
    assert unknown == []
