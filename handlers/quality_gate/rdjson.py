"""Everything that gates marked, as reviewdog's `rdjson`, for other tools: no limit, nothing left out that names a file. Pure.

Source: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. Its columns count bytes of UTF-8 and ours characters; only
the file could turn one into the other, so there are lines alone, and no suggestions, which need columns to be right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from app.domain.markdown import clean
from handlers.quality_gate.annotations import MAX_LINE, MAX_MESSAGE, ordered, repository_path
from handlers.quality_gate.gates.judged import GateVerdict, Mark, Weight

MAX_NAME = 200
SEVERITIES = {Weight.FAILS: "ERROR", Weight.WARNS: "WARNING", Weight.INFORMS: "INFO"}


def rdjson(gates: Iterable[GateVerdict]) -> str:
    """The marks of all gates in the order of their importance, one document with a line for each, and a line end."""
    marks = [
        _diagnostic(path, mark, weight)
        for weight, mark in ordered(gates)
        if (path := repository_path(mark.path)) is not None and (mark.line or 1) <= MAX_LINE
    ]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in marks)
    return f'{{"source":{{"name":"hephaestus"}},"diagnostics":[\n{lines}\n]}}\n'


def _diagnostic(path: str, mark: Mark, weight: Weight) -> dict[str, Any]:
    found: dict[str, Any] = {
        "message": clean(mark.message, MAX_MESSAGE) or "no message",
        "location": _location(path, mark),
        "severity": SEVERITIES[weight],
        "source": {"name": clean(mark.source or mark.gate, MAX_NAME)},
    }
    if code := clean(mark.rule or mark.title, MAX_NAME):
        found["code"] = {"value": code}
    return found


def _location(path: str, mark: Mark) -> dict[str, Any]:
    """Without a line it is about the whole file."""
    if mark.line is None or mark.line < 1:
        return {"path": path}
    found: dict[str, Any] = {"start": {"line": mark.line}}
    if mark.end_line is not None and mark.line < mark.end_line <= MAX_LINE:
        found["end"] = {"line": mark.end_line}
    return {"path": path, "range": found}
