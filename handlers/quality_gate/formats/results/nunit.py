"""NUnit's XML, versions 2 and 3: every `test-case` counted, and a suite that failed though none of its cases did."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.results.texts import Texts
from handlers.quality_gate.formats.source import Source

ROOTS = frozenset({"test-run", "test-results", "test-suite"})
RESULTS = {
    "Passed": Outcome.PASSED,
    "Success": Outcome.PASSED,
    "True": Outcome.PASSED,
    "Warning": Outcome.PASSED,
    "Skipped": Outcome.SKIPPED,
    "Ignored": Outcome.SKIPPED,
    "Inconclusive": Outcome.SKIPPED,
    "Failed": Outcome.FAILED,
    "Failure": Outcome.FAILED,
    "Error": Outcome.FAILED,
    "Cancelled": Outcome.ERROR,
}
"""`result` of a case; any other word is a broken test."""


@dataclass(slots=True)
class _Suite:
    attributes: dict[str, str]
    bad_before: int
    has_cases: bool = False


def sniff(head: bytes) -> bool:
    """Whether the root element is NUnit's."""
    return heads.has_root(head, *ROOTS)


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not NUnit's XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.texts.text)
    return reader.report()


FORMAT = Format("nunit", Kind.TESTS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self.texts = Texts("message", "stack-trace")
        self._tally = Tally()
        self._has_root = False
        self._tools: tuple[Tool, ...] = ()
        self._suites: list[_Suite] = []
        self._case: dict[str, str] | None = None
        self._has_failure = False
        self._declared = 0
        self._declared_bad = 0
        self._ended: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.texts.start(name)
        if not self._has_root:
            self._begin(name, attributes)
        if name == "test-case":
            if self._case is not None:
                raise InvalidInput("report.not_nunit", "a test-case lies inside a test-case")
            self._case, self._has_failure = attributes, False
            self.texts.taken()
            if self._suites:
                self._suites[-1].has_cases = True
        elif name == "failure":
            self._has_failure = True
        elif name == "test-suite":
            self._suites.append(_Suite(attributes, self._tally.bad))
        elif name == "environment" and "nunit-version" in attributes:
            self._tools = (Tool("nunit", attributes["nunit-version"][:100]),)

    def end(self, name: str) -> None:
        self.texts.end()
        if name == "test-case" and self._case is not None:
            self._end_case(self._case)
            self._case = None
        elif name == "test-suite":
            self._end_suite(self._suites.pop())

    def report(self) -> Report:
        found: list[str] = []
        if self._declared_bad and not self._tally.bad:
            found.append("the summary counts failures, but no test case has one")
        elif _ended_badly(self._ended) and not self._tally.bad:
            found.append(f"the run ended as {self._ended!a:.40}, but no test failed")
        if self._declared > self._tally.tests:
            found.append(f"the summary counts {self._declared} tests, but {self._tally.tests} are written")
        return self._tally.report("nunit", self._tools, contradictions=tuple(found))

    def _end_suite(self, suite: _Suite) -> None:
        # A tear-down that failed, or tests that could not be made, are told by their suite alone.
        if _suite_failed(suite.attributes) and self._tally.bad == suite.bad_before:
            self._tally.break_suite(_name(suite.attributes), "the suite failed, but none of its tests did")
            suite.has_cases = True
        self._tally.suites += suite.has_cases

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name not in ROOTS:
            raise InvalidInput("report.not_nunit", f"the root element is {name[:40]!r}, not test-run")
        self._has_root = True
        if "engine-version" in attributes:
            self._tools = (Tool("nunit", attributes["engine-version"][:100]),)
        self._ended = attributes.get("result") if name == "test-run" else None
        # NUnit 2 leaves tests that did not run out of `total`, NUnit 3 does not: neither ever counts more than it writes.
        self._declared = xml.count(attributes.get("total"))
        bad = ("failed", "failures", "errors")
        self._declared_bad = sum(xml.count(attributes.get(each)) for each in bad)

    def _end_case(self, case: dict[str, str]) -> None:
        outcome, name = max(_outcome(case), Outcome.FAILED * self._has_failure), _name(case)
        texts = self.texts.taken()
        if outcome >= Outcome.FAILED:
            path, line = place(texts["stack-trace"]) or (None, None)
            message = texts["message"] or f"the result is {case.get('result', case.get('success', ''))!r}"
            self._tally.fail(name, message, path, line, broken=outcome == Outcome.ERROR)
        else:
            self._tally.add(Outcome(outcome), name)


def _outcome(case: dict[str, str]) -> Outcome:
    if "result" in case:
        return RESULTS.get(case["result"], Outcome.ERROR)
    if case.get("executed") == "False":
        return Outcome.SKIPPED
    # Of a test that was executed the result may be left out. A list of tests (`--explore`) does not say that any was.
    said = case.get("success", case.get("executed", ""))
    return {"True": Outcome.PASSED, "False": Outcome.FAILED}.get(said, Outcome.ERROR)


def _ended_badly(said: str | None) -> bool:
    return said is not None and RESULTS.get(said, Outcome.ERROR) >= Outcome.FAILED


def _suite_failed(attributes: dict[str, str]) -> bool:
    return _ended_badly(attributes.get("result", attributes.get("success")))


def _name(attributes: dict[str, str]) -> str:
    return attributes.get("fullname") or attributes.get("name", "")
