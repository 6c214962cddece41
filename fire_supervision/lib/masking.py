"""Personal data, and links that open something, as those see them who need not know them whole."""

import re
from hashlib import sha256

_PHONE = re.compile(r"\d{11}")
_ID_CARD = re.compile(r"\d{17}[\dXx]|\d{15}")
# Within a text a number must look like what it is: a mobile telephone, or an ID card number with its day of birth. The
# code of a company has eighteen figures too, and stays.
_BIRTH = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_WITHIN = re.compile(
    rf"(?<![0-9A-Za-z])(?:[1１][3-9３-９]\d(?:[ -]?\d{{4}}){{2}}|\d{{6}}{_BIRTH}\d{{3}}[\dXx])(?![0-9A-Za-z])"
)
_LINK = re.compile(r"/s/([\w-]+)")


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
    """``text`` with each telephone and ID card number in it masked: a reason somebody typed, a log line."""
    return _WITHIN.sub(lambda found: masked(found[0]), text)


def link_hidden(text: str) -> str:
    """``text`` with the token of each service link as the start of its digest: whoever reads a log cannot open it."""
    return _LINK.sub(lambda found: f"/s/{sha256(found[1].encode()).hexdigest()[:16]}", text)
