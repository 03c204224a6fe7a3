"""Logs: an event name plus fields, one JSON object a line; never a payload, token, signature or log excerpt."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from app.telemetry import traces

KNOWN = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}
_about: ContextVar[Mapping[str, object]] = ContextVar("about", default={})  # noqa: B039 (never changed in place)


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """Adds these fields to every line that is logged inside the block, also by what it awaits; empty ones are left out."""
    token = _about.set({**_about.get(), **{name: value for name, value in fields.items() if value}})
    try:
        yield
    finally:
        _about.reset(token)


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What a line is about: the trace, the block's fields, and its own, which win."""
    own = {key: value for key, value in record.__dict__.items() if key not in KNOWN}
    trace_id = traces.trace_id()
    return {**({"trace_id": trace_id} if trace_id else {}), **_about.get(), **own}


class JsonFormatter(logging.Formatter):
    """One object a record; fields given as `extra` keep their names."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        entry.update(fields_of(record))
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """For people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields = " ".join(f"{key}={value}" for key, value in fields_of(record).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:7} {record.getMessage()} {fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure_logging(form: Literal["json", "text"], level: str) -> None:
    """Sends the root logger to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
