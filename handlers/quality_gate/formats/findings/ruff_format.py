"""Text of `ruff format --check` (as it was before and since it prints places, and concise) and of `ruff format --diff`."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.bounded import Span, differs, finding, reported
from handlers.quality_gate.formats.findings.text import first_line, text_lines
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

RULE, MESSAGE = "unformatted", "File would be reformatted"
NAMED = "Would reformat: "
ABOUT = r"(?P<rule>unformatted|invalid-syntax|io|panic): (?P<text>.*)"
PLACE = r"(?P<path>.+?):(?:cell \d{1,9}:)?(?P<line>\d{1,9}):(?P<column>\d{1,9})"
ARROW = re.compile(rf" *--> {PLACE}")
SUMMARY = re.compile(
    r"(?:(?P<would>\d{1,9}) files? would be reformatted)?(?:, )?"
    r"(?:\d{1,9} files? (?:already formatted|left unchanged))?"
)
HUNK = re.compile(r"@@ -(?P<line>\d{1,9})(?:,(?P<old>\d{1,9}))? \+\d{1,9}(?:,(?P<new>\d{1,9}))? @@.*")


def sniff(head: bytes) -> bool:
    """Whether the first line is one of `ruff format --check`; a diff of `--diff` is like any other and must be named."""
    line = first_line(head)
    if line.startswith(NAMED) or line.endswith(f"{RULE}: {MESSAGE}"):
        return True
    return bool(line and SUMMARY.fullmatch(line))


def parse(source: Source) -> Report:
    """A finding for each file that would be reformatted, and for each that could not be read.

    Raises `InvalidInput` where no line is ruff's. Vacuous where ruff printed nothing or found no file.
    """
    reader = _Reader()
    for line in text_lines(source):
        reader.read(line)
    return reader.report()


FORMAT = Format("ruff-format", Kind.FINDINGS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._heading: tuple[str, str] | None = None
        self._diff_path = ""
        self._old = self._new = 0
        self._would: int | None = None
        self._known = self._no_files = False
        self._blank = True
        self._is_diff = False

    def read(self, line: str) -> None:
        if self._old or self._new:
            self._old -= line[:1] in {"", " ", "-"}
            self._new -= line[:1] in {"", " ", "+"}
            return
        if self._heading:
            self._close_heading(ARROW.fullmatch(line))
        if not line:
            return
        self._blank = False
        for pattern, act in PATTERNS:
            if found := pattern.fullmatch(line):
                act(self, found)
                break

    def report(self) -> Report:
        self._close_heading(None)
        if self._old or self._new:
            raise InvalidInput("report.cut_off", "the diff ends within a hunk")
        if not self._known and not self._blank:
            raise InvalidInput("report.not_ruff_format", "no line is one that ruff format prints")
        unformatted = len({each.path for each in self._findings if each.rule == RULE})
        contradictions = () if self._would is None else differs("files", self._would, unformatted)
        vacuous: tuple[str, ...] = ()
        if self._blank:
            vacuous = ("ruff format printed nothing: use --check, which says how many files are formatted",)
        elif self._no_files:
            vacuous = ("ruff format found no Python file",)
        elif self._would is None and not self._is_diff:
            vacuous = (
                "ruff format's last line, with the number of files, is not there: the text may be cut off",
            )
        return reported("ruff-format", self._findings, contradictions=contradictions, vacuous=vacuous)

    def named(self, found: re.Match[str]) -> None:
        self._add(RULE, MESSAGE, found["path"])

    def placed(self, found: re.Match[str]) -> None:
        self._add(found["rule"], found["text"], found["path"], found)

    def unread(self, found: re.Match[str]) -> None:
        self._add("invalid-syntax", found["text"], found["path"], found)

    def failed(self, found: re.Match[str]) -> None:
        self._add("", found["text"], None)

    def heading(self, found: re.Match[str]) -> None:
        self._known = True
        self._heading = found["rule"], found["text"]

    def summary(self, found: re.Match[str]) -> None:
        self._known = True
        self._would = (self._would or 0) + int(found["would"] or 0)

    def nothing(self, _found: re.Match[str]) -> None:
        self._known = self._no_files = True

    def diff_file(self, found: re.Match[str]) -> None:
        self._diff_path, self._is_diff = found["path"], True

    def hunk(self, found: re.Match[str]) -> None:
        self._old = int(found["old"]) if found["old"] else 1
        self._new = int(found["new"]) if found["new"] else 1
        if self._diff_path:
            self._add(RULE, MESSAGE, self._diff_path, found)
            self._diff_path = ""

    def _close_heading(self, place: re.Match[str] | None) -> None:
        if self._heading:
            self._add(*self._heading, place["path"] if place else None, place)
            self._heading = None

    def _add(self, rule: str, message: str, path: str | None, place: re.Match[str] | None = None) -> None:
        self._known = True
        numbers = place.groupdict() if place else {}
        line, column = (int(numbers[name]) if numbers.get(name) else None for name in ("line", "column"))
        if rule == RULE and any(each.path == path and each.rule == RULE for each in self._findings[-1:]):
            return  # a notebook's cells are diffed one by one
        self._findings.append(finding("ruff", rule, Level.ERROR, message, path, Span(line, column)))


PATTERNS: tuple[tuple[re.Pattern[str], Callable[[_Reader, re.Match[str]], None]], ...] = (
    (re.compile(rf"{NAMED}(?P<path>.+)"), _Reader.named),
    (re.compile(rf"{PLACE}: {ABOUT}"), _Reader.placed),
    (re.compile(ABOUT), _Reader.heading),
    (
        re.compile(
            r"error: Failed to (?:parse|format|read) (?P<path>.+?):"
            r"(?:(?P<line>\d{1,9}):(?P<column>\d{1,9}):)? (?P<text>.*)"
        ),
        _Reader.unread,
    ),
    (re.compile(r"error: (?P<text>.*)"), _Reader.failed),
    (re.compile(r".*No Python files found under the given path.*"), _Reader.nothing),
    (SUMMARY, _Reader.summary),
    (re.compile(r"--- (?P<path>.+?)(?::cell \d{1,9})?"), _Reader.diff_file),
    (HUNK, _Reader.hunk),
)
