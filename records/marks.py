"""What the product adds to the words of a paper: the QR that leads to its public page, the seal, 草稿."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

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
            "link": {"drawn": qr(self.address), "number": number} if self.address else None,
            "seal": {"address": SEAL_ADDRESS, "sha256": self.seal.sha256} if self.seal else None,
            "draft": self.draft,
        }


NO_MARKS = Marks()
# How a page names its seal; the bytes are handed over beside the page.
SEAL_ADDRESS = "seal:office"


def public_address(token: str) -> str:
    """Where anybody may look whether the paper with ``token`` is genuine."""
    # Spelled out, not reversed: it stands on paper for good, whatever becomes of the table of addresses.
    return f"{settings.PUBLIC_URL}/v/{token}/"


@lru_cache(maxsize=16)
def qr(address: str) -> SafeString:
    """``address`` as an inline SVG; level M: a fold, a stamp or a photocopy may cost 15 percent of it."""
    drawn = segno.make(address, error="m", micro=False)
    return mark_safe(drawn.svg_inline(border=0, omitsize=True, lineclass=None, svgclass=None))  # drawn from our own URL
