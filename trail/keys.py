"""The deployer's key, an Ed25519 pair: with it checkpoints are signed, without it none is made."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from trail.verifier import read_key


def signing_key() -> Ed25519PrivateKey | None:
    """The key of ``TRAIL_KEY``; None where none is set. Raises ImproperlyConfigured for one that cannot be used."""
    if not settings.TRAIL_KEY:
        return None
    try:
        key = load_pem_private_key(Path(settings.TRAIL_KEY).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ImproperlyConfigured(f"TRAIL_KEY: {settings.TRAIL_KEY} cannot be read: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"TRAIL_KEY: {settings.TRAIL_KEY} is not an Ed25519 key")
    return key


def known() -> list[str]:
    """Whose signature holds here: the key of now and those before it; empty without a key, when any does."""
    key = signing_key()
    return [public_words(key), *(read_key(Path(each)) for each in settings.TRAIL_FORMER_KEYS)] if key else []


def public_words(key: Ed25519PrivateKey) -> str:
    """The public half, as hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def public_pem(public_key: str) -> bytes:
    """A public key as the file one keeps elsewhere."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def new_pair() -> tuple[bytes, bytes]:
    """A new secret key and its public half, as PEM."""
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret, public_pem(public_words(key))


def check(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """As `verifier.ed25519`, a hundred times as fast; that both say the same is tested."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
