"""What somebody searches for, as it may stand in an address: browsers, proxies and their logs keep addresses.

A row of filters whose `q` finds people or places is sent in the body (`{% url "find" %}`), and comes back as an address
with a token in the place of a number, found or not. Ordinary words stay words: such a list can be sent to a colleague.
"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from django import forms
from django.core.signing import BadSignature, TimestampSigner

from fire_supervision.lib import keyring
from fire_supervision.lib.masking import masked, masked_within

# The parameters that hold what is searched for.
NAMES = ("q", "unit_q")
# As many figures as a telephone has at least, however they are parted: a whole number is looked up from here on.
NUMBER = re.compile(rf"\d(?:[\s\-()（）－—]*\d){{{keyring.PHONE_DIGITS - 1},}}")
MARK = "~"
# More than any search reads; an address has no room for a whole page somebody pasted.
LONGEST = 100
# No longer than a session: a list with a number in it is no bookmark.
LIFETIME = timedelta(hours=12)
# In place of a token that is too old, or was made for somebody else. It finds nothing, and the field says why.
ENDED = "号码已过期"


def sealed(words: str, whose: int) -> str:
    """``words``, or a token only the person ``whose`` can search with, where there is a number in them."""
    if not NUMBER.search(words) and not words.startswith(MARK):
        return words
    return MARK + _signer().sign(keyring.encrypt(words, _place(whose)))


def opened(asked: str, whose: int) -> str:
    """What was searched for by ``asked``, a parameter of an address."""
    if not asked.startswith(MARK):
        return asked
    try:
        return keyring.decrypt(_signer().unsign(asked[1:], max_age=LIFETIME), _place(whose))
    except (BadSignature, keyring.Unreadable):
        return ENDED


def told(address: str, whose: int) -> str:
    """``address`` as the trail tells it: numbers that were searched for are masked, no token stands in it."""
    parts = urlsplit(address)
    asked = [
        (name, NUMBER.sub(lambda found: masked(found[0]), opened(value, whose)) if name in NAMES else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return masked_within(unquote_plus(parts._replace(query=urlencode(asked)).geturl()))


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=MARK, salt="sought")


def _place(whose: int) -> str:
    return f"sought.{whose}"


class SoughtField(forms.CharField):
    """A search somebody may type a number into; ``whose`` is set by `belongs_to` before anything is read."""

    whose = 0
    # Read by _filters.html: the row is sent in the body.
    is_sought = True

    def to_python(self, value: Any) -> str:
        return opened(super().to_python(value) or "", self.whose)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return opened(super().bound_data(data, initial) or "", self.whose)


def belongs_to(form: forms.BaseForm, whose: int) -> None:
    """The searches of ``form`` are those of the person ``whose``."""
    for field in form.fields.values():
        if isinstance(field, SoughtField):
            field.whose = whose
