"""TRX, Visual Studio's test results: every result counted; of a data-driven test its rows."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.results.texts import Texts
from handlers.quality_gate.formats.source import Source

NAMESPACES = frozenset(f"http://microsoft.com/schemas/VisualStudio/TeamTest/{year}" for year in (2006, 2010))
OUTCOMES = {
    "Passed": Outcome.PASSED,
    "PassedButRunAborted": Outcome.PASSED,
    "Warning": Outcome.PASSED,
    "NotExecuted": Outcome.SKIPPED,
    "Inconclusive": Outcome.SKIPPED,
    "Failed": Outcome.FAILED,
}
"""`outcome` of a result; any other word, and none (Visual Studio leaves `Error` out), is a broken test."""
FINE = frozenset({"", "Completed", "Passed", "Warning"})
RESULTS = frozenset(
    {
        "UnitTestResult",
        "TestResult",
        "TestResultAggregation",
        "GenericTestResult",
        "ManualTestResult",
        "WebTestResult",
        "LoadTestResult",
    }
)
"""The elements of the schema's `ResultsType`."""
BAD_COUNTS = ("error", "failed", "timeout", "aborted", "disconnected")


@dataclass(slots=True)
class _Result:
    attributes: dict[str, str]
    is_container: bool = False
    has_bad_row: bool = False


@dataclass(frozen=True, slots=True)
class _Ended:
    outcome: Outcome
    test_id: str
    name: str
    message: str
    place: tuple[str, int] | None


def sniff(head: bytes) -> bool:
    """Whether the root element is `TestRun` of one of Visual Studio's namespaces."""
    name, _, local = (heads.xml_root(head) or ("", {}))[0].rpartition(" ")
    return local == "TestRun" and name in NAMESPACES


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not TRX."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.texts.text)
    return reader.report()


FORMAT = Format("trx", Kind.TESTS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self.texts = Texts("Message", "StackTrace")
        self._has_root = False
        self._open: list[_Result] = []
        self._ended: list[_Ended] = []
        self._elements = 0
        self._declared = self._declared_bad = 0
        self._run_outcome = ""
        self._test_id = ""
        self._classes: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.texts.start(name)
        if not self._has_root and (name != "TestRun" or attributes.get("xmlns") not in NAMESPACES):
            raise InvalidInput("report.not_trx", "the root element is not a TestRun of Visual Studio")
        self._has_root = True
        if name in RESULTS:
            if self._open:
                self._open[-1].is_container = True
            self._open.append(_Result(attributes))
            self._elements += 1
            self.texts.taken()
        elif name == "UnitTest":
            self._test_id = attributes.get("id", "")
        elif name == "TestMethod":
            # An assembly may follow the name of the class.
            self._classes[self._test_id] = attributes.get("className", "").split(",")[0]
        elif name == "Counters":
            self._declared = xml.count(attributes.get("total"))
            self._declared_bad = sum(xml.count(attributes.get(each)) for each in BAD_COUNTS)
        elif name == "ResultSummary":
            self._run_outcome = attributes.get("outcome", "")

    def end(self, name: str) -> None:
        self.texts.end()
        if name in RESULTS:
            self._end_result(self._open.pop())

    def report(self) -> Report:
        tally = Tally()
        tally.suites = len(set(self._classes.values()))
        for each in self._ended:
            name = _full(self._classes.get(each.test_id, ""), each.name)
            if each.outcome >= Outcome.FAILED:
                path, line = each.place or (None, None)
                tally.fail(name, each.message, path, line, broken=each.outcome == Outcome.ERROR)
            else:
                tally.add(each.outcome, name)
        found: list[str] = []
        if self._run_outcome not in FINE and not tally.bad:
            found.append(f"the run ended as {self._run_outcome[:40]!r}, but no test failed")
        elif self._declared_bad and not tally.bad:
            found.append("the summary counts failures, but no test has one")
        if self._declared > self._elements:
            found.append(f"the summary counts {self._declared} tests, but {self._elements} are written")
        return tally.report("trx", contradictions=tuple(found))

    def _end_result(self, result: _Result) -> None:
        outcome = OUTCOMES.get(result.attributes.get("outcome", ""), Outcome.ERROR)
        is_bad = outcome >= Outcome.FAILED
        if self._open:
            self._open[-1].has_bad_row |= is_bad
        texts = self.texts.taken()
        if result.is_container and (result.has_bad_row or not is_bad):
            return
        message = texts["Message"] or f"the outcome is {result.attributes.get('outcome', 'missing')!r}"
        self._ended.append(
            _Ended(
                outcome,
                result.attributes.get("testId", ""),
                result.attributes.get("testName", ""),
                message[:2000] if is_bad else "",
                place(texts["StackTrace"]) if is_bad else None,
            )
        )


def _full(group: str, name: str) -> str:
    return name if not group or name.startswith(group) else f"{group}.{name}"
