"""What of a complaint may be put right, and what the trail keeps of it."""

from inspections.complaint_secrecy import nameless
from inspections.models import Complaint

# Characters on both sides of a change by which it is found again.
AROUND = 6


def typed_fields(row: Complaint) -> list[str]:
    """What somebody has typed so far that the papers of ``row`` will print."""
    found = ["found"] if row.checked_at else []
    moved = ["transferred_to", "letter_no"] if row.transferred_at else []
    return ["premises", "address", "content", *found, *moved]


def readings(row: Complaint, before: str, after: str) -> tuple[str, str]:
    """Where two readings differ, with a few characters around it.

    The words of a complainant can give him away: no more of them than was changed leaves the complaint, and a name or
    telephone that somebody once wrote into them does not.
    """
    old, new = nameless(row, before), nameless(row, after)
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    first, last = max(0, head - AROUND), max(0, tail - AROUND)
    return old[first : len(old) - last], new[first : len(new) - last]


def _shared(one: str, other: str) -> int:
    """How many characters ``one`` and ``other`` begin with together."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
