"""复查: asked for early by the unit, or opened by the sweep; what each hazard's result leads to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from deadlines.actions import cancel_clock, describe_clock, meet_clock, start_clock
from fire_supervision.lib.errors import RuleError
from fire_supervision.lib.refusals import Fault, refuse
from hazards.extending import fell_extensions_of
from hazards.issuing import recheck_detail, recheck_key
from hazards.lateness import drop_reissue
from hazards.locking import close_if_ended, locked_order
from hazards.models import AfterPhoto, Hazard, HazardState, Order, OrderState, Outcome, Reinspection
from hazards.paperwork import issue_recheck
from hazards.recheck_papers import SIGNERS, Drawn, shown_digest
from hazards.rules import binds_from, was_served_late
from inspections.photos import Picture
from inspections.rules import is_enforcer
from records.fields import WITNESS_ALONE
from records.gate import STRUCK
from records.rehearsing import is_rehearsal
from records.signatures import unplaced
from stations.models import User
from trail.record import record

WAITING = (HazardState.OPEN, HazardState.DUE)
NO_LATER_CHANGE = "《电子签名法》第13条"


@transaction.atomic
def request_early(order: Order, actor: User, *, deadline: date, requested_on: date, today: date) -> Reinspection:
    """登记单位申请提前复查: opens the re-inspection of ``deadline`` now, with its own period (规定第20条)."""
    locked = locked_order(order)
    if locked.state != OrderState.SERVED:
        raise RuleError(f"{locked.number}{locked.get_state_display()}，不能登记复查申请", remedy="先登记送达。")
    if requested_on > today or requested_on < locked.issued_on:
        refuse([Fault("requested_on", "申请日期应在签发以后、今天以前", remedy="核对日期。")])
    if requested_on >= deadline:
        refuse([Fault("requested_on", "改正期限已经届满，不用再申请", remedy="直接复查。")])
    if was_served_late(locked, deadline):
        raise RuleError(f"送达时改正期限 {deadline:%Y-%m-%d} 已经届满，不能登记复查申请", remedy="由所长作废重出。")
    if locked.reinspections.filter(deadline=deadline, done_on__isnull=True).exists():
        raise RuleError("这一期限已有一次复查待办，没有重复登记")
    if not locked.hazards.filter(deadline=deadline, state__in=WAITING).exists():
        raise RuleError("这一期限没有待复查的隐患")
    number = locked.reinspections.count() + 1
    clock = start_clock(
        "RECHECK",
        key=f"early:{locked.pk}:{number}",
        subject=locked,
        label=f"复查：{locked.unit.name}",
        detail=f"{locked.number}，单位申请提前复查",
        url=reverse("hazards:next", args=[locked.pk]),
        look_url=reverse("hazards:order", args=[locked.pk]),
        scope=locked,
        unit_id=locked.unit_id,
        owner=locked.unit.officer or locked.issued_by,
        started_on=requested_on,
    )
    reinspection = Reinspection.objects.create(
        **locked.scope_columns(),
        order=locked,
        unit=locked.unit,
        clock=clock,
        number=number,
        deadline=deadline,
        early=True,
        requested_on=requested_on,
    )
    record(actor, "hazards.request_early", reinspection, f"{locked.number} 单位申请提前复查")
    return reinspection


@dataclass(frozen=True)
class Result:
    """What was seen of one hazard at a re-inspection."""

    passed: bool
    note: str = ""
    photo: Picture | None = None


@dataclass(frozen=True)
class Company:
    """Who of the unit was there. ``refusal`` says why nobody of it signs, ``witness`` who saw it."""

    name: str = ""
    post: str = ""
    refusal: str = ""
    witness: str = ""


@transaction.atomic
def reinspect(
    reinspection: Reinspection,
    actor: User,
    *,
    results: Mapping[int, Result],
    done_on: date,
    lead: User,
    second: User,
    today: date,
    company: Company,
    remark: str = "",
    drawn: Drawn | None = None,
) -> Reinspection:
    """复查: ``results`` by hazard id, one for each that is still open. What passed is 销号.

    What failed before its deadline stays open for the next re-inspection; what failed after it goes to the brigade
    (消防法60(1)⑦ punishes only what the brigade ordered). Without ``drawn`` all sign by hand on the printed record.
    Raises RuleError without service: nothing binds the unit yet; Refusal for what was entered wrongly.
    """
    order = locked_order(reinspection.order)
    found = Reinspection.objects.select_for_update(of=("self",)).select_related("clock").get(pk=reinspection.pk)
    if found.done_on is not None:
        raise RuleError(f"第 {found.number} 次复查已于 {found.done_on:%Y-%m-%d} 登记，结果没有再次改变")
    found.order = order
    _check_order(order)
    hazards = list(order.hazards.filter(deadline=found.deadline, state__in=WAITING).order_by("position"))
    if not hazards:
        raise RuleError("这一期限没有待复查的隐患")
    if {hazard.pk for hazard in hazards} != set(results):
        raise RuleError("每处待复查的隐患都要有结果", remedy="返回逐项选择已改正或未改正。")
    who = _who(order, lead, second, company)
    refuse([*_when(found, done_on, today), *who, *_unsigned(found, hazards, company, drawn)])
    final = not found.early or done_on >= found.deadline
    failed = _apply(found, hazards, results, done_on, final)
    if final and failed:
        _check_served_in_time(order, found)
        _start_failed_referral(order, found.number, len(failed), lead, done_on)
    _note_visit(found, done_on, lead, second, company, remark)
    photographed = {pk for pk, result in results.items() if result.photo is not None}
    issue_recheck(found, actor, today, final=final, photographed=photographed, drawn=drawn)
    # Behind the paper's gate: what it refuses leaves no file.
    _keep_photos(found, results, actor)
    _stop_recheck_clocks(order, found, done_on, left=0 if final else len(failed))
    if was_served_late(order, found.deadline):
        drop_reissue(order)
    words = f"{len(hazards) - len(failed)} 处已改正，{len(failed)} 处未改正"
    record(
        actor, "hazards.reinspect", found, f"{order.number} 第 {found.number} 次复查：{words}", after={"on": done_on}
    )
    close_if_ended(order)
    return found


def _check_order(order: Order) -> None:
    if order.state == OrderState.ISSUED:
        raise RuleError("通知书还没有送达，不能登记复查结果", basis="消防监督检查规定第19条", remedy="先登记送达。")
    if order.state == OrderState.NOTICED:
        raise RuleError("公告还没有期满，不能登记复查结果", basis="程序规定第36条", remedy="期满以后再登记。")
    if order.state != OrderState.SERVED:
        raise RuleError(f"{order.number}{order.get_state_display()}，不能复查")


def _when(reinspection: Reinspection, done_on: date, today: date) -> Iterator[Fault]:
    earliest = max(reinspection.requested_on or reinspection.deadline, binds_from(reinspection.order.service))
    if done_on > today:
        yield Fault("done_on", "复查日期在以后，不能登记", remedy="核对复查日期。")
    elif done_on < earliest:
        yield Fault("done_on", f"复查日期不能早于 {earliest:%Y-%m-%d}", remedy="核对复查日期。")


def _who(order: Order, lead: User, second: User, company: Company) -> Iterator[Fault]:
    if lead == second or not all(is_enforcer(user, order.station_id) for user in (lead, second)):
        message = "复查须由本所两名有执法证的民警进行"
        yield Fault("second", message, basis="行政处罚法第42条", remedy="重新选择复查人。")
    if company.refusal and not company.refusal.strip(STRUCK):
        yield Fault("refusal", "写明怎样拒签或者为什么不在场")
    elif not company.name and not company.refusal:
        yield Fault("companion", "还没有填随同人员，也没有注明拒签或不在场的情况")
    if company.witness and not company.refusal:
        yield Fault("witness", WITNESS_ALONE)


def _unsigned(
    reinspection: Reinspection, hazards: Sequence[Hazard], company: Company, drawn: Drawn | None
) -> Iterator[Fault]:
    """Whose name is missing on the screen; what was signed is what it showed."""
    if drawn is None:
        return
    for signer, words in SIGNERS.items():
        if not drawn.strokes.get(signer) and not (signer == "companion" and company.refusal):
            yield Fault(f"sign_{signer}", f"{words}没有签名")
    yield from unplaced(drawn.place)
    if drawn.seen is not None and drawn.seen != shown_digest(reinspection, hazards):
        message = "单位、通知书或者隐患在打开这一页以后改过，签名没有保存"
        yield Fault("sign_lead", message, NO_LATER_CHANGE, "请核对后重新签名。")


def _check_served_in_time(order: Order, reinspection: Reinspection) -> None:
    """Refuse 未改正 where nobody can have missed the period."""
    if was_served_late(order, reinspection.deadline):
        message = f"通知书送达时，改正期限 {reinspection.deadline:%Y-%m-%d} 已经届满，不能认定逾期未改正"
        remedy = "由所长作废这份通知书，重新确定改正期限后重出。"
        refuse([Fault("results", message, "消防监督检查规定第19条、第20条", remedy)])


def _note_visit(
    reinspection: Reinspection, done_on: date, lead: User, second: User, company: Company, remark: str
) -> None:
    reinspection.done_on, reinspection.lead, reinspection.second = done_on, lead, second
    reinspection.companion, reinspection.companion_post = company.name, company.post
    reinspection.refusal, reinspection.witness, reinspection.remark = company.refusal, company.witness, remark
    reinspection.save(
        update_fields=[
            "done_on", "lead", "second", "companion", "companion_post", "refusal", "witness", "remark",
        ]
    )  # fmt: skip


def _apply(
    reinspection: Reinspection, hazards: Sequence[Hazard], results: Mapping[int, Result], done_on: date, final: bool
) -> list[Hazard]:
    """Write the outcomes and move the hazards; returns those that failed."""
    failed = []
    for hazard in hazards:
        result = results[hazard.pk]
        Outcome.objects.create(reinspection=reinspection, hazard=hazard, passed=result.passed, note=result.note)
        if result.passed:
            hazard.move_to(HazardState.CLOSED, on=done_on, how=f"第 {reinspection.number} 次复查合格")
        else:
            failed.append(hazard)
            if final:
                hazard.move_to(HazardState.TO_REFER)
        hazard.save(update_fields=["state", "closed_on", "closed_how"])
    return failed


def _keep_photos(reinspection: Reinspection, results: Mapping[int, Result], actor: User) -> None:
    if is_rehearsal():
        return
    for hazard_id, result in results.items():
        if result.photo is not None:
            photo = AfterPhoto(
                reinspection=reinspection, hazard_id=hazard_id, sha256=result.photo.sha256, uploaded_by=actor
            )
            photo.file.save(f"{photo.sha256}.jpg", ContentFile(result.photo.content), save=False)
            photo.save()


def _start_failed_referral(order: Order, number: int, failed: int, lead: User, on: date) -> None:
    start_clock(
        "REFER_FAILED",
        key=f"refer_failed:{order.pk}:{number}",
        subject=order,
        label=f"移送消防救援大队：{order.unit.name}",
        detail=f"{order.number}，第 {number} 次复查 {failed} 处未改正",
        url=reverse("hazards:next", args=[order.pk]),
        look_url=reverse("hazards:order", args=[order.pk]),
        scope=order,
        unit_id=order.unit_id,
        owner=order.unit.officer or lead,
        started_on=on,
    )


def _stop_recheck_clocks(order: Order, reinspection: Reinspection, on: date, *, left: int) -> None:
    """Meet the duty this visit fulfilled; that of the deadline covers the hazards ``left``, or ends with the last."""
    day = reinspection.deadline
    meet_clock(reinspection.clock.key, on)
    if left:
        describe_clock(recheck_key(order, day), recheck_detail(order, day, left))
        return
    fell_extensions_of(order, "已经复查", deadline=day)
    if on >= day:
        meet_clock(recheck_key(order, day), on)
    else:
        cancel_clock(recheck_key(order, day), "提前复查合格")
