"""The life of every order, lived through the pages, each act in the worst way: twice, by two, or killed on the way.

Whatever goes wrong, the officer does what an officer does: he looks again and presses again.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from subprocess import Popen
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.urls import reverse

from hazards.models import (
    Extension,
    ExtensionState,
    Hazard,
    HazardState,
    Order,
    OrderState,
    Referral,
    ReferralState,
    Reinspection,
    Report,
)
from inspections.models import Inspection, Mode, State
from stations.models import Guidance, User
from tests.chaos.browser import Away, Browser
from tests.chaos.crew import strike
from tests.chaos.forms import NoForm
from tests.chaos.town import LONGER, PASSWORD, Visit

T = TypeVar("T")
PATIENCE, PAUSE = 90.0, 0.15
# After so many attempts the officer goes about it in the plainest way.
WILD_ATTEMPTS = 3
DOUBLE, RIVALS, TAB, TWINS, KILLED = WAYS = (
    "double click",
    "two officers at once",
    "stale second tab",
    "one action in two processes",
    "act killed at a random line (kill -9)",
)


@dataclass(frozen=True)
class Act:
    """One press of a button: on which page, by which two officers, with which answers, and how one sees it is done."""

    kind: str
    subject: int
    path: str
    pair: tuple[User, User]
    rows: QuerySet[Any]
    answers: Mapping[str, str] = field(default_factory=dict)
    # What the second officer answers when both press at once.
    rival: Mapping[str, str] | None = None


@dataclass
class Officers:
    server: Path
    seed: int
    anvils: Queue[Popen[str]]
    struck: Counter[str] = field(default_factory=Counter)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    pressed: int = 0
    _browsers: dict[int, Browser] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_flight: int = 0

    # ---------- one act ----------

    def insist(self, act: Act) -> None:
        """Do ``act``, until it is seen to be done. What was acknowledged and is not there is a broken promise."""
        chance = random.Random(f"{self.seed} {act.kind} {act.subject}")
        limit, attempt = time.monotonic() + PATIENCE, 0
        while not steady(act.rows.exists):
            if time.monotonic() > limit:
                raise TimeoutError(f"{act.kind} {act.subject}: {attempt} attempts in vain ({act.path})")
            attempt += 1
            try:
                with self._flying():
                    done = self._press(act, chance, wild=attempt <= WILD_ATTEMPTS)
            except (Away, NoForm):
                done = False
            if done:
                with self._lock:
                    self.acknowledged.append((act.kind, act.subject))
                if not steady(act.rows.exists):
                    self.broken.append(f"{act.kind} {act.subject} was acknowledged and is not there")
            else:
                time.sleep(PAUSE)

    def in_flight(self) -> bool:
        return self._in_flight > 0

    def acts(self) -> int:
        return len(self.acknowledged)

    @contextmanager
    def _flying(self) -> Iterator[None]:
        with self._lock:
            self._in_flight += 1
            self.pressed += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def _press(self, act: Act, chance: random.Random, *, wild: bool) -> bool:
        ways = {self._once: 5, self._double: 2, self._rivals: 2, self._stale_tab: 1, self._twins: 1, self._killed: 3}
        way = chance.choices(list(ways), list(ways.values()))[0] if wild else self._once
        return way(act)

    def _once(self, act: Act) -> bool:
        browser = self._browser(act.pair[0])
        return browser.post(act.path, browser.form(act.path, act.answers)).done

    def _double(self, act: Act) -> bool:
        """A double click: the same form twice at the same moment."""
        browser = self._browser(act.pair[0])
        body = browser.form(act.path, act.answers)
        return self._count(DOUBLE, self._at_once([(browser, body), (browser, body)], act.path))

    def _rivals(self, act: Act) -> bool:
        """Two officers at the same thing, with answers of their own."""
        first, second = (self._browser(user) for user in act.pair)
        answers = act.answers if act.rival is None else act.rival
        bodies = [(first, first.form(act.path, act.answers)), (second, second.form(act.path, answers))]
        return self._count(RIVALS, self._at_once(bodies, act.path))

    def _stale_tab(self, act: Act) -> bool:
        """Two tabs: the second still shows the form when the first has sent it."""
        browser = self._browser(act.pair[0])
        bodies = [browser.form(act.path, act.answers) for _ in range(2)]
        return self._count(TAB, any([browser.post(act.path, body).done for body in bodies]))  # noqa: C419 - all are pressed, then one is asked for

    def _twins(self, act: Act) -> bool:
        """The same action in two processes at once."""
        return self._count(TWINS, _led_on(self._strike(act, copies=2, kill=False)["said"]))

    def _killed(self, act: Act) -> bool:
        """kill -9 at whatever line the process has come to; what it had answered before counts as acknowledged."""
        outcome = self._strike(act, copies=1, kill=True)
        self._add(KILLED, outcome["killed"])
        return _led_on(outcome["said"])

    # ---------- how ----------

    def _browser(self, user: User) -> Browser:
        with self._lock:
            return self._browsers.setdefault(user.pk, Browser(self.server, user.number, PASSWORD))

    def _at_once(self, bodies: list[tuple[Browser, str]], path: str) -> bool:
        start = threading.Barrier(len(bodies))

        def post(browser: Browser, body: str) -> bool:
            start.wait()
            try:
                return browser.post(path, body).done
            except Away:
                return False

        with ThreadPoolExecutor(len(bodies)) as pool:
            return any([job.result() for job in [pool.submit(post, *body) for body in bodies]])  # noqa: C419 - all are pressed, then one is asked for

    def _strike(self, act: Act, *, copies: int, kill: bool) -> dict[str, Any]:
        order = {
            "do": "press", "kind": act.kind, "user": act.pair[0].pk, "path": act.path, "answers": dict(act.answers),
            "copies": copies, "kill": kill,
        }  # fmt: skip
        return strike(self.anvils, order)

    def reprint(self, officer: User, page: str, path: str) -> bool:
        """Press 重新打印 on the page of a paper."""
        return self._browser(officer).post(path, self._browser(officer).form(page, {})).done

    def _count(self, name: str, done: bool) -> bool:
        self._add(name, 1)
        return done

    def _add(self, name: str, times: int) -> None:
        with self._lock:
            self.struck[name] += times


def _led_on(said: str) -> bool:
    return said.startswith("302 ") and "/login/" not in said


def steady(read: Callable[[], T]) -> T:
    """Read the database, which may be restarting."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return read()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > limit:
                raise
            time.sleep(PAUSE)


