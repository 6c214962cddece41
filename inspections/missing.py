"""What a visit still lacks before it can be concluded, and where it is entered. No writes."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from inspections.bases import bases_of
from inspections.models import Inspection, Mode, Signature, Signer
from inspections.papers import signed_digests
from inspections.rules import Row, Sheet, is_enforcer, sheet_of
from records.fields import WITNESS_ALONE

FILL, PEOPLE = "inspections:fill", "inspections:people"
SEVERAL = "并列了几种违法行为，限期改正通知书只能写一种：移除后另选一条隐患表述，或者请维护隐患库的单位改写这一条"


@dataclass(frozen=True)
class Missing:
    """One thing an inspection still lacks, and where it is entered: ``page`` (a URL name that takes the inspection)."""

    words: str
    page: str
    anchor: str


def missing(inspection: Inspection) -> list[Missing]:
    """What has to be entered before ``inspection`` can be concluded, in the order of the form; empty when it may be."""
    return gaps(inspection, sheet_of(inspection, photos=False))


def gaps(inspection: Inspection, sheet: Sheet) -> list[Missing]:
    """As `missing`, on a sheet that was read already."""
    several = _several(inspection, sheet)
    found = [Missing(words, FILL, f"item-{row.item.code}") for row in sheet.rows if (words := _row_gap(row, several))]
    found += [Missing(words, PEOPLE, anchor) for words, anchor in _people_gaps(inspection, sheet.signatures)]
    return found + [
        Missing(f"{signer.label}签名以后内容有改动，请重新签名", PEOPLE, f"sign-{signer}")
        for signer in outdated(inspection, sheet)
    ]


def outdated(inspection: Inspection, sheet: Sheet) -> list[Signer]:
    """Who signed something else than what stands there now; one from before signatures were bound, too."""
    if inspection.ink or not sheet.signatures:
        return []
    bound = signed_digests(inspection, sheet)
    drawn = [signer for signer in Signer if signer in sheet.signatures]
    return [signer for signer in drawn if sheet.signatures[signer].context_sha256 not in bound]


def _several(inspection: Inspection, sheet: Sheet) -> set[int]:
    """Findings whose notice the gate refuses because their entry names several offences (公通字〔2009〕21号).

    By primary key. Not those the officer may urge or hand over instead: he chooses when he concludes.
    """
    found = [each for each in sheet.findings if each.mode == Mode.LIMIT and each.hazard_type.undecided]
    if not found:
        return set()
    bases = bases_of((each.hazard_type for each in found), inspection.bureau_id, inspection.visited_on)
    return {each.pk for each in found if bases[each.hazard_type_id].orders and not bases[each.hazard_type_id].open}


def _row_gap(row: Row, several: Set[int]) -> str:
    for finding in row.findings:
        if finding.pk in several:
            return f"{row.item.text}：“{finding.hazard_type.name}”{SEVERAL}"
    if row.item.is_text:
        return ""
    if not row.answered:
        return f"{row.item.text}：还没有检查结果"
    if row.failed and not row.findings and not row.note:
        return f"{row.item.text}：选了“{row.value}”，还没有选隐患表述或写说明"
    if not row.failed and row.findings:
        return f"{row.item.text}：选了“{row.value}”，却还有隐患表述 {len(row.findings)} 处"
    return ""


def _people_gaps(inspection: Inspection, signatures: Mapping[str, Signature]) -> Iterator[tuple[str, str]]:
    lead, second = inspection.lead, inspection.second
    if not is_enforcer(lead, inspection.station_id):
        yield f"检查人{lead.name}：没有登记执法证号，或已不在本所执法岗位", "id_second"
    if second is None:
        yield "还没有选第二检查人：检查人员不得少于两人", "id_second"
    elif not is_enforcer(second, inspection.station_id):
        yield f"第二检查人{second.name}：没有登记执法证号，或已不在本所执法岗位", "id_second"
    if not inspection.showed_id:
        yield "还没有确认已出示执法证件", "id_showed_id"
    if not inspection.companion and not inspection.refusal:
        yield "还没有填随同人员，也没有注明拒签或不在场的情况", "id_companion"
    # Kept by visits from before the form asked; the gate refuses their papers.
    if inspection.witness and not inspection.refusal:
        yield WITNESS_ALONE, "id_witness"
    if inspection.ink:
        return
    for signer in Signer:
        if signer not in signatures and not (signer == Signer.COMPANION and inspection.refusal):
            yield f"{signer.label}还没有签名", f"sign-{signer}"
