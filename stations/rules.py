"""What fits together: posts and organisations, organisations in the tree."""

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


def misfit(role: str, kind: str) -> str:
    """Why the post cannot be held in an organisation of ``kind``; empty when it can."""
    kinds = ROLE_KINDS[Role(role)]
    if OrganisationKind(kind) in kinds:
        return ""
    allowed = "或".join(each.label for each in OrganisationKind if each in kinds)
    return f"{Role(role).label}应在{allowed}任职"
