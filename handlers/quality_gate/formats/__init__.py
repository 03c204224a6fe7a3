"""The report formats, one file each in the folder of its family, and how a file is recognised and read.

A new format is a module with a `FORMAT`, a line in its family's `FORMATS`, tests, and a row in docs/reference/report-formats.md.
"""

from __future__ import annotations

from types import MappingProxyType

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import audits, coverage, diff, findings, heads, results
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import HEAD_BYTES, Source

FAMILIES = (results.FORMATS, coverage.FORMATS, findings.FORMATS, audits.FORMATS, (diff.FORMAT,))
FORMATS = MappingProxyType({each.name: each for family in FAMILIES for each in family})


def recognise(head: bytes) -> Format | None:
    """The format of a file that begins so (its first `HEAD_BYTES` bytes or more), or None.

    Raises `InvalidInput` for what begins like XML and has no root element that can be read (`report.xml`), and for what is cut
    off before it shows of which format it is (`report.cut_off`).
    """
    shown = head[:HEAD_BYTES]
    found = next((each for each in FORMATS.values() if each.sniff(shown)), None)
    if found is None and heads.text_of(shown[:1024]).lstrip().startswith("<") and not heads.xml_root(shown):
        raise InvalidInput(
            "report.xml", "the file begins like XML, but it has no root element that can be read"
        )
    if found is None and len(head) < HEAD_BYTES and heads.is_cut_off(shown):
        raise InvalidInput("report.cut_off", "the file ends in the middle of its JSON or XML")
    return found


def named(name: str) -> Format:
    """The format of this name; raises `InvalidInput` (`report.unknown_format`)."""
    found = FORMATS.get(name)
    if found is None:
        raise InvalidInput("report.unknown_format", f"no known report format; known: {', '.join(FORMATS)}")
    return found


def read_report(source: Source, report_format: str | None = None) -> Report:
    """One report; `report_format` None recognises it.

    Raises:
        InvalidInput: `report.unknown_format`, `report.too_large`, or what the format says about bytes it refuses.
    """
    head, rest = _begun(source)
    chosen = named(report_format) if report_format else recognise(head)
    if chosen is None:
        if not head:
            raise InvalidInput("report.empty", "the file is empty")
        raise InvalidInput("report.unknown_format", f"no known report format; known: {', '.join(FORMATS)}")
    return chosen.parse(rest)


def _begun(source: Source) -> tuple[bytes, Source]:
    """The first bytes, and the source as if nothing had been read; a stream must be able to go back."""
    if isinstance(source, bytes):
        return source[:HEAD_BYTES], source
    head = source.read(HEAD_BYTES)
    source.seek(0)
    return head, source


__all__ = ["FORMATS", "Format", "Kind", "named", "read_report", "recognise"]
