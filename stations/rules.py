"""What fits together: posts and organisations, organisations in the tree, the parts of a document number."""

import string

from stations.models import OrganisationKind
from stations.permissions import Role

_STATION, _OFFICE, _BRIGADE, _BUREAU = (
    OrganisationKind.STATION,
    OrganisationKind.OFFICE,
    OrganisationKind.BRIGADE,
    OrganisationKind.BUREAU,
)
# Where each post can be held.
ROLE_KINDS: dict[Role, frozenset[OrganisationKind]] = {
    Role.ASSISTANT: frozenset({_STATION, _OFFICE}),
    Role.OFFICER: frozenset({_STATION, _OFFICE}),
    Role.CHIEF: frozenset({_STATION}),
    Role.SUPERVISOR: frozenset({_BRIGADE}),
    Role.BRIGADE_LEADER: frozenset({_BRIGADE}),
    Role.BUREAU_OFFICER: frozenset({_BUREAU}),
    Role.BUREAU_LEADER: frozenset({_BUREAU}),
    Role.SYSTEM_ADMIN: frozenset({_BUREAU}),
    Role.SECURITY_ADMIN: frozenset({_BUREAU}),
    Role.AUDIT_ADMIN: frozenset({_BUREAU}),
}
# What stands above an organisation; a brigade and a township stand beside the tree (2019 转隶).
PARENT_KIND: dict[OrganisationKind, OrganisationKind | None] = {
    OrganisationKind.BUREAU: _BUREAU,
    OrganisationKind.STATION: _BUREAU,
    OrganisationKind.OFFICE: _STATION,
    OrganisationKind.BRIGADE: None,
    OrganisationKind.TOWNSHIP: None,
}
# 每名消防监督员固定联系 2–3 个派出所: a custom of the trade, not law; more is warned about, not refused.
GUIDED_AT_MOST = 3

NUMBER_PARTS = ("code", "station", "word", "year", "number")
_SAMPLE = {"station": "城关", "word": "限", "year": 2026, "number": 29}


def misfit(role: str, kind: str) -> str:
    """Why the post cannot be held in an organisation of ``kind``; empty when it can."""
    kinds = ROLE_KINDS[Role(role)]
    if OrganisationKind(kind) in kinds:
        return ""
    allowed = "或".join(each.label for each in OrganisationKind if each in kinds)
    return f"{Role(role).label}应在{allowed}任职"


def sample_number(pattern: str, code: str = "") -> str:
    """A document number after ``pattern``, with ``code`` as the word of the bureau.

    Raises ValueError with the reason in Chinese. Year, sequence, station and word of the paper must all be in it:
    without one of them two papers share a number.
    """
    try:
        parts = [(name, spec, turn) for _, name, spec, turn in string.Formatter().parse(pattern) if name is not None]
    except ValueError:
        raise ValueError("大括号没有成对") from None
    for name, spec, turn in parts:
        if name not in NUMBER_PARTS or turn or (spec and (name != "number" or not _counts(spec))):
            raise ValueError(f"{{{name}}} 写法不对，只能用 {{code}} {{station}} {{word}} {{year}} {{number:04d}}")
    missing = [f"{{{name}}}" for name in NUMBER_PARTS[1:] if name not in {name for name, _, _ in parts}]
    if missing:
        raise ValueError(f"缺少 {'、'.join(missing)}，不同文书会重号")
    return pattern.format(code=code, **_SAMPLE)


def _counts(spec: str) -> bool:
    """Whether ``spec`` is a width with leading zeros, as in 04d."""
    return spec in {f"0{width}d" for width in range(1, 9)}
