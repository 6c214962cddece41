"""The list of cryptography names every use there is in the source, and no use that is none."""

import ast
import re
from math import log2

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from fire_supervision.lib import keyring
from stations.actions import _ALPHABET, one_time_password
from stations.second_factor import new_codes
from tests.security.cryptography import ROOT, _of, uses

PAGE = ROOT / "docs" / "cryptography.md"
PAST = {"md5", "ripemd160", "sha", "MD5", "SHA1", "ARC4", "Blowfish", "TripleDES", "ECB"}


def used() -> dict[str, tuple[set[str], set[str]]]:
    """Of the second table: file → what it uses, and the numbers of what for."""
    rows = re.findall(r"^\| `(\S+)` \| (.+) \| (C[\dC, ]+) \|$", PAGE.read_text(), re.MULTILINE)
    assert len({path for path, _, _ in rows}) == len(rows)
    return {path: (set(re.findall(r"`([^`]+)`", names)), set(numbers.split(", "))) for path, names, numbers in rows}


def purposes() -> list[list[str]]:
    """Of the first table: the cells of each row."""
    rows = re.findall(r"^\| (C\d+ \| .+) \|$", PAGE.read_text(), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def test_every_use_in_the_source_is_in_the_list_and_nothing_else() -> None:
    assert {path: names for path, (names, _) in used().items()} == uses()


def test_every_purpose_says_algorithm_key_place_and_life() -> None:
    told = purposes()
    assert [row[0] for row in told] == [f"C{number}" for number in range(1, len(told) + 1)]
    assert [row for row in told if len(row) != 6 or not all(row)] == []


def test_every_use_is_for_a_purpose_there_is() -> None:
    named = {number for _, numbers in used().values() for number in numbers}
    assert named == {row[0] for row in purposes()}


def test_nothing_broken_is_used_and_sha_1_only_to_ask_lists_that_are_made_of_it() -> None:
    parts = {(path, re.split(r"[ .]", name)[-1]) for path, names in uses().items() for name in names}
    assert {path for path, name in parts if name in PAST} == set()
    assert {path for path, name in parts if name == "sha1"} == {"fire_supervision/lib/breached.py"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import hashlib\nhashlib.md5(b'')", {"hashlib.md5"}),
        ("import hashlib as h\nh.new('sha1')", {"hashlib.new", "by name sha1"}),
        ("from hashlib import sha3_256 as s", {"hashlib.sha3_256"}),
        ("import hmac, secrets\nhmac.new(b'')\nsecrets.token_hex()", {"hmac.new", "secrets.token_hex"}),
        ("from cryptography.fernet import Fernet", {"cryptography Fernet"}),
        ("from cryptography.hazmat.primitives import hashes\nhashes.MD5()", {"cryptography MD5"}),
        ("from cryptography.hazmat.primitives.ciphers.modes import ECB", {"cryptography ECB"}),
        ("from cryptography.exceptions import InvalidTag", set()),
        ("from django.core import signing\nsigning.dumps({})", {"django dumps"}),
        ("from django.core.signing import Signer", {"django Signer"}),
        ("from argon2 import PasswordHasher", {"argon2.PasswordHasher"}),
        ("from pyhanko.sign import signers", {"pyhanko"}),
        ("import jwt", {"jwt"}),
        ("from fire_supervision.lib import signing\nsigning.sign(b'')", set()),
        ("request.get_signed_cookie('x')", {"django get_signed_cookie"}),
    ],
)
def test_a_new_use_is_seen_however_it_is_imported(source: str, found: set[str]) -> None:
    assert set(_of(ast.parse(source))) == found


def test_what_the_list_says_of_lengths_is_so() -> None:
    cost = Argon2PasswordHasher()
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (102400, 2, 8)
    assert (keyring.KEY_BYTES, keyring.SM4_BYTES, keyring.NONCE_BYTES, keyring.INDEX_LENGTH * 6) == (32, 16, 12, 132)
    told = re.search(r"of the operating system, (\d+) and (\d+) bits", PAGE.read_text())
    assert told
    lengths = (len(one_time_password().replace("-", "")), len(new_codes()[0].replace("-", "")))
    assert [int(bits) for bits in told.groups()] == [int(length * log2(len(_ALPHABET))) for length in lengths]