# ---------- the days ----------


def first_day(officers: Officers, visit: Visit) -> None:
    """Conclude the visit, serve its notices, report what is grave, hand over what is another authority's."""
    chance = random.Random(f"{officers.seed} first {visit.pk}")
    pair = (visit.lead, visit.second)
    rows = Inspection.objects.filter(pk=visit.pk, state=State.SUBMITTED)
    answers = {"grave_": "yes" if visit.grave else "no", "item_": "1"}
    officers.insist(Act("conclude", visit.pk, reverse("conclude", args=[visit.pk]), pair, rows, answers))
    for order in steady(lambda: list(Order.objects.filter(inspection=visit.pk).order_by("pk"))):
        if chance.random() < 0.95:
            serve(officers, order, pair)
            asked = chance.random() if order.mode == Mode.LIMIT else 1.0
            if asked < 0.12:
                ask_early(officers, order, pair, chance)
            elif asked < 0.24:
                ask_for_time(officers, order, visit, chance)
    if visit.grave and chance.random() < 0.9:
        rows = Report.objects.filter(inspection=visit.pk, sent_on__isnull=False)
        path = reverse("hazards:deliver", args=[visit.pk])
        officers.insist(Act("deliver", visit.pk, path, pair, rows, {"receiver": "收发室"}))
    waiting = Hazard.objects.filter(inspection=visit.pk, order=None, state=HazardState.TO_REFER)
    for hazard in steady(lambda: list(waiting)):
        if chance.random() < 0.85:
            refer(officers, hazard, pair)


def serve(officers: Officers, order: Order, pair: tuple[User, User]) -> None:
    rows = Order.objects.filter(pk=order.pk).exclude(state=OrderState.ISSUED)
    officers.insist(Act("serve", order.pk, reverse("hazards:serve", args=[order.pk]), pair, rows))


def ask_early(officers: Officers, order: Order, pair: tuple[User, User], chance: random.Random) -> None:
    """The unit asks before its period has ended; the officers go there the same day."""
    rows = Reinspection.objects.filter(order=order, early=True)
    deadline = steady(lambda: order.hazards.order_by("deadline").first()).deadline
    path = reverse("hazards:early", args=[order.pk])
    officers.insist(Act("early", order.pk, path, pair, rows, {"deadline": deadline.isoformat()}))
    reinspect(officers, steady(rows.get), pair, chance)


