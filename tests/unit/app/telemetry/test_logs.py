from __future__ import annotations

import json
import logging

from app.telemetry.logs import JsonFormatter, TextFormatter


def record() -> logging.LogRecord:
    made = logging.LogRecord("app.x", logging.INFO, __file__, 1, "evaluation %s", ("ended",), None)
    made.__dict__.update({"delivery_id": "d-1", "repo": "o/r", "verdict": "fail"})
    return made


def test_a_json_line_holds_the_event_and_its_fields() -> None:
    line = json.loads(JsonFormatter().format(record()))
    del line["time"]
    assert line == {
        "level": "info",
        "logger": "app.x",
        "event": "evaluation ended",
        "delivery_id": "d-1",
        "repo": "o/r",
        "verdict": "fail",
    }


def test_a_json_record_is_one_line_whatever_a_field_holds() -> None:
    hostile = record()
    hostile.__dict__["repo"] = "o/r\n{}"
    assert "\n" not in JsonFormatter().format(hostile)


def test_a_text_line_ends_with_the_fields() -> None:
    assert TextFormatter().format(record()).endswith("evaluation ended delivery_id=d-1 repo=o/r verdict=fail")
