"""What every reader of coverage gathers into, and ends with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain.coverage import MAX_LINE, FileLines, LineMap, bitmap, larger, span_bitmap
from app.domain.reports import Report, Tool
from app.errors import InvalidInput

MAX_NAME = 1_000
MAX_DENIALS = 20
"""Contradictions that are told in words; more of them are counted."""
MAX_BITS = 400_000_000
"""Highest lines, added up over all files: a bitmap is as long as its highest line, and a small report could ask for many."""


@dataclass(slots=True)
class Gathering:
    """The files of one report while it is read; raises `InvalidInput` for what no source file has."""

    report_format: str
    map: LineMap = field(default_factory=LineMap)
    warnings: list[str] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    _bits: int = 0
    _denials: list[str] = field(default_factory=list)
    _more: int = 0

    def file(self, name: str | None) -> FileLines:
        """The lines of a file by its name."""
        if not name:
            raise self.refusal("a file has no name")
        if len(name) > MAX_NAME:
            raise self.refusal(f"the name of a file is longer than {MAX_NAME} characters")
        return self.map.file(name)

    def bits(self, lines: Sequence[int]) -> int:
        """The bitmap of lines, given in any order."""
        if not lines:
            return 0
        self._allow(min(lines), max(lines))
        return bitmap(lines)

    def span_bits(self, spans: Sequence[range]) -> int:
        """The bitmap of runs of lines, none of them empty, which may overlap."""
        if not spans:
            return 0
        self._allow(min(span.start for span in spans), max(span.stop for span in spans) - 1)
        return span_bitmap(spans)

    def branches(self, file: FileLines, found: Iterable[tuple[int, tuple[int, int]]]) -> None:
        """Branches by the line they leave from, as (line, (covered, valid))."""
        branches: dict[int, tuple[int, int]] = {}
        for line, counts in found:
            if counts[0] > counts[1]:
                raise InvalidInput("report.contradiction", f"line {line} covers more branches than it has")
            branches[line] = larger(counts, branches[line]) if line in branches else counts
        if branches:
            self._possible(min(branches), max(branches))
            file.see_branches(branches)

    def check(
        self,
        declared: tuple[int | None, int | None],
        most: tuple[int, int],
        least: tuple[int, int] = (0, 0),
        where: str = "",
    ) -> None:
        """Notes a summary that counts more lines, or more that ran, than `most`, or fewer than `least`.

        All are (covered, valid). Tools differ in what they count; but no tool can mean more than every line that is written,
        repeated ones included, nor fewer than those that are lines by whatever measure.
        """
        covered, valid = declared
        said = f"{covered if covered is not None else '?'} of {valid if valid is not None else '?'}"
        if (covered or 0) > most[0] or (valid or 0) > most[1]:
            self.deny(
                f"the summary{where} counts {said} lines as covered, but only {most[0]} of {most[1]} are listed"
            )
        elif (covered is not None and covered < least[0]) or (valid is not None and valid < least[1]):
            self.deny(
                f"the summary{where} counts {said} lines as covered, but {least[0]} of {least[1]} are listed"
            )

    def deny(self, text: str) -> None:
        """Notes why the report contradicts itself: a report of millions of records could have as many reasons."""
        if len(self._denials) < MAX_DENIALS:
            self._denials.append(text)
        else:
            self._more += 1

    def _allow(self, lowest: int, highest: int) -> None:
        self._possible(lowest, highest)
        self._bits += highest
        if self._bits > MAX_BITS:
            raise InvalidInput("report.too_large", "the files of the report have too many lines")

    def _possible(self, lowest: int, highest: int) -> None:
        if lowest < 1 or highest > MAX_LINE:
            raise self.refusal("a line has an impossible number")

    def refusal(self, reason: str) -> InvalidInput:
        """The refusal of bytes that are not the format they are read as."""
        return InvalidInput(f"report.not_{self.report_format}", reason)

    def report(self) -> Report:
        """What was read; a report without a line that could run proves nothing."""
        has_lines = any(file.valid for file in self.map.files.values())
        return Report(
            self.report_format,
            coverage=self.map,
            tools=tuple(self.tools),
            warnings=tuple(self.warnings),
            contradictions=(*self._denials, *((f"{self._more} more contradictions",) if self._more else ())),
            vacuous=() if has_lines else ("the report has no line that could run",),
        )


def number(text: str | None) -> int | None:
    """A number as reports write it: decimal digits, at most 18; None for anything else."""
    return int(text) if text and len(text) <= 18 and text.isdecimal() else None  # noqa: PLR2004 (fits 64 bits)


def ran(hits: str | None) -> bool | None:
    """Whether a count of hits is more than none; None where it is no count. Counters overflow, so any length is one."""
    return bool(hits.strip("0")) if hits and hits.isascii() and hits.isdecimal() else None
