"""What changes the tree: organisations, and who guides which station."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from fire_supervision.lib.errors import RuleError
from stations.models import Guidance, Organisation, OrganisationKind, User
from stations.permissions import Role
from trail.record import record

# ---------- organisations ----------


@transaction.atomic
def create_organisation(actor: User, fields: Mapping[str, Any]) -> Organisation:
    """Enter an organisation; ``fields`` as in the form, its bureau follows from the one above."""
    organisation = Organisation(**fields)
    if organisation.parent is not None:
        organisation.bureau = organisation.parent.bureau
    elif organisation.kind != OrganisationKind.BUREAU:
        # It stands beside the tree; the bureau that entered it keeps it.
        organisation.parent = actor.organisation
    _savenamed(organisation)
    if organisation.kind == OrganisationKind.BUREAU:
        organisation.bureau = organisation
        organisation.save(update_fields=["bureau"])
    record(actor, "stations.create_organisation", organisation, f"新建{organisation}", after=named(organisation))
    return organisation


@transaction.atomic
def edit_organisation(actor: User, pk: int, fields: Mapping[str, Any]) -> Organisation:
    """Change names and the guiding brigade; another brigade ends the guidance by the old one's supervisors."""
    organisation = Organisation.objects.select_for_update().get(pk=pk)
    before, brigade_id = named(organisation), organisation.brigade_id
    for name, value in fields.items():
        setattr(organisation, name, value)
    _savenamed(organisation, list(fields))
    if organisation.brigade_id != brigade_id:
        _drop_guidance(actor, organisation)
    after = named(organisation)
    record(actor, "stations.edit_organisation", organisation, f"修改{organisation}", before=before, after=after)
    return organisation


@transaction.atomic
def disable_organisation(actor: User, pk: int, reason: str) -> Organisation:
    organisation = Organisation.objects.select_for_update().get(pk=pk)
    if kept := reasons_to_keep(organisation):
        raise RuleError(f"{organisation}不能停用：{'；'.join(kept)}", remedy="先调动或停用这些人员和机构")
    organisation.is_active = False
    organisation.save(update_fields=["is_active"])
    _drop_guidance(actor, organisation)
    record(actor, "stations.disable_organisation", organisation, f"停用{organisation}", reason=reason)
    return organisation


@transaction.atomic
def enable_organisation(actor: User, pk: int, reason: str) -> Organisation:
    organisation = Organisation.objects.select_for_update().get(pk=pk)
    if organisation.parent is not None and not organisation.parent.is_active:
        raise RuleError(f"上级{organisation.parent}还在停用", remedy=f"先启用{organisation.parent}")
    organisation.is_active = True
    organisation.save(update_fields=["is_active"])
    record(actor, "stations.enable_organisation", organisation, f"启用{organisation}", reason=reason)
    return organisation


def reasons_to_keep(organisation: Organisation) -> list[str]:
    """Why an organisation cannot be disabled now; empty when it can."""
    people = organisation.people.filter(is_active=True).count()
    children = organisation.children.filter(is_active=True).count()
    guided = organisation.guided_stations.filter(is_active=True).count()
    counts = (
        (people, f"还有 {people} 名在用人员"),
        (children, f"还有 {children} 个下级机构"),
        (guided, f"还指导 {guided} 个派出所"),
    )
    return [words for count, words in counts if count] + ([] if organisation.is_active else ["已经停用"])


def _savenamed(organisation: Organisation, columns: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            organisation.save(update_fields=columns)
    except IntegrityError:  # entered by somebody else since the form was checked
        raise RuleError(f"已经有一个{organisation.name}", remedy="换一个名称") from None


def named(organisation: Organisation) -> dict[str, Any]:
    return {
        "kind": organisation.get_kind_display(),
        "name": organisation.name,
        "short_name": organisation.short_name,
        "issuer_name": organisation.issuer_name,
        "code_word": organisation.code_word,
        "parent": str(organisation.parent or ""),
        "brigade": str(organisation.brigade or ""),
    }


# ---------- guidance ----------


@transaction.atomic
def set_guidance(actor: User, station: Organisation, supervisor: User | None, substitute: User | None) -> None:
    """Say who guides ``station`` and who stands in; without a supervisor nobody does."""
    for person in (supervisor, substitute):
        if person is not None and (person.role != Role.SUPERVISOR or person.organisation_id != station.brigade_id):
            raise RuleError(f"{person.name}不是{station.brigade}的消防监督员")
    if supervisor is None:
        _drop_guidance(actor, station)
        return
    before = _guides(Guidance.objects.filter(station=station).select_related("supervisor", "substitute").first())
    guidance, _ = Guidance.objects.update_or_create(
        station=station, defaults={"supervisor": supervisor, "substitute": substitute}
    )
    record(actor, "stations.set_guidance", station, f"改派{station}的业务指导", before=before, after=_guides(guidance))


def _drop_guidance(actor: User, station: Organisation) -> None:
    guidance = Guidance.objects.filter(station=station).select_related("supervisor", "substitute").first()
    if guidance is not None:
        record(actor, "stations.end_guidance", station, f"取消{station}的业务指导", before=_guides(guidance))
        guidance.delete()


def _guides(guidance: Guidance | None) -> dict[str, str]:
    if guidance is None:
        return {}
    return {"supervisor": guidance.supervisor.name, "substitute": str(guidance.substitute or "")}
