"""What a password must be, by the preset: validators of Django's kind beside its list of common ones."""

import logging
import re
import unicodedata
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from fire_supervision.lib import breached
from stations.entrances import FormerPassword
from stations.models import User

logger = logging.getLogger(__name__)
# Small letters, capitals, figures, anything else.
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
# What everybody who attacks this product tries first.
_PRODUCT = (
    "消防",
    "监督",
    "派出所",
    "公安",
    "xiaofang",
    "jiandu",
    "paichusuo",
    "gongan",
    "jingcha",
    "police",
    "fire119",
)
_KEYS = ("1234567890", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "abcdefghijklmnopqrstuvwxyz")
_ROWS = [row * 4 for keys in _KEYS for row in (keys, keys[::-1])]
_PIECE, _MOST_JOINED = 3, 3
_SIGNS, _AROUND = re.compile(r"[\W_]+"), re.compile(r"^[\W\d_]+|[\W\d_]+$")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
# What is written instead of a letter.
_INSTEAD = str.maketrans("@4310$57", "aaeiosst")
# A shorter one stands in many a good password by chance.
_SHORTEST = 2


class Length:
    """At least PASSWORD_LENGTH characters."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        if len(password) < settings.PASSWORD_LENGTH:
            raise ValidationError(f"太短，至少 {settings.PASSWORD_LENGTH} 位", code="too_short")

    def get_help_text(self) -> str:
        return f"至少 {settings.PASSWORD_LENGTH} 位"


class Classes:
    """PASSWORD_CLASSES of the four kinds of characters."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        if sum(bool(re.search(each, password)) for each in _CLASSES) < settings.PASSWORD_CLASSES:
            raise ValidationError(f"须含{self.get_help_text()}", code="too_uniform")

    def get_help_text(self) -> str:
        wanted = settings.PASSWORD_CLASSES
        return f"小写字母、大写字母、数字、符号中的 {wanted} 种" if wanted else ""


class Simple:
    """No short password made long (ASVS 6.2.4): what makes it up is common, a piece again and again, a row of keys.

    Of passwords as long as ours no ranking is published. What people who must write fifteen characters do to one of the
    commonest is known, and undone here: figures and signs around it or between, letters doubled or exchanged for
    figures, itself again, another one behind it.
    """

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        typed = unicodedata.normalize("NFKC", password).casefold()
        if typed in _common():
            # Said by the list itself.
            return
        if any(_joined(each, _MOST_JOINED) for each in _substances(typed)):
            words = "太容易猜：不要重复同一段、连续的键，也不要在常见密码前后加数字、符号，或把它们连在一起"
            raise ValidationError(words, code="too_simple")

    def get_help_text(self) -> str:
        return ""


def _substances(typed: str) -> set[str]:
    """What ``typed`` may have been made of."""
    core = _AROUND.sub("", typed)
    bare = {_SIGNS.sub("", each) for each in (typed, core, core.translate(_INSTEAD))} - {""}
    return bare | {typed} | {each[::2] for each in bare if each[::2] == each[1::2]}


def _joined(typed: str, most: int) -> bool:
    """Whether ``typed`` is at most ``most`` weak pieces one after the other."""
    if _weak(typed) or most == 1:
        return _weak(typed)
    return any(_weak(typed[:end]) and _joined(typed[end:], most - 1) for end in range(_PIECE, len(typed)))


def _weak(piece: str) -> bool:
    if piece in _common() or _YEAR.fullmatch(piece) or _repeats(piece):
        return True
    return len(piece) >= _PIECE and any(piece in row for row in _ROWS)


def _repeats(typed: str) -> bool:
    """A piece at least twice, or a common one begun anew."""
    half = len(typed) // 2
    sizes = (size for size in range(1, len(typed)) if typed.startswith(typed[size:]))
    return any(size <= half or typed[:size] in _common() for size in sizes)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """With and without their signs."""
    words = CommonPasswordValidator().passwords
    return frozenset(words) | {_SIGNS.sub("", word) for word in words}


class OwnWords:
    """Nothing that can be read off the person's desk: number, name, organisation, what the product is about."""

    def validate(self, password: str, user: User | None = None) -> None:
        typed = password.casefold()
        own = _words_of(user) if user is not None else []
        if any(word.casefold() in typed for word in (*_PRODUCT, *own)):
            raise ValidationError("不要用警号、姓名、单位名称和“消防”“公安”一类的词", code="own_words")

    def get_help_text(self) -> str:
        return "不用警号、姓名、单位名称，也不用常见密码"


def _words_of(user: User) -> list[str]:
    home = user.organisation
    return [word for word in (user.number, user.name, home.name, home.short_name) if len(word) >= _SHORTEST]


class NotAgain:
    """None of the last PASSWORD_HISTORY passwords."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or not settings.PASSWORD_HISTORY:
            return
        # The one in force is the first of those that may not come back.
        former = FormerPassword.objects.filter(user=user)[: settings.PASSWORD_HISTORY - 1]
        if any(check_password(password, hashed) for hashed in (user.password, *(each.password for each in former))):
            raise ValidationError(f"最近用过的 {settings.PASSWORD_HISTORY} 个密码不能再用", code="used_before")

    def get_help_text(self) -> str:
        return f"不能是最近用过的 {settings.PASSWORD_HISTORY} 个" if settings.PASSWORD_HISTORY else ""


class NotBreached:
    """None of the list at BREACHED_PASSWORDS, where there is one."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        if not settings.BREACHED_PASSWORDS:
            return
        try:
            found = breached.holds(settings.BREACHED_PASSWORDS, password)
        except OSError:  # `check` tells of it at the start; nobody is kept from a new password meanwhile
            logger.error("BREACHED_PASSWORDS cannot be read: %s", settings.BREACHED_PASSWORDS)
            return
        if found:
            raise ValidationError("这个密码在别处泄露过，请换一个", code="breached")

    def get_help_text(self) -> str:
        return ""


RULES: tuple[Any, ...] = (Length, Classes, OwnWords, NotAgain, NotBreached)


def rules_in_words() -> str:
    """What is asked of a new password, for the field it is typed in."""
    return "；".join(words for rule in RULES if (words := rule().get_help_text())) + "。"
