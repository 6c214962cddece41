"""三员: of each kind one stays at work for every bureau, and nobody comes to such a post by one person's hand.

What the system administrator does to an account of one of the three posts holds when another has confirmed it: a
security or an audit administrator over its bureau. Both look at the alarms that tell of it, and neither opens accounts.
"""

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from fire_supervision.lib.errors import RuleError
from stations.alarms import guardians, raise_of_post
from stations.models import Organisation, User
from stations.permissions import ADMINISTRATORS, Role
from trail.models import AuditEntry
from trail.record import record


def keep_one(person: User, role: str = "", organisation: Organisation | None = None) -> None:
    """Raise RuleError where ``person`` is the last one, and leaves: for ``role`` in ``organisation``, or altogether.

    An administrator of a bureau above keeps the bureaus below it too, so it is enough that one works there.
    """
    if Role(person.role) not in ADMINISTRATORS or not person.is_active:
        return
    home = _home(person)
    above = _upwards(home)
    if organisation is not None and role == person.role and organisation.pk in above:
        return
    in_force = User.objects.working().filter(appointed_by=None)
    others = in_force.filter(role=person.role, organisation__in=above).exclude(pk=person.pk)
    if not others.exists():
        raise RuleError(
            f"{person.name}是{home}唯一在用的{person.get_role_display()}", remedy="先登记另一名，再办理这一名"
        )


def keep_confirmer(person: User, organisation: Organisation) -> None:
    """Raise RuleError where an administrator at work would wait, in ``organisation``, and nobody is left to confirm."""
    if Role(person.role) not in ADMINISTRATORS or person.appointed_by_id is not None:
        return
    _home(person)
    if not guardians(organisation.pk).exclude(pk=person.pk).exists():
        raise RuleError(
            f"除{person.name}外，{organisation}没有安全管理员、审计管理员能够确认",
            remedy="先登记另一名安全管理员，或者在服务器上运行 manage.py new_password",
        )


def appoint(actor: User | None, person: User, entry: AuditEntry) -> None:
    """Let an administrator's account wait for another's confirmation of what ``actor`` did, as ``entry`` tells.

    The other administrators are told at once. At the server, without an ``actor``, it holds: there is none to confirm.
    """
    is_one = Role(person.role) in ADMINISTRATORS
    if is_one or person.appointed_by_id is not None:
        person.appointed_by = actor if is_one else None
        person.save(update_fields=["appointed_by"])
    if is_one:
        raise_of_post(actor, person, entry)


def seen(person: User) -> str:
    """What is confirmed: another post, place or password since then, and it is looked at again."""
    post, who = f"{person.role} {person.organisation_id}", f"{person.number} {person.name}"
    facts = f"{post} {who} {person.appointed_by_id} {person.password}"
    return salted_hmac(__name__, facts, algorithm="sha256").hexdigest()


@transaction.atomic
def confirm_post(actor: User, pk: int, what: str) -> User:
    """Put the account of an administrator into force, as ``actor`` has `seen` it; never his own, nor what he did."""
    people = User.objects.select_for_update(of=("self",), no_key=True)
    person = people.select_related("organisation", "appointed_by").get(pk=pk)
    if person.appointed_by is None:
        raise RuleError(f"{person.name}的账号不用确认，可能刚由别人确认")
    if actor.pk in (person.pk, person.appointed_by_id):
        raise RuleError("不能确认自己办理的账号", basis="三员分立", remedy="由另一名安全管理员或者审计管理员确认")
    if not constant_time_compare(what, seen(person)):
        raise RuleError(f"{person.name}的账号又有变动，没有确认", remedy="回到“安全告警”重新核对")
    before = {"appointed_by": f"{person.appointed_by.name}（{person.appointed_by.number}）"}
    person.appointed_by = None
    person.save(update_fields=["appointed_by"])
    what_for = f"确认{person.get_role_display()}{person.name}（{person.number}）的账号，即时生效"
    record(actor, "stations.confirm_post", person, what_for, before=before)
    return person


def _home(person: User) -> Organisation:
    """The bureau, locked: two of them cannot close each other's account, or put each other to wait, at once."""
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=person.organisation_id)


def _upwards(bureau: Organisation) -> list[int]:
    """``bureau`` and every bureau above it; there are two or three levels."""
    found, at = [bureau.pk], bureau
    while at.parent is not None and at.parent.pk not in found:
        at = at.parent
        found.append(at.pk)
    return found
