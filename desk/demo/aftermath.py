"""What follows a visit: service, re-inspection, referral, report, each on its day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from desk.demo.days import DAY, Act, Days, moment
from desk.demo.people import Town
from desk.demo.scenes import Scene
from hazards.actions import (
    Company,
    Result,
    acknowledge_dispatch,
    answer_referral,
    approve_extension,
    deliver_report,
    dispatch,
    open_dispatch,
    receive_referral,
    refer,
    refuse_extension,
    reinspect,
    request_early,
    request_extension,
    serve,
)
from hazards.models import (
    Dispatch,
    Extension,
    Hazard,
    HazardState,
    Method,
    Order,
    Referral,
    ReferralResult,
    Reinspection,
    Target,
)
from hazards.papers import facts_of, referral_basis
from hazards.plan import findings_of, judge
from hazards.serving import Details, assistants_of
from inspections.models import Inspection
from records.samples.visit import STROKES
from records.signatures import Place
from stations.models import User

NOBODY = Company(refusal="复查时单位负责人不在场，已电话告知")
PHONE = "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"


@dataclass
class Aftermath:
    """Puts on the agenda what a scene brings, and does it when its day has come."""

    town: Town
    days: Days
    rng: Random

    def follow(self, inspection: Inspection, scene: Scene, day: date) -> None:
        for order in Order.objects.filter(inspection=inspection):
            wait = 0 if order.mode == "NOW" else scene.service_delay
            if wait is not None:
                served = day if wait == 0 else self.days.working_after(day, wait)
                self.days.on(served, self._serving(order.pk, scene))
            if scene.link:
                self.days.on(day, self._sending(order.pk))
            if scene.early and order.mode == "LIMIT":
                self.days.on(day + 4 * DAY, self._asking_early(order.pk))
            if scene.more_time and order.mode == "LIMIT":
                self.days.on(day + 2 * DAY, self._asking_for_time(order.pk, scene))
            ends = {hazard.deadline for hazard in order.hazards.all() if hazard.deadline}
            for deadline in sorted(ends):
                if scene.recheck_delay is not None:
                    self.days.on(
                        self.days.working_after(deadline, scene.recheck_delay),
                        self._rechecking(order.pk, deadline, scene),
                    )
        if scene.grave:
            self.days.on(day, lambda on: self._report(inspection, on))
        waiting = inspection.hazards.filter(state=HazardState.TO_REFER)
        if waiting.exists() and scene.referral_delay is not None:
            self.days.on(
                self.days.working_after(day, scene.referral_delay), lambda on: self._refer(list(waiting.all()), on)
            )

    def _serving(self, order_id: int, scene: Scene) -> Act:
        def act(on: date) -> None:
            orders = Order.objects.select_related("unit", "inspection__lead", "inspection__second", "document")
            order = orders.get(pk=order_id)
            assert order.inspection is not None
            way = Method.DIRECT if order.mode == "NOW" else scene.way
            if way == Method.ELECTRONIC:
                self._sign(self._send_link(order, on), on)
                return
            assistant = assistants_of(order.station_id).first() if way == Method.PROXY else None
            # 程序规定第52条: one officer with an assistant, the whole act recorded.
            alone: Details = {"assistant": assistant, "recorder_no": f"DSJ-{on:%Y%m%d}"} if assistant else {}
            serve(
                order,
                order.inspection.lead,
                method=way,
                served_at=None if way == Method.NOTICE else moment(on, 11, 20),
                server=order.inspection.lead,
                second=None if assistant else order.inspection.second,
                at=moment(on, 12),
                **_details(way, order, on) | alone,
            )

        return act

    def _send_link(self, order: Order, on: date) -> Dispatch:
        """The unit signs the consent on the officer's screen; the link goes to its phone."""
        visit, unit = order.inspection, order.unit
        assert visit is not None
        return dispatch(
            order, visit.lead, consented_by=unit.person or "负责人", consented_on=on, consent=STROKES,
            consent_paper="", channel="短信", account=unit.phone or "13900006688",
            second=visit.second, assistant=None, recorder_no="", at=moment(on, 10, 30), place=Place(unit.address),
        )  # fmt: skip

    def _sign(self, row: Dispatch, on: date) -> None:
        opened, at = open_dispatch(row, PHONE, moment(on, 10, 52)), moment(on, 10, 58)
        acknowledge_dispatch(opened, name=row.consented_by, relation="主要负责人", strokes=STROKES, at=at)

    def _sending(self, order_id: int) -> Act:
        orders = Order.objects.select_related("unit", "inspection__lead", "inspection__second")
        return lambda on: self._send_link(orders.get(pk=order_id), on)

    def _asking_for_time(self, order_id: int, scene: Scene) -> Act:
        """The unit waits for a delivery of equipment and asks for ten days more; the chief decides on the next day."""

        def act(on: date) -> None:
            order = Order.objects.get(pk=order_id)
            hazards = list(order.hazards.filter(state=HazardState.OPEN, deadline__gt=on + DAY).order_by("position"))
            if not hazards or hazards[0].deadline is None or order.state != "SERVED":
                return
            deadline, lead = hazards[0].deadline, self._lead_of(order)
            extension = request_extension(
                order, lead, deadline=deadline, hazards=[one for one in hazards if one.deadline == deadline],
                until=deadline + 10 * DAY, requested_on=on, reason="消防器材已订购，厂家下周到货", today=on,
            )  # fmt: skip
            if scene.more_time != "waiting":
                self.days.on(on + DAY, lambda day: self._deciding(extension, scene, day))

        return act

    def _deciding(self, extension: Extension, scene: Scene, on: date) -> None:
        chief, at = self.town.chiefs[extension.station_id], moment(on, 9, 30)
        if scene.more_time == "refused":
            refuse_extension(extension, chief, decision="隐患影响疏散，不同意延期", at=at)
            return
        granted = approve_extension(
            extension, chief, until=extension.until, decision="情况属实，期间加强值守，同意延期", at=at
        )
        later = self.days.working_after(granted.until, 1)
        self.days.on(later, self._rechecking(extension.order_id, granted.until, scene))

    def _asking_early(self, order_id: int) -> Act:
        def act(on: date) -> None:
            order = Order.objects.get(pk=order_id)
            deadline = order.hazards.filter(state=HazardState.OPEN).values_list("deadline", flat=True).first()
            if deadline is None or on >= deadline or order.state != "SERVED":
                return
            again = request_early(order, self._lead_of(order), deadline=deadline, requested_on=on, today=on)
            # At the first visit half of it is done, so that a second re-inspection follows.
            self._result(again, on, lambda place: place == 0)

        return act

    def _rechecking(self, order_id: int, deadline: date, scene: Scene) -> Act:
        def act(on: date) -> None:
            again = Reinspection.objects.filter(order_id=order_id, deadline=deadline, done_on__isnull=True).first()
            if again is None or again.order.state != "SERVED":
                return
            self._result(again, on, lambda place: not (scene.fails and place == 0))
            failed = list(Hazard.objects.filter(order_id=order_id, state=HazardState.TO_REFER))
            if failed and scene.referral_delay is not None:
                self.days.on(
                    self.days.working_after(on, scene.referral_delay), lambda later: self._refer(failed, later)
                )

        return act

    def _result(self, again: Reinspection, on: date, passes: Callable[[int], bool]) -> None:
        hazards = again.order.hazards.filter(deadline=again.deadline, state__in=[HazardState.OPEN, HazardState.DUE])
        ids = list(hazards.order_by("position").values_list("pk", flat=True))
        if not ids:
            return
        lead = self._lead_of(again.order)
        results = {pk: Result(passes(place), "" if passes(place) else "仍未改正") for place, pk in enumerate(ids)}
        reinspect(
            again, lead, results=results, done_on=on, lead=lead, second=self.town.partner(lead, self.rng), today=on,
            company=Company(person) if (person := again.order.unit.person) else NOBODY,
        )  # fmt: skip

    def _lead_of(self, order: Order) -> User:
        assert order.inspection is not None
        return order.inspection.lead

    def _refer(self, hazards: list[Hazard], on: date) -> None:
        fresh = list(Hazard.objects.filter(pk__in=[hazard.pk for hazard in hazards], state=HazardState.TO_REFER))
        if not fresh:
            return
        inspection = fresh[0].inspection
        assert inspection is not None
        target = judge(inspection, findings_of(inspection))[0].target
        referral = refer(
            fresh, inspection.lead, target=target, basis=referral_basis(fresh), facts=facts_of(fresh),
            sent_on=on, today=on,
        )  # fmt: skip
        self.days.on(self.days.working_after(on, 2), lambda day: self._receive(referral, day))

    def _receive(self, referral: Referral, on: date) -> None:
        """The authority has it; the station itself records what another one than the brigade wrote back."""
        theirs = referral.target == Target.FIRE_BRIGADE
        actor = self.town.supervisors[referral.station_id] if theirs else referral.recorded_by
        receive_referral(referral, actor, on=on, receiver=actor.name if theirs else "窗口收文", today=on)
        self.days.on(self.days.working_after(on, 8), lambda day: self._answer(referral, actor, day))

    def _answer(self, referral: Referral, actor: User, on: date) -> None:
        result = self.rng.choice((ReferralResult.FINE, ReferralResult.NONE, ReferralResult.CLOSURE))
        answer_referral(
            referral,
            actor,
            result=result,
            on=on,
            today=on,
            result_no="" if result == ReferralResult.NONE else f"江消行罚决字〔{on.year}〕第{referral.pk:04d}号",
            fine=Decimal(self.rng.randrange(5, 21) * 1000) if result == ReferralResult.FINE else None,
            note="已当场改正，违法行为轻微" if result == ReferralResult.NONE else "已责令改正并复查合格",
        )

    def _report(self, inspection: Inspection, on: date) -> None:
        if inspection.hazards.filter(grave=True).exists():
            township = inspection.unit.township or "街道办事处"
            deliver_report(inspection, inspection.lead, township=township, sent_on=on, receiver="值班室", today=on)


def _details(way: Method, order: Order, on: date) -> Details:
    """What the way of serving asks for besides the time and the people."""
    unit = order.unit
    match way:
        case Method.LEAVE:
            return {"place": unit.address, "reason": "负责人拒绝签收", "witness": "李秀英（北大街居民委员会）"}
        case Method.PROXY:
            taken: Details = {"recipient": "值班经理", "relation": "单位负责人", "reason": "法定代表人外出"}
            return taken | {"place": unit.address}
        case Method.ENTRUST:
            sent: Details = {"agent": "河西市公安局渡口派出所", "tracking_no": f"江公消委〔{on.year}〕{order.pk}号"}
            return sent | {"sent_on": order.issued_on, "recipient": unit.person or "负责人"}
        case Method.MAIL:
            posted: Details = {"tracking_no": f"EX{order.pk:09d}CN", "sent_on": order.issued_on}
            return posted | {"recipient": unit.person or "负责人", "place": unit.address}
        case Method.NOTICE:
            return {"reason": "经营者下落不明，门店关闭", "channel": "派出所公告栏和居委会公告栏", "sent_on": on}
        case _:
            return {"place": unit.address, "recipient": unit.person or "负责人", "relation": "负责人"}
