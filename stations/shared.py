"""What all bureaus of an installation share, the catalogue of hazards and the working calendar, and who keeps it."""

from fire_supervision.lib.errors import RuleError
from stations.models import Organisation, OrganisationKind, User


def keeper() -> Organisation | None:
    """The one bureau that changes what is shared: the first at work that has none above it."""
    tops = Organisation.objects.filter(kind=OrganisationKind.BUREAU, parent__isnull=True, is_active=True)
    return tops.order_by("pk").first()


def keeps_shared(user: User) -> bool:
    """Whether ``user`` works at the keeper, or at a brigade that guides every station there is."""
    home = user.organisation
    if home.kind == OrganisationKind.BRIGADE:
        return not Organisation.objects.stations().exclude(brigade=home).exists()
    return keeper() == home


def check_keeps(user: User, what: str) -> None:
    """Raises RuleError for whoever would change ``what`` for the bureaus beside his own."""
    if not keeps_shared(user):
        place = home.name if (home := keeper()) else "上级公安机关"
        raise RuleError(f"{what}各公安机关共用，由{place}维护", remedy=f"要修改的，请向{place}提出。")
