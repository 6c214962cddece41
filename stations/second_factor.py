"""What a person proves himself with besides the password: a code of his telephone, a passkey, a recovery code."""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.utils import rewrite_exceptions
from segno import make_qr

from stations.entrances import RecoveryCode
from stations.models import User

# Of the session: with what its person proved himself at sign-in, or enrolled since; empty for the password alone.
FACTOR = "factor"
# A challenge waits here for its answer, for one of them only.
CHALLENGE = "challenge"
TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"
LABELS = {TOTP: "动态码", PASSKEY: "通行密钥", RECOVERY: "恢复码"}
MODELS: dict[str, Any] = {TOTP: TOTPDevice, PASSKEY: WebAuthnCredential}
CODES = 10
# Without the letters and figures that are taken for each other on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Factor:
    kind: str
    pk: int
    name: str
    since: datetime | None
    used_at: datetime | None

    @property
    def label(self) -> str:
        return LABELS[self.kind]


def factors(user: User) -> list[Factor]:
    """What ``user`` has enrolled, the oldest first; recovery codes are none by themselves."""
    return [
        Factor(kind, row.pk, row.name, row.created_at, row.last_used_at)
        for kind, model in MODELS.items()
        for row in model.objects.filter(user=user, confirmed=True).order_by("pk")
    ]


def has_factor(user: User) -> bool:
    return any(model.objects.filter(user=user, confirmed=True).exists() for model in MODELS.values())


# ---------- codes ----------


def totp_fits(user: User, code: str) -> bool:
    """Whether ``code`` is the one of now of a telephone of the person's; each works once, wrong ones slow it down."""
    with transaction.atomic():
        devices = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk")
        refused = []
        for device in devices:
            if device.verify_token(code):
                break
            refused.append(device)
        else:
            return False
        # To those before it the right code was a wrong one: one kept in reserve would slow down until it is no use.
        for other in refused:
            other.throttle_reset()
        return True


def recovery_fits(user: User, code: str, at: datetime) -> bool:
    """Whether ``code`` is a recovery code not used yet; from now on it is. Two at once: one of them wins."""
    unused = RecoveryCode.objects.filter(user=user, digest=digest(user, code), used_at__isnull=True)
    return unused.update(used_at=at) == 1


def digest(user: User, code: str) -> str:
    plain = "".join(code.lower().split()).replace("-", "")
    return salted_hmac(f"stations.recovery.{user.pk}", plain, algorithm="sha256").hexdigest()


def new_codes() -> list[str]:
    """Ten codes of about 124 random bits: k7mpx-4q2rh-8vw3k-d9tyz-2fhc7."""
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5)) for _ in range(CODES)]


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


# ---------- the telephone ----------


def waiting_totp(user: User) -> TOTPDevice:
    """The secret offered to the person until a code confirms it; the same one on a second look."""
    # Two pages opened at once may leave two: the older one is it.
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    return waiting or TOTPDevice.objects.create(user=user, confirmed=False, name="")


def secret_words(device: TOTPDevice) -> str:
    """The secret as it is typed by hand, in groups of four."""
    plain = b32encode(device.bin_key).decode()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def secret_picture(device: TOTPDevice) -> str:
    """The secret as a QR, an address of the scheme data:."""
    return make_qr(device.config_url, error="m").svg_data_uri(scale=5, border=2)


# ---------- passkeys ----------


class NotProved(Exception):
    """The passkey's answer does not fit: forged, late, of somebody else."""


def ask_new_passkey(request: HttpRequest, user: User) -> dict[str, Any]:
    """Options for ``navigator.credentials.create``; the challenge waits in the session."""
    options: dict[str, Any]
    options, state = WebAuthnHelper(request).register_begin(user)
    request.session[CHALLENGE] = {"for": "create", "user": user.pk, **state}
    return options


def take_passkey(request: HttpRequest, user: User, answer: dict[str, Any]) -> WebAuthnCredential:
    """Keep the passkey the browser has made; raises NotProved."""
    state = _challenge(request, user, "create")
    try:
        with transaction.atomic(), rewrite_exceptions():
            return WebAuthnHelper(request).register_complete(user, state, answer)
    except _BROKEN as error:
        raise NotProved from error


def ask_passkey(request: HttpRequest, user: User) -> dict[str, Any]:
    """Options for ``navigator.credentials.get``; the challenge waits in the session."""
    options: dict[str, Any]
    options, state = WebAuthnHelper(request).authenticate_begin(user, require_user_verification=False)
    request.session[CHALLENGE] = {"for": "get", "user": user.pk, **state}
    return options


def check_passkey(request: HttpRequest, user: User, answer: dict[str, Any]) -> WebAuthnCredential:
    """The passkey of ``user`` that signed the challenge; raises NotProved."""
    state = _challenge(request, user, "get")
    try:
        with transaction.atomic(), rewrite_exceptions():
            device = WebAuthnHelper(request).authenticate_complete(user, state, answer)
    except _BROKEN as error:
        raise NotProved from error
    if not device.confirmed:
        raise NotProved
    return device


# What is raised at an answer made by hand, or at a key somebody has enrolled already.
_BROKEN = (OTPWebAuthnApiError, ValueError, KeyError, TypeError, IntegrityError)


def _challenge(request: HttpRequest, user: User, purpose: str) -> dict[str, Any]:
    """The challenge of the session, used up by looking at it."""
    state: dict[str, Any] = request.session.pop(CHALLENGE, {})
    if (state.get("for"), state.get("user")) != (purpose, user.pk):
        raise NotProved
    return state
