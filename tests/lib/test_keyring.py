"""Encryption of personal data: what was written is read back, in its own column only, with any of the keys."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fire_supervision.lib import keyring
from fire_supervision.lib.keyring import Unreadable

PLACE = "units_unit.phone"


@given(st.text())
def test_what_is_encrypted_is_read_back(text: str) -> None:
    stored = keyring.encrypt(text, PLACE)
    assert keyring.is_encrypted(stored)
    assert keyring.decrypt(stored, PLACE) == text


@given(st.text(min_size=1), st.integers(min_value=0), st.integers(min_value=1, max_value=63))
def test_a_changed_character_is_found(text: str, place: int, step: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stored = keyring.encrypt(text, PLACE)
    head, body = stored.rsplit(".", 1)
    # The last character may carry unused bits; every other one counts whole.
    at = place % (len(body) - 1)
    other = alphabet[(alphabet.index(body[at]) + step) % 64]
    with pytest.raises(Unreadable):
        keyring.decrypt(f"{head}.{body[:at]}{other}{body[at + 1 :]}", PLACE)


def test_a_value_copied_into_another_column_does_not_read() -> None:
    with pytest.raises(Unreadable, match="another column"):
        keyring.decrypt(keyring.encrypt("19900000001", PLACE), "inspections_complaint.contact")


def test_the_same_number_is_never_stored_twice_alike() -> None:
    assert len({keyring.encrypt("19900000001", PLACE) for _ in range(50)}) == 50


def test_the_newest_key_writes_and_every_key_reads(settings: Settings) -> None:
    old, new = f"2025:{keyring.new_key()}", f"2026:{keyring.new_key()}"
    settings.DATA_KEYS = [old]
    before = keyring.encrypt("19900000001", PLACE)
    settings.DATA_KEYS = [new, old]
    after = keyring.encrypt("19900000001", PLACE)
    assert (before.split(".")[0], after.split(".")[0]) == ("2025", "2026")
    assert {keyring.decrypt(stored, PLACE) for stored in (before, after)} == {"19900000001"}
    settings.DATA_KEYS = [new]
    assert keyring.decrypt(after, PLACE) == "19900000001"
    with pytest.raises(Unreadable, match="2025"):
        keyring.decrypt(before, PLACE)


def test_a_key_may_lie_in_a_file(settings: Settings, tmp_path: Path) -> None:
    file, key = tmp_path / "2026", keyring.new_key()
    file.write_text(f"{key}\n")
    settings.DATA_KEYS = [f"2026:{file}"]
    stored = keyring.encrypt("19900000001", PLACE)
    settings.DATA_KEYS = [f"2026:{key}"]
    assert keyring.decrypt(stored, PLACE) == "19900000001"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "DATA_KEYS is not set"),
        (["2026:c2hvcnQ="], "neither 32 bytes"),
        (["2026:/no/such/file"], "neither 32 bytes"),
        (["no id:x"], "no id"),
        (["a:{key}", "a:{key}"], "twice"),
    ],
)
def test_keys_that_cannot_be_used_are_told_without_being_shown(settings: Settings, keys: list[str], said: str) -> None:
    key = keyring.new_key()
    settings.DATA_KEYS = [each.format(key=key) for each in keys]
    (fault,) = keyring.check()
    assert said in fault
    assert key not in fault
    with pytest.raises(ImproperlyConfigured):
        keyring.encrypt("19900000001", PLACE)


def test_without_a_key_for_the_index_nothing_is_looked_up(settings: Settings) -> None:
    settings.INDEX_KEY = ""
    assert keyring.check() == ["INDEX_KEY is not set: personal data cannot be looked up"]


@pytest.mark.parametrize(
    "written",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "8613812345678",
        "１３８１２３４５６７８", "138　1234　5678", "＋８６（１３８）１２３４－５６７８", "138‐1234—5678",
    ],
)  # fmt: skip
def test_a_telephone_is_the_same_however_it_is_written(written: str) -> None:
    assert keyring.index_of(written) == keyring.index_of("13812345678")


def test_an_id_card_number_is_compared_in_capitals() -> None:
    assert keyring.index_of("11010519491231002x") == keyring.index_of("110105 19491231 002X")
    assert keyring.index_of("１１０１０５１９４９１２３１００２Ｘ") == keyring.index_of("11010519491231002x")
    assert keyring.index_of("110105194912310021") != keyring.index_of("11010519491231002X")


def test_the_index_tells_nothing_of_the_number_and_hangs_on_its_own_key(settings: Settings) -> None:
    told = keyring.index_of("13812345678")
    assert len(told) == keyring.INDEX_LENGTH
    settings.DATA_KEYS = [f"other:{keyring.new_key()}"]
    assert keyring.index_of("13812345678") == told
    settings.INDEX_KEY = keyring.new_key()
    assert keyring.index_of("13812345678") != told
    assert keyring.index_of(" ") == ""
