"""A refusal that knows which fields it is about, so that a form can say it where it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms

from fire_supervision.lib.errors import RuleError


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field, in the officer's words; ``basis`` and ``remedy`` as in `RuleError`."""

    field: str
    message: str
    basis: str = ""
    remedy: str = ""

    @property
    def words(self) -> str:
        """The whole of it in one line, for the place under the field."""
        cited = f"（{self.basis}）" if self.basis else ""
        return f"{self.message}{cited}" + (f"。{self.remedy}" if self.remedy else "")


class Refusal(RuleError):
    """Everything that speaks against an act at once; on the 409 page the first of it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(first.message, basis=first.basis, remedy=first.remedy)
        self.faults = tuple(faults)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise `Refusal` when there is any fault."""
    if faults:
        raise Refusal(faults)


def show_faults(form: forms.Form, refusal: Refusal, called: Mapping[str, str] | None = None) -> None:
    """Say each fault at its field (`told[2]` at `told`); one about a field that is not on the form stands above it.

    ``called``: what the form calls a field of the paper, where their names differ.
    """
    for fault in refusal.faults:
        name = fault.field.partition("[")[0]
        name = (called or {}).get(name, name)
        form.add_error(name if name in form.fields else None, fault.words)
