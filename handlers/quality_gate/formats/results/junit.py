"""JUnit XML: every `testcase` counted; a summary in attributes is only used to find a report that denies itself."""

from __future__ import annotations

import re

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, FailedCase, Report, TestReport
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

ROOTS = frozenset({"testsuites", "testsuite", "testcase"})
OUTCOMES = {"error": 3, "failure": 2, "skipped": 1}
FLAKY = frozenset({"flakyFailure", "flakyError"})
"""Surefire's words for a test that failed and passed on a retry: it passed."""
NOT_RUN = frozenset({"notrun", "disabled", "skipped", "ignored"})
MAX_FAILURES = 300
MAX_TEXT = 64 * 1024
PLACE = re.compile(r'^(?:  File "([^"\n]+)", line (\d+)|([\w./\\-]+\.\w+):(\d+):)', re.MULTILINE)


def sniff(head: bytes) -> bool:
    """Whether the root element is JUnit's."""
    root = heads.xml_root(head)
    return root is not None and root[0] in ROOTS


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not JUnit XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.text)
    return reader.report()


FORMAT = Format("junit", Kind.TESTS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._stack: list[str] = []
        self._suites = 0
        self._ended = [0, 0, 0, 0]
        self._declared_bad = 0
        self._flaky = 0
        self._case: dict[str, str] = {}
        self._worst = 0
        self._message = ""
        self._pieces: list[str] = []
        self._kept = 0
        self._failures: list[FailedCase] = []
        self._names: set[bytes] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._stack[-1] if self._stack else ""
        if not self._stack and name not in ROOTS:
            raise InvalidInput("report.not_junit", f"the root element is {name[:40]!r}, not testsuites")
        self._stack.append(name)
        if name == "testsuite":
            self._suites += 1
        if name in {"testsuite", "testsuites"}:
            self._declared_bad += xml.count(attributes.get("failures")) + xml.count(attributes.get("errors"))
        if name in FLAKY:
            self._flaky += 1
        if name == "testcase":
            if parent == "testcase":
                raise InvalidInput("report.not_junit", "a testcase lies inside a testcase")
            self._case = attributes
            self._worst = OUTCOMES["skipped"] if attributes.get("status", "").lower() in NOT_RUN else 0
            self._forget_text()
        elif name in OUTCOMES and parent in {"testcase", "testsuite", "testsuites"}:
            if parent != "testcase":
                self._case, self._worst = {"name": attributes.get("message", "the suite")}, 0
                self._forget_text()
            if OUTCOMES[name] > self._worst:
                self._worst = OUTCOMES[name]
                self._message = attributes.get("message", "")

    def end(self, name: str) -> None:
        self._stack.pop()
        # An error of a whole suite is a broken test: its tests never ran.
        of_suite = (
            name in {"error", "failure"} and bool(self._stack) and self._stack[-1] in ROOTS - {"testcase"}
        )
        if name == "testcase" or of_suite:
            self._ended[self._worst] += 1
            if self._worst != OUTCOMES["skipped"]:
                self._names.add(name_hash(self._name()))
            if self._worst >= OUTCOMES["failure"] and len(self._failures) < MAX_FAILURES:
                self._failures.append(self._failed())

    def text(self, data: str) -> None:
        if self._stack and self._stack[-1] in {"failure", "error"} and self._kept < MAX_TEXT:
            self._pieces.append(data[: MAX_TEXT - self._kept])
            self._kept += len(self._pieces[-1])

    def report(self) -> Report:
        passed, skipped, failed, errors = self._ended
        contradictions: tuple[str, ...] = ()
        if self._declared_bad and not failed and not errors and not self._flaky:
            contradictions = ("the summary counts failures, but no test case has one",)
        totals = CaseTotals(sum(self._ended), passed, failed, errors, skipped, self._suites)
        return Report(
            "junit",
            tests=TestReport(totals, tuple(self._failures), self._flaky, joined(self._names)),
            warnings=(f"{self._flaky} failures were followed by a passing retry",) if self._flaky else (),
            contradictions=contradictions,
            vacuous=() if totals.tests else ("the report has no test case",),
        )

    def _forget_text(self) -> None:
        self._pieces, self._kept, self._message = [], 0, ""

    def _name(self) -> str:
        group, name = self._case.get("classname", ""), self._case.get("name", "")
        return f"{group}.{name}" if group else name

    def _failed(self) -> FailedCase:
        text = "".join(self._pieces)
        path = self._case.get("file") or self._case.get("filepath")
        line = xml.count(self._case.get("line")) or None
        if path is None or line is None:
            path, line = _place(text) or (path, line)
        message = self._message or (text.strip().splitlines() or [""])[-1]
        return FailedCase(self._name()[:300], message[:2000], path, line)


def _place(text: str) -> tuple[str, int] | None:
    """The last file and line that a traceback names: where the test was when it ended."""
    places = list(PLACE.finditer(text))
    if not places:
        return None
    found = places[-1]
    path, line = (found[1], found[2]) if found[1] else (found[3], found[4])
    return path[:1000], xml.count(line) or 1
