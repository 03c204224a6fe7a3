"""Lines and branches of files, gathered from one or several coverage reports.

Reports of one format are merged line by line: a line is covered where any report saw it run. Of a line's branches the largest
count of one report is taken, which can only be too low.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.reports import CoverageTotals


@dataclass(slots=True)
class FileLines:
    """Lines of one file by number, and branches by the line they leave from as (covered, valid)."""

    lines: dict[int, bool] = field(default_factory=dict)
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)

    def see(self, line: int, *, covered: bool) -> None:
        """A line that could run."""
        self.lines[line] = covered or self.lines.get(line, False)

    def see_branches(self, line: int, covered: int, valid: int) -> None:
        """The branches that leave from a line."""
        before = self.branches.get(line, (0, 0))
        self.branches[line] = max(covered, before[0]), max(valid, before[1])


@dataclass(slots=True)
class LineMap:
    """What coverage reports say, by file name as they write it."""

    files: dict[str, FileLines] = field(default_factory=dict)

    def file(self, name: str) -> FileLines:
        """The lines of a file, empty where it is new."""
        return self.files.setdefault(name, FileLines())

    def add(self, other: LineMap) -> None:
        """Takes in another report of the same format."""
        for name, theirs in other.files.items():
            ours = self.file(name)
            for line, covered in theirs.lines.items():
                ours.see(line, covered=covered)
            for line, (covered_branches, valid) in theirs.branches.items():
                ours.see_branches(line, covered_branches, valid)

    def totals(self) -> CoverageTotals:
        """The sums over all files."""
        files = self.files.values()
        return CoverageTotals(
            lines_covered=sum(sum(file.lines.values()) for file in files),
            lines_valid=sum(len(file.lines) for file in files),
            branches_covered=sum(covered for file in files for covered, _ in file.branches.values()),
            branches_valid=sum(valid for file in files for _, valid in file.branches.values()),
            files=len(self.files),
        )
