"""Chinese text made comparable."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")


def squeezed(text: str) -> str:
    """``text`` in NFKC, case-folded and without white space: what search and twins compare."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def tidy(text: str) -> str:
    """``text`` with runs of white space, full-width too, made one space: what a form keeps of a typed line."""
    return _SPACE.sub(" ", text).strip()


def is_number(word: str) -> bool:
    """Whether ``word`` is a whole number a key of the database can be: figures of ASCII, no more than eighteen."""
    return word.isascii() and word.isdigit() and len(word) <= 18
