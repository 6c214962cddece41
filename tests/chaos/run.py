"""One run from the first visit to the audit."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from queue import Queue
from subprocess import Popen
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from hazards.models import Order, Reinspection
from records.models import Document
from tests.chaos import town
from tests.chaos.audit import Fault, Finding, audit
from tests.chaos.browser import Away
from tests.chaos.clock import Clock
from tests.chaos.crew import Crew
from tests.chaos.lives import (
    WAYS,
    Officers,
    failed_hazards,
    first_day,
    last_day,
    second_day,
    sent_referrals,
    steady,
    third_day,
    waiting_reinspections,
)
from tests.chaos.storm import Storm, until

T = TypeVar("T")
TABS, ANVILS = 6, 2
START_SECONDS, OPEN_SECONDS, SETTLE_SECONDS = 120, 240, 300
# A third of a day's acts come after midnight.
MIDNIGHT_AFTER = 0.66
SHOWN = 40


@dataclass
class Run:
    orders: int
    seed: int
    crew: Crew
    clock: Clock
    servers: Path
    anvils: Queue[Popen[str]] = field(default_factory=Queue)
    moments: Counter[str] = field(default_factory=Counter)

    def run(self) -> int:
        began = time.monotonic()
        chance = random.Random(self.seed)
        self.clock.set(town.moment(town.VISITED, 9))
        visits = town.build(self.orders, chance)
        self._start()
        officers = Officers(self.crew.socket, self.seed, self.anvils)
        sweeper: Queue[Popen[str]] = Queue()
        sweeper.put(self.crew.anvil(self.seed + ANVILS))
        storm = Storm(
            self.crew, self.clock, self.servers, chance, officers.in_flight, officers.acts, sweeper, self.orders
        )
        say(f"{len(visits)} visits; the storm begins")
        storm.begin()
        try:
            self._live(officers, visits)
        finally:
            storm.end()
        found = self._settle(officers)
        ended = Counter({"(a process that ended by itself, started again)": self.crew.ended.total()})
        struck = storm.struck + officers.struck + self.moments + ended
        return self._report(officers, struck, found, time.monotonic() - began, [name for name, _ in storm.faults()])

    def _start(self) -> None:
        for name in self.crew.commands:
            self.crew.revive(name)
        for number in range(ANVILS):
            self.anvils.put(self.crew.anvil(self.seed + number))
        until(lambda: self.crew.socket.exists(), START_SECONDS, "the web server")

    # ---------- three days ----------

    def _live(self, officers: Officers, visits: Sequence[town.Visit]) -> None:
        self._day("concluded and served", visits, lambda visit: first_day(officers, visit))
        self._go_to(town.ENDED)
        self._reinspect(officers, "re-inspected")
        self._go_to(town.LATER)
        self._reinspect(officers, "re-inspected after an extension")
        self._day("referred", steady(failed_hazards), lambda hazard: third_day(officers, hazard))
        self._day("answered", steady(sent_referrals), lambda referral: last_day(officers, referral))

    def _reinspect(self, officers: Officers, words: str) -> None:
        until(lambda: steady(_all_opened), OPEN_SECONDS, "the sweep to open what is due")
        self._day(words, steady(waiting_reinspections), lambda visit: second_day(officers, visit))

    def _day(self, words: str, subjects: Sequence[T], live: Callable[[T], None]) -> None:
        """Live through the day of each subject, six at a time; midnight passes while they are at it."""
        began, done, total = time.monotonic(), 0, len(subjects)
        lock = threading.Lock()

        def one(subject: T) -> None:
            nonlocal done
            live(subject)
            with lock:
                done += 1
                if done == int(total * MIDNIGHT_AFTER):
                    self._to_midnight()

        with ThreadPoolExecutor(TABS) as pool:
            try:
                for job in [pool.submit(one, subject) for subject in subjects]:
                    job.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        say(f"{total} {words} in {time.monotonic() - began:.0f} s")

    def _to_midnight(self) -> None:
        now = localtime()
        self.clock.set(now.replace(hour=23, minute=59, second=58))
        self.moments["clock run over midnight"] += 1

    def _go_to(self, day: date) -> None:
        """The night before, a moment from midnight: the day begins while everything runs."""
        self.clock.set(town.moment(day, 0) - timedelta(seconds=2))
        until(lambda: localdate() >= day, START_SECONDS, "midnight")
        self.moments["clock run over midnight"] += 1

    # ---------- the audit ----------

    def _settle(self, officers: Officers) -> list[Finding]:
        """The next morning, without faults: wait until the sweeps have found everything, or can no longer."""
        self.clock.set(localtime() + timedelta(hours=10))
        limit, found = time.monotonic() + SETTLE_SECONDS, self._audit(officers)
        while any(finding.fault == Fault.LOST for finding in found) and time.monotonic() < limit:
            self._print_again(officers)
            time.sleep(1)
            found = self._audit(officers)
        return found + [Finding(Fault.LOST, words) for words in officers.broken]

    def _audit(self, officers: Officers) -> list[Finding]:
        return steady(lambda: audit(localdate(), Path(settings.MEDIA_ROOT), officers.acknowledged))

    def _print_again(self, officers: Officers) -> None:
        """A paper whose printing was killed three times is parked, until its officer presses 重新打印."""
        for paper in Document.objects.filter(rendered_at=None, render_attempts__gte=3).select_related("issued_by"):
            path = reverse("records:document", args=[paper.pk])
            try:
                officers.reprint(paper.issued_by, path, reverse("records:reprint", args=[paper.pk]))
            except Away:
                continue
            self.moments["(papers parked and printed again by hand)"] += 1

    def _report(
        self, officers: Officers, struck: Counter[str], found: list[Finding], seconds: float, kinds: list[str]
    ) -> int:
        never = sorted({kind for kind in [*kinds, *WAYS] if not struck[kind]})
        rows = sorted(struck.items())
        width = max(len(name) for name, _ in rows)
        print("\n" + "\n".join(f"  {name:<{width}}  {times:>6}" for name, times in rows))
        counts = Counter(finding.fault for finding in found)
        print(
            f"\norders {Order.objects.count()}  acts {len(set(officers.acknowledged))}  "
            f"presses {officers.pressed}  papers {Document.objects.count()}  "
            f"re-inspections {Reinspection.objects.count()}  in {seconds:.0f} s  SEED={self.seed}"
        )
        for finding in found[:SHOWN]:
            print(f"  {finding.fault}: {finding.says}")
        for kind in never:
            print(f"  not tested: {kind}")
        print("  ".join(f"{fault} {counts[fault]}" for fault in Fault), flush=True)
        return 1 if found or never else 0


def _all_opened() -> bool:
    """Every period of eight days that has not been answered early has its re-inspection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM deadlines_clock c WHERE c.rule_code = 'RECHECK' AND c.state = 'RUNNING' "
            "AND c.opens_on <= %s AND NOT EXISTS (SELECT 1 FROM hazards_reinspection r WHERE r.clock_id = c.id)",
            [localdate()],
        )
        return cursor.fetchone()[0] == 0


def say(text: str) -> None:
    print(f"==> {text}", flush=True)
