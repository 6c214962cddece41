"""Where the product uses cryptography, by its source: file → what of which library, as docs/cryptography.md lists."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "fire_supervision", "trail", "stations", "deadlines", "records", "units", "inspections", "hazards", "filings",
    "assessments", "desk", "scripts",
)  # fmt: skip
# Of these every name that is used is told; a library that makes an algorithm its own affair is told as a whole.
NAMED = (
    "argon2", "crypt", "cryptography", "django.contrib.auth.hashers", "django.core.signing", "django.utils.crypto",
    "hashlib", "hmac", "psycopg2.extensions", "secrets", "ssl",
)  # fmt: skip
WHOLE = ("asn1crypto", "django_otp", "django_otp_webauthn", "nacl", "gmssl", "Crypto", "jwt", "OpenSSL", "pyhanko")
# How a key is written down, and what goes wrong: no algorithm.
NO_ALGORITHM = (
    "cryptography.exceptions", "cryptography.hazmat.primitives.serialization", "cryptography.x509",
    "django.core.signing.BadSignature", "django.core.signing.SignatureExpired",
)  # fmt: skip
# Of Django's requests and users: they sign and hash without an import.
METHODS = {"get_signed_cookie", "set_signed_cookie", "set_password"}
# An algorithm that is asked for by its name: hashlib.file_digest(file, "sha256").
CALLED = {"file_digest", "new", "salted_hmac", "encrypt_password", "pbkdf2_hmac"}
BY_NAME = re.compile(r"md5|ripemd160|blake2[bs]|sm[23]|(?:scram-)?sha-?[0-9_]+", re.IGNORECASE)
SCRIPT = re.compile(r"\bcrypto\.(?:subtle\.)?(\w+)\(")


@cache
def uses() -> dict[str, set[str]]:
    """Every file of the product that uses any, with what it uses."""
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if names := set(_of(ast.parse(path.read_text()))):
                found[str(path.relative_to(ROOT))] = names
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        if names := {f"crypto.{name}" for name in SCRIPT.findall(path.read_text())}:
            found[str(path.relative_to(ROOT))] = names
    return found


def _of(tree: ast.Module) -> Iterator[str]:
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                # `import a.b` binds a, `import a.b as c` binds the whole of it as c.
                modules[alias.asname or alias.name.partition(".")[0]] = alias.name
                yield from _whole(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from _whole(node.module)
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if _is_module(full):
                    modules[alias.asname or alias.name] = full
                elif _is_named(full):
                    yield _short(full)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CALLED:
            told = (*node.args, *(each.value for each in node.keywords))
            words = [each.value for each in told if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            yield from (f"by name {word}" for word in words if BY_NAME.fullmatch(word))
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield f"django {node.attr}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            full = f"{modules.get(node.value.id, '')}.{node.attr}"
            if _is_named(full) and not _is_module(full):
                yield _short(full)


def _within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def _is_named(full: str) -> bool:
    return _within(full, NAMED) and not _within(full, NO_ALGORITHM)


def _is_module(full: str) -> bool:
    """``from cryptography.hazmat.primitives import hashes``: what follows it is told, not itself."""
    return full in NAMED or (full.startswith("cryptography.") and full.rpartition(".")[2].islower())


def _whole(module: str) -> Iterator[str]:
    if _within(module, WHOLE):
        yield module.partition(".")[0]


def _short(full: str) -> str:
    """`hashlib.sha256`, `cryptography AESGCM`: as the list writes it."""
    library, _, rest = full.partition(".")
    return f"{library} {rest.rpartition('.')[2]}" if library in ("cryptography", "django", "psycopg2") else full
