"""The visit as it is written down: begun, answered row by row, signed, finished or given up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet

from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, Refusal, refuse
from inspections.entries import FindingDraft, People
from inspections.missing import gaps, outdated
from inspections.models import (
    Answer,
    Checklist,
    ChecklistItem,
    Finding,
    HazardType,
    Inspection,
    Mark,
    Photo,
    Signature,
    Signer,
    State,
)
from inspections.papers import seen_digest, signed_digest, signed_digests
from inspections.photos import believable, read_picture
from inspections.rules import (
    Sheet,
    implied,
    is_enforcer,
    pass_value,
    passable,
    sheet_of,
    subject_of,
)
from records.signatures import NOWHERE, Place, unplaced
from stations.models import User
from stations.permissions import Role
from trail.record import record
from units.actions import note_visit
from units.models import State as UnitState
from units.models import Unit

TWO_OFFICERS = "《消防监督检查规定》第14条、《行政处罚法》第42条"
NO_LATER_CHANGE = "《电子签名法》第13条"
PEOPLE_FIELDS = [
    "second", "assistant", "showed_id", "companion", "companion_post", "refusal", "witness", "ink", "remark",
]  # fmt: skip


# ---------- begin, give up, finish ----------


@transaction.atomic
def start(actor: User, unit: Unit, on: date, at: datetime) -> Inspection:
    """Begin a visit to ``unit``, or take up the draft this officer has of it.

    A draft in which nothing was entered yet takes the new day. Raises RuleError for a closed unit, another station's
    unit and an officer who may not inspect.
    """
    unit = Unit.objects.for_user(actor).select_for_update(of=("self",)).get(pk=unit.pk)
    if unit.state != UnitState.OPEN:
        raise RuleError(f"{unit.name} 已关闭，不能检查。", remedy="先在单位页恢复这一户。")
    if not is_enforcer(actor, unit.station_id):
        raise RuleError(
            "只有本所登记了执法证号的民警可以开始检查。", basis=TWO_OFFICERS, remedy="请系统管理员登记执法证号。"
        )
    draft = Inspection.objects.filter(unit=unit, lead=actor, state=State.DRAFT).first()
    if draft is not None:
        return _dated(draft, on, at)
    inspection = Inspection.objects.create(
        unit=unit, checklist=_checklist(unit, on), visited_on=on, started_at=at, lead=actor, **unit.scope_columns()
    )
    _prefill(inspection)
    record(actor, "inspections.start", inspection, f"开始检查：{unit.name}", after={"visited_on": on})
    return inspection


def _checklist(unit: Unit, on: date) -> Checklist:
    in_force = Checklist.objects.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)
    checklist = in_force.filter(subject=subject_of(unit)).order_by("-since").first()
    if checklist is None:
        raise RuleError(f"没有{on.year}年{on.month}月{on.day}日有效的{subject_of(unit).label}检查表。")
    return checklist


def _prefill(inspection: Inspection) -> None:
    """What the ledger knows and the form asks."""
    building = ChecklistItem.objects.filter(checklist_id=inspection.checklist_id, code="building_name").first()
    if building is not None and inspection.unit.building_name:
        Answer.objects.create(inspection=inspection, item=building, note=inspection.unit.building_name)


def _dated(draft: Inspection, on: date, at: datetime) -> Inspection:
    if draft.visited_on != on and not draft.answers.filter(item__is_text=False).exists():
        draft.visited_on, draft.started_at = on, at
        draft.save(update_fields=["visited_on", "started_at"])
    return draft


@transaction.atomic
def discard(inspection: Inspection, actor: User) -> None:
    """Give a draft up. What was entered stays readable; a second call changes nothing."""
    row = _locked(inspection, actor)
    if row.state == State.DISCARDED:
        return
    row.move_to(State.DISCARDED)
    row.save(update_fields=["state"])
    record(actor, "inspections.discard", row, f"放弃检查：{row.unit.name}")


@transaction.atomic
def submit(inspection: Inspection, actor: User, at: datetime, sheet: Sheet | None = None) -> Inspection:
    """Finish the visit. Raises RuleError naming what is missing; a finished visit is returned as it is.

    ``sheet`` is what was entered, when the caller has read it with the visit locked.
    """
    row = _locked(inspection, actor)
    if row.state == State.SUBMITTED:
        return row
    sheet = sheet or sheet_of(row, photos=False)
    if changed := outdated(row, sheet):
        names = "、".join(signer.label for signer in changed)
        raise RuleError(f"{names}签名以后内容有改动", basis=NO_LATER_CHANGE, remedy="请重新签名。")
    lacking = gaps(row, sheet)
    if lacking:
        raise RuleError(f"还差 {len(lacking)} 项：{lacking[0].words}", remedy="补齐后再完成检查。")
    row.move_to(State.SUBMITTED)
    row.finished_at = at
    row.save(update_fields=["state", "finished_at"])
    note_visit(row.unit_id, row.visited_on)
    found = len(sheet.findings)
    record(
        actor, "inspections.submit", row, f"完成检查：{row.unit.name}，{f'隐患 {found} 处' if found else '未发现隐患'}",
        after={"visited_on": row.visited_on, "second": row.second_id, "findings": found},
    )  # fmt: skip
    return row


# ---------- answers ----------


@transaction.atomic
def answer(inspection: Inspection, actor: User, item: ChecklistItem, value: str, note: str = "") -> list[ChecklistItem]:
    """Save what was seen for one row; answering again replaces it. Returns the rows that changed with it.

    ``value`` is one of the printed values, empty for a row that is filled in words (``note``).
    """
    row = _draft(inspection, actor)
    _belongs(row, item)
    if value and item.mark_of(value) is None:
        raise RuleError(f"“{item.text}”没有“{value}”这个选项。", remedy="刷新页面后重新选择。")
    if not _set_answer(row, actor, item, value, note.strip()[:300]):
        return []
    return [item, *_follow(row, actor, item, value)]


def _set_answer(inspection: Inspection, actor: User, item: ChecklistItem, value: str, note: str) -> bool:
    """Whether the answer differs from what stood there; what was signed does not cover a different answer."""
    # The visit is locked: nobody else answers this row meanwhile.
    known = Answer.objects.filter(inspection=inspection, item=item).first()
    if known is not None and (known.value, known.note) == (value, note):
        return False
    saved = known or Answer(inspection=inspection, item=item)
    saved.value, saved.mark, saved.note = value, item.mark_of(value) or "", note
    saved.save()
    _fell(inspection, actor, inspection.signatures.all())
    return True


def _follow(inspection: Inspection, actor: User, item: ChecklistItem, value: str) -> list[ChecklistItem]:
    """Answer the rows that follow from this one, where nothing stands yet."""
    changed = []
    for code, then in implied(item, value).items():
        other = ChecklistItem.objects.get(checklist_id=inspection.checklist_id, code=code)
        if not Answer.objects.filter(inspection=inspection, item=other).exclude(value="").exists():
            _set_answer(inspection, actor, other, then, "")
            changed.append(other)
    return changed


@transaction.atomic
def pass_rest(inspection: Inspection, actor: User, group: str) -> list[int]:
    """其余全部合格: give the rows of ``group`` without an answer their one passing value; the ids of these rows."""
    row = _draft(inspection, actor)
    answered = set(row.answers.exclude(value="").values_list("item_id", flat=True))
    items = ChecklistItem.objects.filter(checklist_id=row.checklist_id, group=group).exclude(pk__in=answered)
    changed = []
    for item in passable(list(items)):
        note = Answer.objects.filter(inspection=row, item=item).values_list("note", flat=True).first()
        _set_answer(row, actor, item, pass_value(item), note or "")
        changed.append(item.pk)
    return changed


@transaction.atomic
def undo_pass(inspection: Inspection, actor: User, item_ids: Iterable[int]) -> None:
    """Take back what 其余全部合格 set; a row that was answered otherwise since stays as it is."""
    row = _draft(inspection, actor)
    for known in row.answers.filter(item_id__in=list(item_ids), note="").select_related("item"):
        if known.value == pass_value(known.item):
            known.delete()
            _fell(row, actor, row.signatures.all())


# ---------- findings ----------


@transaction.atomic
def add_finding(
    inspection: Inspection, actor: User, item: ChecklistItem, hazard_type: HazardType, draft: FindingDraft
) -> Finding:
    """Note a hazard at a failed row or at `其他`; the same hazard at the same place is noted once, in the new words."""
    row = _draft(inspection, actor)
    _belongs(row, item)
    if not item.is_text and not row.answers.filter(item=item, mark=Mark.FAIL).exists():
        raise RuleError(f"“{item.text}”没有选不合格的结果，不能登记隐患。", remedy="先改检查结果，再选隐患表述。")
    if not HazardType.objects.in_force(row.visited_on).filter(pk=hazard_type.pk).exists():
        raise RuleError(f"{hazard_type.code} 在检查当日不在隐患库有效期内。", remedy="请另选一条。")
    values = draft.values(hazard_type)
    place = values.pop("place")
    finding, _ = Finding.objects.update_or_create(
        inspection=row, item=item, hazard_type=hazard_type, place=place, defaults=values
    )
    _fell(row, actor, row.signatures.all())
    return finding


@transaction.atomic
def change_finding(finding: Finding, actor: User, draft: FindingDraft) -> Finding:
    """Word a noted hazard anew."""
    row = _draft(finding.inspection, actor)
    values = draft.values(finding.hazard_type)
    twins = row.findings.filter(item_id=finding.item_id, hazard_type_id=finding.hazard_type_id, place=draft.place)
    if twins.exclude(pk=finding.pk).exists():
        raise RuleError(f"“{draft.place}”已经登记了这一隐患。", remedy="请改部位，或修改那一条。")
    for name, value in values.items():
        setattr(finding, name, value)
    finding.save(update_fields=list(values))
    _fell(row, actor, row.signatures.all())
    return finding


@transaction.atomic
def remove_finding(finding: Finding, actor: User) -> None:
    """Take a hazard out of the draft."""
    row = _draft(finding.inspection, actor)
    finding.delete()
    _fell(row, actor, row.signatures.all())


# ---------- photographs ----------


@transaction.atomic
def add_photo(
    inspection: Inspection, actor: User, upload: UploadedFile[bytes], at: datetime, item: ChecklistItem | None = None
) -> Photo:
    """Keep a photograph of a row, or of the whole visit. The same picture at the same row is kept once."""
    picture = read_picture(upload, settings.UPLOAD_PHOTO_MAX_MB)
    row = _draft(inspection, actor)
    if item is not None:
        _belongs(row, item)
    known = row.photos.filter(item=item, sha256=picture.sha256).first()
    if known is not None:
        return known
    photo = Photo(
        inspection=row, item=item, sha256=picture.sha256, taken_at=believable(picture.taken_at, at), uploaded_by=actor
    )
    photo.file.save(f"{picture.sha256}.jpg", ContentFile(picture.content), save=False)
    photo.save()
    return photo


@transaction.atomic
def remove_photo(photo: Photo, actor: User) -> None:
    """Take a photograph out of the draft; its file goes once that is committed, unless a voided visit shows it too."""
    row = _draft(photo.inspection, actor)
    storage, name = photo.file.storage, photo.file.name
    record(actor, "inspections.remove_photo", row, f"删除检查照片：{row.unit.name}", before={"sha256": photo.sha256})
    photo.delete()
    if name and not Photo.objects.filter(file=name).exists():
        transaction.on_commit(lambda: storage.delete(name))


# ---------- people and signatures ----------


@transaction.atomic
def set_people(inspection: Inspection, actor: User, people: People) -> Inspection:
    """Write down who inspected and who came along. Who signed before signed something else: the signatures fall."""
    row = _draft(inspection, actor)
    _may_be_second(row, people.second)
    assistant = people.assistant
    if assistant is not None and (assistant.role != Role.ASSISTANT or assistant.station_id != row.station_id):
        raise RuleError(f"{assistant.name} 不是本所辅警。", remedy="重新选择协助的辅警。")
    for name in PEOPLE_FIELDS:
        setattr(row, name, getattr(people, name))
    row.save(update_fields=PEOPLE_FIELDS)
    if row.signatures.exists():
        _fell(row, actor, row.signatures.exclude(context_sha256__in=signed_digests(row)))
    return row


def _may_be_second(inspection: Inspection, second: User | None) -> None:
    if second is None:
        return
    if second.pk == inspection.lead_id:
        raise RuleError("第二检查人不能是检查人自己。", basis=TWO_OFFICERS, remedy="请选另一名民警。")
    if not is_enforcer(second, inspection.station_id):
        raise RuleError(
            f"{second.name} 不能做第二检查人：须是本所登记了执法证号的民警。", basis=TWO_OFFICERS,
            remedy="辅警只能协助，请另选一名民警。",
        )  # fmt: skip


@transaction.atomic
def sign(
    inspection: Inspection,
    actor: User,
    signer: Signer,
    strokes: dict[str, Any] | None,
    at: datetime,
    *,
    place: Place = NOWHERE,
    seen: str | None = None,
) -> Signature | None:
    """Keep a signature drawn on ``actor``'s screen, in place of an earlier one; None takes it back.

    It is bound to what the visit says now. ``seen``: the `papers.seen_digest` the screen showed. Raises RuleError where
    nobody is named to sign, Refusal where no ``place`` is told or the screen showed something else.
    """
    row = _draft(inspection, actor)
    if strokes is None:
        _fell(row, actor, row.signatures.filter(signer=signer))
        return None
    second = row.second.name if row.second else ""
    names = {Signer.LEAD: row.lead.name, Signer.SECOND: second, Signer.COMPANION: row.companion}
    if not names[signer]:
        raise RuleError(f"还没有填{signer.label}，不能签名。", remedy="先填姓名，再签名。")
    refuse(unplaced(place))
    sheet = sheet_of(row, photos=False)
    if seen is not None and seen != seen_digest(row, sheet):
        changed = "检查内容在打开签名页以后改过，签名没有保存"
        raise Refusal([Fault(f"sign_{signer.lower()}", changed, NO_LATER_CHANGE, "请核对后重新签名。")])
    values = {
        "name": names[signer], "strokes": strokes, "signed_at": at, "held_by": actor, "place": place.words,
        "latitude": place.latitude, "longitude": place.longitude, "context_sha256": signed_digest(row, sheet),
    }  # fmt: skip
    signature, _ = Signature.objects.update_or_create(inspection=row, signer=signer, defaults=values)
    after = {"signer": signer.value, "sha256": signature.context_sha256}
    record(actor, "inspections.sign", row, f"{signer.label}签名：{names[signer]}", after=after)
    return signature


def _fell(inspection: Inspection, actor: User, given: QuerySet[Signature]) -> None:
    """What was signed covers what was read: a change takes the signatures back, and the trail says whose."""
    rows = list(given.order_by("pk"))
    if not rows:
        return
    given.delete()
    names = "、".join(f"{Signer(row.signer).label}{row.name}" for row in rows)
    before = {row.signer: row.context_sha256 for row in rows}
    record(actor, "inspections.unsign", inspection, f"签名失效：{names}", before=before)


# ---------- shared ----------


def _locked(inspection: Inspection, actor: User) -> Inspection:
    """The visit, locked, if ``actor`` may write it: he leads it or is its second officer."""
    rows = Inspection.objects.for_user(actor).select_related(
        "unit__category", "lead__organisation", "second__organisation", "assistant", "checklist", "station"
    )
    row = rows.select_for_update(of=("self",)).get(pk=inspection.pk)
    if actor.pk not in (row.lead_id, row.second_id):
        raise RuleError(f"这是{row.lead.name}的检查，只有检查人可以填写。", remedy="请检查人把你选为第二检查人。")
    return row


def _draft(inspection: Inspection, actor: User) -> Inspection:
    row = _locked(inspection, actor)
    if row.state != State.DRAFT:
        raise RuleError(f"这次检查{row.get_state_display()}，不能再修改。", remedy="有错由所长作废重出。")
    return row


def _belongs(inspection: Inspection, item: ChecklistItem) -> None:
    if item.checklist_id != inspection.checklist_id:
        raise ObjectDoesNotExist("a row of another checklist")
