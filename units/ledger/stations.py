"""Finding the station a ledger means in the organisation tree."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fire_supervision.lib.text import squeezed

_BUREAU = re.compile(r"^.*?公安(?:局|分局)")


@dataclass(frozen=True)
class Stations:
    """The stations a ledger may name (``names``: full or short name → id) and those its importer may write to."""

    names: Mapping[str, int]
    writable: Collection[int] | None = None
    _index: dict[str, int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, station in self.names.items():
            for key in {squeezed(name), _core(name)}:
                # A short name borne by two stations finds neither.
                known = self._index.setdefault(key, station)
                if known != station:
                    self._index[key] = None
        for name, station in self.names.items():
            self._index[squeezed(name)] = station

    def find(self, written: str) -> int | None:
        """The id of the station ``written`` names in full or short, None when there is none or more than one."""
        found = self._index.get(squeezed(written))
        return found if found is not None else self._index.get(_core(written))

    def may_write(self, station: int) -> bool:
        return self.writable is None or station in self.writable

    @property
    def only(self) -> int | None:
        """The one station, when there is but one: a ledger without a station column is meant for it."""
        ids = set(self.names.values()) if self.writable is None else set(self.writable)
        return ids.pop() if len(ids) == 1 else None


def _core(name: str) -> str:
    return _BUREAU.sub("", squeezed(name)).removesuffix("派出所")
