"""PDF files signed with the deployer's certificate (PAdES-B-B), and signatures checked.

ETSI EN 319 142-1 with RSA or ECDSA. The SM2 seals of domestic vendors are put on by their own signing servers.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

from django.conf import settings
from django.utils import timezone

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """What the signature of a file is worth. ``valid``: the bytes are those that were signed, all of them.

    ``trusted``: the certificate led, at the time ``at`` that the signer gives, to one we know.
    """

    signed: bool = False
    valid: bool = False
    trusted: bool = False
    signer: str = ""
    at: datetime | None = None

    @property
    def holds(self) -> bool:
        return self.signed and self.valid and self.trusted


def sign(pdf: bytes) -> bytes:
    """``pdf`` with an invisible signature appended; as it is when no certificate is set, or its time is over.

    The first call of a process takes about a second. Raises ImproperlyConfigured when certificate or key cannot be
    read.
    """
    identity = _identity()
    return _pades().sign(pdf, identity) if identity else pdf


def signer_name() -> str:
    """Whom the certificate names; empty while papers are not signed."""
    identity = _identity()
    return identity.name if identity else ""


def check(pdf: bytes) -> Check:
    """What the signature in ``pdf`` is worth to whoever trusts our certificate and those of ``SIGNING_TRUST``."""
    found: Check = _pades().check(pdf, known())
    return found


def known() -> list[Any]:
    """The certificates a signature may lead to: those we sign with, and those we signed with before."""
    trusted = list(_configured().certificates) if settings.SIGNING_CERTIFICATE else []
    return trusted + (_pades().certificates(settings.SIGNING_TRUST) if settings.SIGNING_TRUST else [])


def ends_at() -> datetime | None:
    """When our certificate's time is over; None without one. Raises ImproperlyConfigured as `sign` does."""
    ends: datetime | None = _configured().ends_at if settings.SIGNING_CERTIFICATE else None
    return ends


def _identity() -> Any:
    """Our certificate and key; None without one that is in force."""
    if not settings.SIGNING_CERTIFICATE:
        return None
    identity = _configured()
    if not identity.begins_at <= timezone.now() <= identity.ends_at:
        # Every reader refuses a signature out of time; a paper without one can still be handed over.
        logger.error("The certificate of the papers is not in force: they are printed unsigned.")
        return None
    return identity


def _configured() -> Any:
    return _pades().identity(settings.SIGNING_CERTIFICATE, settings.SIGNING_KEY, settings.SIGNING_PASSWORD)


def _pades() -> ModuleType:
    from fire_supervision.lib import pades  # noqa: PLC0415 - a second that only the worker should pay

    return pades
