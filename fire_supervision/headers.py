"""What every answer says to the browser: one table, put on in one place, error pages and files included."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Camera and place are asked for at the door of a unit, passkeys at sign-in; the rest no page uses.
ALLOWED = (
    "camera", "clipboard-write", "geolocation", "publickey-credentials-create", "publickey-credentials-get",
)  # fmt: skip
REFUSED = (
    "accelerometer", "autoplay", "clipboard-read", "display-capture", "encrypted-media", "fullscreen",
    "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "sync-xhr", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Addresses hold numbers of rows and tokens: nobody outside is told where somebody came from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Nothing of another site is embedded anyway; with this a page shares its process with none.
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=(self)" for name in ALLOWED), *(f"{name}=()" for name in REFUSED)],
    ),
}
# Where the browser reports what the policy stopped (`csp_report` in urls.py).
REPORTS = "/csp/"


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Outermost of all: an answer of another middleware passes here too.

    Nothing but our own scripts, styles and pictures stays in a browser or between: not even a photograph, which shows
    the inside of somebody's shop and lies on a telephone that goes from hand to hand.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response[name] = value
        response["Reporting-Endpoints"] = f'csp="{REPORTS}"'
        if not request.path.startswith(settings.STATIC_URL) and "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response

    return middleware
