"""What an answer tells the browser (test_every_answer.py walks every address), errors and static files included."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from fire_supervision.headers import HEADERS
from stations.models import User

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "report-uri": "/csp/",
    "report-to": "csp",
}


def directives(policy: str) -> dict[str, str]:
    return {name: rest for name, _, rest in (each.strip().partition(" ") for each in policy.split(";"))}


def lacking(response: object) -> list[str]:
    """What an answer does not say, or says otherwise than the table."""
    wrong = [name for name, value in HEADERS.items() if response.get(name) != value]  # type: ignore[attr-defined]
    if "no-store" not in response.get("Cache-Control", ""):  # type: ignore[attr-defined]
        wrong.append("Cache-Control")
    said = directives(response.get("Content-Security-Policy", ""))  # type: ignore[attr-defined]
    said.pop("script-src", None)
    if said != POLICY:
        wrong.append("Content-Security-Policy")
    return [*wrong, *(name for name in ("Server", "X-Powered-By") if name in response)]  # type: ignore[operator]


@pytest.mark.django_db
def test_errors_before_any_view_say_it_too() -> None:
    client = Client(raise_request_exception=False)
    answers = {
        400: client.get("/", headers={"Host": "elsewhere.example"}),
        403: client.post("/login/", headers={"Sec-Fetch-Site": "cross-site"}),
        404: client.get("/no-such-page/"),
        405: client.generic("TRACE", "/"),
        413: client.post("/login/", "x" * 3_000_000, content_type="application/x-www-form-urlencoded"),
    }

    assert {status: response.status_code for status, response in answers.items()} == {each: each for each in answers}
    with_debug_page = 404  # Django's own page while DEBUG is on
    assert {status: lacking(response) for status, response in answers.items() if status != with_debug_page} == {
        status: [] for status in answers if status != with_debug_page
    }


@pytest.mark.django_db
def test_every_script_of_a_page_carries_the_nonce_of_its_answer_and_nothing_else_may_run(
    browse: Callable[[User], Client], officer: User
) -> None:
    client = browse(officer)
    pages = [client.get("/units/"), client.get("/units/")]
    nonces = [set(re.findall(r'<script nonce="([^"]{20,})" src=', page.content.decode())) for page in pages]

    assert [len(each) for each in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for page, (nonce,) in zip(pages, nonces, strict=True):
        assert directives(page["Content-Security-Policy"])["script-src"] == f"'nonce-{nonce}'"
        assert page.content.count(b"<script") == page.content.count(f'<script nonce="{nonce}"'.encode())


def test_no_template_has_a_script_without_the_nonce() -> None:
    bare = [
        str(path.relative_to(settings.BASE_DIR))
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if re.search(r'<script(?! nonce="{{ request\.csp_nonce }}")', path.read_text())
    ]

    assert bare == []


@pytest.mark.django_db
def test_static_files_may_be_kept_and_nothing_else() -> None:
    client = Client()

    kept = client.get("/static/app.css")
    assert (kept.status_code, "no-store" in kept.get("Cache-Control", "")) == (200, False)
    assert (kept["X-Content-Type-Options"], kept["Cross-Origin-Resource-Policy"]) == ("nosniff", "same-origin")
    assert "no-store" in client.get(reverse("stations:login"))["Cache-Control"]
    assert list(kept)  # read to its end
