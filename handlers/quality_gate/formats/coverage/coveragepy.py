"""JSON of coverage.py: lines and branches counted from its lists; its totals only tell whether it denies itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.coverage.lines import Gathering
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, whole

NAME = "coveragepy"
MAX_TEXT = 300
Arc = tuple[int, int]


class _Name(str):
    """A file's name, made by a hook: JSON may have a key twice, and only the last would be seen."""

    __slots__ = ()


class _Summary(msgspec.Struct, frozen=True, gc=False):
    covered_lines: int | None = None
    num_statements: int | None = None


class _File(msgspec.Struct, gc=False):
    executed_lines: list[int]
    missing_lines: list[int]
    executed_branches: list[Arc] = []
    missing_branches: list[Arc] = []
    summary: _Summary = _Summary()


class _Meta(msgspec.Struct, frozen=True, gc=False):
    version: str = ""


class _Document(msgspec.Struct):
    files: dict[_Name, msgspec.Raw]
    meta: _Meta = _Meta()
    totals: _Summary = _Summary()


FILE = msgspec.json.Decoder(_File, strict=True)


def sniff(head: bytes) -> bool:
    """Whether it is an object with coverage.py's first keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and {"meta", "files"} <= keys[1]


def parse(source: Source) -> Report:
    """The lines of every file; raises `InvalidInput` where it is not JSON of coverage.py, or denies itself."""
    gathering = Gathering(NAME)
    try:
        document = _decoded(source)
        # One file at a time: all lists of a large report take as much memory as its bytes.
        wrong = sum(_take(gathering, name, FILE.decode(raw)) for name, raw in document.files.items())
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise gathering.refusal(f"not JSON of coverage.py: {error}") from error
    if document.meta.version:
        gathering.tools.append(Tool("coverage.py", document.meta.version[:MAX_TEXT]))
    if wrong:
        gathering.contradictions.append(f"the summaries of {wrong} files do not agree with their lines")
    totals = gathering.map.totals()
    if _denies(document.totals, totals.lines_covered, totals.lines_valid):
        gathering.contradictions.append("the totals do not agree with the lines that are listed")
    return gathering.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


def _decoded(source: Source) -> _Document:
    keys = 0

    def name_of(_wanted: type, key: object) -> object:
        nonlocal keys
        keys += 1
        return _Name(key)

    document = msgspec.json.decode(whole(source), type=_Document, strict=True, dec_hook=name_of)
    if keys != len(document.files):
        raise InvalidInput("report.contradiction", "a file, or the list of files, is there twice")
    return document


def _take(gathering: Gathering, name: str, file: _File) -> bool:
    """Takes in a file; whether its summary denies its lines."""
    covered, missed = gathering.bits(file.executed_lines), gathering.bits(file.missing_lines)
    if covered & missed:
        raise InvalidInput("report.contradiction", "a line is named both as executed and as missing")
    target = gathering.file(name)
    target.see(covered=covered, missed=missed)
    if file.executed_branches or file.missing_branches:
        gathering.branches(target, _branches(file))
    return _denies(file.summary, covered.bit_count(), (covered | missed).bit_count())


def _branches(file: _File) -> Iterator[tuple[int, tuple[int, int]]]:
    if not set(file.executed_branches).isdisjoint(file.missing_branches):
        raise InvalidInput("report.contradiction", "a branch is named both as executed and as missing")
    valid = Counter([abs(line) for line, _ in file.executed_branches + file.missing_branches])
    missing = Counter([abs(line) for line, _ in file.missing_branches])
    return ((line, (count - missing[line], count)) for line, count in valid.items())


def _denies(summary: _Summary, covered: int, valid: int) -> bool:
    """coverage.py counts exactly what it lists, so any difference is a contradiction."""
    return summary.covered_lines not in {None, covered} or summary.num_statements not in {None, valid}
