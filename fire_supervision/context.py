"""What the frame around every page shows: navigation by capability, unread messages, the organisation."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    return {}
