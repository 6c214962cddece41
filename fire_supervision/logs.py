"""Lines of the log, as text or one JSON object each: with the number of their request, no telephone or link whole."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from fire_supervision.lib.masking import link_hidden, masked_within
from trail.context import current_origin

# Of gunicorn's access line: what a processor asks for, by gunicorn's own names.
ACCESS = {"address": "h", "method": "m", "path": "U", "status": "s", "bytes": "B", "milliseconds": "M"}
REQUEST_ID = "{x-request-id}o"
# The path without its query: people search for names and telephones.
ACCESS_LINE = "%(" + ")s %(".join([*ACCESS.values(), REQUEST_ID]) + ")s"


class Text(logging.Formatter):
    """For who reads: time, level, who says it, what, and the number of the request where there is one."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        line, request_id = super().formatMessage(record), current_origin.get().request_id
        return f"{line} [{request_id}]" if request_id else line

    def format(self, record: logging.LogRecord) -> str:
        return _unnamed(super().format(record))


class Json(logging.Formatter):
    """For what collects: one object a line, its keys always the same; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _unnamed(record.getMessage()),
            "process": record.process,
            "request_id": current_origin.get().request_id,
        }
        if record.exc_info:
            told["error"] = _unnamed(self.formatException(record.exc_info))
        if record.stack_info:
            told["stack"] = _unnamed(self.formatStack(record.stack_info))
        return json.dumps(told | _access(record.args), ensure_ascii=False)


def _access(args: object) -> dict[str, Any]:
    """What gunicorn tells of a request, part by part; nothing for any other line."""
    if not isinstance(args, Mapping) or not args.keys() >= set(ACCESS.values()):
        return {}
    found = {name: args[atom] for name, atom in ACCESS.items()}
    told = {name: int(value) if str(value).isdecimal() else _unnamed(str(value)) for name, value in found.items()}
    return {**told, "request_id": args.get(REQUEST_ID, "")}


def _unnamed(text: str) -> str:
    return link_hidden(masked_within(text))


FORMATS: dict[str, type[logging.Formatter]] = {"text": Text, "json": Json}


def config(written: str, level: str) -> dict[str, Any]:
    """LOGGING: everything goes to standard error, ``written`` as `text` or `json`. Raises ImproperlyConfigured."""
    if written not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {written!r}; it is one of {', '.join(FORMATS)}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[written]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
            "django.request": {"level": "ERROR"},
            # "received" beside "succeeded", and the embedded broker's missing host name.
            "celery.worker.strategy": {"level": "WARNING"},
            "kombu.connection": {"level": "ERROR"},
        },
    }
