"""What a diff adds up to."""

from __future__ import annotations

from app.domain.diffs import Diff, DiffFile, DiffTotals


def test_a_diff_counts_the_lines_of_all_its_files() -> None:
    files = (DiffFile("a.py", added=0b1110, removed=0b10), DiffFile("b.png", known=False))
    assert Diff(files).totals == DiffTotals(added=3, removed=1, files=2)
