"""JSON lines of `dart test` and `flutter test`: a test that began and never ended is broken."""

from __future__ import annotations

import msgspec

from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.events import event_lines, first_event
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source


class _Test(msgspec.Struct):
    id: int
    name: str
    suite_id: int = msgspec.field(default=-1, name="suiteID")
    line: int | None = None
    url: str | None = None
    root_line: int | None = None
    root_url: str | None = None


class _Suite(msgspec.Struct):
    id: int
    path: str | None = None


class _Event(msgspec.Struct):
    type: str
    test: _Test | None = None
    suite: _Suite | None = None
    test_id: int | None = msgspec.field(default=None, name="testID")
    result: str | None = None
    skipped: bool = False
    hidden: bool = False
    error: str | None = None
    success: bool | None = None
    runner_version: str | None = msgspec.field(default=None, name="runnerVersion")


DECODER = msgspec.json.Decoder(_Event, strict=True)
KEYS = (b'"type":', b'"result":', b'"skipped":', b'"hidden":', b'"success":', b'"testID":')
"""Keys whose repetition in one line could turn a failure into a pass."""


def sniff(head: bytes) -> bool:
    """Whether an early line is the `start` event of the protocol."""
    return first_event(head, b'"protocolVersion"', b'"start"')


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where no line is an event of the protocol."""
    run = _Run()
    for event in event_lines(source, DECODER, KEYS, run.contradictions):
        run.take(event)
    return run.report()


FORMAT = Format("dart-json", Kind.TESTS, sniff, parse)


class _Run:
    def __init__(self) -> None:
        self.contradictions: list[str] = []
        self._tally = Tally()
        self._suites: dict[int, str] = {}
        self._open: dict[int, _Test] = {}
        self._errors: dict[int, str] = {}
        self._ended_well: dict[int, tuple[_Test, Outcome]] = {}
        self._has_events = False
        self._ended: bool | None = None
        self._tools: tuple[Tool, ...] = ()

    def take(self, event: _Event) -> None:
        self._has_events = True
        match event.type:
            case "start" if event.runner_version:
                self._tools = (Tool("dart", event.runner_version[:100]),)
            case "suite" if event.suite:
                self._suites[event.suite.id] = event.suite.path or ""
            case "testStart" if event.test:
                self._begin(event.test)
            case "error" if event.test_id is not None:
                self._take_error(event.test_id, (event.error or "")[:2000])
            case "testDone" if event.test_id is not None:
                self._end(event, self._open.pop(event.test_id, None))
            case "done":
                self._ended = bool(event.success)
            case _:
                pass  # groups and output: they count nothing

    def report(self) -> Report:
        if not self._has_events:
            raise InvalidInput("report.not_dart_json", "no line is an event of dart's test protocol")
        for test in self._open.values():
            self._fail(test, "the test began and never ended", is_broken=True)
        for test_id in [*self._ended_well]:
            self._count_well(test_id)
        if self._ended is None:
            self.contradictions.append("the report does not say that the run ended")
        elif not self._ended and not self._tally.bad:
            self.contradictions.append("the run ended without success, but no test failed")
        self._tally.suites = len(self._suites)
        return self._tally.report("dart-json", self._tools, contradictions=tuple(self.contradictions))

    def _begin(self, test: _Test) -> None:
        # One file may hold several runs, whose numbers begin anew.
        self._count_well(test.id)
        self._errors.pop(test.id, None)
        if test.id in self._open:
            self._fail(self._open[test.id], "the test began and never ended", is_broken=True)
        self._open[test.id] = test

    def _take_error(self, test_id: int, error: str) -> None:
        """An error of a test that has ended fails it, and no further end is told (the protocol's `ErrorEvent`)."""
        self._errors.setdefault(test_id, error)
        if test_id in self._ended_well:
            test, _ = self._ended_well.pop(test_id)
            self._fail(test, error or "an error came after the test had ended", is_broken=True, raised=True)

    def _end(self, event: _Event, test: _Test | None) -> None:
        if test is None:
            self.contradictions.append("a test ended that had not begun")
        elif event.result != "success" or test.id in self._errors:
            is_broken, raised = event.result != "failure", event.result == "error"
            self._fail(test, self._errors.get(test.id, ""), is_broken=is_broken, raised=raised)
        elif not event.hidden:
            # Hidden successes are the loading of a suite, no test.
            self._ended_well[test.id] = test, Outcome.SKIPPED if event.skipped else Outcome.PASSED

    def _count_well(self, test_id: int) -> None:
        if test_id in self._ended_well:
            test, outcome = self._ended_well.pop(test_id)
            self._tally.add(outcome, self._name(test))

    def _fail(self, test: _Test, message: str, *, is_broken: bool, raised: bool = False) -> None:
        url, line = (test.root_url, test.root_line) if test.root_url else (test.url, test.line)
        path = url.removeprefix("file://") if url else self._suites.get(test.suite_id)
        said = message or "the test failed"
        self._tally.fail(self._name(test), said, path, line, broken=is_broken, raised=raised)

    def _name(self, test: _Test) -> str:
        return f"{self._suites.get(test.suite_id, '')}.{test.name}"
