"""JSON of coverage.py: lines and branches counted from its lists; its totals only tell whether it denies itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.coverage.lines import Gathering
from handlers.quality_gate.formats.documents import repeated_keys
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, whole

NAME = "coveragepy"
MAX_TEXT = 300
Arc = tuple[int, int]


TWICE = "the report has a key twice: a file, something that it says of a file, or the list of files"


class _Name(str):
    """A key, made by a hook: JSON may have a key twice, and only the last would be seen."""

    __slots__ = ()


_Object = dict[_Name, msgspec.Raw]


class _Summary(msgspec.Struct, frozen=True, gc=False):
    covered_lines: int | None = None
    num_statements: int | None = None


class _Document(msgspec.Struct):
    files: dict[_Name, _Object]
    meta: _Object = {}
    totals: _Object = {}


LINES = msgspec.json.Decoder(list[int], strict=True)
ARCS = msgspec.json.Decoder(list[Arc], strict=True)
SUMMARY = msgspec.json.Decoder(_Summary, strict=True)
NUMBER = msgspec.json.Decoder(int | None, strict=True)
TEXT = msgspec.json.Decoder(str, strict=True)
EXECUTED, MISSING = map(_Name, ("executed_lines", "missing_lines"))
TAKEN, NOT_TAKEN = map(_Name, ("executed_branches", "missing_branches"))
COVERED, STATEMENTS = map(_Name, ("covered_lines", "num_statements"))
SUMMED, VERSION = map(_Name, ("summary", "version"))
NO_LIST, NO_OBJECT, NO_TEXT, NOTHING = map(msgspec.Raw, (b"[]", b"{}", b'""', b"null"))


def sniff(head: bytes) -> bool:
    """Whether it is an object with coverage.py's first keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and {"meta", "files"} <= keys[1]


def parse(source: Source) -> Report:
    """The lines of every file; raises `InvalidInput` where it is not JSON of coverage.py, or denies itself."""
    gathering = Gathering(NAME)
    try:
        document = _decoded(source)
        version = TEXT.decode(document.meta.get(VERSION, NO_TEXT))
        # One file at a time: all lists of a large report take as much memory as its bytes.
        wrong = sum(_take(gathering, name, file) for name, file in document.files.items())
        whole_of = _Summary(
            *(NUMBER.decode(document.totals.get(key, NOTHING)) for key in (COVERED, STATEMENTS))
        )
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise gathering.refusal(f"not JSON of coverage.py: {error}") from error
    if version:
        gathering.tools.append(Tool("coverage.py", version[:MAX_TEXT]))
    if wrong:
        gathering.deny(f"the summaries of {wrong} files do not agree with their lines")
    totals = gathering.map.totals()
    if _denies(whole_of, totals.lines_covered, totals.lines_valid):
        gathering.deny("the totals do not agree with the lines that are listed")
    return gathering.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


def _decoded(source: Source) -> _Document:
    keys = 0

    def name_of(_wanted: type, key: object) -> object:
        nonlocal keys
        keys += 1
        return _Name(key)

    document = msgspec.json.decode(whole(source), type=_Document, strict=True, dec_hook=name_of)
    objects = document.meta, document.totals, *document.files.values()
    if keys != len(document.files) + sum(map(len, objects)):
        raise InvalidInput("report.contradiction", TWICE)
    return document


def _take(gathering: Gathering, name: str, file: _Object) -> bool:
    """Takes in a file; whether its summary denies its lines."""
    if EXECUTED not in file or MISSING not in file:
        raise gathering.refusal("a file has no list of executed lines, or none of missing ones")
    covered = gathering.bits(LINES.decode(file[EXECUTED]))
    missed = gathering.bits(LINES.decode(file[MISSING]))
    if covered & missed:
        raise InvalidInput("report.contradiction", "a line is named both as executed and as missing")
    target = gathering.file(name)
    target.see(covered=covered, missed=missed)
    taken, not_taken = (ARCS.decode(file.get(key, NO_LIST)) for key in (TAKEN, NOT_TAKEN))
    if taken or not_taken:
        gathering.branches(target, _branches(taken, not_taken))
    return _denies(_summary(file), covered.bit_count(), (covered | missed).bit_count())


def _summary(file: _Object) -> _Summary:
    raw = bytes(file.get(SUMMED, NO_OBJECT))
    # Only a key that is there twice, or that is written with escapes, is worth another look.
    if (
        raw.count(b'"covered_lines"') > 1 or raw.count(b'"num_statements"') > 1 or b"\\" in raw
    ) and repeated_keys(raw):
        raise InvalidInput("report.contradiction", TWICE)
    return SUMMARY.decode(raw)


def _branches(taken: list[Arc], not_taken: list[Arc]) -> Iterator[tuple[int, tuple[int, int]]]:
    if not set(taken).isdisjoint(not_taken):
        raise InvalidInput("report.contradiction", "a branch is named both as executed and as missing")
    valid = Counter([abs(line) for line, _ in taken + not_taken])
    missing = Counter([abs(line) for line, _ in not_taken])
    return ((line, (count - missing[line], count)) for line, count in valid.items())


def _denies(summary: _Summary, covered: int, valid: int) -> bool:
    """coverage.py counts exactly what it lists, so any difference is a contradiction."""
    return summary.covered_lines not in {None, covered} or summary.num_statements not in {None, valid}
