"""What the pages of a hazard and an order show: the next act, the steps, the clocks in words."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from deadlines.calendar import Calendar
from deadlines.models import Clock, ClockQuerySet, ClockState
from deadlines.rules import words
from deadlines.story import NextAct, Shown
from hazards.duties import OF_ORDER, OF_VISIT, WAITING
from hazards.lateness import is_used, void_page
from hazards.models import (
    Disposition,
    Extension,
    ExtensionState,
    Hazard,
    HazardState,
    Order,
    OrderState,
    Referral,
    ReferralState,
    Reinspection,
)
from hazards.rules import was_served_late
from inspections.models import Inspection, Mode
from stations.models import User
from stations.permissions import Can

VOID, WITHDRAW, VISIT_AGAIN = "作废重出", "撤回存量文书", "重新检查"
STATE_TONE = {
    HazardState.OPEN: "blue",
    HazardState.DUE: "amber",
    HazardState.TO_REFER: "red",
    HazardState.REFERRED: "line",
    HazardState.ACCEPTED: "blue",
    HazardState.CLOSED: "green",
    HazardState.VOID: "line",
}
ORDER_TONE = {
    OrderState.ISSUED: "amber",
    OrderState.NOTICED: "amber",
    OrderState.SERVED: "blue",
    OrderState.CLOSED: "green",
    OrderState.VOID: "line",
}

# What the first day of a clock was, by the first word of its key.
BEGAN = {
    "serve": "检查",
    "notice": "公告",
    "late": "送达",
    "recheck": "改正期限届满",
    "early": "收到复查申请",
    "report": "检查",
    "refer": "检查",
    "refer_other": "检查",
    "refer_failed": "复查未改正",
}


def shown(clocks: Iterable[Clock], now: datetime, calendar: Calendar) -> list[Shown]:
    """Running clocks first, by their last day."""
    ordered = sorted(clocks, key=lambda clock: (clock.state != ClockState.RUNNING, clock.due_on, clock.pk))
    return [Shown(clock, *words(clock, now, calendar), BEGAN.get(clock.key.partition(":")[0], "")) for clock in ordered]


def clocks_of(orders: Iterable[int | None], inspections: Iterable[int | None]) -> ClockQuerySet:
    """The clocks of these orders and visits, those that fell away too, in one query."""
    rows = Clock.objects.select_related("rule", "owner")
    of_orders = Q(subject_type=OF_ORDER, subject_id__in={pk for pk in orders if pk})
    return rows.filter(of_orders | Q(subject_type=OF_VISIT, subject_id__in={pk for pk in inspections if pk}))


def next_act(
    order: Order,
    hazards: Sequence[Hazard],
    visits: Sequence[Reinspection],
    clocks: Sequence[Shown],
    today: date,
    extensions: Sequence[Extension] = (),
) -> NextAct:
    """The one act an order waits for on ``today``."""
    if order.state == OrderState.VOID:
        return _voided(order)
    if order.state == OrderState.NOTICED:
        chip = _running(clocks, "notice:")
        until = f"，{chip.clock.due_on:%Y-%m-%d} 期满" if chip else ""
        text = "期满视为送达，到时自动登记；期满以前不能复查。" + _paused_words(order, hazards, chip)
        return NextAct(f"公告送达{until}", text, shown=chip, tone="amber")
    if order.state == OrderState.ISSUED:
        text = "送达以后才能复查，没有送达的不能认定逾期。"
        url = reverse("hazards:serve", args=[order.pk])
        return NextAct("下一步：送达通知书", text, "登记送达", url, _running(clocks, "serve:"), "amber")
    days = {hazard.deadline for hazard in hazards if hazard.state in WAITING}
    opened = (visit for visit in visits if visit.done_on is None and visit.deadline in days)
    open_visit = next((visit for visit in opened if not is_idle(order, visit)), None)
    if open_visit is not None:
        url = reverse("hazards:reinspect", args=[open_visit.pk])
        text = "单位申请提前复查。" if open_visit.early else "仍未改正的，须移送消防救援大队。"
        chip = _running(clocks, f"early:{order.pk}:" if open_visit.early else f"recheck:{order.pk}:")
        return NextAct(f"下一步：第 {open_visit.number} 次复查", text, "开始复查", url, chip)
    failed = [hazard for hazard in hazards if hazard.state == HazardState.TO_REFER]
    if failed:
        url = reverse("hazards:refer", args=[failed[0].pk])
        text = f"{len(failed)} 处隐患复查仍未改正。派出所没有处罚权，须移送消防救援大队。"
        return NextAct("下一步：移送消防救援大队", text, "登记移送", url, _running(clocks, "refer_failed:"), "red")
    late = late_days(order, hazards)
    if late:
        return _reissue(order, late[0], visits, clocks)
    asked = next((one for one in extensions if one.state == ExtensionState.REQUESTED), None)
    if asked is not None and asked.deadline > today:
        url = reverse("hazards:decide_extension", args=[asked.pk])
        text = f"单位申请延期至 {asked.until:%Y-%m-%d}，{asked.deadline:%Y-%m-%d} 前没有审批的失效。"
        return NextAct("下一步：所长审批延期", text, "审批延期", url, _running(clocks, "recheck:"), "amber")
    waiting = sorted(hazard.deadline for hazard in hazards if hazard.state == HazardState.OPEN and hazard.deadline)
    if waiting and waiting[0] <= today:
        # The morning has come before the sweep: the door behind the button opens what the sweep would.
        url = reverse("hazards:next", args=[order.pk])
        return NextAct("下一步：复查", "改正期限已届满。", "开始复查", url, _running(clocks, "recheck:"))
    if any(hazard.state == HazardState.VOID for hazard in hazards):
        # The order stands for others: what was served late under it is looked for again.
        again = _voided(order)
        if again.button or not waiting:
            return again
    if waiting:
        text = "届满当天早上开启复查。单位可以申请提前复查。"
        return NextAct(f"等待改正期限 {waiting[0]:%Y-%m-%d} 届满", text, shown=_running(clocks, "recheck:"))
    return NextAct("已办结", "全部隐患已销号或移送。")


def late_days(order: Order, hazards: Sequence[Hazard]) -> list[date]:
    """The periods of what still stands that had ended when ``order`` was served."""
    if order.state != OrderState.SERVED:
        return []
    days = {hazard.deadline for hazard in hazards if hazard.state in WAITING and hazard.deadline}
    return sorted(day for day in days if was_served_late(order, day))


def is_idle(order: Order, visit: Reinspection) -> bool:
    """Whether an open re-inspection is no duty: it can end what was corrected, and establish nothing else."""
    return order.state == OrderState.SERVED and was_served_late(order, visit.deadline)


def _reissue(order: Order, day: date, visits: Sequence[Reinspection], clocks: Sequence[Shown]) -> NextAct:
    text = f"送达时改正期限 {day:%Y-%m-%d} 已经届满，不能认定逾期未改正。"
    if any(visit.done_on is None for visit in visits):
        text += "已改正的登记销号；仍未改正的作废，重新确定改正期限。"
    chip, page = _running(clocks, "late:"), void_page(order)
    if page == reverse("hazards:withdraw", args=[order.pk]):
        return NextAct("下一步：由所长撤回", f"{text}撤回后重新检查。", WITHDRAW, page, chip, "red")
    if page == reverse("hazards:void_order", args=[order.pk]) and is_used(order):
        text += "这份通知书已有复查结果或者已经移送，只作废送达时期限已经届满的隐患，再重新检查、重新责令改正。"
    elif page == reverse("hazards:void_order", args=[order.pk]):
        text += "这次检查另有隐患已经移送或者须移送，只作废这份通知书，再重新检查、重新责令改正。"
    return NextAct("下一步：由所长作废重出", text, VOID, page, chip, "red")


def _voided(order: Order) -> NextAct:
    """What remains of an order that fell, whole or in what was served late: another visit, until there was one."""
    withdrawal = getattr(order, "withdrawal", None)
    if withdrawal is None:
        return NextAct("这份文书已作废")
    if order.inspection_id is None and order.state == OrderState.VOID:
        return NextAct("这份存量文书已撤回", withdrawal.reason)
    what = "这份通知书" if order.state == OrderState.VOID else "送达时期限已经届满的隐患"
    visits = Inspection.objects.done().filter(unit_id=order.unit_id, visited_on__gte=withdrawal.decided_on)
    if visits.exclude(orders=order).exists():
        return NextAct(f"{what}已作废，已重新检查", withdrawal.reason)
    text = f"{what}已作废：{withdrawal.reason}。没有改正的隐患，须重新检查后再责令改正。"
    page = f"{reverse('inspections:start')}?unit={order.unit_id}"
    return NextAct("下一步：重新检查，重新责令改正", text, VISIT_AGAIN, page, tone="amber")


def _paused_words(order: Order, hazards: Sequence[Hazard], chip: Shown | None) -> str:
    """What becomes of the periods a notice outlasts."""
    days = [hazard.deadline for hazard in hazards if hazard.state in WAITING and hazard.deadline]
    if chip is None or not days or min(days) > chip.clock.due_on:
        return ""
    if order.mode == Mode.NOW:
        return "复查期限自期满的次日重新起算。"
    return f"改正期限 {min(days):%Y-%m-%d} 在期满以前，到时不能认定逾期：宜由所长作废重出，把期限定在期满以后再公告。"


def next_of_hazard(
    hazard: Hazard,
    visits: Sequence[Reinspection],
    clocks: Sequence[Shown],
    today: date,
    extensions: Sequence[Extension] = (),
    referral: Referral | None = None,
) -> NextAct:
    """The act one hazard waits for on ``today``; everything given concerns it, ``referral`` is its last."""
    match HazardState(hazard.state):
        case HazardState.CLOSED:
            return NextAct("已销号", hazard.closed_how)
        case HazardState.REFERRED | HazardState.ACCEPTED if referral is not None:
            words = "等待接收" if referral.state == ReferralState.SENT else "等待处理结果"
            page = reverse("hazards:referral", args=[referral.pk])
            since = referral.received_on or referral.sent_on
            text = f"{since:%Y-%m-%d} 起，{referral.get_target_display()}。"
            return NextAct(f"已移送，{words}", text, "查看移送", page)
        case HazardState.REFERRED | HazardState.ACCEPTED:
            return NextAct("已移送", "等待接收单位反馈。")
        case HazardState.VOID if hazard.order is not None and hasattr(hazard.order, "withdrawal"):
            return _voided(hazard.order)
        case HazardState.VOID:
            return NextAct("已作废")
        case _ if hazard.order is not None:
            own = [visit for visit in visits if visit.deadline == hazard.deadline]
            return next_act(hazard.order, [hazard], own, clocks, today, extensions)
        case HazardState.TO_REFER:
            chip = _running(clocks, "refer:") or _running(clocks, "refer_other:")
            url = reverse("hazards:refer", args=[hazard.pk])
            return NextAct("下一步：书面移送", hazard.order_basis, "登记移送", url, chip, "red")
        case _:
            url = reverse("hazards:fixed", args=[hazard.pk])
            text = "督促整改没有法定期限，改正后登记；也可以移送主管部门。"
            return NextAct("下一步：核实整改情况", text, "登记已改正", url)


def allowed(act: NextAct, user: User) -> NextAct:
    """``act`` without its button when it is not this person's to do."""
    if act.button and user.can(BUTTON_CAN[act.button]):
        return act
    return NextAct(act.title, act.text, shown=act.shown, tone=act.tone)


