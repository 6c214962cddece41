"""Points, rates and changes as an officer reads them."""

from decimal import ROUND_HALF_UP, Decimal

from django import template

register = template.Library()

MINUS = "−"
TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@register.filter
def points(value: Decimal | None) -> str:
    """94.03; a dash where nothing was at stake."""
    return "—" if value is None else str(value.quantize(HUNDREDTH, ROUND_HALF_UP))


@register.filter
def weight(value: Decimal | int) -> str:
    """20 or 22.73, without idle zeros."""
    return f"{Decimal(value).quantize(HUNDREDTH, ROUND_HALF_UP):f}".rstrip("0").rstrip(".")


@register.filter
def rate(value: Decimal | None) -> str:
    """95.3%; 无应办 when nothing was due."""
    return "无应办" if value is None else f"{value.quantize(TENTH, ROUND_HALF_UP)}%"


@register.filter
def signed(value: Decimal | int | None, step: str = "0.1") -> str:
    """+3.7, −2.1, 0.0; whole numbers stay whole; a dash where there is nothing to compare with."""
    if value is None:
        return "—"
    number = Decimal(value) if isinstance(value, int) else value.quantize(Decimal(step), ROUND_HALF_UP)
    if not number:
        return str(abs(number))
    return f"+{number}" if number > 0 else f"{MINUS}{-number}"
