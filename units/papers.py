"""消防安全责任书 as plain values; the keys are those of templates/papers/pledge.html."""

from datetime import datetime
from typing import Any

from records.canonical import digest
from records.signatures import Place, given
from stations.models import User
from units.models import Pledge, PledgeTerms, Unit

Context = dict[str, Any]


def pledge_context(
    pledge: Pledge, strokes_a: Any, strokes_b: Any, *, at: datetime, place: Place, held_by: User
) -> Context:
    """What the 责任书 prints; strokes as `StrokesField` gives them, None for who signs by hand.

    Both drew ``at`` one moment and ``place`` on the screen of ``held_by``, each bound to all the paper says but its
    number, which there was none yet; see `records.signatures`.
    """
    content = _content(pledge)
    names, drawn = {"party_a": pledge.by_whom, "party_b": pledge.signer_b}, {"party_a": strokes_a, "party_b": strokes_b}
    sha256 = digest(content)
    by = {
        signer: given(names[signer], strokes, sha256=sha256, at=at, place=place, held_by=held_by)
        for signer, strokes in drawn.items()
        if strokes
    }
    return {**content, "signatures": drawn, "signed": {"content": content, "sha256": sha256, "by": by} if by else {}}


def shown_digest(unit: Unit, terms: PledgeTerms) -> str:
    """The hash of what the form shows and does not ask for: a change of it while the form stood open is noticed."""
    shown = {"heading": unit.station.heading, "unit": unit.name, "address": unit.address}
    return digest(shown | {"terms": terms.items, "liability": terms.liability})


def _content(pledge: Pledge) -> Context:
    return {
        "heading": pledge.station.heading,
        "issued_on": pledge.signed_on.isoformat(),
        "unit_name": pledge.unit.name,
        "address": pledge.unit.address,
        "party_a": pledge.party_a,
        "signer_a": pledge.by_whom,
        "signer_b": {"name": pledge.signer_b, "post": pledge.post_b},
        "since": pledge.since.isoformat(),
        "until": pledge.until.isoformat(),
        "terms_version": pledge.terms.version,
        "terms": list(pledge.terms.items),
        "liability": pledge.terms.liability,
    }
