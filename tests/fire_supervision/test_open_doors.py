"""`check --deploy` says what has been taken off the doors, before anybody comes in by it."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from fire_supervision.checks import no_door_is_off_its_hinges
from fire_supervision.presets import PRESETS


@pytest.fixture
def production(settings: Settings) -> Settings:
    """As a deployer has it who sets nothing of this."""
    preset = PRESETS["asvs"]
    settings.SECURITY_PRESET, settings.SECOND_FACTOR_ROLES = "asvs", list(preset.second_factor)
    settings.PASSWORD_LENGTH, settings.IDLE_MINUTES = preset.password_length, preset.idle_minutes
    settings.DEBUG, settings.DEMO, settings.HTTPS, settings.STEP_UP = False, False, True, True
    settings.ALLOWED_HOSTS = ["fire.example.cn"]
    return settings


def told() -> list[tuple[str, str]]:
    return [(str(each.id).removeprefix("fire_supervision."), each.msg) for each in no_door_is_off_its_hinges(None)]


def test_of_the_defaults_there_is_nothing_to_say(production: Settings) -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("https", "hosts", "found"),
    [
        (True, ["fire.example.cn"], ["E050"]),
        (False, ["fire.example.cn"], ["E050"]),
        (False, ["localhost", "*"], ["E050"]),
        (True, ["localhost"], ["E050"]),
        (False, ["localhost", "127.0.0.1", "[::1]"], []),
    ],
)
def test_the_demo_is_let_through_on_its_own_machine_alone(
    production: Settings, https: bool, hosts: list[str], found: list[str]
) -> None:
    production.DEMO, production.HTTPS, production.ALLOWED_HOSTS = True, https, hosts

    assert [name for name, _ in told()] == found


def test_a_proof_that_is_asked_of_nobody_and_a_post_without_a_second_factor_are_named(production: Settings) -> None:
    production.STEP_UP = False
    production.SECOND_FACTOR_ROLES = [role for role in PRESETS["asvs"].second_factor if role != "CHIEF"]

    assert told() == [
        ("W051", "STEP_UP is off: nobody proves again who he is."),
        ("W052", "SECOND_FACTOR_ROLES leaves out CHIEF: they come in by a password alone."),
    ]


@pytest.mark.parametrize(
    ("name", "loose", "tight", "words"),
    [
        ("AXES_FAILURE_LIMIT", 6, 5, "LOCK_FAILURES is 6, not 5 or less"),
        ("AXES_COOLOFF_TIME", timedelta(minutes=29), timedelta(minutes=30), "LOCK_MINUTES is 29, not 30 or more"),
        ("SESSION_HOURS", 13, 12, "SESSION_HOURS is 13, not 12 or less"),
        ("IDLE_MINUTES", 31, 15, "IDLE_MINUTES is 31, not 30 or less"),
        ("IDLE_MINUTES_DOOR", 241, 240, "IDLE_MINUTES_DOOR is 241, not 240 or less"),
        ("STEP_UP_HOURS", 9, 8, "STEP_UP_HOURS is 9, not 8 or less"),
        ("STEP_UP_MINUTES", 6, 5, "STEP_UP_MINUTES is 6, not 5 or less"),
        ("PASSWORD_LENGTH", 14, 16, "PASSWORD_LENGTH is 14, not 15 or more"),
        ("FIRST_PASSWORD_DAYS", 0, 7, "FIRST_PASSWORD_DAYS is without end, not 7 or less"),
    ],
)
def test_what_is_looser_than_the_preset_is_named_and_what_is_tighter_is_not(
    production: Settings, name: str, loose: object, tight: object, words: str
) -> None:
    setattr(production, name, loose)
    assert told() == [("W053", f"Looser than the preset asvs: {words}.")]

    setattr(production, name, tight)
    assert told() == []


def test_each_preset_is_held_against_its_own_values(production: Settings) -> None:
    production.SECURITY_PRESET = "dengbao"

    (found,) = told()

    assert found[1] == (
        "Looser than the preset dengbao: IDLE_MINUTES is 30, not 15 or less, IDLE_MINUTES_DOOR is 240, not 30 or less,"
        " PASSWORD_CLASSES is 0, not 3 or more, PASSWORD_DAYS is without end, not 90 or less,"
        " PASSWORD_HISTORY is 0, not 5 or more."
    )
