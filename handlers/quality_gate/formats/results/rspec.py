"""RSpec's JSON: every example counted, and errors outside of examples."""

from __future__ import annotations

import msgspec

from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded_once
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source

STATUSES = {"passed": Outcome.PASSED, "pending": Outcome.SKIPPED, "failed": Outcome.FAILED}
"""`status` of an example; any other word is a broken test."""


class _Raised(msgspec.Struct):
    message: str | None = None


class _Example(msgspec.Struct):
    status: str
    full_description: str | None = None
    description: str | None = None
    file_path: str | None = None
    line_number: int | None = None
    exception: _Raised | None = None


class _Summary(msgspec.Struct):
    example_count: int | None = None
    failure_count: int | None = None
    errors_outside_of_examples_count: int = 0


class _Document(msgspec.Struct):
    examples: list[_Example]
    version: str | None = None
    summary: _Summary | None = None
    messages: list[str] = []


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object with RSpec's first keys."""
    found = heads.json_keys(head)
    return found is not None and found[0] == "{" and {"version", "examples"} <= found[1]


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not RSpec's JSON."""
    document = decoded_once(source, DECODER, "rspec-json")
    tally, summary = Tally(), document.summary or _Summary()
    for example in document.examples:
        _count(tally, example)
    contradictions = _contradictions(summary, tally)
    if summary.errors_outside_of_examples_count > 0:
        tally.break_suite(
            "outside of examples", "\n".join(document.messages) or "an error outside of examples"
        )
    tally.suites = len({example.file_path for example in document.examples})
    tools = (Tool("rspec", document.version[:100]),) if document.version else ()
    return tally.report("rspec-json", tools, contradictions=contradictions)


FORMAT = Format("rspec-json", Kind.TESTS, sniff, parse)


def _count(tally: Tally, example: _Example) -> None:
    outcome = STATUSES.get(example.status, Outcome.ERROR)
    name = example.full_description or example.description or ""
    if outcome >= Outcome.FAILED:
        message = (example.exception and example.exception.message) or f"the status is {example.status!r}"
        path = example.file_path.removeprefix("./") if example.file_path else None
        tally.fail(name, message, path, example.line_number, broken=outcome == Outcome.ERROR)
    else:
        tally.add(outcome, name)


def _contradictions(summary: _Summary, tally: Tally) -> tuple[str, ...]:
    found: list[str] = []
    if summary.example_count is not None and summary.example_count != tally.tests:
        found.append(f"the summary counts {summary.example_count} examples, but {tally.tests} are written")
    if summary.failure_count and not tally.bad:
        found.append("the summary counts failures, but no example has one")
    return tuple(found)
