"""A page's form as a browser would send it: what the page fills in, and what the officer answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

Attributes = list[tuple[str, str | None]]
# A file is never attached, a button never has a name in these pages.
SILENT = {"submit", "button", "reset", "file", "image"}


class NoForm(Exception):
    """The page shows no form to fill in: the act was done already, or may not be done."""


@dataclass
class Form:
    """Values by field; a group of radio buttons without a choice has none."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, answers: Mapping[str, str]) -> str:
        """The body of the request. An answer named ``passed_`` is given to every field that begins like that."""
        values = {name: list(given) for name, given in self.values.items()}
        for wanted, answer in answers.items():
            for name in values:
                if name == wanted or (wanted.endswith("_") and name.startswith(wanted)):
                    values[name] = [answer]
        return urlencode(values, doseq=True)


def read_form(page: str) -> Form:
    """The form of ``page`` that posts most; a page has a small one for signing out besides."""
    reader = _Reader()
    reader.feed(page)
    if not reader.forms or len(max(reader.forms, key=lambda form: len(form.values)).values) < 1:
        raise NoForm(page[:200])
    return max(reader.forms, key=lambda form: len(form.values))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._named: dict[str, Form] = {}
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            self._form = self._named[given.get("id") or ""] = Form()
            if (given.get("method") or "").lower() == "post":
                self.forms.append(self._form)
        elif tag == "input" and given.get("form") in self._named and given.get("name"):
            _put(self._named[str(given["form"])], str(given["name"]), given)
        elif self._form is not None and tag == "option":
            self._option(given)
        elif self._form is not None and given.get("name"):
            self._control(tag, str(given["name"]), given)

    def _control(self, tag: str, name: str, given: Mapping[str, str | None]) -> None:
        assert self._form is not None
        if tag == "textarea":
            self._area = name
            self._form.values[name] = [""]
        elif tag == "select":
            self._select = name
            self._form.values[name] = []
        elif tag == "input":
            _put(self._form, name, given)

    def _option(self, given: Mapping[str, str | None]) -> None:
        if self._form is not None and self._select is not None and "selected" in given:
            self._form.values[self._select] = [given.get("value") or ""]

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.values[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form is not None and self._area is not None:
            self._form.values[self._area][0] = self._form.values[self._area][0].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None


def _put(form: Form, name: str, given: Mapping[str, str | None]) -> None:
    """What an input sends; one that stands outside its form names it."""
    if given.get("type", "text") in SILENT:
        return
    known = form.values.setdefault(name, [])
    if given.get("type") not in ("radio", "checkbox") or "checked" in given:
        known.append(given.get("value") or "")
