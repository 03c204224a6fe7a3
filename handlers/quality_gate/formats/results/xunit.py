"""xUnit.net's XML, version 2 and later: every `test` of an assembly counted, and errors outside of tests."""

from __future__ import annotations

from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.results.texts import Texts
from handlers.quality_gate.formats.source import Source

ROOTS = frozenset({"assemblies", "assembly"})
RESULTS = {"Pass": Outcome.PASSED, "Skip": Outcome.SKIPPED, "NotRun": Outcome.SKIPPED, "Fail": Outcome.FAILED}
"""`result` of a test; any other word is a broken test."""


def sniff(head: bytes) -> bool:
    """Whether the root element is xUnit.net's."""
    root = heads.xml_root(head)
    return root is not None and root[0] in ROOTS


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not xUnit.net's XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.texts.text)
    return reader.report()


FORMAT = Format("xunit", Kind.TESTS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self.texts = Texts("message", "stack-trace")
        self._tally = Tally()
        self._has_root = False
        self._tools: dict[Tool, None] = {}
        self._test: dict[str, str] | None = None
        self._has_failure = False
        self._error: dict[str, str] = {}
        self._declared = self._declared_bad = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.texts.start(name)
        if not self._has_root and name not in ROOTS:
            raise InvalidInput("report.not_xunit", f"the root element is {name[:40]!r}, not assemblies")
        self._has_root = True
        if name == "test":
            if self._test is not None:
                raise InvalidInput("report.not_xunit", "a test lies inside a test")
            self._test, self._has_failure = attributes, False
            self.texts.taken()
        elif name == "failure":
            self._has_failure = True
        elif name == "error":
            self._error = attributes
            self.texts.taken()
        elif name == "collection":
            self._tally.suites += 1
        elif name == "assembly":
            self._declare(attributes)

    def end(self, name: str) -> None:
        self.texts.end()
        if name == "test" and self._test is not None:
            self._end_test(self._test)
            self._test = None
        elif name == "error":
            where = self._error.get("name") or self._error.get("type") or "outside of tests"
            self._tally.break_suite(where, self.texts.taken()["message"])

    def report(self) -> Report:
        found: list[str] = []
        if self._declared_bad and not self._tally.bad:
            found.append("the summary counts failures, but no test has one")
        if self._declared > self._tally.tests:
            found.append(f"the summary counts {self._declared} tests, but {self._tally.tests} are written")
        return self._tally.report("xunit", tuple(self._tools), contradictions=tuple(found))

    def _declare(self, attributes: dict[str, str]) -> None:
        self._declared += xml.count(attributes.get("total"))
        self._declared_bad += xml.count(attributes.get("failed")) + xml.count(attributes.get("errors"))
        name, _, version = attributes.get("test-framework", "").rpartition(" ")
        if name:
            self._tools[Tool(name.lower()[:100], version[:100])] = None

    def _end_test(self, test: dict[str, str]) -> None:
        said = RESULTS.get(test.get("result", ""), Outcome.ERROR)
        outcome, name = Outcome(max(said, Outcome.FAILED * self._has_failure)), test.get("name", "")
        texts = self.texts.taken()
        if outcome >= Outcome.FAILED:
            path, line = place(texts["stack-trace"]) or (None, None)
            message = texts["message"] or f"the result is {test.get('result', '')!r}"
            self._tally.fail(name, message, path, line, broken=outcome == Outcome.ERROR)
        else:
            self._tally.add(outcome, name)
