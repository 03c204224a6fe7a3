"""The report formats, one file each in the folder of its family, and how a file is recognised and read.

A new format is a module with a `FORMAT`, a line in its family's `FORMATS`, tests, and a row in docs/reference/report-formats.md.
"""

from __future__ import annotations

from types import MappingProxyType

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import audits, coverage, diff, findings, heads, outlines, results
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.guarded import guarded
from handlers.quality_gate.formats.source import HEAD_BYTES, Source

FAMILIES = (results.FORMATS, coverage.FORMATS, findings.FORMATS, audits.FORMATS, (diff.FORMAT,))
FORMATS = MappingProxyType({each.name: each for family in FAMILIES for each in family})


@guarded("recognition of formats")
def recognise(source: Source) -> Format | None:
    """The format of a file, or None; a stream must be able to go back, and is back at its beginning afterwards.

    The first `HEAD_BYTES` bytes are asked; where they do not tell, and more follows, the outline of the whole JSON.

    Raises `InvalidInput` for what begins like XML and has no root element that can be read (`report.xml`), and for what is cut
    off before it shows of which format it is (`report.cut_off`).
    """
    shown = head_of(source)
    found = _sniffed(shown)
    begins = heads.text_of(shown[:1024]).lstrip()[:1]
    if found is None and begins == "<" and not heads.xml_root(shown):
        raise InvalidInput(
            "report.xml", "the file begins like XML, but it has no root element that can be read"
        )
    if found is None and len(shown) < HEAD_BYTES and heads.is_cut_off(shown):
        raise InvalidInput("report.cut_off", "the file ends in the middle of its JSON or XML")
    if found is None and len(shown) == HEAD_BYTES and begins in {"{", "["}:
        found = _sniffed(outlines.outline(source))
    return found


def _sniffed(shown: bytes) -> Format | None:
    return next((each for each in FORMATS.values() if each.sniff(shown)), None)


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
    chosen = named(report_format) if report_format else recognise(source)
    if chosen is None:
        if not head_of(source):
            raise InvalidInput("report.empty", "the file is empty")
        raise InvalidInput("report.unknown_format", f"no known report format; known: {', '.join(FORMATS)}")
    return chosen.read(source)


def head_of(source: Source) -> bytes:
    """The first `HEAD_BYTES` bytes; a stream is back at its beginning."""
    if isinstance(source, bytes):
        return source[:HEAD_BYTES]
    head = source.read(HEAD_BYTES)
    source.seek(0)
    return head


__all__ = ["FORMATS", "Format", "Kind", "head_of", "named", "read_report", "recognise"]
