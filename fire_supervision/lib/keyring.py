"""The keys personal data is kept with: AES-256-GCM for what is read back, HMAC-SHA-256 for what is looked up."""

import base64
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES, NONCE_BYTES = 32, 12
# 132 bits: by chance two values of a country share one never, and nothing is read back from it.
INDEX_LENGTH = 22
# What a telephone has at least: a shorter number is part of a name or an address.
PHONE_DIGITS = 7
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
# Key id, nonce, ciphertext with its tag of 16 bytes.
SEALED = re.compile(r"(?P<key>[A-Za-z0-9_-]{1,16})\.(?P<nonce>[A-Za-z0-9_-]{16})\.(?P<text>[A-Za-z0-9_-]{22,})")


class Unreadable(Exception):
    """What stands in a column was encrypted with none of the keys, for another column, or was changed."""


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
    told = hmac.new(_index_key(), normal.encode(), sha256).digest()
    return _written(told)[:INDEX_LENGTH]


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


def new_key() -> str:
    """A key as it is written into a file or a setting."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _ciphers() -> Mapping[str, AESGCM]:
    return _loaded(tuple(settings.DATA_KEYS))


def _index_key() -> bytes:
    return _loaded_index(settings.INDEX_KEY)


@lru_cache(maxsize=8)
def _loaded(entries: tuple[str, ...]) -> Mapping[str, AESGCM]:
    if not entries:
        raise ImproperlyConfigured("DATA_KEYS is not set: personal data can be neither written nor read")
    keys = {}
    for entry in entries:
        key_id, _, place = entry.partition(":")
        if not KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(f"DATA_KEYS: {key_id!r} is no id (letters, digits, - and _, at most 16)")
        if key_id in keys:
            raise ImproperlyConfigured(f"DATA_KEYS: {key_id} is there twice")
        keys[key_id] = AESGCM(_key(place, f"DATA_KEYS: {key_id}"))
    return keys


@lru_cache(maxsize=8)
def _loaded_index(place: str) -> bytes:
    if not place:
        raise ImproperlyConfigured("INDEX_KEY is not set: personal data cannot be looked up")
    return _key(place, "INDEX_KEY")


def _key(place: str, name: str) -> bytes:
    """The 32 bytes that ``place`` holds in base64, itself or as a file. No word of it gets into a message."""
    try:
        # A key of 44 characters can begin with a slash as well: what is a file is read.
        written = Path(place).read_text().strip() if Path(place).is_file() else place
        key = base64.b64decode(written, validate=True)
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} is neither 32 bytes in base64 nor a file of them")
    return key


def _written(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
