"""The organisation tree as rows to print: each below the one above it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stations.models import Organisation, OrganisationKind

_IN_TREE = [OrganisationKind.BUREAU, OrganisationKind.STATION, OrganisationKind.OFFICE]


@dataclass(frozen=True)
class Branch:
    organisation: Organisation
    depth: int


def branches(organisations: Iterable[Organisation]) -> list[Branch]:
    """Depth first, stations before lower bureaus; brigades and townships, which stand beside the tree, come last."""
    listed = list(organisations)
    present = {each.pk for each in listed}
    below: dict[int | None, list[Organisation]] = defaultdict(list)
    beside = []
    for each in listed:
        if each.kind in _IN_TREE:
            below[each.parent_id if each.parent_id in present else None].append(each)
        else:
            beside.append(each)
    return [*_walk(below, None, 0), *(Branch(each, 0) for each in sorted(beside, key=lambda row: (row.kind, row.name)))]


def _walk(below: dict[int | None, list[Organisation]], parent: int | None, depth: int) -> Iterator[Branch]:
    for each in sorted(below[parent], key=lambda row: (row.kind == OrganisationKind.BUREAU, row.name)):
        yield Branch(each, depth)
        yield from _walk(below, each.pk, depth + 1)
