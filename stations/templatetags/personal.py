"""Personal data on a page, as whoever looks at it sees it."""

from django import template

from stations import personal
from stations.models import User
from stations.personal import Personal

register = template.Library()


@register.filter
def shown_to(value: str, user: User) -> str:
    """A unit's telephone in a list: ``{{ unit.phone|shown_to:request.user }}``."""
    return personal.shown(user, Personal.UNIT_PHONE, value)


@register.filter
def staff_phone(value: str, user: User) -> str:
    return personal.shown(user, Personal.STAFF_PHONE, value)


@register.filter
def account_shown_to(value: str, user: User) -> str:
    return personal.shown(user, Personal.ACCOUNT, value)


@register.filter
def may_call(user: User, kind: str = Personal.UNIT_PHONE) -> bool:
    """Whether ``user`` sees such a number whole."""
    return personal.sees(user, Personal(kind))
