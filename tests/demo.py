"""The demo as a user starts it, in a folder of its own, for whatever looks at it from outside."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

BASE_DIR = Path(__file__).resolve().parents[1]
# Beside other work on the machine its data take minutes to load.
START_SECONDS = 600


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """`make demo` without its install step; the address once it is ready, and everything ended afterwards.

    Raises RuntimeError with its last lines when it does not come up.
    """
    port = free_port()
    environment = os.environ | {"DEMO_DIR": str(folder), "SWEEP_SECONDS": "2", "LOG_LEVEL": "WARNING"}
    # What the tests set for themselves; the demo is as its user finds it.
    for name in (
        "DEBUG", "DATABASE_URL", "BROKER_URL", "DATA_DIR", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "STEP_UP",
        "SECOND_FACTOR_ROLES",
    ):  # fmt: skip
        environment.pop(name, None)
    log = folder.parent / "demo.log"
    with log.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "scripts/demo.py", "--port", str(port)],
            cwd=BASE_DIR,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(demo, log)
            yield f"http://localhost:{port}"
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                demo.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(demo.pid, signal.SIGKILL)


def _wait_until_ready(demo: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = monotonic() + START_SECONDS
    while "ready after" not in log.read_text(errors="replace"):
        if demo.poll() is not None or monotonic() > give_up:
            raise RuntimeError(f"the demo did not start:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            demo.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
