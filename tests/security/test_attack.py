"""Whom the attack signs in as, and what is open to him then."""

from stations.permissions import STEP_UP, Fresh
from tests.security.attack import EACH_TIME


def test_whatever_asks_each_time_was_proved_before_the_attack() -> None:
    assert set(EACH_TIME) == {capability.value for capability, fresh in STEP_UP.items() if fresh == Fresh.EACH}
