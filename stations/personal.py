"""Who sees personal data whole: one table. Everybody else sees it masked, and asks for a single one, on record."""

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fire_supervision.lib.masking import masked
from stations.models import User
from stations.permissions import AT_THE_DOOR, Role


class Personal(models.TextChoices):
    """Kinds of personal data the screens show."""

    UNIT_PHONE = "UNIT_PHONE", "单位责任人电话"
    STAFF_PHONE = "STAFF_PHONE", "民警、辅警电话"
    ACCOUNT = "ACCOUNT", "电子送达接收号码"


# 个保法第6条: no more than the work needs. Who calls a unit or serves it at its number sees it whole, of the units his
# scope shows him; a colleague's number is his own.
SEES: dict[Personal, frozenset[Role]] = {
    Personal.UNIT_PHONE: AT_THE_DOOR,
    Personal.STAFF_PHONE: frozenset(),
    Personal.ACCOUNT: AT_THE_DOOR,
}


def sees(user: User, kind: Personal) -> bool:
    return Role(user.role) in SEES[kind]


def shown(user: User, kind: Personal, value: str) -> str:
    """``value`` as ``user`` sees it on a page, in a list and in an export."""
    return value if sees(user, kind) else masked(value)


def reveal(request: HttpRequest, phone: str, whose: str, pk: int, back: str) -> HttpResponse:
    """The whole number in its place, or on a page of its own for whoever has no script. Neither is kept anywhere."""
    context = {"phone": phone, "whose": whose, "subject_id": pk, "back": back, "whole": True}
    template = "stations/_phone.html" if getattr(request, "htmx", False) else "stations/phone_detail.html"
    return render(request, template, context)


def typed(user: User, kind: Personal, before: str, now: str) -> str:
    """What a form means: the masked value somebody left standing is the one that was there."""
    return before if before and not sees(user, kind) and now == masked(before) else now