BUTTON_CAN = {
    "登记送达": Can.SERVE,
    "开始复查": Can.REINSPECT,
    "登记移送": Can.REFER,
    "登记已改正": Can.REINSPECT,
    "审批延期": Can.APPROVE_EXTENSIONS,
    "查看移送": Can.VIEW_HAZARDS,
    VOID: Can.VOID_PAPERS,
    WITHDRAW: Can.VOID_PAPERS,
    VISIT_AGAIN: Can.INSPECT,
}


def _running(clocks: Sequence[Shown], prefix: str) -> Shown | None:
    wanted = [one for one in clocks if one.clock.state == ClockState.RUNNING and one.clock.key.startswith(prefix)]
    return wanted[0] if wanted else None


def steps(hazard: Hazard, visits: Sequence[Reinspection]) -> list[dict[str, str]]:
    """发现, 责令, 送达, each re-inspection, the end."""
    found = [{"words": "发现", "state": "done"}]
    order = hazard.order
    if order is None:
        return [*found, *_steps_without_order(hazard)]
    served = order.state in (OrderState.SERVED, OrderState.CLOSED)
    service = "公告送达" if order.state == OrderState.NOTICED else "送达"
    unserved = "" if hazard.state == HazardState.VOID else "now"
    found += [{"words": "责令", "state": "done"}, {"words": service, "state": "done" if served else unserved}]
    for visit in visits:
        outcome = visit.found.get(hazard.pk)
        words = f"第 {visit.number} 次复查"
        if outcome is not None:
            found.append(
                {"words": words + ("" if outcome.passed else "未通过"), "state": "done" if outcome.passed else "red"}
            )
        elif visit.done_on is None and visit.deadline == hazard.deadline:
            found.append({"words": words, "state": "now" if served and hazard.state in WAITING else ""})
    return [*found, _end(hazard)]


def _steps_without_order(hazard: Hazard) -> list[dict[str, str]]:
    refer = hazard.disposition == Disposition.REFER
    middle = {"words": "决定移送" if refer else "督促整改", "state": "done"}
    return [middle, _end(hazard)]


def _end(hazard: Hazard) -> dict[str, str]:
    match HazardState(hazard.state):
        case HazardState.CLOSED:
            return {"words": f"销号（{hazard.closed_how}）", "state": "done"}
        case HazardState.REFERRED:
            return {"words": "已移送，待接收", "state": "now"}
        case HazardState.ACCEPTED:
            return {"words": "已接收，待处理结果", "state": "now"}
        case HazardState.TO_REFER:
            return {"words": "移送", "state": "now"}
        case HazardState.VOID:
            return {"words": "作废", "state": "red"}
        case _:
            return {"words": "销号或移送", "state": ""}
