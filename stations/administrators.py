"""三员: of each kind one stays at work for every bureau. Nobody else could do his work, or undo that he is gone."""

from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, User
from stations.permissions import ADMINISTRATORS, Role


def keep_one(person: User, role: str = "", organisation: Organisation | None = None) -> None:
    """Raise RuleError where ``person`` is the last one, and leaves: for ``role`` in ``organisation``, or altogether.

    An administrator of a bureau above keeps the bureaus below it too, so it is enough that one works there.
    """
    if Role(person.role) not in ADMINISTRATORS or not person.is_active:
        return
    # The bureau is locked first, so that two of them cannot close each other's account at once.
    home = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=person.organisation_id)
    above = _upwards(home)
    if organisation is not None and role == person.role and organisation.pk in above:
        return
    others = User.objects.working().filter(role=person.role, organisation__in=above).exclude(pk=person.pk)
    if not others.exists():
        raise RuleError(
            f"{person.name}是{home}唯一在用的{person.get_role_display()}", remedy="先登记另一名，再办理这一名"
        )


def _upwards(bureau: Organisation) -> list[int]:
    """``bureau`` and every bureau above it; there are two or three levels."""
    found, at = [bureau.pk], bureau
    while at.parent is not None and at.parent.pk not in found:
        at = at.parent
        found.append(at.pk)
    return found
