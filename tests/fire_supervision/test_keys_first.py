"""What must be there before the first migrate is asked for by one command, each key by its name."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from fire_supervision.lib.keyring import new_key
from trail.keys import new_pair


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """All three are set; answered is the file of the trail's."""
    file = tmp_path / "trail.pem"
    file.write_bytes(new_pair()[0])
    settings.DATA_KEYS, settings.INDEX_KEY, settings.TRAIL_KEY = [f"2026:{new_key()}"], new_key(), str(file)
    return file


def faults() -> str:
    """What the command says, which ends it with code 1; empty when it lets `migrate` go on."""
    try:
        call_command("check", deploy=True, tags=["keys"])
    except CommandError as error:
        return str(error)
    return ""


def test_with_all_three_keys_it_goes_on(keys: Path) -> None:
    assert faults() == ""


@pytest.mark.parametrize(
    ("name", "nothing", "said"),
    [
        ("DATA_KEYS", [], "(fire_supervision.E012) DATA_KEYS is not set"),
        ("INDEX_KEY", "", "(fire_supervision.E012) INDEX_KEY is not set"),
        ("TRAIL_KEY", "", "(fire_supervision.E009) TRAIL_KEY is not set"),
    ],
)
def test_each_missing_key_is_named_with_the_way_to_make_it(
    keys: Path, settings: Settings, name: str, nothing: object, said: str
) -> None:
    setattr(settings, name, nothing)
    told = faults()
    assert (said in told, "HINT: " in told, told.count("(fire_supervision.")) == (True, True, 1)


def test_a_key_that_cannot_be_read_is_none(keys: Path) -> None:
    keys.write_text("no key")
    assert "fire_supervision.E009" in faults()
