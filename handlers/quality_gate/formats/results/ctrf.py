"""CTRF, the Common Test Report Format: every item of `results.tests` counted (https://ctrf.io)."""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded_once
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source

STATUSES = {
    "passed": Outcome.PASSED,
    "skipped": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "failed": Outcome.FAILED,
}
"""`status` of a test; `other` and any other word is a broken test."""
BEGINS = re.compile(r'"results"\s*:\s*\{\s*"(?:tool|summary)"\s*:\s*\{')


class _Test(msgspec.Struct):
    name: str
    status: str
    suite: str | list[str] | None = None
    message: str | None = None
    trace: str | None = None
    file_path: str | None = msgspec.field(default=None, name="filePath")
    line: int | None = None
    flaky: bool | None = None


class _Tool(msgspec.Struct):
    name: str = ""
    version: str | None = None


class _Summary(msgspec.Struct):
    tests: int | None = None
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    pending: int | None = None
    other: int | None = None


class _Results(msgspec.Struct):
    tests: list[_Test]
    tool: _Tool | None = None
    summary: _Summary | None = None


class _Document(msgspec.Struct):
    results: _Results


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object that calls itself CTRF, or whose `results` begin with a tool or a summary."""
    found, text = heads.json_keys(head), heads.text_of(head)
    if found is None or found[0] != "{":
        return False
    is_named = "reportFormat" in found[1] and '"CTRF"' in text
    return is_named or ("results" in found[1] and BEGINS.search(text) is not None)


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not CTRF."""
    results = decoded_once(source, DECODER, "ctrf").results
    tally, suites = Tally(), set[str]()
    for test in results.tests:
        suite = test.suite if isinstance(test.suite, str) else " ".join(test.suite or ())
        suites.add(suite)
        _count(tally, test, f"{suite}.{test.name}" if suite else test.name)
    tally.suites = len(suites - {""})
    tool = results.tool
    tools = (Tool(tool.name.lower()[:100], (tool.version or "")[:100]),) if tool and tool.name else ()
    return tally.report(
        "ctrf", tools, contradictions=_contradictions(results.summary or _Summary(), tally, results.tests)
    )


FORMAT = Format("ctrf", Kind.TESTS, sniff, parse)


def _count(tally: Tally, test: _Test, name: str) -> None:
    outcome = STATUSES.get(test.status, Outcome.ERROR)
    if outcome >= Outcome.FAILED:
        path, line = test.file_path, test.line
        if path is None or line is None:
            path, line = place(test.trace or "") or (path, line)
        message = test.message or f"the status is {test.status!r}"
        tally.fail(name, message, path, line, broken=outcome == Outcome.ERROR)
    else:
        tally.add(outcome, name)
        tally.flaky += bool(test.flaky) and outcome == Outcome.PASSED


def _contradictions(summary: _Summary, tally: Tally, tests: list[_Test]) -> tuple[str, ...]:
    found: list[str] = []
    if summary.tests is not None and summary.tests != tally.tests:
        found.append(f"the summary counts {summary.tests} tests, but {tally.tests} are written")
    ended = Counter(STATUSES.get(test.status, Outcome.ERROR) for test in tests)
    skipped = (summary.skipped or 0) + (summary.pending or 0) or None
    for what, told, outcome in (
        ("passed", summary.passed, Outcome.PASSED),
        ("failed", summary.failed, Outcome.FAILED),
        ("skipped", skipped, Outcome.SKIPPED),
        ("other", summary.other, Outcome.ERROR),
    ):
        if told is not None and told != ended[outcome]:
            found.append(f"the summary counts {told} tests as {what}, but {ended[outcome]} are written")
    return tuple(found)
