"""`.env.example` is the manual of the settings: a setting that is missing there does not exist for an operator."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ_BY_OTHERS = {
    "POSTGRES_PASSWORD", "FIRE_APP_PASSWORD", "FIRE_SWEEPS_PASSWORD", "REDIS_PASSWORD", "KEYS_DIR", "PORT",
    "WEB_CONCURRENCY",
}  # fmt: skip


def names_read_by_settings() -> set[str]:
    tree = ast.parse((ROOT / "fire_supervision" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_setting_is_documented_and_nothing_else():
    documented = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(names_read_by_settings() | READ_BY_OTHERS)


def test_the_names_left_to_others_are_read_by_them():
    read = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    assert {name for name in READ_BY_OTHERS if name in read} == READ_BY_OTHERS
