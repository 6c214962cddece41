"""An officer at a browser: pages over the web server's own socket, a session, forms, and the patience to try again."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.forms import read_form

LOGIN = "/login/"
TIMEOUT = 30


class Away(Exception):
    """No answer: the server was killed, restarts, or lost its database in the middle of the request."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    page: str

    @property
    def done(self) -> bool:
        """What the browser shows as success: it is led on, and not to the sign-in page."""
        return self.status == 302 and not self.location.startswith(LOGIN)


class _Connection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


@dataclass
class Browser:
    """One officer's session; several threads may use it, as several tabs do."""

    server: Path
    number: str
    password: str
    cookies: dict[str, str] = field(default_factory=dict)

    def form(self, path: str, answers: Mapping[str, str]) -> str:
        """Open the page of a form and fill it in; the body to post. Signs in on the way where it must."""
        answer = self.get(path)
        if answer.status == 302 and answer.location.startswith(LOGIN):
            self._sign_in()
            answer = self.get(path)
        if answer.status >= 500:
            raise Away(f"{path}: {answer.status}")
        return read_form(answer.page).filled(answers)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, body: str) -> Answer:
        return self._ask("POST", path, body)

    def _sign_in(self) -> None:
        body = read_form(self.get(LOGIN).page).filled({"number": self.number, "password": self.password})
        answer = self.post(LOGIN, body)
        if answer.status != 302:
            raise Away(f"{self.number} could not sign in: {answer.status}")

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Host": "localhost", "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = _Connection(self.server)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        except (OSError, HTTPException) as error:
            raise Away(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(response.status, urlsplit(response.headers.get("Location", "")).path, page)
