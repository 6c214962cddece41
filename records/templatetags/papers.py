"""How papers write what a context holds in ISO words."""

from datetime import date, datetime

from django import template
from django.utils.safestring import SafeString, mark_safe

from fire_supervision.lib.faces import families
from records import citations

register = template.Library()
_NEVER_IN_A_NAME = str.maketrans("", "", '"\\\n<>')


@register.filter
def day(iso: str) -> str:
    """2026-03-05 → 2026年3月5日 (GB/T 9704: no leading zeros); empty for an unknown day."""
    if not iso:
        return ""
    on = date.fromisoformat(iso[:10])
    return f"{on.year}年{on.month}月{on.day}日"


@register.filter
def moment(iso: str) -> str:
    """2026-03-05T15:30:00+08:00 → 2026年3月5日15时30分 (GB/T 15835), as the clock stood where it was written."""
    if not iso:
        return ""
    at = datetime.fromisoformat(iso)
    return f"{day(iso)}{at.hour}时{at.minute:02d}分"


@register.filter
def stop(words: str) -> str:
    """``words`` as a sentence: typed with a full stop or without, it ends with one."""
    bare = words.rstrip()
    return bare if bare.endswith(("。", "！", "？")) else f"{bare.rstrip('；，、;,.')}。"


@register.filter
def bare(words: str) -> str:
    """``words`` without the stop they were typed with, where the sentence goes on."""
    return words.rstrip().rstrip("。；，、;,.")


@register.filter
def cited(words: str) -> str:
    """消防法第28条 → 《中华人民共和国消防法》第二十八条, as `records.citations` writes it."""
    return citations.cited(words)


@register.simple_tag
def face(use: str) -> SafeString:
    """The families of ``use`` (fang, title, song, hei, kai) for a style sheet, the deployer's own first."""
    named = (family.translate(_NEVER_IN_A_NAME) for family in families(use))
    return mark_safe(", ".join(f'"{family}"' for family in named))  # from the settings, quotes taken out
