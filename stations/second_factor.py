"""What a person proves himself with besides the password: a code of his telephone, a passkey, a recovery code."""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.utils import rewrite_exceptions
from segno import make_qr
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, UserVerificationRequirement

from stations.backends import is_known
from stations.entrances import RecoveryCode, Telephone
from stations.models import User
from stations.sessions import CHALLENGE, SessionStore

# Of the session: with what its person proved himself at sign-in, or enrolled since; empty for the password alone.
FACTOR = "factor"
TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"
LABELS = {TOTP: "动态码", PASSKEY: "通行密钥", RECOVERY: "恢复码"}
MODELS: dict[str, Any] = {TOTP: Telephone, PASSKEY: WebAuthnCredential}
CODES = 10
# For so long a challenge can be signed, and a secret on the screen be scanned: somebody else may pass the desk later.
CHALLENGE_TIME, SECRET_TIME = timedelta(minutes=5), timedelta(minutes=10)
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


def totp_fits(request: HttpRequest, user: User, code: str, at: datetime) -> bool:
    """Whether ``code`` is the one of ``at`` of a telephone of the person's; each works once.

    Wrong ones slow its telephones down for every device but those he has signed in on before: who knows the password
    and tries codes elsewhere does not keep the owner out of his own (the lock-out counts him there, apart).
    """
    known = is_known(request, user)
    with transaction.atomic():
        telephones = Telephone.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk")
        asked = [each for each in telephones if known or each.verify_is_allowed()[0]]
        for telephone in asked:
            if telephone.take(code, at):
                telephone.save(update_fields=["last_t", "drift", "last_used_at"])
                if not known:
                    _no_longer_slow(user)
                return True
        if not known:
            for telephone in asked:
                telephone.throttle_increment()
        return False


def _no_longer_slow(user: User) -> None:
    Telephone.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)


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


def waiting_totp(user: User, at: datetime) -> Telephone | None:
    """The secret offered to the person and not confirmed by a code yet; None when there is none, or too old a one."""
    # Two pages opened at once may leave two: the older one is it.
    offered = Telephone.objects.filter(user=user, confirmed=False, created_at__gt=at - SECRET_TIME).order_by("pk")
    return cast(Telephone | None, offered.first())


def offered_totp(user: User, at: datetime) -> Telephone:
    """The secret to show: the waiting one on a second look, else a new one in place of what was offered before."""
    waiting = waiting_totp(user, at)
    if waiting is None:
        Telephone.objects.filter(user=user, confirmed=False).delete()
        waiting = Telephone.objects.create(user=user, confirmed=False, name="")
    return waiting


def secret_words(telephone: Telephone) -> str:
    """The secret as it is typed by hand, in groups of four."""
    plain = b32encode(telephone.secret).decode()
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def secret_address(telephone: Telephone) -> str:
    """The secret as an address the application on the telephone opens, with the words it shows."""
    issuer = settings.OTP_TOTP_ISSUER
    asked = urlencode({"secret": b32encode(telephone.secret).decode(), "issuer": issuer})
    return f"otpauth://totp/{quote(f'{issuer}:{telephone.user.number}')}?{asked}"


def secret_picture(telephone: Telephone) -> str:
    """`secret_address` as a QR, an address of the scheme data:."""
    return make_qr(secret_address(telephone), error="m").svg_data_uri(scale=5, border=2)


# ---------- passkeys ----------


class NotProved(Exception):
    """The passkey's answer does not fit: forged, late, of somebody else, or whoever holds the key was not looked at."""


class _Passkeys(WebAuthnHelper):  # type: ignore[misc] # django-otp-webauthn has no types
    """A passkey is made only where the device looks at its owner: finger, face or the code of its screen."""

    def get_generate_registration_options_kwargs(self, *, user: User) -> dict[str, Any]:
        options: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        asked: AuthenticatorSelectionCriteria = options["authenticator_selection"]
        asked.user_verification = UserVerificationRequirement.REQUIRED
        return options


def ask_new_passkey(request: HttpRequest, user: User) -> dict[str, Any]:
    """Options for ``navigator.credentials.create``; the challenge waits in the session."""
    options: dict[str, Any]
    options, state = _Passkeys(request).register_begin(user)
    _keep(request, user, "create", state)
    return options


def take_passkey(request: HttpRequest, user: User, answer: dict[str, Any]) -> WebAuthnCredential:
    """Keep the passkey the browser has made; raises NotProved."""
    state = _challenge(request, user, "create")
    try:
        with transaction.atomic(), rewrite_exceptions():
            return _Passkeys(request).register_complete(user, state, answer)
    except _BROKEN as error:
        raise NotProved from error


def ask_passkey(request: HttpRequest, user: User) -> dict[str, Any]:
    """Options for ``navigator.credentials.get``; the challenge waits in the session."""
    options: dict[str, Any]
    options, state = _Passkeys(request).authenticate_begin(user, require_user_verification=True)
    _keep(request, user, "get", state)
    return options


def check_passkey(request: HttpRequest, user: User, answer: dict[str, Any]) -> WebAuthnCredential:
    """The passkey of ``user`` that signed the challenge; raises NotProved."""
    state = _challenge(request, user, "get")
    try:
        with transaction.atomic(), rewrite_exceptions():
            device = _Passkeys(request).authenticate_complete(user, state, answer)
    except _BROKEN as error:
        raise NotProved from error
    if not device.confirmed:
        raise NotProved
    return device


# What is raised at an answer made by hand, or at a key somebody has enrolled already.
_BROKEN = (OTPWebAuthnApiError, ValueError, KeyError, TypeError, IntegrityError)


def _keep(request: HttpRequest, user: User, purpose: str, state: dict[str, Any]) -> None:
    until = (timezone.now() + CHALLENGE_TIME).isoformat()
    request.session[CHALLENGE] = {"for": purpose, "user": user.pk, "until": until, **state}


def _challenge(request: HttpRequest, user: User, purpose: str) -> dict[str, Any]:
    """The challenge of the session, used up by looking at it, by one of two requests at once; raises NotProved."""
    store = cast(SessionStore, request.session)
    data = dict(store.items())
    state: dict[str, Any] = data.pop(CHALLENGE, {})
    if not state or not store.replace(data):
        raise NotProved
    del store[CHALLENGE]
    if (state["for"], state["user"]) != (purpose, user.pk):
        raise NotProved
    if timezone.now() >= datetime.fromisoformat(state["until"]):
        raise NotProved
    return state
