"""Coverage by the strictest of reports that differ in which lines could run. Pure.

United, lines that one report alone knows raise a share as long as they ran. That is right where compilers left out other lines
(`#ifdef`), and wrong where a report is padded. So a verdict holds where it is the same by each report's own lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.coverage import LineMap
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import NOTHING, PERCENT, Share, share_of
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.reports.variants import sets_of
from handlers.quality_gate.section.gates import CoverageGate

WAY_OUT = "let all reports be made from the same files with the same settings"


@dataclass(frozen=True, slots=True)
class Strictest:
    """The lines of a report format, and of files with several sets of lines that could run all of them, as bitmaps.

    `outside` are the lines of files that the repository does not have.
    """

    gate: CoverageGate
    lines: LineMap
    sets: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    outside: LineMap = field(default_factory=LineMap)

    def share(self, name: str, least: Fraction, only: int | None = None) -> Share:
        """What is the worst of a file for reaching so many percent: by any report's own lines, or by all together.

        `only` is a bitmap of lines that count, as `share_of` takes it.
        """
        file, every = self.lines.files[name], -1 if only is None else only
        shares = [share_of(file, self.gate, only)]
        shares += [share_of(file, self.gate, known & every) for known in self.sets.get(name, ())]
        return min(shares, key=lambda share: PERCENT * share.covered - least * share.valid)

    def over(self, names: Iterable[str], least: Fraction) -> tuple[Share, tuple[str, ...]]:
        """The worst of several files, and those of which a report alone says less than all together."""
        total, doubted = NOTHING, []
        for name in names:
            share = self.share(name, least)
            total = total.plus(share)
            if share != share_of(self.lines.files[name], self.gate):
                doubted.append(name)
        return total, tuple(doubted)


def strictest_of(reports: Reports, report_format: str, lines: LineMap, gate: CoverageGate) -> Strictest:
    """The lines of one format, with what its reports differ in."""
    sets = sets_of(packed for name, packed in reports.variants if name == report_format)
    outside = LineMap()
    for name, packed in reports.outside:
        if name == report_format:
            outside.add(LineMap.unpack(packed))
    return Strictest(gate, lines, sets, outside)


def doubt(names: Iterable[str], share: Share, one: str, many: str) -> str:
    """Why a share is not believed that is enough only with lines that not all reports know."""
    about = f"reports differ in which lines of {few(tuple(names))} could run"
    return f"{about}: by the strictest it is {share.text(one, many)}"


def way_out(share: Share, least: Fraction, one: str, many: str) -> str:
    """The least that makes it enough, whichever report is right."""
    lacking = share.lacking(least)
    return f"{WAY_OUT}, or cover {lacking} more {one if lacking == 1 else many} that all of them know"
