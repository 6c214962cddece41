"""How many examples a property is tried with."""

from hypothesis import settings


def examples(number: int) -> int:
    """``number`` in the whole suite, its share in a run with fewer (make test-fast), two at the least."""
    return max(2, number * settings.default.max_examples // 100)
