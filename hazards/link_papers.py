"""电子送达 as plain values: the consent that was signed, and what a signature at the link is bound to."""

from datetime import date
from typing import Any

from hazards.heads import head, iso, notice
from hazards.models import Dispatch, Order
from hazards.ways import ACKNOWLEDGED, CONSENT
from inspections.papers import officer_context
from records.canonical import SIGNING, digest
from records.models import Copy, DocumentFile
from records.signatures import NOWHERE, Place, given

Context = dict[str, Any]
# No officer held the screen: the page was opened by who was sent its address.
OWN = "签名人本人"
# Nobody asks him where he is: what he did not tell is said, not left open.
UNTOLD = Place("在送达链接页签名，未附定位")


def consent_shown(order: Order) -> str:
    """The hash of what the page of the 确认书 shows and does not ask for: a change while it stood open is noticed."""
    return digest(_known(order))


def consent_context(link: Dispatch, on: date, place: Place = NOWHERE) -> Context:
    """电子送达确认书 as it was signed on the officer's screen when the link was made; bound to all but its number."""
    servers = [person for person in (link.sent_by, link.second) if person is not None]
    context = head(link.order, on) | _known(link.order) | {
        "consenter": {"name": link.consented_by},
        "consented_on": link.consented_on.isoformat(),
        "channel": link.channel,
        "account": link.account,
        "officers": [officer_context(person) for person in servers],
        "assistant": link.assistant.name if link.assistant else "",
    }  # fmt: skip
    content = {key: value for key, value in context.items() if key not in SIGNING}
    sha256 = digest(content)
    by = given(
        link.consented_by, link.consent, sha256=sha256, at=link.sent_at, place=place, held_by=link.sent_by
    )  # fmt: skip
    return context | {
        "signatures": {"consenter": link.consent},
        "signed": {"content": content, "sha256": sha256, "by": {"consenter": by}},
    }


def _known(order: Order) -> Context:
    """What is known before anybody consents."""
    return {
        "heading": order.station.heading,
        "unit_name": order.unit.name,
        "documents": [notice(order) | {"count": 1}],
        "words": CONSENT,
    }


def shown_content(order: Order) -> Context:
    """What the page of a link shows whoever opens it: the notice, the file that is read there, the hazards."""
    paper = order.document
    files = DocumentFile.objects.filter(document=paper, copy=Copy.UNIT)
    return {
        "unit_name": order.unit.name,
        "documents": [notice(order) | {"count": 1}],
        "notice_sha256": paper.context_sha256 if paper else "",
        "file_sha256": files.values_list("sha256", flat=True).first() or "",
        "hazards": [
            {"no": row.position, "detail": row.wording, "deadline": iso(row.deadline)}
            for row in order.hazards.order_by("position")
        ],
        "words": ACKNOWLEDGED,
    }


def acknowledged_content(link: Dispatch) -> Context:
    """What a signature at the link binds to: what was shown, and as whom he signed who typed his name."""
    who = {"name": link.acknowledged_by, "relation": link.relation, "elsewhere": ""}
    return shown_content(link.order) | {"recipient": who}


def acknowledged(link: Dispatch) -> Context:
    """Read by `records.signatures`."""
    content = acknowledged_content(link)
    told = Place("", link.latitude, link.longitude)
    by = given(
        link.acknowledged_by, link.strokes, sha256=link.context_sha256, at=link.acknowledged_at or link.sent_at,
        place=told if link.latitude else UNTOLD, held_by=None,
    ) | {"held_by": OWN}  # fmt: skip
    return {"content": content, "sha256": digest(content), "by": {"recipient": by}}