def ask_for_time(officers: Officers, order: Order, visit: Visit, chance: random.Random) -> None:
    """The unit asks for more time; the chief decides."""
    rows = Extension.objects.filter(order=order)
    path, pair = reverse("hazards:extend", args=[order.pk]), (visit.lead, visit.second)
    answers = {"until": LONGER.isoformat(), "reason": "疏散指示标志订货需要时间"}
    officers.insist(Act("extend", order.pk, path, pair, rows, answers))
    extension = steady(rows.get)
    decided = Extension.objects.filter(pk=extension.pk).exclude(state=ExtensionState.REQUESTED)
    path = reverse("hazards:decide_extension", args=[extension.pk])
    answers = {"verdict": "approve" if chance.random() < 0.7 else "refuse", "decision": "情况属实"}
    officers.insist(Act("decide", extension.pk, path, (visit.chief, visit.chief), decided, answers))


def reinspect(officers: Officers, visit: Reinspection, pair: tuple[User, User], chance: random.Random) -> None:
    rows = Reinspection.objects.filter(pk=visit.pk, done_on__isnull=False)
    passed = "yes" if chance.random() < 0.7 else "no"
    path = reverse("hazards:reinspect", args=[visit.pk])
    rival = {"passed_": "no" if passed == "yes" else "yes", "ink": "1"}
    officers.insist(Act("reinspect", visit.pk, path, pair, rows, {"passed_": passed, "ink": "1"}, rival))


def refer(officers: Officers, hazard: Hazard, pair: tuple[User, User]) -> None:
    rows = Hazard.objects.filter(pk=hazard.pk).exclude(state=HazardState.TO_REFER)
    officers.insist(Act("refer", hazard.pk, reverse("hazards:refer", args=[hazard.pk]), pair, rows))


def pair_of(inspection: Inspection) -> tuple[User, User]:
    assert inspection.second is not None
    return inspection.lead, inspection.second


def second_day(officers: Officers, visit: Reinspection) -> None:
    """Re-inspect what the sweep has opened; a few are left to run over their day."""
    chance = random.Random(f"{officers.seed} second {visit.pk}")
    if chance.random() < 0.94:
        reinspect(officers, visit, pair_of(visit.order.inspection), chance)


def third_day(officers: Officers, hazard: Hazard) -> None:
    """Hand over what failed; a few are left to be overdue."""
    if random.Random(f"{officers.seed} third {hazard.pk}").random() < 0.85:
        refer(officers, hazard, pair_of(hazard.inspection))


def last_day(officers: Officers, referral: Referral) -> None:
    """The brigade has the case, and mostly decides."""
    guidance = Guidance.objects.select_related("supervisor").filter(station=referral.station_id)
    supervisor = steady(guidance.get).supervisor
    pair, rows = (supervisor, supervisor), Referral.objects.filter(pk=referral.pk)
    path = reverse("hazards:receive", args=[referral.pk])
    officers.insist(Act("receive", referral.pk, path, pair, rows.exclude(state=ReferralState.SENT)))
    if random.Random(f"{officers.seed} last {referral.pk}").random() < 0.7:
        path, rows = reverse("hazards:answer", args=[referral.pk]), rows.filter(state=ReferralState.ANSWERED)
        answers = {"result": "FINE", "result_no": f"消罚{referral.pk}号", "fine": "500"}
        officers.insist(Act("answer", referral.pk, path, pair, rows, answers))


def sent_referrals() -> list[Referral]:
    return list(Referral.objects.filter(state=ReferralState.SENT).order_by("pk"))


def waiting_reinspections() -> list[Reinspection]:
    rows = Reinspection.objects.filter(done_on=None, order__state=OrderState.SERVED).order_by("pk")
    return list(rows.select_related("order__inspection__lead", "order__inspection__second"))


def failed_hazards() -> list[Hazard]:
    rows = Hazard.objects.filter(state=HazardState.TO_REFER, order__isnull=False).order_by("order_id", "pk")
    first = {hazard.order_id: hazard for hazard in rows.select_related("inspection__lead", "inspection__second")}
    return list(first.values())
