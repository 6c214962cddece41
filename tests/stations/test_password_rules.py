"""What a password must be: length alone in one preset, composition, rotation and history in the other."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import password_validation
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fire_supervision.checks import breached_passwords_can_be_searched
from fire_supervision.presets import PRESETS
from stations import actions
from stations.entrances import FormerPassword
from stations.models import User
from stations.passwords import Classes, Length, rules_in_words

NOW = datetime(2026, 9, 22, 1, tzinfo=UTC)
GOOD = "lan-yu-qing-4417"


@pytest.fixture
def preset(settings: Settings) -> Callable[[str], None]:
    def choose(name: str) -> None:
        values = PRESETS[name]
        settings.PASSWORD_LENGTH, settings.PASSWORD_CLASSES = values.password_length, values.password_classes
        settings.PASSWORD_DAYS, settings.PASSWORD_HISTORY = values.password_days, values.password_history

    return choose


def refused(password: str, user: User) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [each.code or "" for each in error.error_list]
    return []


@pytest.mark.parametrize(
    ("name", "password", "codes"),
    [
        ("asvs", "qing-shan-lv-sh", []),
        ("asvs", "qing-shan-lv-s", ["too_short"]),
        ("dengbao", "Qing-shan7", []),
        ("dengbao", "Qing-shan", ["too_short"]),
        ("dengbao", "qingshanlvshui", ["too_uniform"]),
        ("dengbao", "qingshanlv7", ["too_uniform"]),
        ("dengbao", "qing-shan7", []),
    ],
)
def test_each_preset_asks_its_own(
    preset: Callable[[str], None], officer: User, name: str, password: str, codes: list[str]
) -> None:
    preset(name)
    assert refused(password, officer) == codes


@pytest.mark.parametrize("word", ["100001", "李建平", "城关派出所", "城关", "XiaoFang", "police", "公安"])
def test_what_can_be_read_off_the_desk_is_refused(officer: User, word: str) -> None:
    assert "own_words" in refused(f"lan-yu-{word}-qing-44", officer)


def test_a_common_password_is_refused_from_the_list_we_ship(officer: User) -> None:
    assert refused("123456789123456789", officer) == ["password_too_common"]


@pytest.mark.parametrize(
    "password",
    [
        "123456789012345", "0987654321098765", "passwordpassword", "aaaaaaaaaaaaaaa", "5201314520131452",
        "abcabcabcabcabcab", "qwertyuiopasdfgh", "iloveyouiloveyou", "dragonmonkeyshadow", "Football1Baseball1",
    ],
)  # fmt: skip
def test_a_short_password_made_long_is_refused_beside_words_that_do(officer: User, password: str) -> None:
    assert "too_simple" in refused(password, officer)
    for good in ("bai-yun-shan-3-lu", "huang he ru hai liu", "Xk7#pQ2vLm9$wRt4z"):
        assert refused(good, officer) == []


def stretched(word: str) -> Iterator[str]:
    """What somebody types who likes ``word`` and must have fifteen characters."""
    short = max(15 - len(word), 1)
    again = word * (15 // len(word) + 1)
    yield again
    yield again[: max(15, len(word) + 1)]
    yield "-".join([word] * (15 // len(word) + 1))
    yield word + ("1234567890" * 2)[:short]
    yield word + "0" * short
    yield word + "!" * short
    yield word.capitalize() + "2026" + "!" * max(short - 4, 0)
    yield "123" + word + "@456" + "#" * short
    yield "".join(letter * 2 for letter in word).ljust(15, "!")


@pytest.mark.slow
def test_the_3000_commonest_made_long_in_nine_ways_are_all_refused(officer: User) -> None:
    """No ranking of passwords of fifteen characters is published; these are what the commonest become there."""
    with gzip.open(Path(password_validation.__file__).parent / "common-passwords.txt.gz", "rt") as file:
        ranked = [word for line in file if len(re.sub(r"[\W_]", "", word := line.strip())) >= 3]
    long = [made for word in ranked[:3000] for made in stretched(word)]
    assert (min(map(len, long)), len(set(long)) > 25_000) == (15, True)
    assert [made for made in long if refused(made, officer) == []] == []


@pytest.mark.parametrize(
    "password",
    [
        "Football-2026-!!!",
        "p@ssw0rd20262026",
        "123456!!!!!!!!!!",
        "ｐａｓｓｗｏｒｄ１２３４５６７",
        "ppaasswwoorrdd!!",
        "passwordpasswor",
    ],
)
def test_what_is_put_around_a_common_one_is_taken_away(officer: User, password: str) -> None:
    assert refused(password, officer) == ["too_simple"]
    assert refused(f"{password}Lan-Yu", officer) == []


@given(st.text(min_size=1, max_size=40), st.integers(0, 4))
def test_any_characters_count_and_none_is_asked_for_where_no_kinds_are(written: str, wanted: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.conf.settings.PASSWORD_CLASSES", wanted)
        patched.setattr("django.conf.settings.PASSWORD_LENGTH", len(written))
        Length().validate(written)
        if wanted == 0:
            Classes().validate(written)


def test_the_rules_are_told_where_the_password_is_typed(preset: Callable[[str], None]) -> None:
    preset("asvs")
    assert rules_in_words() == "至少 15 位；不用警号、姓名、单位名称，也不用常见密码。"
    preset("dengbao")
    assert rules_in_words() == (
        "至少 10 位；小写字母、大写字母、数字、符号中的 3 种；不用警号、姓名、单位名称，也不用常见密码；"
        "不能是最近用过的 5 个。"
    )


def test_the_last_five_passwords_do_not_come_back(preset: Callable[[str], None], officer: User) -> None:
    preset("dengbao")
    used = [f"Qing-shan-{number}" for number in range(6)]
    for password in used:
        actions.change_own_password(officer, password, NOW)

    assert [refused(password, officer) for password in used] == [[], *[["used_before"]] * 5]
    kept = FormerPassword.objects.filter(user=officer).values_list("password", flat=True)
    assert len(kept) == 4
    assert not any(password in hashed for password in used for hashed in kept)


def test_where_no_history_is_asked_none_is_kept(preset: Callable[[str], None], officer: User) -> None:
    preset("asvs")
    actions.change_own_password(officer, GOOD, NOW)
    actions.change_own_password(officer, GOOD + "x", NOW)

    assert FormerPassword.objects.count() == 0
    assert refused(GOOD, officer) == []


def test_a_password_of_ninety_days_is_changed_before_anything_else(
    preset: Callable[[str], None], browse: Callable[[User], Client], officer: User
) -> None:
    preset("dengbao")
    User.objects.filter(pk=officer.pk).update(password_since=NOW)
    with time_machine.travel(NOW + timedelta(days=89, hours=23), tick=False):
        assert browse(officer).get("/me/").status_code == 200
    with time_machine.travel(NOW + timedelta(days=90), tick=False):
        client = browse(officer)
        assert client.get("/me/")["Location"] == "/password/"
        assert "您的密码已到期" in client.get("/password/").content.decode()


def test_a_password_does_not_age_where_no_days_are_set(
    preset: Callable[[str], None], browse: Callable[[User], Client], officer: User
) -> None:
    preset("asvs")
    User.objects.filter(pk=officer.pk).update(password_since=NOW - timedelta(days=4000))

    assert browse(officer).get("/me/").status_code == 200


def test_the_presets_differ_only_where_the_standards_do() -> None:
    told: dict[str, Any] = {name: vars(values) for name, values in PRESETS.items()}
    assert set(told) == {"asvs", "dengbao"}
    assert told["asvs"]["password_days"] == 0
    assert (told["dengbao"]["password_length"], told["dengbao"]["password_history"]) == (10, 5)
    assert told["dengbao"]["second_factor"] == told["asvs"]["second_factor"]


# ---------- breached passwords ----------


@pytest.fixture
def breached(settings: Settings, tmp_path: Path) -> Path:
    """A list of two, one of them good in every other way."""
    place = tmp_path / "pwned.txt"
    digests = sorted(sha1(each.encode(), usedforsecurity=False).hexdigest().upper() for each in ("123456", GOOD))
    place.write_text("".join(f"{each}:7\n" for each in digests))
    settings.BREACHED_PASSWORDS = str(place)
    return place


def test_a_breached_password_is_refused_and_another_is_taken(breached: Path, officer: User) -> None:
    assert (refused(GOOD, officer), refused("lan-yu-qing-4418", officer)) == (["breached"], [])


def test_the_page_says_so_at_the_field(browse: Callable[[User], Client], breached: Path, officer: User) -> None:
    officer.set_password("xiang-jiang-2026")
    officer.save(update_fields=["password"])

    response = browse(officer).post("/password/", {"old": "xiang-jiang-2026", "new": GOOD, "again": GOOD})

    assert response.context["form"].errors == {"new": ["这个密码在别处泄露过，请换一个"]}


def test_without_a_list_only_the_common_ones_are_refused(officer: User) -> None:
    assert (refused(GOOD, officer), refused("123456789123456789", officer)) == ([], ["password_too_common"])


def test_a_list_that_is_gone_keeps_nobody_out_and_is_told_by_the_check(
    breached: Path, officer: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert breached_passwords_can_be_searched(None) == []
    breached.write_text("".join(breached.read_text().splitlines(keepends=True)[::-1]))
    assert [each.id for each in breached_passwords_can_be_searched(None)] == ["fire_supervision.W040"]
    breached.unlink()

    assert refused(GOOD, officer) == []
    assert "BREACHED_PASSWORDS cannot be read" in caplog.text
    told = breached_passwords_can_be_searched(None)
    assert [each.msg for each in told] == [f"BREACHED_PASSWORDS={breached} cannot be read (No such file or directory)."]
