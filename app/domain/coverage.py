"""Lines and branches of files, gathered from one or several coverage reports.

Lines are bitmaps (bit n is line n), so that a million lines take a few hundred kilobytes and a union, a difference or a count is
one operation. Reports are merged line by line: a line is covered where any report saw it run. Of a line's branches the largest
count of one report is taken, which can only be too low.

Packed (layout 1) a map is: the folders; by file, sorted, its name and the lengths of four bitmaps; all first bitmaps, all second
ones and so on, because like next to like compresses best; the branches as pairs (covered, not covered). The first bitmap has the
lines of a file; in the others a bit stands for a line of the first: missed, has branches, could not run.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter
from typing import Literal

from app.domain.packing import Packer, Unpacker, broken

MAX_LINE = 10_000_000
FEW_LINES = 32
LAYOUT = 1
PartialRule = Literal["hit", "half", "miss"]
Branches = Mapping[int, tuple[int, int]]
"""By the line they leave from, as (covered, valid)."""
NO_BRANCHES: Branches = {}
WIDTHS = ((1 << 16, "H"), (1 << 32, "I"))
WIDEST = "Q"


@dataclass(frozen=True, slots=True)
class CoverageTotals:
    """Lines and branches that could have run, and those that did."""

    lines_covered: int
    lines_valid: int
    branches_covered: int
    branches_valid: int
    files: int


@dataclass(slots=True, init=False)
class FileLines:
    """Lines of one file: those that could run, those that did, and branches by the line they leave from as (covered, valid).

    Branches are kept as numbers side by side (line, covered, valid; by line), each below 2**64: a dictionary of them takes six
    times the memory, and a large report has ten thousand files.
    """

    valid: int
    covered: int
    _branches: array[int]

    def __init__(self, valid: int = 0, covered: int = 0, branches: Branches = NO_BRANCHES) -> None:
        self.valid, self.covered, self.branches = valid, covered, branches

    @property
    def branches(self) -> Branches:
        """Branches by the line they leave from, ascending, as (covered, valid)."""
        numbers = self._branches
        return dict(zip(numbers[::3], zip(numbers[1::3], numbers[2::3], strict=True), strict=True))

    @branches.setter
    def branches(self, counts: Branches) -> None:
        numbers = [number for line in sorted(counts) for number in (line, *counts[line])]
        highest = max(numbers, default=0)
        width = next((width for limit, width in WIDTHS if highest < limit), WIDEST)
        self._branches = array(width, numbers)

    def see(self, *, covered: int = 0, missed: int = 0) -> None:
        """Bitmaps of lines that ran, and of lines that could have; a line in both ran."""
        self.valid |= covered | missed
        self.covered |= covered

    def see_branches(self, found: Branches) -> None:
        """The branches that leave from lines; of two counts of one line the greater ones are taken."""
        if self._branches and found:
            known = dict(self.branches)
            for line, counts in found.items():
                known[line] = larger(counts, known.get(line, counts))
            self.branches = known
        elif found:
            self.branches = found

    def add(self, other: FileLines) -> None:
        """Takes in what another report says of the file."""
        self.valid |= other.valid
        self.covered |= other.covered
        self.see_branches(other.branches)

    @property
    def partial(self) -> int:
        """Bitmap of the lines that ran, but not by all their branches."""
        lacking = [line for line, (covered, valid) in self.branches.items() if covered < valid]
        return bitmap(lacking) & self.covered

    @property
    def branch_sums(self) -> tuple[int, int]:
        """All branches, as (covered, valid)."""
        return sum(self._branches[1::3]), sum(self._branches[2::3])


@dataclass(slots=True)
class LineMap:
    """What coverage reports say, by file name as they write it; `sources` are the folders that the names may be relative to."""

    files: dict[str, FileLines] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def file(self, name: str) -> FileLines:
        """The lines of a file, empty where it is new."""
        return self.files.setdefault(name, FileLines())

    def add(self, other: LineMap) -> None:
        """Takes in another report."""
        self.sources = tuple(dict.fromkeys((*self.sources, *other.sources)))
        for name, theirs in other.files.items():
            self.file(name).add(theirs)

    def totals(self) -> CoverageTotals:
        """The sums over all files."""
        files = self.files.values()
        branches = [file.branch_sums for file in files]
        return CoverageTotals(
            lines_covered=sum(file.covered.bit_count() for file in files),
            lines_valid=sum(file.valid.bit_count() for file in files),
            branches_covered=sum(covered for covered, _ in branches),
            branches_valid=sum(valid for _, valid in branches),
            files=len(self.files),
        )

    def pack(self) -> bytes:
        """The map in bytes: equal maps give equal bytes, whatever the order of their files (with one version of zlib)."""
        packer = Packer()
        packer.number(len(self.sources))
        for folder in self.sources:
            packer.text(folder)
        packer.number(len(self.files))
        names = sorted(self.files)
        bitmaps = [_bitmaps(self.files[name]) for name in names]
        for name, four in zip(names, bitmaps, strict=True):
            packer.text(name)
            for each in four:
                packer.number(len(each))
        for column in zip(*bitmaps, strict=True):
            packer.raw(b"".join(column))
        for name in names:
            for covered, valid in self.files[name].branches.values():
                packer.number(covered)
                packer.number(valid - covered)
        return packer.packed(LAYOUT)

    @staticmethod
    def names(packed: bytes) -> tuple[str, ...]:
        """The files of a packed map that have lines, without unpacking these; raises as `unpack`."""
        unpacker = Unpacker(packed, LAYOUT)
        for _ in range(unpacker.number()):
            unpacker.text()
        headers = ((unpacker.text(), [unpacker.number() for _ in range(4)]) for _ in range(unpacker.number()))
        return tuple(name for name, lengths in headers if lengths[0])

    @classmethod
    def unpack(cls, packed: bytes) -> LineMap:
        """The map that `pack` packed; raises `InvalidInput` (`packed.broken`) for any other bytes."""
        unpacker = Unpacker(packed, LAYOUT)
        sources = tuple(unpacker.text() for _ in range(unpacker.number()))
        headers = [(unpacker.text(), [unpacker.number() for _ in range(4)]) for _ in range(unpacker.number())]
        if len({name for name, _ in headers}) != len(headers):
            raise broken("a file is named twice")
        columns = [[unpacker.raw(lengths[column]) for _, lengths in headers] for column in range(4)]
        files = {}
        for (name, _), four in zip(headers, zip(*columns, strict=True), strict=True):
            files[name] = _file(four, unpacker)
        unpacker.end()
        return cls(files, sources)


def larger(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Of the branches of a line as two reports count them the greater numbers."""
    return max(one[0], other[0]), max(one[1], other[1])


