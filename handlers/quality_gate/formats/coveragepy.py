"""JSON of coverage.py: lines and branches counted from its lists; its totals are not looked at."""

from __future__ import annotations

from collections import Counter

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats.lines import LineMap

MAX_LINE = 10_000_000


class _File(msgspec.Struct):
    executed_lines: list[int]
    missing_lines: list[int]
    executed_branches: list[tuple[int, int]] = []
    missing_branches: list[tuple[int, int]] = []


class _Document(msgspec.Struct):
    files: dict[str, _File]


DECODER = msgspec.json.Decoder(_Document, strict=True)


def read(raw: bytes) -> LineMap:
    """The lines of every file; raises `InvalidInput` where it is not JSON of coverage.py, or denies itself."""
    try:
        document = DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise InvalidInput("report.not_coveragepy", f"not JSON of coverage.py: {error}") from error
    lines = LineMap()
    for name, file in document.files.items():
        _check(file)
        target = lines.file(name)
        for line in file.missing_lines:
            target.see(line, covered=False)
        for line in file.executed_lines:
            target.see(line, covered=True)
        covered = Counter(abs(origin) for origin, _ in file.executed_branches)
        missing = Counter(abs(origin) for origin, _ in file.missing_branches)
        for line in covered.keys() | missing.keys():
            target.see_branches(line, covered[line], covered[line] + missing[line])
    return lines


def _check(file: _File) -> None:
    if set(file.executed_lines) & set(file.missing_lines):
        raise InvalidInput("report.contradiction", "a line is named both as executed and as missing")
    if set(file.executed_branches) & set(file.missing_branches):
        raise InvalidInput("report.contradiction", "a branch is named both as executed and as missing")
    if any(not 1 <= line <= MAX_LINE for line in (*file.executed_lines, *file.missing_lines)):
        raise InvalidInput("report.not_coveragepy", "a line has an impossible number")
