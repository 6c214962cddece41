"""Numbers as words and as small pictures made on the server."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NOTHING_DUE = "无应办"
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 84, 24, 3


def percent(numerator: int, denominator: int) -> str:
    """``numerator`` of ``denominator`` with one decimal, halves up, never through a float."""
    if not denominator:
        return NOTHING_DUE
    share = Decimal(numerator) * 100 / Decimal(denominator)
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _clipped(part: float, whole: float) -> str:
    share = 100 * float(part) / float(whole) if whole else 0
    return f"{min(max(share, 0), 100):.1f}".removesuffix(".0")


def bar(value: float, total: float, mark: float | None, tone: str, label: str) -> SafeString:
    """``value`` of ``total`` as a bar 100 wide; without ``label`` it is only seen, the figures stand beside it."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    marked: str = ""
    if mark is not None:
        # The mark is one unit wide and must not fall off the right end.
        marked = format_html('<rect class="mark" x="{}" width="1" height="6"/>', _clipped(min(mark, 0.99), 1))
    return format_html(
        '<svg class="bar{}" viewBox="0 0 100 6" preserveAspectRatio="none" {}>'
        '<rect width="100" height="6"/><rect class="v" width="{}" height="6"/>{}</svg>',
        f" is-{tone}" if tone else "", spoken, _clipped(value, total), marked,
    )  # fmt: skip


def spark(values: Sequence[float | None], label: str) -> SafeString:
    """A line over ``values`` in time, the newest dotted; ``None`` breaks the line."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, span = min(known), max(known) - min(known)
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / (len(values) - 1)
    room = SPARK_HEIGHT - 2 * SPARK_MARGIN
    runs: list[list[str]] = [[]]
    last = ("", "")
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        height = (float(value) - low) / span if span else 0.5
        last = f"{SPARK_MARGIN + index * step:.1f}", f"{SPARK_HEIGHT - SPARK_MARGIN - height * room:.1f}"
        runs[-1].append(" ".join(last))
    spoken = label or f"近{len(values)}期 {'、'.join('无' if value is None else str(value) for value in values)}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<circle cx="{}" cy="{}" r="2.6"/></svg>',
        SPARK_WIDTH, SPARK_HEIGHT, spoken,
        format_html_join("", '<path d="M{}"/>', ((" L".join(run),) for run in runs if len(run) > 1)), *last,
    )  # fmt: skip
