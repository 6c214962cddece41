"""Tags and filters of every page; docs/frontend.md shows how to write them.

They take plain values and know no model. Wired as template builtins, so no page loads them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from fire_supervision.lib import figures
from fire_supervision.lib.days import WEEKDAYS, explain

register = template.Library()

NARROW_SPACE = "\u202f"
# 江公（城关）消限字〔2026〕第0001号, a re-inspection's -1 behind it; 江公消〔2026〕3号. What stands close to it may not
# begin or end a line without it.
PAPER_NUMBER = re.compile(r"[（“]?(?:\w{1,4}（\w{1,8}）)?\w{0,6}〔\d{4}〕第?\d+号(?:-\d+)?[，。；：、）”]*")
CLOCK_ICONS = {"over": "exclamation-circle-fill", "today": "clock-fill", "soon": "clock", "done": "check-circle"}
# A list page is read from its first row again after any change but a turn of the page.
PAGE_KEYS = ("cursor", "export")


# ---------- words ----------


def _local(value: date | datetime) -> date | datetime:
    return localtime(value) if isinstance(value, datetime) and value.tzinfo else value


@register.filter
def d(value: date | datetime | None) -> str:
    """2026-03-05; an instant counts in Asia/Shanghai."""
    return _local(value).strftime("%Y-%m-%d") if isinstance(value, date) else ""


@register.filter
def dt(value: datetime | None) -> str:
    """2026-03-05 15:30 in Asia/Shanghai; a bare date stays a date."""
    if not isinstance(value, datetime):
        return d(value)
    return _local(value).strftime("%Y-%m-%d %H:%M")


@register.filter
def docno(words: object, tail: str = "") -> SafeString:
    """``words`` with the numbers of papers in them, alone or in a sentence, kept whole where the line has room.

    ``tail`` is the mark that follows in the template: outside, it could begin a line.
    """
    found = PAPER_NUMBER.sub(r'<span class="docno">\g<0></span>', escape(f"{words or ''}{tail}"))
    return mark_safe(found)  # escaped before a number was looked for


@register.filter
def dcn(value: date | datetime | None) -> str:
    """2026年3月5日, as prose and papers write it."""
    if not isinstance(value, date):
        return ""
    day = _local(value)
    return f"{day.year}年{day.month}月{day.day}日"


@register.filter
def dmd(value: date | datetime | None) -> str:
    """3月5日, where the year is plain."""
    if not isinstance(value, date):
        return ""
    day = _local(value)
    return f"{day.month}月{day.day}日"


@register.filter
def weekday(value: date | datetime | None) -> str:
    return f"星期{WEEKDAYS[_local(value).weekday()]}" if isinstance(value, date) else ""


@register.filter
def grouped(value: object) -> str:
    """12 345: groups of three, only above 9,999."""
    if not isinstance(value, int):
        return str(value) if value is not None else ""
    return f"{value:,}".replace(",", NARROW_SPACE) if abs(value) > 9_999 else str(value)


@register.simple_tag
def pct(numerator: int, denominator: int) -> str:
    """95.3%; 无应办 when nothing was due."""
    return figures.percent(numerator, denominator)


# ---------- pictures ----------


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The icon ``name`` of static/icons.txt; say ``label`` when no words stand beside it."""
    address = f"{_icons()}#{name}"
    if label:
        return format_html('<svg class="bi" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="bi" aria-hidden="true"><use href="{}"/></svg>', address)


@cache
def _icons() -> str:
    """Where the icons lie, which a page asks thirty times and a process is told once."""
    return static("icons.svg")


@register.simple_tag
def chip(words: str, tone: str = "", href: str = "") -> SafeString:
    """A running clock in words. ``tone``: over, today, soon, later, done or nothing; ``href`` leads to why."""
    if not words:
        return SafeString("")
    mark = icon(CLOCK_ICONS[tone]) if tone in CLOCK_ICONS else ""
    known = f" clock-{tone}" if tone in CLOCK_ICONS else ""
    if href:
        return format_html('<a class="clock{}" href="{}">{}{}</a>', known, href, mark, words)
    return format_html('<span class="clock{}">{}{}</span>', known, mark, words)


