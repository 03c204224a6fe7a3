"""The rule `drop`: the total may not fall further below the base's than the policy says. Pure; whole numbers decide.

It is about all measured files together, whatever group they are in; a group that is carried counts on neither side. A change that
only removes lines cannot fail it, as long as no more is uncovered than at the base: fewer covered lines of fewer are no loss;
tests that went away are one.
"""

from __future__ import annotations

from fractions import Fraction

from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.gates import outside
from handlers.quality_gate.gates.asking import Question
from handlers.quality_gate.gates.based import named
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.gates.lacking import uncovered
from handlers.quality_gate.gates.places import places
from handlers.quality_gate.gates.shares import PERCENT, Share, share_of_sums, words
from handlers.quality_gate.gates.strictest import Strictest, doubt, way_out
from handlers.quality_gate.history.measures import CoverageSums, MeasuredCoverage
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_points

RULE = "gates.coverage.drop"


def drop(
    question: Question, change: Change, now: MeasuredCoverage, strictest: Strictest, tolerance: str
) -> GateVerdict:
    """The verdict on one report of a commit against its base; `now` is what it measures."""
    gate = strictest.gate

    def verdict(state: State, value: str, reason: str, remedy: str = "") -> GateVerdict:
        return question.verdict(
            state, value, reason, rule=RULE, remedy=remedy, number=change.number, notes=left_out(change)
        )

    after, base = share_of_sums(now.sums, gate), change.baseline
    value = after.text(*words(gate))
    same = None if base is None else like(base.measured.coverage, now)
    if base is None or same is None:
        without = "neither the base nor one of its ancestors near it has recorded coverage"
        lacks = without if base is None else f"{named(base)} has no {now.format} coverage"
        return verdict(State.NOT_APPLICABLE, value, f"{lacks} to compare with")
    if unlike := incomparable(base, same.sums, now.sums, gate):
        return verdict(unlike[0], value, unlike[1])
    before = share_of_sums(same.sums, gate)
    compared = f"{value}, {before.text(*words(gate))} at {named(base)}"
    lacking, why = judged(before, after, parse_points(tolerance)), ""
    if lacking and only_removes(change) and missed(now.sums, gate) <= missed(same.sums, gate):
        lacking, why = 0, f"the change only removes lines, and no more {words(gate)[1]} are uncovered"
    if not lacking and not why and (doubted := _by_the_strictest(strictest, before, parse_points(tolerance))):
        return verdict(State.INCONCLUSIVE, compared, *doubted)
    every = before.plus(share_of_sums(same.outside, gate)), after.plus(share_of_sums(now.outside, gate))
    if not lacking and hides_a_fall(*every, parse_points(tolerance), shrinks=only_removes(change)):
        reason = outside.left_out(outside.measured(strictest.outside), every[1], *words(gate))
        return verdict(State.INCONCLUSIVE, compared, reason, outside.REMEDY)
    if not lacking:
        return verdict(State.PASS, compared, why or "it did not fall further than the policy allows")
    reason = f"{points(before, after)} percentage points less than at {named(base)}"
    where = places(uncovered(question.evidence, gate, strictest.lines, lambda _: True))
    remedy = f"{lacking} more covered {words(gate)[lacking != 1]} needed, any of {where}"
    return verdict(State.FAIL, compared, reason, remedy)


def _by_the_strictest(strictest: Strictest, before: Share, tolerance: Fraction) -> tuple[str, str] | None:
    """Why it is not believed that it did not fall, and the way out; None where the strictest reports say so too."""
    least, named_so = least_after(before, tolerance), words(strictest.gate)
    strict, doubted = strictest.over(strictest.lines.files, least)
    if strict.reaches(least):
        return None
    return doubt(doubted, strict, *named_so), way_out(strict, least, *named_so)


def incomparable(
    base: Baseline, before: CoverageSums, after: CoverageSums, gate: CoverageGate
) -> tuple[State, str] | None:
    """What is said where one side, or neither, measures what the gate counts; None where both do."""
    if lost := stopped(before, after, gate):
        return State.INCONCLUSIVE, f"{named(base)} has {lost} measured, this commit has none"
    if stopped(after, before, gate):
        return State.NOT_APPLICABLE, f"{named(base)} was measured by another metric"
    if not share_of_sums(before, gate).valid:
        one, _ = words(gate)
        return State.INCONCLUSIVE, f"neither {named(base)} nor this commit has any {one} measured to compare"
    return None


def judged(before: Share, after: Share, tolerance: Fraction) -> int:
    """How many more of them would have to be covered; 0 where it did not fall too far. Exact."""
    return after.lacking(least_after(before, tolerance))


def hides_a_fall(before: Share, after: Share, tolerance: Fraction, *, shrinks: bool) -> bool:
    """Whether it fell too far with the files that are left out, and, of a change that `shrinks`, more is uncovered."""
    if shrinks and after.valid - after.covered <= before.valid - before.covered:
        return False
    return judged(before, after, tolerance) > 0


def least_after(before: Share, tolerance: Fraction) -> Fraction:
    """How many percent have to be covered where it must not fall by more percentage points. Exact."""
    return PERCENT * before.covered / before.valid - tolerance


def stopped(before: CoverageSums, after: CoverageSums, gate: CoverageGate) -> str:
    """What the first measured and the second does not, of what the gate counts; empty where nothing."""
    if gate.metric != "branch" and before.valid and not after.valid:
        return "lines"
    return "branches" if gate.metric != "line" and before.branches_valid and not after.branches_valid else ""


def like(measured: tuple[MeasuredCoverage, ...], now: MeasuredCoverage) -> MeasuredCoverage | None:
    """What the base has of the same workflow and format; where the workflow is another, of the only one with the format."""
    formats = [each for each in measured if each.format == now.format]
    same = [each for each in formats if each.workflow == now.workflow]
    found = same or formats
    return found[0] if len(found) == 1 else None


def left_out(change: Change) -> tuple[str, ...]:
    """What is said of groups that count on neither side; the base's numbers come without them (`carrying`)."""
    groups = ", ".join(each.group for each in change.carried)
    if change.baseline is None or not groups:
        return ()
    return (f"the drop is that of the files outside of {groups}, which no report of this commit names",)


def only_removes(change: Change) -> bool:
    """Whether all lines of the change are known, and none is added."""
    return change.complete and all(file.known and not file.added for file in change.files)


def missed(sums: CoverageSums, gate: CoverageGate) -> Fraction:
    """How much is not covered, as the gate counts."""
    share = share_of_sums(sums, gate)
    return share.valid - share.covered


def points(before: Share, after: Share) -> str:
    """By how many percentage points it fell, with two decimals, rounded up: never `0.00`."""
    lost = PERCENT * (before.covered / before.valid - after.covered / after.valid)
    hundredths = -(-lost * PERCENT // 1)
    return f"{hundredths // PERCENT}.{hundredths % PERCENT:02d}"
