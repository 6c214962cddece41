"""What every address answers to everybody: `matrix.txt`, the one table a person reviews, read and applied.

A line: address | capability | whose row its id names | what it takes | answer to GET | answer to POST without fields.
An answer is a status, with exceptions behind it: `200 SUPERVISOR=409`, or `outside` for everybody who is not in.
What the table need not say:

- methods other than GET, HEAD and POST are 405 to everybody;
- who is not signed in, is signed in by half or was disabled is led to the sign-in page: 302;
- who lacks the capability is refused: 403;
- what the view does not take is 405, once the capability is there;
- a row that is missing and one of which `REACH` says nothing are the same: 404.
"""

from dataclasses import dataclass
from pathlib import Path

from stations.permissions import ROLE_CAN, Can, Role
from tests.fire_supervision.stage import DISABLED, HALFWAY, NOBODY, Owner
from tests.fire_supervision.test_access import Address

TABLE = Path(__file__).with_name("matrix.txt")
TAKEN = ("GET", "HEAD", "POST")
OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS")
OUTSIDE = frozenset({NOBODY, DISABLED, HALFWAY})
EVERYBODY = [*Role, NOBODY, DISABLED, HALFWAY]

_OWN, _BUREAU = frozenset({Owner.OWN}), frozenset({Owner.OWN, Owner.SIBLING})
# Whose rows each person reaches, for each kind of row an id can name.
REACH: dict[str, dict[Role, frozenset[Owner]]] = {
    # No id, or one that is the same to everybody: a rule, an entry of the catalogue, a quarter.
    "-": dict.fromkeys(Role, _OWN),
    # An id that names no row: a year of the calendar. What is wrong with it is said, not hidden.
    "any": {Role.BUREAU_OFFICER: frozenset(Owner)},
    # Whatever carries the scope columns: at home, for the supervisor who guides it, for brigade and bureau above it.
    "station": {
        Role.ASSISTANT: _OWN, Role.OFFICER: _OWN, Role.CHIEF: _OWN, Role.SUPERVISOR: _OWN,
        Role.BRIGADE_LEADER: _BUREAU, Role.BUREAU_OFFICER: _BUREAU, Role.BUREAU_LEADER: _BUREAU,
    },
    # Accounts, organisations, seals, entries of the trail: for the administrators of the bureau.
    "bureau": {Role.SYSTEM_ADMIN: _BUREAU, Role.SECURITY_ADMIN: _BUREAU, Role.AUDIT_ADMIN: _BUREAU},
    # A ledger that the bureau uploaded for its stations.
    "batch": {Role.BUREAU_OFFICER: _BUREAU},
    # Of one person and nobody else, whoever stands above him.
    "officer's": {Role.OFFICER: _OWN},
    "chief's": {Role.CHIEF: _OWN},
    "auditor's": {Role.AUDIT_ADMIN: _OWN},
    # Whoever holds the paper or the link, of whichever station.
    "public": {},
}  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """A status, and who is answered another."""

    usual: int
    others: dict[str, int]

    @classmethod
    def read(cls, words: str) -> "Answers":
        usual, *others = words.split()
        return cls(int(usual), {who: int(status) for who, _, status in (each.partition("=") for each in others)})

    def to(self, who: str) -> int:
        return self.others.get(who, self.others.get("outside", self.usual) if who in OUTSIDE else self.usual)


@dataclass(frozen=True)
class Line:
    name: str
    capability: Can | None
    rows: str
    takes: frozenset[str]
    answers: dict[str, Answers]

    @classmethod
    def read(cls, words: str) -> "Line":
        name, capability, rows, takes, get, post = (each.strip() for each in words.split("|"))
        answers = {method: Answers.read(cell) for method, cell in (("GET", get), ("POST", post)) if cell}
        wanted = Can(capability) if capability else None
        return cls(name, wanted, rows, frozenset(takes.split()), answers)

    def status(self, who: str, method: str, owner: Owner) -> int:
        """The answer to ``who``."""
        if method not in TAKEN:
            return 405
        if self.capability is not None and who in OUTSIDE:
            return 302
        if self.capability is not None and self.capability not in ROLE_CAN[Role(who)]:
            return 403
        if method not in self.takes:
            return 405
        if owner not in self._reached(who):
            return 404
        return self.answers["POST" if method == "POST" else "GET"].to(who)

    def _reached(self, who: str) -> frozenset[Owner]:
        if self.capability is None:
            return frozenset(Owner) - {Owner.MISSING}
        return REACH[self.rows].get(Role(who), frozenset())


def lines() -> dict[str, Line]:
    """The table."""
    written = TABLE.read_text().splitlines()
    read = [Line.read(each) for each in written if each and not each.startswith("#")]
    return {each.name: each for each in read}


def line_to_add(address: Address) -> str:
    """What the table lacks, to be looked at and corrected."""
    capability = "" if address.capability is None else address.capability.name
    rows = "station" if address.values else "-"
    return f"{address.name} | {capability} | {rows} | GET HEAD POST | 200 | 200"
