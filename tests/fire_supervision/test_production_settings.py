"""The settings as a server of production gets them, and what stands in the repository because of them."""

import json
import logging
import os
import re
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from fire_supervision.lib.keyring import new_key
from records.management.commands.make_demo_certificate import self_signed
from stations.entrance_forms import SignInForm
from stations.models import User
from stations.permissions import Can
from tests.fire_supervision.test_access import addresses_of
from tests.fire_supervision.test_viruses import Clamd
from trail.keys import new_pair

PRODUCTION = {
    "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "fire.example.cn",
    "BROKER_URL": "memory://",
    "PUBLIC_URL": "https://fire.example.cn",
}
LOST = re.compile("forg[eo]t|lost|recover|remind|reset")
ASKED = """
import json, django
django.setup()
from django.conf import settings as s
names = '''DEBUG SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY
SESSION_COOKIE_SAMESITE CSRF_COOKIE_SAMESITE SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS
COOKIE_PREFIX PASSWORD_HASHERS MESSAGE_STORAGE SESSION_COOKIE_PATH SESSION_COOKIE_DOMAIN CSRF_COOKIE_DOMAIN
TRUSTED_PROXIES'''.split()
from stations.backends import DEVICE_COOKIE
print(json.dumps({name: getattr(s, name) for name in names} | {"DEVICE_COOKIE": DEVICE_COOKIE}))
"""


