"""核定: what a bureau or brigade settles in the catalogue."""

from typing import Any

from django.db import transaction

from fire_supervision.lib.text import squeezed, tidy
from inspections.models import HazardType, OrderBasis
from stations.models import Organisation, User
from stations.shared import check_keeps
from trail.record import record


@transaction.atomic
def set_hazard_type(hazard_type_id: int, values: dict[str, Any], actor: User) -> HazardType:
    """Change or confirm an entry of the catalogue; its place in 规定第31–33条 is not among ``values``."""
    check_keeps(actor, "隐患库")
    kind = HazardType.objects.select_for_update().get(pk=hazard_type_id)
    before = {name: getattr(kind, name) for name, value in values.items() if getattr(kind, name) != value}
    if not before:
        return kind
    after = {name: values[name] for name in before}
    for name, value in after.items():
        setattr(kind, name, value)
    kind.name_key = squeezed(kind.name)
    kind.save(update_fields=[*after, "name_key"])
    summary = f"修改隐患库 {kind.code}：{kind.name}"
    record(actor, "inspections.set_hazard_type", kind, summary, before=before, after=after)
    return kind


@transaction.atomic
def set_basis(bureau: Organisation, hazard_type: HazardType, basis: str, actor: User) -> None:
    """Name the bureau's own basis for ordering what 规定第33条 does not list; an empty one takes it away."""
    words = tidy(basis)[:120]
    known = OrderBasis.objects.select_for_update().filter(bureau=bureau, hazard_type=hazard_type).first()
    before = known.basis if known else ""
    if words == before:
        return
    if words:
        OrderBasis.objects.update_or_create(bureau=bureau, hazard_type=hazard_type, defaults={"basis": words})
    elif known is not None:
        known.delete()
    record(
        actor, "inspections.set_basis", hazard_type, f"本地责令依据 {hazard_type.code}：{words or '取消'}",
        before={"basis": before}, after={"basis": words},
    )  # fmt: skip
