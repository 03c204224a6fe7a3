"""JUnit XML: every `testcase` counted; a summary in attributes is only used to find a report that denies itself."""

from __future__ import annotations

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.results.junit_summary import Summary
from handlers.quality_gate.formats.results.places import place
from handlers.quality_gate.formats.results.tally import Outcome, Tally
from handlers.quality_gate.formats.source import Source

SUITES = frozenset({"testsuites", "testsuite"})
ROOTS = SUITES | {"testcase"}
MARKS = {
    "error": Outcome.ERROR,
    "failure": Outcome.FAILED,
    "skipped": Outcome.SKIPPED,
    # Surefire's words for the runs after the first of a test that never passed; the first is a `failure` beside them.
    "rerunError": Outcome.ERROR,
    "rerunFailure": Outcome.FAILED,
}
TOLD = frozenset(name for name, outcome in MARKS.items() if outcome >= Outcome.FAILED)
"""Marks whose text is kept."""
RETRIED = frozenset({"flakyFailure", "flakyError"})
"""Surefire's words for a run that failed before the test passed."""
STATUSES = {
    **dict.fromkeys(("run", "executed", "complete", "completed", "done", "finished"), Outcome.PASSED),
    **dict.fromkeys(("ok", "pass", "passed", "success", "successful", "succeeded", "fixed"), Outcome.PASSED),
    **dict.fromkeys(("notrun", "disabled", "skipped", "skip", "ignored", "suppressed"), Outcome.SKIPPED),
    **dict.fromkeys(("pending", "todo", "untested", "inactive", "xfail"), Outcome.SKIPPED),
    **dict.fromkeys(
        ("failed", "failure", "fail", "error", "errored", "broken", "regression", "xpass"), Outcome.FAILED
    ),
}
"""What some tools say in `status` or `result` of a case, with or without an element inside it; any other is a broken test."""
BESIDE = frozenset(
    {
        "properties",
        "property",
        "system-out",
        "system-err",
        "skipped",
        "flakyFailure",
        "flakyError",
        "attachments",
        "description",
        "reference",
    }
)
"""Elements of a case that do not make it fail."""
BETWEEN = frozenset(
    {
        "properties",
        "property",
        "system-out",
        "system-err",
        "stdout",
        "stderr",
        "attachments",
        "description",
    }
)
"""Elements of a suite that hold no tests."""
BROKEN_OFF = {"time"}
"""All that pytest says of a test during which its run was ended (`pytest.exit`, Ctrl-C)."""
MAX_TEXT = 64 * 1024


def sniff(head: bytes) -> bool:
    """Whether the root element is JUnit's."""
    return heads.has_root(head, *ROOTS)


