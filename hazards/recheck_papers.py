"""复查 as plain values, on the form of the inspection (domain §3.3), and what a name drawn at it is bound to.

The keys are those of templates/papers/recheck_record.html; samples stand in records/samples/case.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hazards.heads import brigade_of, extensions, head, iso, notice, served_on
from hazards.models import Hazard, Outcome, Reinspection
from inspections.papers import officer_context, unit_context
from records.canonical import SIGNING, digest
from records.signatures import NOWHERE, Place, given
from stations.models import User

Context = dict[str, Any]
KINDS_OF_VISIT = ["日常检查", "复查"]
RESULTS = ["已改正", "未改正"]
SIGNERS = {"lead": "复查人", "second": "第二复查人", "companion": "随同人员"}


@dataclass(frozen=True)
class Drawn:
    """Names drawn on the screen of whoever registers the results: strokes by signer (`SIGNERS`).

    ``seen``: the `shown_digest` the screen showed, None for no screen.
    """

    strokes: Mapping[str, Any]
    at: datetime
    place: Place = NOWHERE
    seen: str | None = None


def recheck_context(
    reinspection: Reinspection, outcomes: Sequence[Outcome], *, final: bool, photographed: Collection[int], on: date
) -> Context:
    """Each hazard with its result and what follows from it; nobody has signed yet.

    ``final``: what failed is handed over; otherwise its period still runs and it is re-inspected once more.
    ``photographed``: the ids of the hazards a photograph was taken of.
    """
    order = reinspection.order
    positions = {outcome.hazard_id: outcome.hazard.position for outcome in outcomes}
    failed = [outcome.hazard.position for outcome in outcomes if not outcome.passed]
    return head(order, on) | _known(reinspection) | _people(reinspection) | {
        "visited_on": iso(reinspection.done_on),
        "extensions": extensions(order, positions),
        "results": [_result(outcome, int(outcome.hazard_id in photographed)) for outcome in outcomes],
        "passed": [outcome.hazard.position for outcome in outcomes if outcome.passed],
        "failed": failed,
        "referred_to": brigade_of(order) if failed and final else "",
        "again_on": reinspection.deadline.isoformat() if failed and not final else "",
        "remark": reinspection.remark,
        "signatures": dict.fromkeys(SIGNERS),
        "signed": {},
    }  # fmt: skip


def _known(reinspection: Reinspection) -> Context:
    """What is known before anybody goes there."""
    order = reinspection.order
    return {
        "unit": unit_context(order.unit),
        "kind_of_visit": {"options": KINDS_OF_VISIT, "chosen": "复查", "note": ""},
        "order": notice(order) | {"issued_on": order.issued_on.isoformat(), "served_on": served_on(order)},
        "reference": reinspection.full_number,
        "round": reinspection.number,
        "deadline": reinspection.deadline.isoformat(),
        "requested_on": iso(reinspection.requested_on),
    }


def _people(reinspection: Reinspection) -> Context:
    pair = [person for person in (reinspection.lead, reinspection.second) if person is not None]
    return {
        "officers": [officer_context(person) for person in pair],
        "companion": {"name": reinspection.companion, "post": reinspection.companion_post},
        "refusal": reinspection.refusal,
        "witness": reinspection.witness,
    }


def _result(outcome: Outcome, photos: int) -> Context:
    hazard = outcome.hazard
    chosen = RESULTS[0] if outcome.passed else RESULTS[1]
    return {
        "no": hazard.position,
        "detail": hazard.wording,
        "result": {"options": RESULTS, "chosen": chosen, "note": outcome.note},
        "photos": photos,
    }


# ---------- what is signed ----------


def shown_digest(reinspection: Reinspection, hazards: Sequence[Hazard]) -> str:
    """The hash of what the page shows and does not ask for: a change of it while the page stood open is noticed."""
    shown = [{"no": hazard.position, "detail": hazard.wording, "measure": hazard.measure} for hazard in hazards]
    station = reinspection.order.station
    return digest(_known(reinspection) | {"heading": station.heading, "hazards": shown})


def signed_by(context: Context, drawn: Drawn, held_by: User) -> Context:
    """``context`` with the names ``drawn`` on the screen of ``held_by``, each bound to all of it but its number.

    Where somebody of the unit refused or was absent, nobody signs for it. Read by `records.signatures`.
    """
    content = {key: value for key, value in context.items() if key not in SIGNING}
    sha256, names = digest(content), _names(context)
    strokes = {signer: drawn.strokes.get(signer) if signer in names else None for signer in SIGNERS}
    by = {
        signer: given(names[signer], lines, sha256=sha256, at=drawn.at, place=drawn.place, held_by=held_by)
        for signer, lines in strokes.items()
        if lines
    }
    return context | {"signatures": strokes, "signed": {"content": content, "sha256": sha256, "by": by} if by else {}}


def _names(context: Context) -> dict[str, str]:
    """Who signs as what."""
    lead, second = (person["name"] for person in context["officers"])
    companion = {} if context["refusal"] else {"companion": context["companion"]["name"]}
    return {"lead": lead, "second": second, **companion}
