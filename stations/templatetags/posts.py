"""Who else may do what somebody may not."""

from django import template

from stations.permissions import ROLE_CAN, Can

register = template.Library()


@register.filter
def posts_for(words: object) -> str:
    """The posts with the capability called ``words``; empty when no capability is called so."""
    found = next((can for can in Can if can.label == str(words)), None)
    return "、".join(role.label for role, may in ROLE_CAN.items() if found in may)
