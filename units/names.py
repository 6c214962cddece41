"""Names and addresses made comparable."""

import re
from collections.abc import Collection

from fire_supervision.lib.text import squeezed

_PLACE = re.compile(r"(?:^|[:：])([\u4e00-\u9fff]{2,6}?[市县区旗])")


def places_in(line: str) -> list[str]:
    """The city or county a title line or an authority's name begins with (江城市公安局 → 江城市)."""
    return _PLACE.findall(line)


def name_key(name: str, places: Collection[str] = ()) -> str:
    """``name`` as twins are found: squeezed, and without the leading name of one of ``places`` (江城市)."""
    key = squeezed(name)
    for place in sorted(places, key=len, reverse=True):
        head = squeezed(place)
        # A name that is nothing but the place keeps it.
        if head and key.startswith(head) and len(key) > len(head):
            return key.removeprefix(head)
    return key


def address_key(address: str) -> str:
    return squeezed(address)
