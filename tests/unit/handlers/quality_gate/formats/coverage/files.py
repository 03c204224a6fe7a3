"""What the tests of the coverage formats look at: the files of a report, and their lines."""

from __future__ import annotations

from app.domain.coverage import FileLines, LineMap, lines_of
from app.domain.reports import Report


def coverage_of(report: Report) -> LineMap:
    """The lines of a report that has some."""
    assert report.coverage is not None
    return report.coverage


def shown(file: FileLines) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Lines that ran, and lines that did not."""
    return lines_of(file.covered), lines_of(file.valid & ~file.covered)


def only(report: Report) -> FileLines:
    """The one file of a report."""
    (file,) = coverage_of(report).files.values()
    return file
