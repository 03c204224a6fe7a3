"""`go test -json`: every test and subtest counted; what began and never ended is broken.

Packages are read run by run. gotestsum and others write the retries of failed tests into the same file: see `gopackages`.
"""

from __future__ import annotations

import re

import msgspec

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.events import event_lines, first_event
from handlers.quality_gate.formats.results.gopackages import Package
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source

ENDS = {"pass": Outcome.PASSED, "bench": Outcome.PASSED, "skip": Outcome.SKIPPED, "fail": Outcome.FAILED}
KEYS = (b'"Action":', b'"Package":', b'"Test":')
PLACE = re.compile(r"^\s*([\w./\\-]+\.go):(\d{1,8}):", re.MULTILINE)
MAX_BUILD_OUTPUT = 2000


class _Event(msgspec.Struct):
    action: str = msgspec.field(name="Action")
    package: str = msgspec.field(default="", name="Package")
    test: str = msgspec.field(default="", name="Test")
    output: str = msgspec.field(default="", name="Output")
    import_path: str = msgspec.field(default="", name="ImportPath")
    failed_build: str = msgspec.field(default="", name="FailedBuild")


DECODER = msgspec.json.Decoder(_Event, strict=True)


def sniff(head: bytes) -> bool:
    """Whether one of the first lines is an event of `go test -json`."""
    return first_event(head, b'"Action":"') and not first_event(head, b'"protocolVersion"')


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where no line is an event of `go test -json`."""
    run = _Run()
    for event in event_lines(source, DECODER, KEYS, run.contradictions, run.hear):
        run.take(event)
    return run.report()


FORMAT = Format("gotest-json", Kind.TESTS, sniff, parse)


class _Run:
    def __init__(self) -> None:
        self.contradictions: list[str] = []
        self._packages: dict[str, Package] = {}
        self._builds: dict[str, str] = {}
        self._has_events = False
        self._plain_failure = False

    def hear(self, line: bytes) -> None:
        # Before Go 1.24 a package that does not build may only have its line of text.
        self._plain_failure |= line.startswith(b"FAIL")

    def take(self, event: _Event) -> None:
        self._has_events = True
        if event.action in {"build-output", "build-fail"}:
            known = self._builds.get(event.import_path, "")
            self._builds[event.import_path] = known + event.output[: MAX_BUILD_OUTPUT - len(known)]
            return
        package = self._packages.get(event.package)
        if package is None:
            package = self._packages[event.package] = Package()
        outcome = ENDS.get(event.action)
        if outcome is not None:
            if event.test:
                package.end_test(event.test, outcome)
            else:
                package.end(outcome, self._builds.get(event.failed_build, ""))
        elif event.action == "output":
            package.hear(event.test, event.output)
        elif event.action == "run":
            package.begin_test(event.test)
        elif event.action == "start":
            package.begin()

    def report(self) -> Report:
        if not self._has_events:
            raise InvalidInput("report.not_gotest_json", "no line is an event of go test -json")
        tally = Tally()
        for name, package in self._packages.items():
            package.close()
            tally.suites += 1
            tally.flaky += package.flaky
            for test, (outcome, text) in package.results.items():
                _count(tally, f"{name}.{test}" if name else test, outcome, text)
            for text in package.broken:
                tally.break_suite(name, text)
        if self._builds and not tally.bad:
            self.contradictions.append("a build failed, but no package did")
        elif self._plain_failure and not tally.bad:
            self.contradictions.append("a line beside the events says FAIL, but no package failed")
        return tally.report("gotest-json", contradictions=tuple(self.contradictions))


def _count(tally: Tally, name: str, outcome: Outcome, text: str) -> None:
    if outcome < Outcome.FAILED:
        tally.add(outcome, name)
        return
    found = PLACE.search(text)
    path, line = (found[1], int(found[2])) if found else (None, None)
    tally.fail(name, text or "the test failed", path, line, broken=outcome == Outcome.ERROR)
