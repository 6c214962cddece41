"""docker-compose.yml: each part proves who it is, keys lie outside the image, and what is optional stays so."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# ${NAME:?why}: Compose does not start without it.
ASKED = re.compile(r"\$\{([A-Z_]+):\?[^}]+\}")
SIGNS_OR_SENDS = re.compile(
    r"\bsigning\.(sign|check|known|signer_name)\(|\bactions\.render(_pending)?\(|\b(mail_waiting|send_mail)\((?!now: )"
)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def ours(services: dict[str, Any]) -> dict[str, Any]:
    """What runs the product itself."""
    return {name: told for name, told in services.items() if told.get("image") == "fire-supervision"}


def test_redis_asks_for_a_password_and_whoever_calls_it_has_one(services: dict[str, Any]) -> None:
    redis = services["redis"]
    command = redis["command"]
    assert ASKED.fullmatch(command[command.index("--requirepass") + 1]).group(1) == "REDIS_PASSWORD"
    assert ASKED.fullmatch(redis["environment"]["REDISCLI_AUTH"]).group(1) == "REDIS_PASSWORD"
    assert redis["healthcheck"]["test"] == ["CMD-SHELL", "redis-cli ping | grep -qx PONG"]
    brokers = {name: told["environment"]["BROKER_URL"] for name, told in ours(services).items()}
    assert set(brokers) == {"migrate", "web", "worker", "beat"}
    for name, broker in brokers.items():
        assert ASKED.sub(r"<\1>", broker) == "redis://:<REDIS_PASSWORD>@redis:6379/0", name


def test_the_database_asks_each_part_for_a_password_of_its_own(services: dict[str, Any]) -> None:
    told = {name: ASKED.sub(r"<\1>", each["environment"]["DATABASE_URL"]) for name, each in ours(services).items()}
    sweeps = "postgres://fire_sweeps:<FIRE_SWEEPS_PASSWORD>@postgres:5432/fire"
    assert told == {
        "migrate": "postgres://fire:<POSTGRES_PASSWORD>@postgres:5432/fire",
        "web": "postgres://fire_app:<FIRE_APP_PASSWORD>@postgres:5432/fire",
        "worker": sweeps,
        "beat": sweeps,
    }
    assert ASKED.fullmatch(services["postgres"]["environment"]["POSTGRES_PASSWORD"])


def test_no_part_is_told_the_password_of_another(services: dict[str, Any]) -> None:
    """All of .env goes into each, and what stands in `environment` wins over it."""
    secret = {"POSTGRES_PASSWORD", "FIRE_APP_PASSWORD", "FIRE_SWEEPS_PASSWORD", "REDIS_PASSWORD"}
    for name, told in ours(services).items():
        assert told["env_file"] == ".env"
        known = {each for each in secret if told["environment"][each]}
        assert known == ({"FIRE_APP_PASSWORD", "FIRE_SWEEPS_PASSWORD"} if name == "migrate" else set()), name


def test_only_the_worker_is_told_how_papers_are_signed_and_mail_is_sent(services: dict[str, Any]) -> None:
    nowhere = {"SIGNING_PASSWORD": "", "EMAIL_URL": "smtp://localhost:25"}
    given = {"SIGNING_PASSWORD": "${SIGNING_PASSWORD:-}", "EMAIL_URL": "${EMAIL_URL:-smtp://localhost:25}"}
    told = {name: {key: each["environment"][key] for key in nowhere} for name, each in ours(services).items()}
    assert told == {"migrate": nowhere, "web": nowhere, "worker": given, "beat": nowhere}


def test_nothing_but_tasks_and_commands_signs_a_paper_or_sends_mail() -> None:
    """What web is not told it must not need: the two actions that sign and send are called by tasks alone."""
    called = {
        str(path.relative_to(ROOT))
        for room in ("desk", "fire_supervision", "hazards", "inspections", "records", "stations", "trail", "units")
        for path in (ROOT / room).rglob("*.py")
        if SIGNS_OR_SENDS.search(path.read_text())
    }
    asked_by = {"records/tasks.py", "stations/tasks.py", "records/management/commands/verify_paper.py"}
    assert called == {"records/actions.py", "stations/alarms.py"} | asked_by


def test_no_password_stands_in_the_file_and_each_is_in_the_example(services: dict[str, Any]) -> None:
    settings = [pair for told in services.values() for pair in told.get("environment", {}).items()]
    secret = [value for name, value in settings if re.search("PASSWORD|AUTH", name) and value]
    # Of a PKCS#12 file; a key in PEM has none.
    secret.remove("${SIGNING_PASSWORD:-}")
    secret += [found for _, value in settings for found in re.findall(r"//\w*:(.+?)@", value)]
    assert len(secret) >= 12
    assert [value for value in secret if not ASKED.fullmatch(value)] == []
    named = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {ASKED.fullmatch(value).group(1) for value in secret} == {
        "POSTGRES_PASSWORD", "FIRE_APP_PASSWORD", "FIRE_SWEEPS_PASSWORD", "REDIS_PASSWORD",
    } & named  # fmt: skip


def test_only_the_web_is_reached_from_outside_and_only_from_its_host(services: dict[str, Any]) -> None:
    assert {name: told["ports"] for name, told in services.items() if "ports" in told} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }


def last_stage() -> str:
    """What becomes the image: the commands after the last FROM, each on one line."""
    whole = (ROOT / "Dockerfile").read_text().replace("\\\n", "").rpartition("\nFROM ")[2]
    return "\n".join(line for line in whole.splitlines()[1:] if line and not line.startswith("#"))


def test_the_image_opens_one_port_and_runs_as_a_user_without_rights() -> None:
    said = [line.split(maxsplit=1) for line in last_stage().splitlines()]
    assert [rest for word, rest in said if word == "EXPOSE"] == ["8000"]
    assert [rest for word, rest in said if word == "USER"] == ["fire"]
    # Nothing is run as root after it, least of all the product.
    assert [word for word, _ in said][-5:] == ["USER", "VOLUME", "EXPOSE", "ENV", "CMD"]
    assert "useradd --uid 10001 --create-home fire" in last_stage()
    assert "sudo" not in last_stage()


def test_the_image_has_four_libraries_and_what_is_locked_for_production() -> None:
    installed = re.findall(r"apt-get install -y --no-install-recommends ([^&]+)", last_stage())
    libraries = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "libseccomp2"]
    assert [each.split() for each in installed] == [libraries]
    assert re.findall(r"pip install (.+)", last_stage()) == [
        "--no-cache-dir --require-hashes --only-binary :all: -r requirements.txt"
    ]
    locked = {
        name: set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-scan.txt", "requirements-attack.txt")
    }
    tools = {"pytest", "ruff", "mypy", "playwright", "hypothesis", "bandit", "semgrep", "wapiti3", "pip-audit"}
    assert tools & locked["requirements.txt"] == set()
    assert tools <= set().union(*locked.values())
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert [name for name in ("tests", "docs", "node_modules") if name not in left_out] == []


def test_keys_are_looked_for_before_anything_is_migrated_and_the_wall_is_raised_after(services: dict[str, Any]) -> None:
    steps = [step.strip() for step in services["migrate"]["command"][-1].split("&&")]
    assert steps == [
        "python manage.py check --deploy --tag keys",
        "python manage.py migrate --noinput --skip-checks",
        "python manage.py raise_wall --make-roles",
        "python manage.py seed_calendar --verbosity=0",
    ]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, name


def test_keys_lie_where_nobody_can_write_and_those_that_sign_where_no_page_is_served(services: dict[str, Any]) -> None:
    everybodys = ["data:/data", "${KEYS_DIR:-./keys}/data:/keys/data:ro"]
    signs = [*everybodys, "${KEYS_DIR:-./keys}/worker:/keys/worker:ro"]
    assert {name: told["volumes"] for name, told in ours(services).items()} == {
        "migrate": signs,
        "web": everybodys,
        "worker": signs,
        "beat": everybodys,
    }


def test_the_virus_scanner_comes_only_when_asked_for(services: dict[str, Any]) -> None:
    assert {name for name, told in services.items() if "profiles" in told} == {"clamav"}
    assert "clamav" not in {needed for told in services.values() for needed in told.get("depends_on", ())}
