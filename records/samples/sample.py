"""What a sample is."""

from dataclasses import dataclass
from typing import Any

from records.models import Kind

Context = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """``context`` as the owner of ``kind`` would build it, with its number; ``name`` says what is tried with it."""

    kind: Kind
    name: str
    context: Context
