"""SARIF 2.1.0: results with the levels that the standard gives them, whatever the tool left out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded_bytes, utf8
from handlers.quality_gate.formats.findings import sarif_shapes as shapes
from handlers.quality_gate.formats.findings.bounded import reported
from handlers.quality_gate.formats.findings.sarif_keys import repeated_in
from handlers.quality_gate.formats.findings.sarif_run import RunReader
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

VERSION = "2.1.0"
HARMLESS = frozenset({None, "none", "note", "warning"})
"""Levels of what a tool says about itself that leave its results whole; without one it is a warning (3.58.6)."""
LOG = msgspec.json.Decoder(shapes.Log)
ANY_VERSION = msgspec.json.Decoder(shapes.Version)


def sniff(head: bytes) -> bool:
    """Whether it is an object with the first keys of a SARIF log of any version."""
    keys = heads.json_keys(head)
    if keys is None or keys[0] != "{" or "runs" not in keys[1]:
        return False
    return bool(keys[1] & {"version", "$schema"}) or b'"tool"' in head


def parse(source: Source) -> Report:
    """The results of all runs; accepted suppressions are only counted, results that are gone (`absent`) left out.

    Raises `InvalidInput` where it is not SARIF 2.1.0.
    """
    with _uncollected():
        raw = utf8(source)
        log = _log(raw)
        readers = [RunReader(run) for run in log.runs or []]
        return reported(
            "sarif",
            [each for reader in readers for each in reader.findings],
            tools=tuple(reader.tool for reader in readers),
            suppressed=sum(reader.suppressed for reader in readers),
            warnings=_warnings(log),
            contradictions=repeated_in(raw, log, sum(reader.decisive for reader in readers)),
            vacuous=tuple(dict.fromkeys(_vacuous(log))),
        )


FORMAT = Format("sarif", Kind.FINDINGS, sniff, parse)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No cycle is made while reading, and looking for some takes a tenth of the time of a large file."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _log(raw: bytes) -> shapes.Log:
    try:
        log = decoded_bytes(raw, LOG, "SARIF")
    except InvalidInput:
        _refuse_version(decoded_bytes(raw, ANY_VERSION, "SARIF").version)
        raise
    _refuse_version(log.version)
    return log


def _refuse_version(version: str) -> None:
    if version != VERSION:
        raise InvalidInput("report.sarif_version", f"SARIF of version {version[:40]!a}; known: {VERSION}")


def _vacuous(log: shapes.Log) -> Iterator[str]:
    if not log.runs:
        yield "the file has no run"
    if any(each.results for each in log.inline_external_properties or []):
        yield "results lie in external properties, which are not read"
    for run in log.runs or []:
        if run.results is None:
            yield "a run has no list of results: it did not scan"
        if run.external_property_file_references and run.external_property_file_references.results:
            yield "results lie in another file, which is not read"
        for invocation in run.invocations or []:
            if invocation.execution_successful is False:
                yield "the tool says that its run failed"
            notes = (invocation.tool_execution_notifications or []) + (
                invocation.tool_configuration_notifications or []
            )
            if any(note.level not in HARMLESS for note in notes):
                yield "the tool reports an error of its own"


def _warnings(log: shapes.Log) -> tuple[str, ...]:
    """Whether a run is without anything that shows what was scanned; some tools write clean runs so."""
    bare = any(
        run.results == []
        and not run.artifacts
        and not run.invocations
        and not any(part.rules for part in (run.tool.driver, *(run.tool.extensions or [])))
        for run in log.runs or []
    )
    return ("a run without results names no rule, file or invocation either",) if bare else ()
