"""mypy: JSON lines of `--output=json`, and the text it prints otherwise."""

from __future__ import annotations

import re

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import MAX_KEYS_TOLD, decoded_bytes, repeated_keys
from handlers.quality_gate.formats.findings.bounded import Span, after, differs, finding, reported
from handlers.quality_gate.formats.findings.text import CRASH, PATH, first_line, text_lines
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "note": Level.NOTE}
LINE = re.compile(
    PATH
    + r":(?:(?P<line>\d{1,9}):(?:(?P<column>\d{1,9}):(?:(?P<end_line>\d{1,9}):(?P<end_column>\d{1,9}):)?)?)?"
    r" (?P<level>error|warning|note): (?P<text>.*)"
)
CODE = re.compile(r"  \[([a-z][a-z0-9-]{0,60})\]$")
FOUND = re.compile(r"Found (\d{1,9}) errors? in \d{1,9} files? \((.*)\)")
SUCCESS = re.compile(r"Success: no issues found in (\d{1,9}) source files?")
NO_FILES = "There are no .py[i] files in"
OWN = ("mypy: ", "error: ")
"""What mypy says about itself, without a file."""


class _Message(msgspec.Struct):
    file: str
    message: str
    severity: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    hint: str | None = None
    code: str | None = None


MESSAGE = msgspec.json.Decoder(_Message)


def sniff_json(head: bytes) -> bool:
    """Whether the first line is an object with mypy's keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and keys[1] >= {"file", "severity", "hint"}


def sniff_text(head: bytes) -> bool:
    """Whether the first line is one of mypy's about a Python file, or its summary."""
    line = first_line(head)
    found = LINE.fullmatch(line)
    if found:
        return found["path"].endswith((".py", ".pyi"))
    return bool(SUCCESS.match(line) or FOUND.match(line)) or line.startswith((NO_FILES, "mypy: "))


def parse_json(source: Source) -> Report:
    """The messages; raises `InvalidInput` where no line is mypy's, or one is cut off. An empty file is vacuous."""
    return _read("mypy-jsonl", source)


def parse_text(source: Source) -> Report:
    """The messages; raises `InvalidInput` where no line is mypy's. An empty file is vacuous."""
    return _read("mypy-text", source)


JSON_FORMAT = Format("mypy-jsonl", Kind.FINDINGS, sniff_json, parse_json)
TEXT_FORMAT = Format("mypy-text", Kind.FINDINGS, sniff_text, parse_text)


def _read(report_format: str, source: Source) -> Report:
    reader = _Reader()
    for line in text_lines(source):
        reader.read(line)
    return reader.report(report_format)


class _Reader:
    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._declared: int | None = None
        self._lines = self._blank = 0
        self._known = self._has_text = False
        self._vacuous: dict[str, None] = {}
        self._repeated: dict[str, None] = {}

    def read(self, line: str) -> None:
        self._lines += 1
        self._blank += not line
        if line.startswith("{"):
            self._json(line)
        elif found := LINE.fullmatch(line):
            self._text(found)
        elif found := FOUND.fullmatch(line):
            self._declare(int(found[1]))
            if "prevented" in found[2]:
                self._say("mypy says that errors prevented further checking")
        elif found := SUCCESS.fullmatch(line):
            self._declare(0)
            if int(found[1]) == 0:
                self._say("mypy checked no file")
        elif line.startswith(NO_FILES):
            self._say("mypy found no file to check")
        elif line.startswith(OWN) or line == CRASH:
            self._add(finding("mypy", "", Level.ERROR, line, None))
            self._say("mypy could not run to its end")

    def report(self, report_format: str) -> Report:
        if not self._known and self._blank < self._lines:
            raise InvalidInput("report.not_mypy", "no line is one that mypy prints")
        errors = sum(each.level is Level.ERROR for each in self._findings)
        contradictions = tuple(self._repeated)[:MAX_KEYS_TOLD]
        if self._declared is not None:
            contradictions += differs("errors", self._declared, errors)
        warnings: tuple[str, ...] = ()
        if not self._known:
            # A clean run with --output=json prints one blank line; a run that could not start prints nothing.
            if self._lines and report_format == "mypy-jsonl":
                warnings = ("mypy's JSON does not say how many files it checked",)
            else:
                self._say("mypy printed nothing")
        elif self._declared is None and self._has_text and not self._vacuous:
            self._say("mypy's last line, with the number of errors, is not there: the text may be cut off")
        return reported(
            report_format,
            self._findings,
            warnings=warnings,
            contradictions=contradictions,
            vacuous=tuple(self._vacuous),
        )

    def _json(self, line: str) -> None:
        raw = line.encode()
        message = decoded_bytes(raw, MESSAGE, "mypy")
        self._repeated.update(dict.fromkeys(repeated_keys(raw)))
        # mypy counts columns from 0 here, and its end column is excluded.
        span = Span(message.line, after(message.column), message.end_line, after(message.end_column))
        text = f"{message.message}\n{message.hint}" if message.hint else message.message
        level = LEVELS.get(message.severity, Level.ERROR)
        self._add(finding("mypy", message.code or "", level, text, message.file, span))

    def _text(self, found: re.Match[str]) -> None:
        self._has_text = True
        line, column, end_line, end_column = (
            int(found[name]) if found[name] else None for name in ("line", "column", "end_line", "end_column")
        )
        text = found["text"]
        code = CODE.search(text)
        if "INTERNAL ERROR" in text:
            self._say("mypy ended with an internal error")
        self._add(
            finding(
                "mypy",
                code[1] if code else "",
                LEVELS[found["level"]],
                text[: code.start()] if code else text,
                found["path"],
                # --show-error-end names the last column; ours is the one after it.
                Span(line, column, end_line, after(end_column)),
            )
        )

    def _add(self, one: Finding) -> None:
        self._known = True
        self._findings.append(one)

    def _declare(self, errors: int) -> None:
        self._known = True
        self._declared = (self._declared or 0) + errors

    def _say(self, reason: str) -> None:
        self._known = True
        self._vacuous[reason] = None
