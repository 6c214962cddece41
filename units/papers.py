"""消防安全责任书 as plain values; the keys are those of templates/papers/pledge.html."""

from typing import Any

from units.models import Pledge

Context = dict[str, Any]


def pledge_context(pledge: Pledge, strokes_a: Any, strokes_b: Any) -> Context:
    """What the 责任书 prints; strokes as `StrokesField` gives them, None for who signs by hand."""
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
        "signatures": {"party_a": strokes_a, "party_b": strokes_b},
    }
