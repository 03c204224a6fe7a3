"""JSON of coverage.py: lines and branches counted from its lists; its totals are not looked at."""

from __future__ import annotations

from collections import Counter

import msgspec

from app.domain.coverage import MAX_LINE, LineMap
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.coverage.lines import measured
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, whole


class _File(msgspec.Struct):
    executed_lines: list[int]
    missing_lines: list[int]
    executed_branches: list[tuple[int, int]] = []
    missing_branches: list[tuple[int, int]] = []


class _Document(msgspec.Struct):
    files: dict[str, _File]


DECODER = msgspec.json.Decoder(_Document, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object with coverage.py's first keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and {"meta", "files"} <= keys[1]


def parse(source: Source) -> Report:
    """The lines of every file; raises `InvalidInput` where it is not JSON of coverage.py, or denies itself."""
    try:
        document = DECODER.decode(whole(source))
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
    return measured("coveragepy", lines)


FORMAT = Format("coveragepy", Kind.COVERAGE, sniff, parse)


def _check(file: _File) -> None:
    if set(file.executed_lines) & set(file.missing_lines):
        raise InvalidInput("report.contradiction", "a line is named both as executed and as missing")
    if set(file.executed_branches) & set(file.missing_branches):
        raise InvalidInput("report.contradiction", "a branch is named both as executed and as missing")
    if any(not 1 <= line <= MAX_LINE for line in (*file.executed_lines, *file.missing_lines)):
        raise InvalidInput("report.not_coveragepy", "a line has an impossible number")
