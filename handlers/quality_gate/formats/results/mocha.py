"""Mocha's JSON: its lists of passes, failures and pending tests; hooks that failed are among the failures."""

from __future__ import annotations

import msgspec

from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded_once
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source


class _Raised(msgspec.Struct):
    message: str | None = None
    stack: str | None = None


class _Test(msgspec.Struct):
    title: str
    full_title: str = msgspec.field(default="", name="fullTitle")
    file: str | None = None
    current_retry: int | None = msgspec.field(default=None, name="currentRetry")
    err: _Raised | None = None

    @property
    def name(self) -> str:
        return self.full_title or self.title

    @property
    def has_error(self) -> bool:
        return self.err is not None and bool(self.err.message or self.err.stack)


class _Stats(msgspec.Struct):
    suites: int = 0
    tests: int | None = None
    passes: int | None = None
    pending: int | None = None
    failures: int | None = None


class _Document(msgspec.Struct):
    tests: list[_Test]
    passes: list[_Test]
    failures: list[_Test]
    pending: list[_Test] = []
    stats: _Stats | None = None


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object with mocha's first keys."""
    found = heads.json_keys(head)
    return found is not None and found[0] == "{" and {"stats", "tests"} <= found[1]


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not mocha's JSON."""
    document = decoded_once(source, DECODER, "mocha-json")
    stats, tally = document.stats or _Stats(), Tally()
    tally.suites = max(stats.suites, 0)
    for test in document.passes:
        tally.add(Outcome.PASSED, test.name)
        tally.flaky += (test.current_retry or 0) > 0
    for test in document.pending:
        tally.add(Outcome.SKIPPED, test.name)
    for test in document.failures:
        raised = test.err or _Raised()
        path, line = place(raised.stack or "") or (test.file, None)
        tally.fail(test.name, raised.message or "the test failed", path, line)
    return tally.report("mocha-json", contradictions=_contradictions(document, stats, tally))


FORMAT = Format("mocha-json", Kind.TESTS, sniff, parse)


def _contradictions(document: _Document, stats: _Stats, tally: Tally) -> tuple[str, ...]:
    found: list[str] = []
    # Hooks that failed are in the list of failures alone, so the lists may hold more than `tests`, never less.
    if len(document.tests) > tally.tests:
        found.append(f"{len(document.tests)} tests are named, but {tally.tests} have a result")
    if any(test.has_error for test in document.passes):
        found.append("a test that passed has an error")
    broken = sum(test.has_error for test in document.tests)
    if broken > len(document.failures):
        found.append(f"{broken} tests have an error, but {len(document.failures)} failures are written")
    # Mocha counts what it puts into each list.
    for what in ("tests", "passes", "pending", "failures"):
        told, listed = getattr(stats, what), len(getattr(document, what))
        if told is not None and told != listed:
            found.append(f"the summary counts {told} {what}, but {listed} are written")
    return tuple(found)
