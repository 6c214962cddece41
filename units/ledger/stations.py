"""Finding the station a ledger means in the organisation tree."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from fire_supervision.lib.text import squeezed

_BUREAU = re.compile(r"^.*?公安(?:局|分局)")


@dataclass(frozen=True)
class Stations:
    """The stations a ledger may name (``names``: full and short names with their id) and those it may write to."""

    names: Collection[tuple[str, int]]
    writable: Collection[int] | None = None
    _index: dict[str, int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        whole: dict[str, int | None] = {}
        for name, station in self.names:
            for index, key in ((whole, squeezed(name)), (self._index, _core(name))):
                # A name borne by two stations finds neither.
                if index.setdefault(key, station) != station:
                    index[key] = None
        self._index.update(whole)

    def find(self, written: str) -> int | None:
        """The id of the station ``written`` names in full or short, None when there is none or more than one."""
        key = squeezed(written)
        return self._index[key] if key in self._index else self._index.get(_core(written))

    def may_write(self, station: int) -> bool:
        return self.writable is None or station in self.writable

    @property
    def only(self) -> int | None:
        """The one station, when there is but one: a ledger without a station column is meant for it."""
        ids = {station for _, station in self.names} if self.writable is None else set(self.writable)
        return ids.pop() if len(ids) == 1 else None


def _core(name: str) -> str:
    return _BUREAU.sub("", squeezed(name)).removesuffix("派出所")
