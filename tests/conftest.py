"""The people of every test: one station and its chief, the brigade that guides it, a stranger next door."""

import gc
import os
import runpy
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import IO, Any

import django
import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from fire_supervision.lib import confined
from fire_supervision.lib.keyring import index_of
from fire_supervision.lib.text import squeezed
from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from stations.sessions import SessionStore
from tests.wall import without_the_wall
from trail import record as trail_record
from units.models import Category, Kind, Unit

# A neighbour that keeps the processors busy makes no example wrong: nothing here is judged by the wall clock.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
# make test-fast: a quarter of the examples; a test that runs fewer says so by `examples`.
hypothesis.settings.register_profile("fast", hypothesis.settings.get_profile("suite"), max_examples=25)
hypothesis.settings.load_profile("suite")


class Explaining(Client):
    """Says what a file is for wherever the page that asks comes up instead of it."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        response = super().get(*args, **kwargs)
        if response.status_code == 302 and response["Location"].startswith("/export/?next="):
            self.post(response["Location"], {"reason": "日常工作核对"})
            return super().get(*args, **kwargs)
        return response

    def sign_in(self, user: User) -> None:
        """Leave the session a sign-in leaves; what else a sign-in does (`force_login`) is half as dear as a page."""
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session.create()
        self.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


# Until the tests are collected next to nothing that is made goes away again.
gc.disable()


def pytest_collection_finish() -> None:
    """Modules and collected tests are here to stay: the collector need not go over them at each of its rounds."""
    gc.collect()
    gc.freeze()
    # A page or an act makes thousands of objects that go by themselves: a round for each 700 of them finds little.
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def migrated() -> Path:
    """Where the migrated SQLite database is kept: every worker of every run would spend seconds on it anew."""
    told = sha256(django.__version__.encode())
    for pattern in ("*/migrations/*.py", "*/seeds.py", "inspections/data/*"):
        for file in sorted(settings.BASE_DIR.glob(pattern)):
            told.update(file.read_bytes())
    return Path(settings.DATA_DIR) / f"migrated-{told.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, migrated: Path) -> None:
    connection.settings_dict["TEST"]["MIGRATE"] = connection.vendor != "sqlite" or not migrated.exists()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, migrated: Path) -> None:
    """The working calendar is not law in a migration: it is seeded, as on a new installation."""
    with django_db_blocker.unblock():
        connection.ensure_connection()
        if connection.vendor == "sqlite" and connection.settings_dict["TEST"]["MIGRATE"]:
            _keep(connection.connection, migrated)
        elif connection.vendor == "sqlite":
            with closing(sqlite3.connect(migrated)) as kept:
                kept.backup(connection.connection)
        call_command("seed_calendar", verbosity=0)


def _keep(database: sqlite3.Connection, place: Path) -> None:
    """Whole or not at all: another worker may be looking for it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(draft)) as kept:
        database.backup(kept)
    draft.replace(place)


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for the files of each test, made when a file comes: few have any, and `tmp_path` looks at all others."""
    return map(tmp_path_factory.mktemp("files").joinpath, map(str, count()))


@pytest.fixture(scope="module")
def cleaned_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """In the fast run workbooks are cleaned by the same script without a process of its own; make test takes that."""
    with pytest.MonkeyPatch.context() as patched:
        if request.config.getoption("hypothesis_profile") == "fast":
            patched.setattr(confined, "_run", _run_here)
        yield


def _run_here(script: Path, source: IO[bytes], result: IO[bytes]) -> None:
    reason = runpy.run_path(str(script))["clean"](source, result)
    if reason:
        # The script leaves its temporary files to the end of its process.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        raise confined.Refused(reason)


@pytest.fixture(autouse=True)
def _files_stay_in_the_test_and_passwords_are_cheap(settings: Settings, places: Iterator[Path]) -> None:
    settings.MEDIA_ROOT = next(places)
    # The real one takes a tenth of a second a password, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _a_page_costs_the_same_on_both_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        without_the_wall(monkeypatch)


@pytest.fixture(autouse=True)
def _nobody_was_refused_before() -> None:
    """What a process has counted of a person, another test's person of the same number has not done."""
    trail_record._left_out.clear()


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """The jobs handed to the queue; no broker is asked in a fast test."""
    jobs: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr("fire_supervision.lib.queue._send", lambda job, args, _queue: jobs.append((job.value, args)))
    return jobs


@pytest.fixture
def bureau(db: None) -> Organisation:
    bureau = Organisation.objects.create(kind=OrganisationKind.BUREAU, name="江城市公安局", code_word="江公")
    bureau.bureau = bureau
    bureau.save(update_fields=["bureau"])
    return bureau


@pytest.fixture
def brigade(db: None) -> Organisation:
    return Organisation.objects.create(kind=OrganisationKind.BRIGADE, name="江城市消防救援大队")


