"""What a check run may say: the fields of a request, held to GitHub's limits before anything is stored."""

from __future__ import annotations

import json
from datetime import datetime

from app.standin.github import answers
from app.standin.github.answers import Refusal
from app.standin.github.call import needed_text, objects, text
from app.standin.github.records import CheckRun, Json

TEXT_LIMIT = 65_535
TEXT_COMPLAINT = "Only 65535 characters are allowed"
ANNOTATIONS_A_REQUEST = 50
ACTIONS = 3
ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}
MESSAGE_LIMIT = 64 * 1024
TITLE_LIMIT = 255
STATUSES = ("queued", "in_progress", "completed")
ACTIONS_ONLY = ("waiting", "requested", "pending")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
LEVELS = ("notice", "warning", "failure")


def _member(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise answers.invalid_request(
            f"For 'properties/{name}', {value} is not a member of {json.dumps(allowed)}."
        )


def apply(run: CheckRun, body: Json, now: datetime) -> None:
    """Changes the run as the body says; nothing is changed when any of it is refused.

    Raises: Refusal 422 in GitHub's words.
    """
    status, conclusion = text(body, "status"), text(body, "conclusion")
    if status in ACTIONS_ONLY:
        raise answers.unprocessable(f"Only GitHub Actions may use the status {status}.")
    _member("status", status, STATUSES)
    _member("conclusion", conclusion, CONCLUSIONS)
    if status == "completed" and conclusion is None:
        raise answers.invalid_request(
            'No subschema in "anyOf" matched.',
            '"conclusion" wasn\'t supplied.',
            'completed is not a member of ["queued", "in_progress"].',
        )
    output, actions = _output(body), _actions(body)
    moments = {name: _moment(body, name) for name in ("started_at", "completed_at")}
    run.started_at = moments["started_at"] or run.started_at
    _conclude(run, status, conclusion, moments["completed_at"], now)
    run.name = text(body, "name") or run.name
    for name in ("external_id", "details_url"):
        if (value := text(body, name)) is not None:
            setattr(run, name, value)
    if actions is not None:
        run.actions = actions
    if output is not None:
        run.title, run.summary = output["title"] or run.title, output["summary"]
        run.text = output["text"] if output["text"] is not None else run.text
        run.annotations.extend(output["annotations"])


def _conclude(
    run: CheckRun, status: str | None, conclusion: str | None, completed_at: datetime | None, now: datetime
) -> None:
    if conclusion is not None or status == "completed":
        run.status, run.conclusion = "completed", conclusion
        run.completed_at = completed_at or now
    elif status is not None:
        run.status, run.conclusion, run.completed_at = status, None, None


def _moment(body: Json, name: str) -> datetime | None:
    value = text(body, name)
    return None if value is None else answers.parse_stamp(value)


def _output(body: Json) -> Json | None:
    output = body.get("output")
    if output is None:
        return None
    if not isinstance(output, dict):
        raise answers.invalid_request("For 'properties/output', the value is not an object.")
    found: Json = {name: text(output, name) for name in ("title", "summary", "text")}
    if found["summary"] is None:
        raise answers.invalid_request("For 'properties/output', \"summary\" wasn't supplied.")
    for name in ("summary", "text"):
        # Bytes, not letters: the column behind it is measured in bytes.
        if len((found[name] or "").encode()) > TEXT_LIMIT:
            raise _too_long()
    found["annotations"] = [_annotation(each) for each in _annotations(output)]
    return found


def _too_long() -> Refusal:
    return answers.validation_failed(TEXT_COMPLAINT)


def _annotations(output: Json) -> list[Json]:
    given = objects(output, "annotations")
    if len(given) > ANNOTATIONS_A_REQUEST:
        raise answers.invalid_request(
            f"No more than {ANNOTATIONS_A_REQUEST} items are allowed; {len(given)} were supplied.",
        )
    return given


def _annotation(given: Json) -> Json:
    path, message, level = (needed_text(given, name) for name in ("path", "message", "annotation_level"))
    _member("annotation_level", level, LEVELS)
    lines = {name: _line(given, name) for name in ("start_line", "end_line")}
    columns = {name: given.get(name) for name in ("start_column", "end_column")}
    if lines["start_line"] > lines["end_line"]:
        raise answers.invalid_request("For 'properties/annotations', end_line is before start_line.")
    if lines["start_line"] != lines["end_line"] and any(c is not None for c in columns.values()):
        raise answers.invalid_request(
            "start_column and end_column need start_line and end_line to be the same."
        )
    title, details = text(given, "title"), text(given, "raw_details")
    too_long = (
        len(message.encode()) > MESSAGE_LIMIT
        or len((details or "").encode()) > MESSAGE_LIMIT
        or len(title or "") > TITLE_LIMIT
    )
    if too_long or not path:
        raise answers.invalid_request("For 'properties/annotations', a field is empty or too long.")
    more = {"annotation_level": level, "title": title, "message": message, "raw_details": details}
    return {"path": path, **lines, **columns, **more}


def _line(given: Json, name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise answers.invalid_request(
            f'"{name}" wasn\'t supplied.' if value is None else f"{value!r} is not a line."
        )
    return value


def _actions(body: Json) -> list[Json] | None:
    if body.get("actions") is None:
        return None
    given = objects(body, "actions")
    if len(given) > ACTIONS:
        raise answers.invalid_request(
            f"No more than {ACTIONS} items are allowed; {len(given)} were supplied."
        )
    for one in given:
        for name, limit in ACTION_LIMITS.items():
            if len(needed_text(one, name)) > limit:
                raise answers.invalid_request(
                    f"For 'properties/actions', {name} is too long (maximum is {limit} characters)."
                )
    return [{name: one[name] for name in ACTION_LIMITS} for one in given]
