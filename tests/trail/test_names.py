"""Every action the code writes has a Chinese name, and the viewer's select holds it."""

import ast
import re
from collections.abc import Iterator

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings

from fire_supervision.lib.queue import Job
from trail.forms import EntryFilter
from trail.names import ACTS, ANYWHERE, FACTS, ROOMS, action_choices, action_name, fact_name

CODE = re.compile(rf"(?:{'|'.join(ROOMS)})\.[a-z_]+")


def written_codes() -> Iterator[str]:
    """The codes that stand in files that write entries: what looks like one and is neither a task nor a kind of row."""
    current_app.autodiscover_tasks(force=True)
    rows = {model._meta.label_lower for model in apps.get_models()}
    others = {*current_app.tasks, *(job.value for job in Job), *rows}
    for room in ROOMS:
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if "migrations" in path.parts or path.name == "names.py":
                continue
            tree = ast.parse(path.read_text())
            writes = any(isinstance(node, ast.ImportFrom) and node.module == "trail.record" for node in ast.walk(tree))
            if not (writes or room == "trail"):
                continue
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            codes = (value for value in constants if isinstance(value, str) and CODE.fullmatch(value))
            yield from (value for value in codes if value not in others and value.split(".")[1] != "record")


def test_every_action_written_anywhere_has_a_name() -> None:
    codes = set(written_codes())
    assert {"records.issue", "deadlines.overdue", "hazards.serve", "trail.verify"} <= codes
    assert sorted(code for code in codes if action_name(code) == code) == []


def told_facts() -> Iterator[str]:
    """The keys written out in what an entry tells before and after."""
    for room in ROOMS:
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            text = path.read_text()
            if "before=" not in text and "after=" not in text:
                continue
            calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            for word in (word for call in calls for word in call.keywords if word.arg in ("before", "after")):
                tables = (node for node in ast.walk(word.value) if isinstance(node, ast.Dict))
                keys = (key.value for table in tables for key in table.keys if isinstance(key, ast.Constant))
                yield from (key for key in keys if isinstance(key, str))


def test_every_fact_that_is_told_and_is_no_field_has_a_name() -> None:
    fields = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    facts = set(told_facts())
    assert {"sha256", "voided_on", "path"} <= facts
    assert sorted(fact for fact in facts - fields if fact_name(fact) == fact) == []


def test_no_two_actions_of_a_room_are_called_the_same() -> None:
    for room in ROOMS:
        names = [name for code, name in ACTS.items() if code.startswith(f"{room}.")]
        assert len(names) == len(set(names)), room


def test_names_are_chinese() -> None:
    assert [
        name
        for name in (*ACTS.values(), *ROOMS.values(), *ANYWHERE.values(), *FACTS.values())
        if re.search("[A-Za-z]", name)
    ] == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("records.issue", "签发文书"),
        ("units.refused", "访问被拒绝：单位"),
        ("hazards.export", "导出、下载：隐患与整改"),
        ("trail.export", "导出审计记录"),
        ("gone.with_the_wind", "gone.with_the_wind"),
    ],
)
def test_a_code_is_shown_by_its_name(code: str, name: str) -> None:
    assert action_name(code) == name


def test_the_select_offers_every_action_and_each_room_as_a_whole() -> None:
    offered = {code for _, group in action_choices() if isinstance(group, list) for code, _ in group}
    rooms = {*(f"{room}." for room in ROOMS), *(f"{room}.{act}" for room in ROOMS for act in ANYWHERE)}
    assert offered == {*ACTS, *rooms, *(f".{act}" for act in ANYWHERE)}
    assert EntryFilter({"action": "units.refused"}).is_valid()