@register.simple_tag
def clock(due: date | datetime | None, tone: str, words: str, href: str = "") -> SafeString:
    """The chip with its last day behind it."""
    chipped = chip(words, tone, href)
    if due is None:
        return chipped
    shown = dt(due) if isinstance(due, datetime) else d(due)
    return format_html('{} <time class="due" datetime="{}">{}</time>', chipped, _local(due).isoformat(), shown)


@register.simple_tag
def bar(value: float, total: float, mark: float | None = None, tone: str = "", label: str = "") -> SafeString:
    """``value`` of ``total`` as a bar; ``mark`` (0 to 1) is where it should be today."""
    return figures.bar(value, total, mark, tone, label)


@register.simple_tag
def spark(values: Sequence[float | None], label: str = "") -> SafeString:
    """The last few figures as a line, the newest dotted. A missing figure leaves a gap in time, not a zero."""
    return figures.spark(values, label)


@register.inclusion_tag("_days.html")
def days(explanation: Sequence[Mapping[str, Any]], today: date | None = None, basis: str = "") -> dict[str, object]:
    """A clock as a calendar of whole weeks with the reasons below it; see docs/frontend.md for the dicts."""
    return {"drawn": explain(explanation, today), "basis": basis, "weekdays": WEEKDAYS}


# ---------- lists ----------


def _query(context: RequestContext) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def qs(context: RequestContext, **changes: object) -> str:
    """The present query string with ``changes``; None or '' removes. The page is the first one unless named."""
    query = _query(context)
    for key in PAGE_KEYS:
        query.pop(key, None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sort(context: RequestContext, key: str, words: str) -> SafeString:
    """The words of a column as a link that sorts by it, and turns the order when it already does."""
    current = _query(context).get("sort", "")
    if current.removeprefix("-") != key:
        return format_html('<a href="{}">{}</a>', qs(context, sort=key), words)
    down = current.startswith("-")
    turned = qs(context, sort=key if down else f"-{key}")
    arrow = icon("caret-down-fill" if down else "caret-up-fill", "降序" if down else "升序")
    return format_html('<a class="sorted" href="{}">{} {}</a>', turned, words, arrow)


@register.simple_tag(takes_context=True)
def narrowed(context: RequestContext) -> bool:
    """Whether the list is filtered: anything in the query string beside order and page."""
    return any(value for key, value in _query(context).items() if key not in ("sort", *PAGE_KEYS))


@register.simple_tag(takes_context=True)
def kept_fields(context: RequestContext, *shown: str) -> SafeString:
    """Hidden inputs that carry the order through a filter form."""
    query = _query(context)
    kept = [(key, value) for key in ("sort",) if key not in shown for value in query.getlist(key)]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


# ---------- forms ----------

SELECTS = ("select", "selectmultiple", "nullbooleanselect", "lazyselect")
CHECKS = ("checkbox", "radioselect", "checkboxselectmultiple")


@register.simple_tag
def control(field: BoundField, **attrs: str) -> SafeString:
    """The widget of ``field`` with the right class; Django itself ties its errors and help to it."""
    kind = field.widget_type
    plain = "form-check-input" if kind in CHECKS else "form-control"
    classes = ["form-select" if kind in SELECTS else plain, "is-invalid" if field.errors else ""]
    classes += [field.field.widget.attrs.get("class", ""), attrs.pop("class", "")]
    return field.as_widget(attrs={**attrs, "class": " ".join(filter(None, classes))})


@register.inclusion_tag("_field.html")
def field(bound: BoundField) -> dict[str, object]:
    """One field by hand: label, error, widget, help."""
    return {"field": bound}


@register.filter
def focus_id(bound: BoundField) -> str:
    """What a link in the error summary points at: the first control of ``bound``."""
    if bound.is_hidden:
        # A drawn signature: the box round its pad (templates/records/_pad.html).
        return f"div_{bound.auto_id}"
    several = bound.use_fieldset and bound.widget_type in CHECKS
    return f"{bound.auto_id}_0" if several else bound.id_for_label or bound.auto_id