def bitmap(lines: Collection[int]) -> int:
    """The bitmap of lines, given in any order and from 0 on; in time linear in their number and the highest of them."""
    bits = 0
    if len(lines) < FEW_LINES:
        for line in lines:
            bits |= 1 << line
        return bits
    # An `or` copies all bits below: of a long file that is quadratic. Binary digits are read in one go.
    digits = bytearray(b"0") * (max(lines) + 1)
    for line in lines:
        digits[line] = 49
    digits.reverse()
    return int(digits, 2)


def span_bitmap(spans: Collection[range]) -> int:
    """The bitmap of runs of lines, which may overlap; in time linear in their number and the highest line."""
    digits = bytearray(b"0") * max((span.stop for span in spans), default=1)
    reached = 0
    for span in sorted(spans, key=attrgetter("start")):
        first = max(span.start, reached)
        if first < span.stop:
            digits[first : span.stop] = b"1" * (span.stop - first)
            reached = span.stop
    digits.reverse()
    return int(digits, 2)


def lines_of(bits: int) -> tuple[int, ...]:
    """The numbers of the lines of a bitmap, ascending."""
    return tuple(line for line, digit in enumerate(f"{bits:b}"[::-1]) if digit == "1")


def _bitmaps(file: FileLines) -> tuple[bytes, ...]:
    branching = bitmap(file.branches)
    known = file.valid | branching
    flags = (file.valid & ~file.covered, branching, known & ~file.valid)
    return _bytes(known), *(_bytes(_within(known, each)) for each in flags)


def _within(known: int, flags: int) -> int:
    """The flags of the known lines only, moved together."""
    digits = f"{flags:0{known.bit_length()}b}"
    return int("0" + "".join(compress(digits, map(int, f"{known:b}"))), 2)


def _file(four: tuple[bytes, ...], unpacker: Unpacker) -> FileLines:
    known, missed, branching, idle = (int.from_bytes(each, "little") for each in four)
    if known & 1 or known.bit_length() > MAX_LINE + 1:
        raise broken("a line has an impossible number")
    lines = lines_of(known)
    if max(missed, branching, idle) >> len(lines):
        raise broken("a bitmap is longer than its file")
    missed_lines, branch_lines, idle_lines = (
        [lines[at] for at in lines_of(each)] for each in (missed, branching, idle)
    )
    valid = known & ~bitmap(idle_lines)
    branches = {}
    for line in branch_lines:
        covered = unpacker.number()
        branches[line] = covered, covered + unpacker.number()
    return FileLines(valid, valid & ~bitmap(missed_lines), branches)


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