def run(words: list[str], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A Python of its own, with nothing of this one's settings."""
    own = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "FONTCONFIG_FILE")}
    told = own | {"DJANGO_SETTINGS_MODULE": "fire_supervision.settings", "DATA_DIR": str(folder)} | environment
    return subprocess.run(
        [sys.executable, *words], cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = run(["-c", ASKED], tmp_path_factory.mktemp("production"), **PRODUCTION, BEHIND_PROXY="true")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_every_cookie_is_of_this_host_and_of_tls_alone(production: dict[str, Any]) -> None:
    named = [production[name] for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE", "COOKIE_PREFIX")]
    assert named == ["__Host-sessionid", "__Host-csrftoken", "__Host-device", "__Host-"]
    # What the prefix asks of a cookie; without it a browser would drop them.
    assert [production[name] for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")] == [True, True]
    assert production["SESSION_COOKIE_PATH"] == "/"
    assert [production[name] for name in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN")] == [None, None]
    assert production["SESSION_COOKIE_HTTPONLY"]
    assert (production["SESSION_COOKIE_SAMESITE"], production["CSRF_COOKIE_SAMESITE"]) == ("Lax", "Lax")
    # Words to whoever acted are in the session, not in a cookie of their own.
    assert production["MESSAGE_STORAGE"].endswith("SessionStorage")


def test_no_cookie_is_set_in_another_way() -> None:
    elsewhere = [
        str(path.relative_to(settings.BASE_DIR))
        for app in apps.get_app_configs()
        if str(settings.BASE_DIR) in app.path and ".venv" not in app.path
        for path in Path(app.path).rglob("*.py")
        if re.search(r"\.set_(signed_)?cookie\(", path.read_text())
    ]
    assert sorted(set(elsewhere)) == ["hazards/views/receipt.py", "stations/views/entrance.py"]


def test_tls_is_asked_for_by_default(production: dict[str, Any]) -> None:
    assert production["SECURE_SSL_REDIRECT"]
    assert (production["SECURE_HSTS_SECONDS"], production["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (31_536_000, True)
    assert production["TRUSTED_PROXIES"] == 1


def test_passwords_are_kept_by_argon2(production: dict[str, Any]) -> None:
    assert production["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.mark.slow
def test_without_a_secret_it_does_not_start(tmp_path: Path) -> None:
    done = run(["-c", "import django; django.setup()"], tmp_path, ALLOWED_HOSTS="fire.example.cn")
    assert done.returncode == 1
    assert "SECRET_KEY is not set" in done.stderr


@pytest.mark.slow
def test_debugging_is_off_and_the_deploy_check_clean(production: dict[str, Any], tmp_path: Path) -> None:
    """But for what only the deployer has: certificate, key of the trail, keys of personal data."""
    assert production["DEBUG"] is False
    done = run(["manage.py", "check", "--deploy", "--tag", "security"], tmp_path, **PRODUCTION)
    told = set(re.findall(r"\(([\w.]+\.[EW]\d+)\)", done.stderr))
    assert told <= {
        "fire_supervision.W006",
        "fire_supervision.W030",
        "fire_supervision.W034",  # of a kernel without Landlock
        "fire_supervision.E009",
        "fire_supervision.E012",
        "fire_supervision.E013",
    }, told
    listed = run(
        ["-c", "import django; django.setup(); from django.urls import reverse; reverse('styleguide')"],
        tmp_path,
        **PRODUCTION,
    )
    assert "NoReverseMatch" in listed.stderr


def _deployed(folder: Path, scanner: str) -> dict[str, str]:
    """Everything a deployer brings, in files as docs/operations.md says."""
    certificate, key = self_signed("江城市公安局", timezone.now() - timedelta(days=1), timedelta(days=365))
    breached = "".join(f"{number:040X}:1\n" for number in range(1000))
    files = {
        "certificate.pem": certificate, "key.pem": key, "trail.pem": new_pair()[0], "breached.txt": breached.encode(),
        "data": new_key().encode(), "index": new_key().encode(),
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return PRODUCTION | {
        "BEHIND_PROXY": "true", "DATA_KEYS": f"2026:{folder / 'data'}", "INDEX_KEY": str(folder / "index"),
        "TRAIL_KEY": str(folder / "trail.pem"), "SIGNING_CERTIFICATE": str(folder / "certificate.pem"),
        "SIGNING_KEY": str(folder / "key.pem"), "VIRUS_SCANNER": scanner,
        "BREACHED_PASSWORDS": str(folder / "breached.txt"),
    }  # fmt: skip


@pytest.mark.slow
def test_fully_configured_the_deploy_check_has_nothing_to_say(tmp_path: Path) -> None:
    """All of it: every tag, warnings too; the four of Django and axes settings.py silences say there why."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scanner = Clamd(listener)
        scanner.version = f"ClamAV 1.4.3/27832/{datetime.now():%a %b %d %H:%M:%S %Y}"  # noqa: DTZ005 - as clamd says it
        told = _deployed(tmp_path, f"tcp:127.0.0.1:{listener.getsockname()[1]}")
        done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path, **told)
        scanner.end()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (3 silenced).\n"
    assert scanner.asked == 1


@pytest.mark.slow
def test_the_deploy_check_refuses_names_of_any_host(tmp_path: Path) -> None:
    done = run(
        ["manage.py", "check", "--deploy", "--tag", "security"], tmp_path, **(PRODUCTION | {"ALLOWED_HOSTS": "*"})
    )
    assert "fire_supervision.E020" in done.stderr
    done = run(["manage.py", "check", "--deploy", "--tag", "security"], tmp_path, **PRODUCTION, RATE_SIGN_IN="0")
    assert "fire_supervision.W021" in done.stderr
    done = run(["manage.py", "check", "--deploy", "--tag", "security"], tmp_path, **PRODUCTION, TRUSTED_PROXIES="1")
    assert "fire_supervision.W022" in done.stderr


def test_sessions_and_tasks_are_json() -> None:
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert (settings.CELERY_TASK_SERIALIZER, settings.CELERY_ACCEPT_CONTENT) == ("json", ["json"])


def test_the_log_goes_to_standard_error_alone() -> None:
    assert list(settings.LOGGING["handlers"]) == ["console"]
    assert settings.LOGGING["handlers"]["console"] == {"class": "logging.StreamHandler", "formatter": "line"}
    assert logging.StreamHandler().stream is sys.stderr


def test_the_image_takes_no_history_and_no_secrets() -> None:
    left_out = (settings.BASE_DIR / ".dockerignore").read_text().split()
    assert [
        name for name in (".git", ".env", "keys", "var") if not {name, f"{name}/", f"/{name}"} & set(left_out)
    ] == []


@pytest.mark.django_db
def test_no_other_origin_is_let_in() -> None:
    for address in (reverse("stations:login"), "/static/app.css", reverse("verify", args=["x" * 22])):
        answer = Client().get(address, headers={"Origin": "https://elsewhere.example"})
        assert list(answer)  # read to its end
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.django_db
def test_no_folder_is_listed() -> None:
    client = Client(raise_request_exception=False)
    assert {client.get(address).status_code for address in ("/static/", "/static/js/", "/static/../manage.py")} <= {
        404,
        302,
    }


@pytest.mark.django_db
def test_pages_name_their_charset() -> None:
    assert Client().get(reverse("stations:login"))["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.django_db
def test_a_session_key_cannot_be_guessed(rf: Any) -> None:
    from stations.sessions import SessionStore

    keys = {SessionStore()._get_new_session_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys)  # 36 ** 32: 165 bits


def test_the_field_of_the_password_is_masked_and_may_be_pasted_into() -> None:
    field = SignInForm.base_fields["password"]
    assert isinstance(field.widget, forms.PasswordInput)
    assert (field.strip, field.max_length) in ((False, 128), (False, None))  # type: ignore[attr-defined]
    assert field.widget.attrs["autocomplete"] == "current-password"
    scripts = "".join(path.read_text() for path in (settings.BASE_DIR / "static" / "js").glob("*.js"))
    assert [word for word in ('"paste"', "onpaste") if word in scripts] == []


def test_no_question_and_no_hint_opens_the_door() -> None:
    assert list(SignInForm.base_fields) == ["number", "password"]
    asked = re.compile("hint|question|answer|birth|maiden|secret", re.IGNORECASE)
    assert [field.name for field in User._meta.get_fields() if asked.search(field.name)] == []
    # Whoever has lost what he knows or holds goes to an administrator, not to a page.
    lost = {each.name: each.capability for each in addresses_of(get_resolver()) if LOST.search(each.name)}
    assert lost == {"stations:person_reset": Can.MANAGE_PEOPLE, "stations:reset_factors": Can.MANAGE_SETTINGS}


def test_no_form_takes_all_fields_of_its_row() -> None:
    found = [
        str(path.relative_to(settings.BASE_DIR))
        for app in apps.get_app_configs()
        if str(settings.BASE_DIR) in app.path and ".venv" not in app.path
        for path in Path(app.path).rglob("*.py")
        if re.search(r"fields = (\"__all__\"|forms\.ALL_FIELDS)|^\s+exclude = ", path.read_text(), re.MULTILINE)
    ]
    assert found == []