@pytest.fixture
def station(bureau: Organisation, brigade: Organisation) -> Organisation:
    return Organisation.objects.create(
        kind=OrganisationKind.STATION,
        name="城关派出所",
        short_name="城关",
        issuer_name="江城市公安局城关派出所",
        code_word="江公",
        parent=bureau,
        bureau=bureau,
        brigade=brigade,
    )


@pytest.fixture
def sibling(bureau: Organisation, brigade: Organisation) -> Organisation:
    """The station next door: same bureau, not guided by `supervisor`."""
    return Organisation.objects.create(
        kind=OrganisationKind.STATION,
        name="北关派出所",
        short_name="北关",
        issuer_name="江城市公安局北关派出所",
        code_word="江公",
        parent=bureau,
        bureau=bureau,
        brigade=brigade,
    )


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person of a role in an organisation; nobody needs a password here."""
    numbers = iter(range(100001, 999999))

    def make(role: Role, organisation: Organisation, name: str, **fields: Any) -> User:
        fields.setdefault("number", str(next(numbers)))
        fields.setdefault("certificate_no", f"江公证{fields['number']}" if role in (Role.OFFICER, Role.CHIEF) else "")
        return User.objects.create_user(name=name, role=role, organisation=organisation, **fields)

    return make


@pytest.fixture
def officer(person: Callable[..., User], station: Organisation) -> User:
    return person(Role.OFFICER, station, "李建平")


@pytest.fixture
def partner(person: Callable[..., User], station: Organisation) -> User:
    """The second officer an inspection needs."""
    return person(Role.OFFICER, station, "张海涛")


@pytest.fixture
def assistant(person: Callable[..., User], station: Organisation) -> User:
    return person(Role.ASSISTANT, station, "周小川")


@pytest.fixture
def chief(person: Callable[..., User], station: Organisation) -> User:
    return person(Role.CHIEF, station, "王志远")


@pytest.fixture
def stranger(person: Callable[..., User], sibling: Organisation) -> User:
    """A chief elsewhere: what he asks for of our station does not exist for him."""
    return person(Role.CHIEF, sibling, "赵远山")


@pytest.fixture
def supervisor(person: Callable[..., User], brigade: Organisation, station: Organisation) -> User:
    supervisor = person(Role.SUPERVISOR, brigade, "陈立新")
    Guidance.objects.create(station=station, supervisor=supervisor)
    return supervisor


@pytest.fixture
def brigade_leader(person: Callable[..., User], brigade: Organisation) -> User:
    return person(Role.BRIGADE_LEADER, brigade, "孙长河")


@pytest.fixture
def bureau_officer(person: Callable[..., User], bureau: Organisation) -> User:
    return person(Role.BUREAU_OFFICER, bureau, "吴明哲")


@pytest.fixture
def leader(person: Callable[..., User], bureau: Organisation) -> User:
    return person(Role.BUREAU_LEADER, bureau, "郑国栋")


@pytest.fixture
def system_admin(person: Callable[..., User], bureau: Organisation) -> User:
    return person(Role.SYSTEM_ADMIN, bureau, "钱系统")


@pytest.fixture
def security_admin(person: Callable[..., User], bureau: Organisation) -> User:
    return person(Role.SECURITY_ADMIN, bureau, "冯安全")


@pytest.fixture
def audit_admin(person: Callable[..., User], bureau: Organisation) -> User:
    return person(Role.AUDIT_ADMIN, bureau, "蒋审计")


@pytest.fixture
def browse() -> Callable[[User], Client]:
    """A client signed in as somebody: ``browse(officer).get(url)``."""

    def signed_in(user: User) -> Client:
        client = Explaining()
        client.sign_in(user)
        return client

    return signed_in


@pytest.fixture
def make_unit(station: Organisation, officer: User) -> Callable[..., Unit]:
    """A shop of our station, assigned to `officer`, unless told otherwise."""

    def make(name: str = "万家福便利超市", **fields: Any) -> Unit:
        home = fields.pop("station", station)
        fields = (
            {
                "kind": Kind.PREMISES,
                "category": Category.objects.get(code="SHOP"),
                "address": "北大街62号",
                "person": "刘桂香",
                "phone": "19900000001",
                "officer": officer if home == station else None,
            }
            | home.scope_columns()
            | fields
        )
        if fields["kind"] != Kind.PREMISES:
            fields["category"] = None
        keys = {"name_key": squeezed(name), "address_key": squeezed(fields["address"])}
        keys["phone_index"] = index_of(fields["phone"])
        return Unit.objects.create(name=name, **keys, **fields)

    return make


@pytest.fixture
def unit(make_unit: Callable[..., Unit]) -> Unit:
    return make_unit()
