"""What the two notices say: plain values, in the keys of templates/papers/order_*.html."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fire_supervision.lib.errors import RuleError
from hazards.models import Disposition, Hazard, Order, Referral
from hazards.plan import Plan, PlannedHazard
from inspections.models import Inspection
from inspections.papers import officers_context
from inspections.rules import Sheet
from records.fills import chosen_in, ticked_of


def order_now_context(order: Order, hazards: Sequence[Hazard], sheet: Sheet) -> dict[str, Any]:
    """责令立即改正通知书 (domain §3.4): the boxes of the form, then each hazard in its own words."""
    boxes = ((hazard.hazard_type.form_item, hazard.wording) for hazard in hazards)
    ticked = ticked_of((box, chosen_in(box, wording)) for box, wording in boxes)
    return _head(order, sheet) | {"ticked": ticked, "problems": [_problem(hazard) for hazard in hazards]}


def order_limit_context(order: Order, hazards: Sequence[Hazard], sheet: Sheet) -> dict[str, Any]:
    """责令限期改正通知书 (domain §3.5): one printed date for each distinct deadline."""
    dates: dict[date, list[int]] = {}
    for hazard in hazards:
        if hazard.deadline is not None:
            dates.setdefault(hazard.deadline, []).append(hazard.position)
    return _head(order, sheet) | {
        "problems": [_problem(hazard) | {"offence": hazard.hazard_type.name} for hazard in hazards],
        "deadlines": [{"items": dates[day], "on": day.isoformat()} for day in sorted(dates)],
    }


def _problem(hazard: Hazard) -> dict[str, Any]:
    return {"no": hazard.position, "detail": hazard.wording, "violates": hazard.violates}


def _head(order: Order, sheet: Sheet) -> dict[str, Any]:
    inspection = _inspection(order)
    return {
        "heading": order.station.heading,
        "unit_name": order.unit.name,
        "visited_on": inspection.visited_on.isoformat(),
        "issued_on": order.issued_on.isoformat(),
    } | officers_context(inspection, sheet)


def _inspection(order: Order) -> Inspection:
    if order.inspection is None:
        raise RuleError("存量文书没有检查记录，不能重新制作通知书")
    return order.inspection


def remark_of(remark: str, drawn: Plan) -> str:
    """备注 of the record: what the officer wrote, then what has no box of its own: 当场改正, 督促, other referrals."""
    orders = [hazard for disposition in drawn.orders for hazard in drawn.of(disposition)]
    sentences = [
        ("已当场改正", [hazard for hazard in orders if hazard.fixed]),
        ("已督促整改", drawn.of(Disposition.URGE)),
        ("依法移送主管部门", drawn.other_referrals),
    ]
    return "".join([remark, *(_sentence(words, hazards) for words, hazards in sentences if hazards)])


def _sentence(words: str, hazards: list[PlannedHazard]) -> str:
    return f"{words}：{'；'.join(hazard.judged.finding.wording for hazard in hazards)}。"


def referral_basis(hazards: Sequence[Hazard]) -> str:
    """依据 of a referral: the article a statutory one is handed over by, what was violated for the others."""
    articles = [hazard.article if hazard.order_id else hazard.order_basis for hazard in hazards]
    return "；".join(dict.fromkeys(articles))[:BASIS_LENGTH]


BASIS_LENGTH = Referral._meta.get_field("basis").max_length


def facts_of(hazards: Sequence[Hazard]) -> str:
    """违法事实 as far as the records tell; each hazard and what the station did about it the letter lists by itself."""
    first = hazards[0]
    day = _day(first.found_on)
    return f"{day}，{first.station.name}对{first.unit.name}进行消防监督检查，发现下列消防安全违法行为。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
