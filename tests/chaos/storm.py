"""The faults of machines, struck one after the other on a seeded schedule while the officers work."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from subprocess import Popen

import redis

from tests.chaos.clock import Clock
from tests.chaos.crew import BASE_DIR, Crew, strike

sys.path.insert(0, str(BASE_DIR / "scripts"))
import services

HOUR = 3600
# A run strikes about ten rounds of faults, by the acts that were done and not by the clock: a slow machine is not
# struck more often than a fast one. Somebody who waits for a fault does not wait longer than this.
ORDERS_A_FAULT = 35
LEAST_ACTS, AT_MOST_SECONDS = 3, 8.0
SWEEP = {"do": "sweep", "kind": "sweep"}


@dataclass
class Storm:
    """``busy`` says whether a request is under way: some faults must strike in the middle of one. ``acts`` counts."""

    crew: Crew
    clock: Clock
    servers: Path
    chance: random.Random
    busy: Callable[[], bool]
    acts: Callable[[], int]
    sweeper: Queue[Popen[str]]
    orders: int
    struck: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """No fault after this one; everything that was killed is back."""
        self._over.set()
        self._thread.join()
        if self.errors:
            raise self.errors[0]

    def _run(self) -> None:
        faults = self.faults()
        try:
            while not self._over.is_set():
                # Each kind once a round, in a new order: none is left to luck.
                for name, fault in self.chance.sample(faults, len(faults)):
                    if self._pause():
                        return
                    if fault():
                        self.struck[name] += 1
        except BaseException as error:
            self.errors.append(error)

    def _pause(self) -> bool:
        """Let the officers work a little; whether the storm is over."""
        pause = max(LEAST_ACTS, self.orders // ORDERS_A_FAULT)
        limit, enough = (
            time.monotonic() + AT_MOST_SECONDS,
            self.acts() + self.chance.randint(pause // 2, pause * 3 // 2),
        )
        while self.acts() < enough and time.monotonic() < limit and not self._over.wait(0.05):
            pass
        return self._over.is_set()

    def faults(self) -> list[tuple[str, Callable[[], bool]]]:
        return [
            ("worker killed (kill -9)", self._worker),
            ("printer killed at its work (kill -9)", self._printer),
            ("web server killed (kill -9)", self._web),
            ("sweep killed at a random line", self._sweep_killed),
            ("sweeps of four processes at once", self._sweeps),
            ("beat killed, a second one running", self._beat),
            ("FLUSHALL", self._flush),
            ("FLUSHALL", self._flush),
            ("Redis restarted", self._redis),
            ("clock set back an hour", self._hour_back),
            ("PostgreSQL restarted (fast)", lambda: self._postgresql("fast")),
            ("PostgreSQL crashed (immediate)", lambda: self._postgresql("immediate")),
        ]

    def _revive(self, name: str) -> bool:
        self.crew.revive(name)
        return True

    def _worker(self) -> bool:
        return self._revive(self.chance.choice(["worker 1", "worker 2"]))

    def _printer(self) -> bool:
        return self.crew.kill_child(self.chance.choice(["worker 1", "worker 2"]), self.chance)

    def _web(self) -> bool:
        return self.busy() and self.crew.kill_child("web", self.chance)

    def _sweep_killed(self) -> bool:
        return strike(self.sweeper, SWEEP | {"copies": 1, "kill": True})["killed"] > 0

    def _sweeps(self) -> bool:
        strike(self.sweeper, SWEEP | {"copies": 4, "kill": False})
        return True

    def _beat(self) -> bool:
        return self._revive(self.chance.choice(["beat 1", "beat 2"]))

    def _flush(self) -> bool:
        try:
            redis.Redis(unix_socket_path=str(self.servers / "redis" / "redis.sock")).flushall()
        except redis.ConnectionError:
            return False
        return True

    def _redis(self) -> bool:
        services.stop_redis(self.servers / "redis")
        services.start_redis(self.servers / "redis")
        return True

    def _hour_back(self) -> bool:
        self.clock.shift(-HOUR)
        self._over.wait(self.chance.uniform(1, 3))
        self.clock.shift(HOUR)
        return True

    def _postgresql(self, mode: str) -> bool:
        if not self.busy():
            return False
        services.restart_postgresql(self.servers / "pg", mode)
        return True


def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Look again and again until ``done``; raises TimeoutError that says what was waited for."""
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            raise TimeoutError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)
