"""国密 by choice: a key of SM4 beside those of AES, and an index of SM3; what was written before stays readable."""

from io import StringIO

import pytest
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fire_supervision.lib import keyring
from fire_supervision.lib.keyring import SM4_BYTES, SM4GCM, Unreadable, new_key
from tests.lib.test_encrypted import stored
from units.models import Unit

PLACE = "units_unit.phone"
SM4 = SM4GCM(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))


def test_sm4_gives_what_the_standard_says() -> None:
    """RFC 8998, A.1."""
    nonce, associated = bytes.fromhex("00001234567800000000ABCD"), bytes.fromhex("FEEDFACEDEADBEEF" * 2 + "ABADDAD2")
    text = bytes.fromhex("".join(letter * 16 for letter in "ABCDEFEA"))
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert SM4.encrypt(nonce, text, associated) == sealed
    assert SM4.decrypt(nonce, sealed, associated) == text
    for changed in (sealed[:-1] + b"\0", b"\0" + sealed[1:]):
        with pytest.raises(InvalidTag):
            SM4.decrypt(nonce, changed, associated)
    with pytest.raises(InvalidTag):
        SM4.decrypt(nonce, sealed, associated + b"\0")


def test_the_index_of_sm3_is_made_by_its_hash() -> None:
    """The digest of GB/T 32905 A.1 keyed as RFC 2104 says, done here by hand."""
    key, text = bytes(range(32)), "13812345678"

    def sm3(content: bytes) -> bytes:
        digest = keyring.hashes.Hash(keyring.hashes.SM3())
        digest.update(content)
        return digest.finalize()

    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    inner, outer = (bytes(byte ^ pad for byte in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    assert keyring._hmac_sm3(key, text) == sm3(outer + sm3(inner + text.encode()))


@pytest.fixture
def sm4(settings: Settings) -> str:
    """The newest key is one of SM4, those before stay."""
    key = new_key(SM4_BYTES)
    settings.DATA_KEYS = [f"gm:sm4:{key}", *settings.DATA_KEYS]
    return key


@given(st.text())
def test_what_sm4_encrypts_is_read_back_whatever_it_is(text: str) -> None:
    nonce = bytes(12)
    assert SM4.decrypt(nonce, SM4.encrypt(nonce, text.encode(), b"x"), b"x").decode() == text


def test_the_key_of_sm4_writes_and_those_of_aes_still_read(settings: Settings) -> None:
    before = keyring.encrypt("19900000001", PLACE)
    settings.DATA_KEYS = [f"gm:sm4:{new_key(SM4_BYTES)}", *settings.DATA_KEYS]
    after = keyring.encrypt("19900000001", PLACE)
    assert after.startswith("gm.")
    assert {keyring.decrypt(each, PLACE) for each in (before, after)} == {"19900000001"}
    assert keyring.is_encrypted(after)


def test_a_value_of_sm4_is_bound_to_its_column_and_cannot_be_changed(sm4: str) -> None:
    told = keyring.encrypt("19900000001", PLACE)
    head, body = told.rsplit(".", 1)
    other = "B" if body[3] != "B" else "C"
    for changed, place in ((told, "stations_user.phone"), (f"{head}.{body[:3]}{other}{body[4:]}", PLACE)):
        with pytest.raises(Unreadable):
            keyring.decrypt(changed, place)


@pytest.mark.django_db
def test_a_rotation_moves_from_aes_to_sm4_and_back(unit: Unit, settings: Settings) -> None:
    aes = settings.DATA_KEYS
    gm = [f"gm:sm4:{new_key(SM4_BYTES)}"]
    for keys in (gm + aes, aes + gm):
        settings.DATA_KEYS = keys
        call_command("rotate_keys", stdout=StringIO())
        assert stored(unit).startswith(f"{keyring.newest()}.")
        settings.DATA_KEYS = keys[:1]
        assert Unit.objects.get().phone == "19900000001"


@pytest.mark.parametrize("length", [15, 17, 32])
def test_a_key_of_another_length_is_none_of_sm4(settings: Settings, length: int) -> None:
    settings.DATA_KEYS = [f"gm:sm4:{new_key(length)}"]
    assert keyring.check() == ["DATA_KEYS: gm is neither 16 bytes in base64 nor a file of them"]


def test_where_the_library_has_no_sm4_the_check_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_key: bytes) -> None:
        raise UnsupportedAlgorithm("SM4")

    monkeypatch.setattr(keyring.algorithms, "SM4", without)
    settings.DATA_KEYS = [f"gm:sm4:{new_key(SM4_BYTES)}"]
    assert keyring.check() == ["DATA_KEYS: gm is a key of SM4, which the library here was made without"]


@pytest.mark.django_db
def test_an_index_of_sm3_finds_after_a_rotation_what_one_of_sha_256_found(unit: Unit, settings: Settings) -> None:
    before = unit.phone_index
    settings.INDEX_KEY = f"sm3:{settings.INDEX_KEY}"
    after = keyring.index_of("19900000001")
    assert (len(after), after != before) == (keyring.INDEX_LENGTH, True)
    call_command("rotate_keys", stdout=StringIO())
    assert Unit.objects.get(phone_index=after) == unit
