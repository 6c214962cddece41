"""What the browser may keep of a form: nothing personal. Every field of every form is looked at."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings

from fire_supervision.lib.encrypted import EncryptedTextField, encrypted_columns
from fire_supervision.lib.forms import StrokesField
from hazards.service_forms import _field
from hazards.ways import WAYS

# The secret of somebody's codes is encrypted as well, and typed by nobody.
PERSONAL_NAMES = {column for *_, column in encrypted_columns()} - {"key"}
# Words a label uses of what is kept encrypted; the number of a police certificate stands on every paper.
PERSONAL_WORDS = re.compile("电话|手机|身份证|联系方式|接收号码|举报人姓名")
# Four figures of it, on the public page of a link, where nothing is kept: it names nobody.
SPARED = {("hazards.dispatch_forms", "last_four")}


def all_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of ours, wherever its module stands."""
    for app in apps.get_app_configs():
        if not str(app.path).startswith(str(settings.BASE_DIR)) or ".venv" in str(app.path):
            continue
        for module in pkgutil.walk_packages([app.path], f"{app.name}."):
            if "form" in module.name or ".views" in module.name or "filters" in module.name:
                importlib.import_module(module.name)
    waiting = [forms.BaseForm]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__module__.split(".")[0] in {each.name for each in apps.get_app_configs()} - {"django"}:
            yield kind


def fields() -> Iterator[tuple[str, str, forms.Field]]:
    for kind in all_forms():
        for name, field in getattr(kind, "base_fields", {}).items():
            yield kind.__module__, name, field
    for way in WAYS.values():
        for ask in way.asks:
            yield "hazards.service_forms", ask.field, _field(ask)


def is_personal(name: str, field: forms.Field) -> bool:
    return name in PERSONAL_NAMES or bool(PERSONAL_WORDS.search(str(field.label or "")))


def is_marked(field: forms.Field) -> bool:
    return {"data-personal": "", "autocomplete": "off"}.items() <= field.widget.attrs.items()


def test_every_field_that_holds_personal_data_is_marked() -> None:
    asked = [(module, name, field) for module, name, field in fields() if is_personal(name, field)]

    assert {(module, name) for module, name, field in asked if not is_marked(field)} == SPARED
    assert {name for _, name, _ in asked} == {"phone", "complainant", "contact", "account", "last_four"}


def test_no_field_is_marked_for_nothing() -> None:
    assert {name for _, name, field in fields() if is_marked(field) and not is_personal(name, field)} == set()


def test_signatures_lie_in_hidden_controls_which_no_script_keeps() -> None:
    drawn = [field for _, _, field in fields() if isinstance(field, StrokesField)]

    assert len(drawn) >= 3
    assert {field.widget.is_hidden for field in drawn} == {True}


def test_no_template_writes_such_a_control_by_hand() -> None:
    written = re.compile(rf'<(?:input|textarea)[^>]*name="(?:{"|".join(sorted(PERSONAL_NAMES))})"')
    templates = (settings.BASE_DIR / "templates").rglob("*.html")

    assert [path.name for path in templates if written.search(path.read_text())] == []


@pytest.mark.parametrize("column", [EncryptedTextField("电话", max_length=20), EncryptedTextField("联系方式")])
def test_a_column_that_is_encrypted_brings_its_mark_along(column: Any) -> None:
    column.model = SimpleNamespace()
    column.name = "phone"

    assert is_marked(column.formfield())
    # Each form has attributes of its own.
    assert column.formfield().widget.attrs is not column.formfield().widget.attrs
