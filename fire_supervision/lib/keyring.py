"""The keys personal data is kept with: AES-256-GCM for what is read back, HMAC-SHA-256 for what is looked up.

Where 国密 is asked for, a key may say so: `sm4:` for SM4-GCM (GB/T 32907), `sm3:` for HMAC-SM3 (GB/T 32905).
"""

import base64
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES, SM4_BYTES, NONCE_BYTES, TAG_BYTES = 32, 16, 12, 16
# Before the place of a key, in the settings.
SM4, SM3 = "sm4:", "sm3:"
# 132 bits: by chance two values of a country share one never, and nothing is read back from it.
INDEX_LENGTH = 22
# What a telephone has at least: a shorter number is part of a name or an address.
PHONE_DIGITS = 7
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
# Key id, nonce, ciphertext with its tag of 16 bytes.
SEALED = re.compile(r"(?P<key>[A-Za-z0-9_-]{1,16})\.(?P<nonce>[A-Za-z0-9_-]{16})\.(?P<text>[A-Za-z0-9_-]{22,})")


class Unreadable(Exception):
    """What stands in a column was encrypted with none of the keys, for another column, or was changed."""


class SM4GCM:
    """SM4 in Galois/counter mode, called as `AESGCM` is; a key of 16 bytes. Raises UnsupportedAlgorithm."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)
        # A library made without SM4 says so here, not at the first telephone.
        Cipher(self._algorithm, modes.GCM(bytes(NONCE_BYTES))).encryptor()

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        """The ciphertext with its tag behind it."""
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Raises InvalidTag."""
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated)
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()


def encrypt(text: str, place: str) -> str:
    """``text`` as `key id.nonce.ciphertext` under the newest key, readable only as of ``place`` (table.column)."""
    key_id = newest()
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _ciphers()[key_id].encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}.{_written(nonce)}.{_written(sealed)}"


def decrypt(stored: str, place: str) -> str:
    """The text behind ``stored``; raises Unreadable."""
    found = SEALED.fullmatch(stored)
    if found is None:
        raise Unreadable(f"{place} holds a value that is not encrypted")
    cipher = _ciphers().get(found["key"])
    if cipher is None:
        raise Unreadable(f"{place} needs the key {found['key']}, which is not among DATA_KEYS")
    try:
        return cipher.decrypt(_read(found["nonce"]), _read(found["text"]), place.encode()).decode()
    except InvalidTag:
        raise Unreadable(f"{place} holds a value of another column, or one that was changed") from None


def is_encrypted(stored: str) -> bool:
    return SEALED.fullmatch(stored) is not None


def newest() -> str:
    """The id of the key that encrypts; the others only read."""
    return next(iter(_ciphers()))


def index_of(value: str) -> str:
    """What stands beside an encrypted ``value`` so that the whole of it, and nothing less, can be looked up.

    Empty for nothing. Numbers are compared by their digits, everything else without white space and in capitals.
    """
    normal = normalised(value)
    if not normal:
        return ""
    written, key = _index_key()
    return _written(_hmac_sm3(key, normal) if written == SM3 else _hmac_sha256(key, normal))[:INDEX_LENGTH]


def _hmac_sha256(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _hmac_sm3(key: bytes, text: str) -> bytes:
    digest = HMAC(key, hashes.SM3())
    digest.update(text.encode())
    return digest.finalize()


def normalised(value: str) -> str:
    """A telephone without the marks people write between its digits (and +86), an ID card number in capitals.

    What was typed in full width is the same as in half width.
    """
    bare = re.sub(r"[\s\-()—‐]+", "", unicodedata.normalize("NFKC", value))
    digits = bare.removeprefix("+")
    if digits.isdecimal():
        return digits.removeprefix("86") if len(digits) == 13 and digits.startswith("861") else digits
    return bare.upper()


def check() -> list[str]:
    """What is wrong with the keys of the settings, in words; empty when they can be used."""
    faults = []
    for look in (_ciphers, _index_key):
        try:
            look()
        except ImproperlyConfigured as error:
            faults.append(str(error))
    return faults


def new_key(length: int = KEY_BYTES) -> str:
    """A key as it is written into a file or a setting."""
    return base64.b64encode(secrets.token_bytes(length)).decode()


def _ciphers() -> Mapping[str, AESGCM | SM4GCM]:
    return _loaded(tuple(settings.DATA_KEYS))


def _index_key() -> tuple[str, bytes]:
    return _loaded_index(settings.INDEX_KEY)


@lru_cache(maxsize=8)
def _loaded(entries: tuple[str, ...]) -> Mapping[str, AESGCM | SM4GCM]:
    if not entries:
        raise ImproperlyConfigured("DATA_KEYS is not set: personal data can be neither written nor read")
    keys: dict[str, AESGCM | SM4GCM] = {}
    for entry in entries:
        key_id, _, place = entry.partition(":")
        if not KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(f"DATA_KEYS: {key_id!r} is no id (letters, digits, - and _, at most 16)")
        if key_id in keys:
            raise ImproperlyConfigured(f"DATA_KEYS: {key_id} is there twice")
        keys[key_id] = _cipher(place, f"DATA_KEYS: {key_id}")
    return keys


def _cipher(place: str, name: str) -> AESGCM | SM4GCM:
    if not place.startswith(SM4):
        return AESGCM(_key(place, name))
    try:
        return SM4GCM(_key(place.removeprefix(SM4), name, SM4_BYTES))
    except UnsupportedAlgorithm:
        raise ImproperlyConfigured(f"{name} is a key of SM4, which the library here was made without") from None


@lru_cache(maxsize=8)
def _loaded_index(place: str) -> tuple[str, bytes]:
    """The mark of its algorithm, if it has one, and the key."""
    if not place:
        raise ImproperlyConfigured("INDEX_KEY is not set: personal data cannot be looked up")
    return (SM3 if place.startswith(SM3) else ""), _key(place.removeprefix(SM3), "INDEX_KEY")


def _key(place: str, name: str, length: int = KEY_BYTES) -> bytes:
    """The bytes that ``place`` holds in base64, itself or as a file. No word of it gets into a message."""
    try:
        # A key of 44 characters can begin with a slash as well: what is a file is read.
        written = Path(place).read_text().strip() if Path(place).is_file() else place
        key = base64.b64decode(written, validate=True)
    except (OSError, ValueError):
        key = b""
    if len(key) != length:
        raise ImproperlyConfigured(f"{name} is neither {length} bytes in base64 nor a file of them")
    return key


def _written(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
