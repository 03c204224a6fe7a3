"""What a report file on disk counts, for `hephaestus reports read`: runs where it can be killed (port `compute`)."""

from __future__ import annotations

from pathlib import Path

from app.domain.reports import ReportNumbers
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report


def count(source: Path | bytes, report_format: str | None = None) -> ReportNumbers:
    """The numbers of one report: a file is read in pieces where its format can be; `report_format` None recognises it.

    Raises:
        InvalidInput: `report.unreadable` for a file that cannot be opened, or as `read_report`.
    """
    if isinstance(source, bytes):
        return read_report(source, report_format).numbers
    try:
        with source.open("rb") as stream:
            return read_report(stream, report_format).numbers
    except OSError as error:
        raise InvalidInput("report.unreadable", f"cannot read the file: {error.strerror}") from error
