"""What the product adds to the words of a paper: the QR that leads to its public page, the seal, 草稿."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import segno
from django.conf import settings

from records.seals import Stamp


@dataclass(frozen=True)
class Marks:
    """``address`` is what the QR says; ``at`` the instant of issue, written into the file."""

    address: str = ""
    seal: Stamp | None = None
    draft: bool = False
    at: datetime | None = None

    def words(self, number: str) -> dict[str, Any]:
        """What the templates read: ``link`` and ``seal`` are None where there is none."""
        return {
            "link": {"drawn": QR_ADDRESS, "number": number} if self.address else None,
            "seal": {"address": SEAL_ADDRESS, "sha256": self.seal.sha256} if self.seal else None,
            "draft": self.draft,
        }

    def pictures(self) -> dict[str, bytes]:
        """The pictures the templates name, as PNG."""
        seal = {SEAL_ADDRESS: self.seal.png} if self.seal else {}
        return seal | ({QR_ADDRESS: qr(self.address)} if self.address else {})


NO_MARKS = Marks()
# How a page names its pictures; their bytes are handed over beside it.
QR_ADDRESS, SEAL_ADDRESS = "qr:paper", "seal:office"


def public_address(token: str, checkpoint: str = "") -> str:
    """Where anybody may look whether the paper with ``token`` is genuine.

    ``checkpoint`` is the trail's last one when the paper was issued: on thousands of papers it lies out of the reach of
    whoever might bend the trail.
    """
    # Spelled out, not reversed: it stands on paper for good, whatever becomes of the table of addresses.
    return f"{settings.PUBLIC_URL}/v/{token}/" + (f"?c={checkpoint}" if checkpoint else "")


def qr(address: str) -> bytes:
    """``address`` as a PNG, a point a module; level M: a fold, a stamp or a photocopy may cost 15 percent of it.

    As an SVG it would be the dearest thing on the sheet.
    """
    buffer = BytesIO()
    segno.make(address, error="m", micro=False).save(buffer, kind="png", scale=1, border=0)
    return buffer.getvalue()
