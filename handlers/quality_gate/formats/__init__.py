"""The report formats, one file each, and how a file is recognised."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import cobertura, coveragepy, junit, xml
from handlers.quality_gate.formats.lines import LineMap

MAX_REPORT_BYTES = 64 * 1024 * 1024
TESTS: dict[str, Callable[[bytes], Report]] = {"junit": junit.read}
COVERAGE: dict[str, Callable[[bytes], LineMap]] = {
    "cobertura": cobertura.read,
    "coveragepy": coveragepy.read,
}
ALIASES = {"coveragepy-json": "coveragepy"}
FORMATS = (*TESTS, *COVERAGE)
XML_HEAD = re.compile(rb"\xef\xbb\xbf\s*<|\s*<|\xff\xfe|\xfe\xff")
COVERAGEPY_HEAD = re.compile(rb'\s*\{\s*"meta"\s*:\s*\{')


def recognise(name: str, raw: bytes) -> str | None:
    """The format of a file called `name`, or None; raises `InvalidInput` for an `.xml` file that is not XML."""
    if COVERAGEPY_HEAD.match(raw):
        return "coveragepy"
    if not name.lower().endswith(".xml") and not XML_HEAD.match(raw):
        return None
    element, attributes = xml.root(raw)
    if element in junit.ROOTS:
        return "junit"
    if element == "coverage" and not cobertura.OTHER_TOOLS & attributes.keys():
        return "cobertura"
    return None


def canonical(name: str) -> str | None:
    """A format's name as `FORMATS` has it, or None where there is no such format."""
    known = ALIASES.get(name, name)
    return known if known in FORMATS else None


def read_report(name: str, raw: bytes, report_format: str | None = None) -> Report:
    """One report file; `report_format` None recognises it.

    Raises:
        InvalidInput: `report.unknown_format`, `report.too_large`, or what the format says about bytes it refuses.
    """
    if len(raw) > MAX_REPORT_BYTES:
        raise InvalidInput("report.too_large", f"the report is larger than {MAX_REPORT_BYTES >> 20} MiB")
    chosen = canonical(report_format) if report_format else recognise(name, raw)
    if chosen is None:
        raise InvalidInput("report.unknown_format", f"no known report format; known: {', '.join(FORMATS)}")
    if chosen in TESTS:
        return TESTS[chosen](raw)
    totals = COVERAGE[chosen](raw).totals()
    warnings = () if totals.lines_valid else ("the report has no line that could run",)
    return Report(chosen, coverage=totals, warnings=warnings)
