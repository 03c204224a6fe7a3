"""Lines and branches of files, gathered from one or several coverage reports.

Lines are bitmaps (bit n is line n), so that a million lines take a few hundred kilobytes and a union, a difference or a count is
one operation. Reports are merged line by line: a line is covered where any report saw it run. Of a line's branches the largest
count of one report is taken, which can only be too low.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MAX_LINE = 10_000_000
PartialRule = Literal["hit", "half", "miss"]


@dataclass(frozen=True, slots=True)
class CoverageTotals:
    """Lines and branches that could have run, and those that did."""

    lines_covered: int
    lines_valid: int
    branches_covered: int
    branches_valid: int
    files: int


@dataclass(slots=True)
class FileLines:
    """Lines of one file: those that could run, those that did, and branches by the line they leave from as (covered, valid)."""

    valid: int = 0
    covered: int = 0
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)

    def see(self, line: int, *, covered: bool) -> None:
        """A line that could run."""
        bit = 1 << line
        self.valid |= bit
        if covered:
            self.covered |= bit

    def see_branches(self, line: int, covered: int, valid: int) -> None:
        """The branches that leave from a line."""
        before = self.branches.get(line, (0, 0))
        self.branches[line] = max(covered, before[0]), max(valid, before[1])

    def add(self, other: FileLines) -> None:
        """Takes in what another report says of the file."""
        self.valid |= other.valid
        self.covered |= other.covered
        for line, (covered, valid) in other.branches.items():
            self.see_branches(line, covered, valid)


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
        return CoverageTotals(
            lines_covered=sum(file.covered.bit_count() for file in files),
            lines_valid=sum(file.valid.bit_count() for file in files),
            branches_covered=sum(covered for file in files for covered, _ in file.branches.values()),
            branches_valid=sum(valid for file in files for _, valid in file.branches.values()),
            files=len(self.files),
        )


def lines_of(bitmap: int) -> tuple[int, ...]:
    """The numbers of the lines of a bitmap, ascending."""
    found = []
    while bitmap:
        lowest = bitmap & -bitmap
        found.append(lowest.bit_length() - 1)
        bitmap ^= lowest
    return tuple(found)
