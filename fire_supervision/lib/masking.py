"""Personal data as those see it who need not know it whole."""

import re

_PHONE = re.compile(r"\d{11}")
_ID_CARD = re.compile(r"\d{17}[\dXx]|\d{15}")


def masked(value: str) -> str:
    """138****5678 of a telephone, 3201************12 of an ID card number; of anything else the ends alone.

    What is left must not name a person by itself: of short values nothing is left.
    """
    bare = re.sub(r"[\s-]", "", value)
    if _PHONE.fullmatch(bare):
        return f"{bare[:3]}****{bare[-4:]}"
    if _ID_CARD.fullmatch(bare):
        return f"{bare[:4]}{'*' * (len(bare) - 6)}{bare[-2:]}"
    kept = min(3, len(bare) // 4)
    return f"{bare[:kept]}{'*' * (len(bare) - 2 * kept)}{bare[len(bare) - kept :]}" if bare else ""


def masked_within(text: str) -> str:
    """``text`` with each telephone and ID card number in it masked: an address somebody searched with, a log line."""
    return re.sub(r"(?<![0-9A-Za-z])(?:1\d{10}|\d{17}[\dXx])(?![0-9A-Za-z])", lambda found: masked(found[0]), text)
