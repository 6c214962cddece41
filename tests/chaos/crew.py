"""The processes of production: a web server, two workers, two beats. Each may be killed, and comes back."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Queue
from typing import Any

BASE_DIR = Path(__file__).resolve().parents[2]
CLOCKED = [sys.executable, "-m", "tests.chaos.clock"]
# What every process said of the last run.
LOGS = BASE_DIR / "build" / "chaos"
SWEEP_SECONDS = 2


def strike(anvils: Queue[subprocess.Popen[str]], order: Mapping[str, object]) -> dict[str, Any]:
    """Have an anvil do ``order``; waits for one that is free. See `tests.chaos.anvil`."""
    anvil = anvils.get()
    try:
        assert anvil.stdin is not None
        assert anvil.stdout is not None
        anvil.stdin.write(json.dumps(order) + "\n")
        anvil.stdin.flush()
        outcome: dict[str, Any] = json.loads(anvil.stdout.readline())
        return outcome
    finally:
        anvils.put(anvil)


class Crew:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.environment = environment
        LOGS.mkdir(parents=True, exist_ok=True)
        for old in LOGS.glob("*.log"):
            old.unlink()
        self.socket = folder / "web.sock"
        celery = ["celery", "--quiet", "-A", "fire_supervision.celery"]
        worker = [*celery, "worker", "--concurrency=2", "--loglevel=WARNING", "--max-tasks-per-child=1000"]
        beat = [*celery, "beat", "--pidfile=", "--loglevel=WARNING"]
        gunicorn = ["gunicorn", "fire_supervision.wsgi", "--config=fire_supervision/serving.py"]
        self.commands = {
            "web": [*gunicorn, f"--bind=unix:{self.socket}", "--workers=2", "-t", "60"],
            "worker 1": [*worker, "--hostname=one@%h"],
            "worker 2": [*worker, "--hostname=two@%h"],
            "beat 1": [*beat, f"--schedule={folder / 'beat1'}"],
            "beat 2": [*beat, f"--schedule={folder / 'beat2'}"],
        }
        self.members: dict[str, subprocess.Popen[bytes]] = {}
        # Who ended by himself and was started again, as Docker or systemd do.
        self.ended: Counter[str] = Counter()
        self._lock, self._over = threading.Lock(), threading.Event()
        threading.Thread(target=self._supervise, daemon=True).start()
        self.anvils: list[subprocess.Popen[str]] = []

    def start(self, name: str) -> None:
        with (LOGS / f"{name.replace(' ', '')}.log").open("ab") as log:
            self.members[name] = subprocess.Popen(
                [*CLOCKED, "--tied", *self.commands[name]], cwd=BASE_DIR, env=self.environment,
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """kill -9, parent and children at once."""
        if name in self.members:
            with suppress(ProcessLookupError):
                os.killpg(self.members[name].pid, signal.SIGKILL)
            self.members[name].wait()

    def revive(self, name: str) -> None:
        """kill -9, and start anew."""
        with self._lock:
            self.kill(name)
            self.start(name)

    def _supervise(self) -> None:
        while not self._over.wait(0.5):
            with self._lock:
                ended = [name for name, member in self.members.items() if member.poll() is not None]
                for name in [] if self._over.is_set() else ended:
                    self.ended[name] += 1
                    self.start(name)

    def kill_child(self, name: str, chance: random.Random) -> bool:
        """kill -9 one of the processes that do the work; whether there was one."""
        pid = self.members[name].pid
        children: list[str] = []
        with suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(chance.choice(children)), signal.SIGKILL)
        return bool(children)

    def anvil(self, seed: int) -> subprocess.Popen[str]:
        """Where acts are killed; the caller speaks to it line by line."""
        with (LOGS / "anvil.log").open("ab") as log:
            anvil = subprocess.Popen(
                [*CLOCKED, "tests.chaos.anvil", str(seed)], cwd=BASE_DIR,
                env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
        self.anvils.append(anvil)
        return anvil

    def end(self) -> None:
        self._over.set()
        with self._lock:
            for name in self.members:
                self.kill(name)
        for anvil in self.anvils:
            with suppress(ProcessLookupError):
                os.killpg(anvil.pid, signal.SIGKILL)
            anvil.wait()
