"""Keys that an object of a SARIF file repeats, found without reading a large file twice unless there is a doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.quality_gate.formats.documents import repeated_keys
from handlers.quality_gate.formats.findings import sarif_shapes as shapes

DECISIVE = (
    b'"runs"',
    b'"results"',
    b'"suppressions"',
    b'"kind"',
    b'"level"',
    b'"baselineState"',
    b'"executionSuccessful"',
)
HIDDEN = re.compile(rb"\\u00[4-7][0-9A-Fa-f]")
"""An escaped letter: no tool escapes one, and it could hide a key from being counted."""


def repeated_in(raw: bytes, log: shapes.Log, in_results: int) -> tuple[str, ...]:
    """The contradictions of `documents.repeated_keys`, where a key that could hide a failure may be repeated.

    Keys that decide are counted in the bytes. Only where there are more than were decoded (a repeated one, or one in a place that
    is not looked at) is the file read again with all of its keys, which takes longer than all the rest. `in_results` is what
    `decisive_in` gives for all results together.
    """
    written = sum(raw.count(key) for key in DECISIVE)
    decoded = in_results + sum(_outside_results(log))
    return repeated_keys(raw) if written != decoded or HIDDEN.search(raw) else ()


def decisive_in(result: shapes.Result) -> int:
    """How many values of decisive keys a result has."""
    return (
        (result.level is not None)
        + (result.kind is not None)
        + (result.suppressions is not None)
        + (result.baseline_state is not None)
    )


def _outside_results(log: shapes.Log) -> Iterator[int]:
    yield log.runs is not None
    for run in log.runs or []:
        yield run.results is not None
        for part in (run.tool.driver, *(run.tool.extensions or [])):
            configurations = (rule.default_configuration for rule in part.rules or [])
            yield sum(each is not None and each.level is not None for each in configurations)
        for invocation in run.invocations or []:
            yield invocation.execution_successful is not None
            for notes in (
                invocation.tool_execution_notifications,
                invocation.tool_configuration_notifications,
            ):
                yield sum(note.level is not None for note in notes or [])
