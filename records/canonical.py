"""One spelling of a context, so that its hash means the same on every machine and in every year."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

# What is added to a paper when somebody signs it; a signature binds to everything else.
SIGNING = frozenset({"signatures", "signed"})


def canonical(context: Mapping[str, Any]) -> bytes:
    """``context`` without its signatures as UTF-8 JSON: keys in order, no white space, nothing escaped."""
    plain = {key: value for key, value in context.items() if key not in SIGNING}
    words = json.dumps(plain, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return words.encode()


def digest(context: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical spelling, in hexadecimal."""
    return hashlib.sha256(canonical(context)).hexdigest()
