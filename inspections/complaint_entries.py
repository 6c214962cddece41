"""What an officer enters about a complaint, as plain values between the forms and the actions."""

from dataclasses import dataclass, field
from datetime import datetime

from inspections.models import ComplaintCategory, Inspection, Jurisdiction
from stations.models import User
from units.models import Unit


@dataclass(frozen=True)
class Told:
    """When and how the complainant was told, or why he could not be; ``reward``: what he gets for it, if anything."""

    at: datetime
    manner: str = ""
    words: str = ""
    untold: str = ""
    reward: str = ""


@dataclass(frozen=True)
class Call:
    """What is written down when a complaint comes in; no complainant means an anonymous one."""

    source: str
    received_at: datetime
    category: ComplaintCategory
    jurisdiction: Jurisdiction
    content: str
    handler: User
    unit: Unit | None = None
    premises: str = ""
    address: str = ""
    # Neither may reach a log by way of a traceback.
    complainant: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    told: Told | None = None


@dataclass(frozen=True)
class Check:
    """What two officers found on the spot, and the visit it was done with if there was one."""

    at: datetime
    first: User
    second: User
    truth: str
    found: str
    inspection: Inspection | None = None
    # Where nobody can be told, the check ends the complaint.
    reward: str = ""


@dataclass(frozen=True)
class Transfer:
    at: datetime
    to: str
    letter_no: str = ""
    told: Told | None = None
