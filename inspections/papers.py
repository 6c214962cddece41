"""The 检查记录 as plain values; the keys are those of the form in templates/papers/inspection_record.html."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime

from inspections.models import Finding, Inspection, Signature, Signer, Subject
from inspections.rules import Group, Row, Sheet, entry_of, sheet_of
from records.canonical import digest
from records.fills import chosen_in
from records.signatures import Place, digests, given
from stations.models import User
from units.models import Kind, Unit

Context = dict[str, Any]
# Who signs a notice before it is handed over.
OFFICERS = (Signer.LEAD, Signer.SECOND)
HOUSING_AUTHORITY = "住房和城乡建设主管部门"
FIRE_BRIGADE = "消防救援大队"
# 检查记录, 移送…处理的内容: 1 未验收 and 2 未备案 belong to housing since 2019, 3 to the brigade.
HOUSING_ITEMS = (1, 2)
REFERRAL_ITEMS = (*HOUSING_ITEMS, 3)


def record_context(
    inspection: Inspection,
    *,
    orders: Sequence[dict[str, str]],
    referral_items: Sequence[int],
    sheet: Sheet | None = None,
) -> Context:
    """What the 检查记录 of ``inspection`` prints; ``orders``, dicts ``title`` and ``number``, are cited."""
    sheet = sheet or sheet_of(inspection, photos=False)
    return {
        **_seen(inspection, sheet),
        "issued_on": _issued_on(inspection).isoformat(),
        "orders": list(orders),
        "referrals": _referrals(inspection, referral_items),
        **people_context(inspection, sheet),
    }


def _seen(inspection: Inspection, sheet: Sheet) -> Context:
    """The unit and what was seen there."""
    subject = Subject(inspection.checklist.subject)
    sections = [{"name": group.name, "rows": _rows(group)} for group in sheet.groups]
    committee = subject == Subject.COMMITTEE
    return {
        "heading": inspection.station.heading,
        "subject": subject.value,
        "unit": unit_context(inspection.unit),
        "visited_on": inspection.visited_on.isoformat(),
        "sections": [] if committee else sections,
        "committee": [row for section in sections for row in section["rows"]] if committee else [],
        "remark": inspection.remark,
    }


def _issued_on(inspection: Inspection) -> date:
    """The paper is issued when the visit is finished, which may be after midnight."""
    return localtime(inspection.finished_at).date() if inspection.finished_at else inspection.visited_on


def people_context(inspection: Inspection, sheet: Sheet | None = None) -> Context:
    """Officers, companion, refusal, witness and signatures, as the record of a visit prints them."""
    return _people(inspection) | _hands(inspection, sheet or sheet_of(inspection, photos=False), tuple(Signer))


def officers_context(inspection: Inspection, sheet: Sheet) -> Context:
    """Who inspected and their signatures: all that a notice prints of the people of its visit.

    What the companion signed, or refused to, was the check; 签收 comes after issue, in ink or on the 送达回证.
    """
    return {"officers": _people(inspection)["officers"], **_hands(inspection, sheet, OFFICERS)}


def _hands(inspection: Inspection, sheet: Sheet, signers: Sequence[Signer]) -> Context:
    given = {} if inspection.ink else sheet.signatures
    drawn = {signer.value.lower(): given[signer] for signer in signers if signer in given}
    names = [signer.value.lower() for signer in signers]
    return {
        "signatures": {name: drawn[name].strokes if name in drawn else None for name in names},
        "signed": _signed(inspection, sheet, drawn) if drawn else {},
    }


def _people(inspection: Inspection) -> Context:
    return {
        "officers": [officer_context(person) for person in (inspection.lead, inspection.second) if person is not None],
        "companion": {"name": inspection.companion, "post": inspection.companion_post},
        "refusal": inspection.refusal,
        "witness": inspection.witness,
    }


# ---------- what is signed ----------


def signed_content(inspection: Inspection, sheet: Sheet) -> Context:
    """What stood on the screen when somebody signed: the record as far as it exists before it is issued.

    Without numbers, what is added to the remark with them, and signatures; with the hazards as they were noted, and who
    receives what the record hands over.
    """
    return {**_seen(inspection, sheet), **_people(inspection), **_noted(inspection, sheet)}


def signed_digest(inspection: Inspection, sheet: Sheet | None = None) -> str:
    """The hash that a signature given now is bound to."""
    return digest(signed_content(inspection, sheet or sheet_of(inspection, photos=False)))


def signed_digests(inspection: Inspection, sheet: Sheet | None = None) -> list[str]:
    """The hashes by which a signature given earlier still holds."""
    return digests(signed_content(inspection, sheet or sheet_of(inspection, photos=False)))


def seen_digest(inspection: Inspection, sheet: Sheet | None = None) -> str:
    """The hash of what was seen alone: the page of signatures shows it, and asks for the people itself."""
    sheet = sheet or sheet_of(inspection, photos=False)
    return digest(_seen(inspection, sheet) | {"remark": ""} | _noted(inspection, sheet))


def _noted(inspection: Inspection, sheet: Sheet) -> Context:
    findings = [_finding(finding, sheet) for finding in sheet.findings]
    return {"findings": findings, "receivers": receivers_of(inspection, sheet)}


def receivers_of(inspection: Inspection, sheet: Sheet) -> list[str]:
    """Who receives each item the record may hand over; empty where nothing was noted to be."""
    handed_over = any(not finding.mode for finding in sheet.findings)
    return [_receiver(inspection, item) for item in REFERRAL_ITEMS] if handed_over else []


def _finding(finding: Finding, sheet: Sheet) -> Context:
    """What a notice may print of it: ``until``, the last day as the calendar knows it now, and the box it is under."""
    kind, until = finding.hazard_type, sheet.ends.get(finding.pk)
    return {
        "wording": finding.wording,
        "offence": kind.name,
        "violates": kind.violates,
        "mode": finding.mode,
        "days": finding.days,
        "until": until.isoformat() if until else "",
        "fixed": finding.fixed_on_spot,
        "box": kind.form_item,
        "chosen": chosen_in(kind.form_item, finding.wording),
    }


def _signed(inspection: Inspection, sheet: Sheet, drawn: Mapping[str, Signature]) -> Context:
    """Who signed, when, where, on whose screen, and the content their hashes are of: read by `records.signatures`."""
    content = signed_content(inspection, sheet)
    by = {signer: _given(signature) for signer, signature in drawn.items()}
    return {"content": content, "sha256": digest(content), "by": by}


def _given(signature: Signature) -> Context:
    place = Place(signature.place, signature.latitude, signature.longitude)
    return given(
        signature.name, signature.strokes, sha256=signature.context_sha256, at=signature.signed_at, place=place,
        held_by=signature.held_by,
    )  # fmt: skip


# ---------- shared ----------


def officer_context(person: User) -> Context:
    return {"name": person.name, "certificate": person.certificate_no}


def unit_context(unit: Unit) -> Context:
    return {
        "name": unit.name,
        "person": unit.person,
        "address": unit.address,
        "nature": _nature(unit),
        "area": _plain(unit.area),
        "floors": unit.floors,
        "height": _plain(unit.height),
    }


def _nature(unit: Unit) -> str:
    if unit.kind != Kind.PREMISES:
        return str(unit.get_kind_display())
    words = "重点单位" if unit.is_key else "一般单位"
    return f"{words}，{unit.category.name}" if unit.category else words


def _plain(number: Decimal | None) -> str:
    """286, 10.5: a number as one writes it, empty when unknown."""
    return "" if number is None else f"{number.normalize():f}"


def _rows(group: Group) -> list[Context]:
    return [_row(row) for row in group.rows]


def _row(row: Row) -> Context:
    printed = [entry["value"] for entry in row.item.values if entry.get("printed", True)]
    boxed = not row.value or entry_of(row.item, row.value).get("printed", True)
    found = "；".join(finding.wording for finding in row.findings)
    unprinted = "" if boxed else row.value
    return {
        "text": row.item.text,
        "options": printed,
        "chosen": row.value if boxed else "",
        "note": "；".join(filter(None, [unprinted, found, row.note])),
    }


def _referrals(inspection: Inspection, items: Sequence[int]) -> list[Context]:
    receivers: dict[str, list[int]] = {}
    for item in sorted(items):
        receivers.setdefault(_receiver(inspection, item), []).append(item)
    return [{"items": numbers, "to": receiver} for receiver, numbers in receivers.items()]


def _receiver(inspection: Inspection, item: int) -> str:
    brigade = inspection.station.brigade
    return HOUSING_AUTHORITY if item in HOUSING_ITEMS else brigade.name if brigade else FIRE_BRIGADE