def parse(source: Source) -> Report:
    """The report; raises `InvalidInput` where it is not JUnit XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.text, text_in=TOLD)
    return reader.report()


FORMAT = Format("junit", Kind.TESTS, sniff, parse)


class _Reader:
    """Runs once for each element of large files: one dictionary look-up decides for most, and nothing is copied."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._summary = Summary()
        self._stack: list[str] = []
        self._groups: list[str] = []
        self._case: dict[str, str] | None = None
        self._worst = Outcome.PASSED
        self._was_flaky = False
        self._has_raised = False
        self._unknown: dict[tuple[str, str], None] = {}
        self._message = ""
        self._pieces: list[str] = []
        self._kept = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        stack = self._stack
        if name == "testcase":
            if self._case is not None:
                raise InvalidInput("report.not_junit", "a testcase lies inside a testcase")
            self._case = attributes
            if "status" in attributes or "result" in attributes:
                self._worst = _status(attributes)
        elif name in MARKS:
            self._mark(name, attributes)
        elif name in SUITES:
            self._groups.append(attributes.get("name", ""))
            self._tally.suites += name == "testsuite"
            self._summary.see(name, attributes, self._tally)
        elif ":" in name:
            # A prefix says nothing: `j:failure` of any namespace is one.
            self.start(name.rpartition(":")[2], attributes)
            return
        elif stack:
            self._see_inside(stack[-1], name)
        else:
            raise InvalidInput("report.not_junit", f"the root element is {name[:40]!r}, not testsuites")
        stack.append(name)

    def end(self, _written: str) -> None:
        name = self._stack.pop()
        if name == "testcase":
            self._end_case()
        elif name in MARKS:
            if self._case is None:
                self._end_suite_mark(name)
        elif name in SUITES:
            self._groups.pop()
            self._summary.leave(self._tally)

    def text(self, data: str) -> None:
        if self._kept < MAX_TEXT:
            self._pieces.append(data[: MAX_TEXT - self._kept])
            self._kept += len(self._pieces[-1])

    def report(self) -> Report:
        unknown = tuple(
            f"a {where} has an element {name[:40]!a}, which is not known"
            for where, name in [*self._unknown][:3]
        )
        contradictions = self._summary.contradictions(self._tally)
        return self._tally.report(
            "junit",
            warnings=() if contradictions else self._summary.warnings(),
            contradictions=(*contradictions, *unknown),
        )

    def _see_inside(self, outer: str, name: str) -> None:
        """An element that is none of those that count: what is not known may be a failure, or a test, by another name."""
        if outer == "testcase":
            if name in RETRIED:
                self._was_flaky = True
            elif name not in BESIDE:
                self._unknown["test case", name] = None
        elif outer in SUITES and name not in BETWEEN:
            self._unknown["test suite", name] = None

    def _mark(self, name: str, attributes: dict[str, str]) -> None:
        if not self._stack:
            raise InvalidInput("report.not_junit", f"the root element is {name!r}, not testsuites")
        self._summary.has_retries |= name.startswith("rerun")
        if MARKS[name] > self._worst:
            self._worst = MARKS[name]
            self._has_raised = True
            self._message = attributes.get("message", "")

    def _end_case(self) -> None:
        case, self._case = self._case or {}, None
        name = case.get("name", "")
        if "name" not in case and not self._worst and case.keys() == BROKEN_OFF:
            self._worst, self._message = Outcome.ERROR, "the test began and never ended: its case has no name"
            self._has_raised = False
        group = case.get("classname") or (self._groups[-1] if self._groups else "")
        full = f"{group}.{name}" if group else name
        if self._worst:
            self._end_badly(full, case)
        else:
            self._tally.add(self._worst, full)
            if self._was_flaky:
                self._tally.flaky += 1
                self._summary.has_retries = True
        self._was_flaky = False

    def _end_badly(self, name: str, case: dict[str, str]) -> None:
        if self._worst == Outcome.SKIPPED:
            self._tally.add(Outcome.SKIPPED, name)
        else:
            text = "".join(self._pieces)
            path, line = case.get("file") or case.get("filepath"), self._line(case.get("line"))
            if path is None or line is None:
                path, line = place(text) or (path, line)
            is_broken = self._worst == Outcome.ERROR
            message = self._message or _headline(text)
            self._tally.fail(name, message, path, line, broken=is_broken, raised=self._has_raised)
        self._forget()

    def _line(self, said: str | None) -> int | None:
        return xml.count(said) + 1 - self._summary.first_line or None if said else None

    def _end_suite_mark(self, name: str) -> None:
        # An error of a whole suite is a broken test: its tests never ran. A skipped suite has nothing to count.
        if MARKS[name] >= Outcome.FAILED:
            text = self._message or _headline("".join(self._pieces))
            suite = self._groups[-1] if self._groups else ""
            self._tally.break_suite(suite or self._message or "a suite", text)
        self._forget()

    def _forget(self) -> None:
        self._worst, self._message, self._kept, self._has_raised = Outcome.PASSED, "", 0, False
        self._pieces.clear()


def _status(attributes: dict[str, str]) -> Outcome:
    said = [attributes[each].lower() for each in ("status", "result") if each in attributes]
    return max(STATUSES.get(each, Outcome.ERROR) for each in said)


def _headline(text: str) -> str:
    """The line that says what went wrong: the first where a trace of the innermost call first follows, else the last."""
    said = text.strip().splitlines() or [""]
    return said[0] if any(line.lstrip().startswith("at ") for line in said[1:]) else said[-1]
