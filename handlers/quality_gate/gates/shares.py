"""Shares of what is covered: exact fractions decide, and the text never looks better than they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from app.domain.coverage import FileLines, LineMap, bitmap
from handlers.quality_gate.history.measures import CoverageSums
from handlers.quality_gate.section.gates import CoverageGate

PERCENT = 100
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Share:
    """`covered` of `valid`; under the rule `half`, `halves` are the lines of which a half is in `covered`."""

    covered: Fraction
    valid: int
    halves: int = 0

    def plus(self, other: Share) -> Share:
        """Both together."""
        return Share(self.covered + other.covered, self.valid + other.valid, self.halves + other.halves)

    def and_covered(self, lines: int) -> Share:
        """With so many lines more, all of them covered."""
        return replace(self, covered=self.covered + lines, valid=self.valid + lines)

    def and_uncovered(self, lines: int) -> Share:
        """With so many lines more, none of them covered."""
        return replace(self, valid=self.valid + lines)

    def reaches(self, percent: Fraction) -> bool:
        """Whether it is at least so many percent, exactly."""
        return PERCENT * self.covered >= percent * self.valid

    def lacking(self, percent: Fraction) -> int:
        """How many more of them would do at least: those that give a whole first, then those that give a half."""
        needed = percent * self.valid / PERCENT - self.covered
        whole = self.valid - self.covered - self.halves * HALF
        if needed <= whole:
            return max(0, ceil(needed))
        return int(whole) + ceil((needed - whole) / HALF)

    def text(self, one: str, many: str) -> str:
        """`84.99 % (21249 of 25000 lines)`: two decimals, cut and not rounded, so that it never looks better than it is."""
        if self.valid <= 0:
            return "nothing measured"
        whole = int(self.covered) if self.covered.denominator == 1 else float(self.covered)
        return f"{percent(self)} ({whole} of {self.valid} {one if self.valid == 1 else many})"


NOTHING = Share(Fraction(0), 0)


def percent(share: Share) -> str:
    """A share with two decimals, cut: 84.996 is `84.99 %`."""
    hundredths = int(share.covered * 10_000 // share.valid)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def share_of(file: FileLines, gate: CoverageGate, only: int | None = None) -> Share:
    """What of a file is covered as the gate counts; `only` is a bitmap of lines that count, all where it is None."""
    branches = {line: counts for line, counts in file.branches.items() if only is None or only >> line & 1}
    taken, all_branches = sum(c for c, _ in branches.values()), sum(v for _, v in branches.values())
    if gate.metric == "branch":
        return Share(Fraction(taken), all_branches)
    valid = file.valid if only is None else file.valid & only
    covered = file.covered & valid
    hits = Fraction(covered.bit_count())
    if gate.metric == "coveragepy":
        return Share(hits + taken, valid.bit_count() + all_branches)
    partial = sum(1 for line, (c, v) in branches.items() if c < v and covered >> line & 1)
    return _partly(hits, valid.bit_count(), partial, gate)


def total_of(lines: LineMap, names: Iterable[str], gate: CoverageGate) -> Share:
    """What of several files is covered as the gate counts."""
    total = NOTHING
    for name in names:
        total = total.plus(share_of(lines.files[name], gate))
    return total


def share_of_sums(sums: CoverageSums, gate: CoverageGate) -> Share:
    """What was covered of a whole report, as the gate counts: the same as `share_of` over all its files."""
    taken, branches = sums.branches_covered, sums.branches_valid
    if gate.metric == "branch":
        return Share(Fraction(taken), branches)
    if gate.metric == "coveragepy":
        return Share(Fraction(sums.covered + taken), sums.valid + branches)
    return _partly(Fraction(sums.covered), sums.valid, sums.partial, gate)


def _partly(hits: Fraction, valid: int, partial: int, gate: CoverageGate) -> Share:
    """Lines that ran, of which so many took some of their branches only."""
    match gate.partial:
        case "hit":
            return Share(hits, valid)
        case "half":
            return Share(hits - partial * HALF, valid, partial)
        case "miss":
            return Share(hits - partial, valid)


def lacking_lines(file: FileLines, gate: CoverageGate, only: int) -> int:
    """Bitmap of the lines among `only` at which something is missing, as the gate counts."""
    branching = bitmap([line for line, (taken, valid) in file.branches.items() if taken < valid])
    missed = file.valid & ~file.covered
    match gate.metric:
        case "branch":
            return branching & only
        case "coveragepy":
            return (missed | branching) & only
        case "line":
            return (missed if gate.partial == "hit" else missed | (branching & file.covered)) & only


def words(gate: CoverageGate) -> tuple[str, str]:
    """What is counted, for one and for many."""
    match gate.metric:
        case "line":
            return "line", "lines"
        case "branch":
            return "branch", "branches"
        case "coveragepy":
            return "line or branch", "lines and branches"
