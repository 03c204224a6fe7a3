"""LCOV tracefiles: lines from `DA`, branches from `BRDA`; `LF` and `LH` only tell whether a record denies itself.

Source: geninfo(1), section "Tracefile format", https://github.com/linux-test-project/lcov. A large tracefile has millions of
short lines, so a record is read as a whole, by expressions that find all its lines of one tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.coverage import FileLines
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.coverage.lines import Gathering
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, chunks

NAME = "lcov"
BEGINNING = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:TN:[^\n]*\n\s*)*SF:[^\n]")
MARK = b"\xef\xbb\xbf"
END = b"\nend_of_record"
MAX_RECORD_BYTES = 16 * 1024 * 1024
STRANGE = re.compile(rb"\n(?![A-Z]{1,12}:|#|[ \t]*(?:\n|\Z))")
"""A line that is no tag with a value; tags that are not read, such as those of functions, differ by version."""
LINE = re.compile(rb"\nDA:([0-9]{1,9}),(?=[0-9])0*([0-9]*)(?=[,\n]|\Z)")
"""A line, and its hits without leading zeros: of whatever length, since counters overflow."""
BRANCH = re.compile(rb"\nBRDA:([0-9]{1,9}),([^\n]*),([^,\n]+)")
"""A line, what names the branch (block and branch, which may be an expression with commas), and how often it was taken."""
NAMED = b"TN:"
FUNCTION = b"FN:"
"""llvm-cov begins a record with its functions and never names the test before it, as geninfo and Istanbul do."""
NUMBER = re.compile(rb"[0-9]{1,9}")
SUMMARY = re.compile(rb"\n((?:L|BR)[FH]):([0-9]{1,9})[ \t]*(?=\n|\Z)")


def sniff(head: bytes) -> bool:
    """Whether it begins with the name of a file, or that of a test and then of a file."""
    return BEGINNING.match(heads.text_of(head)) is not None


def parse(source: Source) -> Report:
    """The lines of every record; raises `InvalidInput` where it is not an LCOV tracefile."""
    reader = _Reader()
    for record, ended in _records(source):
        reader.take(record, ended=ended)
    return reader.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


def _records(source: Source) -> Iterator[tuple[bytes, bool]]:
    """The records, each line with a line end before it, and whether the record has an end."""
    rest = b""
    for piece in chunks(source):
        text = rest + piece if rest else b"\n" + piece.removeprefix(MARK)
        *complete, rest = text.replace(b"\r\n", b"\n").split(END)
        yield from ((record, True) for record in complete)
        if len(rest) > MAX_RECORD_BYTES:
            raise InvalidInput("report.too_large", f"a record is longer than {MAX_RECORD_BYTES >> 20} MiB")
    yield rest, False


class _Reader:
    def __init__(self) -> None:
        self._gathering = Gathering(NAME)
        self._unended = self._odd = self._unequal = 0

    def take(self, record: bytes, *, ended: bool) -> None:
        if STRANGE.search(record) or record.split(b"\n", 1)[0].strip():
            raise self._gathering.refusal("a line is neither a tag with a value nor end_of_record")
        before, *files = record.split(b"\nSF:")
        if b"\nDA:" in before or b"\nBRDA:" in before:
            raise self._gathering.refusal("lines or branches come before the name of their file")
        self._unended += max(len(files) - ended, 0)
        for file in files:
            name, _, rest = file.partition(b"\n")
            is_llvm = NAMED not in before and rest.startswith(FUNCTION)
            # A byte that is no UTF-8 is shown as what it is: two names stay two names.
            known = self._gathering.file(name.decode("utf-8", "backslashreplace").strip())
            self._take(known, b"\n" + rest, is_llvm=is_llvm)

    def report(self) -> Report:
        gathering = self._gathering
        if self._unended:
            gathering.deny(
                f"{self._unended} records have no end: the report is cut off, or was put together wrongly"
            )
        if self._unequal:
            gathering.warnings.append(f"{self._unequal} records have a summary that differs from their lines")
        if self._odd:
            gathering.warnings.append(
                f"{self._odd} lines have a count that is no whole number; only those above 0 count as run"
            )
        return gathering.report()

    def _take(self, file: FileLines, text: bytes, *, is_llvm: bool) -> None:
        found = LINE.findall(text)
        ran = [int(line) for line, hits in found if hits]
        missed = [int(line) for line, hits in found if not hits]
        if text.count(b"\nDA:") != len(found):
            self._take_odd(text, ran, missed)
        # Line 0 is gcov's word for code without a line.
        covered = self._gathering.bits([line for line in ran if line] if 0 in ran else ran)
        lacking = self._gathering.bits([line for line in missed if line] if 0 in missed else missed)
        file.see(covered=covered, missed=lacking)
        branches = self._take_branches(file, text)
        lines = covered.bit_count(), (covered | lacking).bit_count()
        self._compare(text, lines, branches, None if is_llvm else len(ran) + len(missed))

    def _take_odd(self, text: bytes, ran: list[int], missed: list[int]) -> None:
        for line in text.split(b"\n"):
            if line.startswith(b"DA:") and not LINE.match(b"\n" + line):
                number, separator, rest = line.removeprefix(b"DA:").partition(b",")
                if not separator or not NUMBER.fullmatch(number):
                    raise self._gathering.refusal("a DA has no valid line, or no hits")
                self._odd += 1
                (ran if _is_positive(rest.partition(b",")[0]) else missed).append(int(number))

    def _take_branches(self, file: FileLines, text: bytes) -> tuple[int, int]:
        branches: dict[tuple[bytes, bytes], bool] = {}
        found = BRANCH.findall(text)
        if text.count(b"\nBRDA:") != len(found):
            raise self._gathering.refusal("a BRDA has no valid line, or no count")
        for line, name, count in found:
            branches[line, name] = _is_positive(count) or branches.get((line, name), False)
        by_line: dict[int, tuple[int, int]] = {}
        for (line, _), taken in branches.items():
            covered, valid = by_line.get(int(line), (0, 0))
            by_line[int(line)] = covered + taken, valid + 1
        by_line.pop(0, None)
        self._gathering.branches(file, by_line.items())
        return sum(branches.values()), len(branches)

    def _compare(
        self, text: bytes, lines: tuple[int, int], branches: tuple[int, int], written: int | None
    ) -> None:
        """Sets the summary of a record beside what it lists, both as (covered, valid).

        Tools differ in what they call found: llvm-cov counts lines of a closure twice, and of a template's instances the
        best one; old versions of coverage.py count fewer lines than they list. But who found as many as are listed has hit no
        more than ran, who hit none has none that ran, and who found some lists one. With `written`, how often lines are listed,
        it is a tool that counts what it lists: each line once or as often as it is there, and so no more, and hits no less.
        """
        declared = {tag: int(number) for tag, number in SUMMARY.findall(text)}
        for what, tag, (covered, valid) in (("lines", b"L", lines), ("branches", b"BR", branches)):
            found, hit = declared.get(tag + b"F", valid), declared.get(tag + b"H", covered)
            self._unequal += (found, hit) != (valid, covered)
            is_wrong = (found > 0 and not valid) or (found == valid and hit > covered)
            if tag == b"L":
                is_wrong = is_wrong or (covered > 0 and not hit)
                is_wrong = is_wrong or (
                    written is not None and _denies(found, hit, covered, {valid, written})
                )
            if is_wrong:
                self._gathering.deny(
                    f"a summary counts {hit} of {found} {what} as covered, but {covered}"
                    + (f" of {valid} are listed" if found != valid else " are listed")
                )


def _denies(found: int, hit: int, covered: int, listed: set[int]) -> bool:
    """Whether no way of counting the lines that are listed gives a summary: more than there are, or fewer hits than lines ran."""
    return found > max(listed) or (found in listed and hit < covered)


def _is_positive(count: bytes) -> bool:
    """Whether a count is above 0: `-` (never reached), gcov's negative ones and what is no number are not."""
    if count.isdigit():
        return count != b"0" and bool(count.strip(b"0"))
    try:
        return float(count) > 0
    except ValueError:
        return False
