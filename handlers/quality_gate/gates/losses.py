"""Tests that the base ran and a commit does not: the quietest way to make a gate green. Pure.

Counted is how many fewer there are, by name where names are known: a test that is renamed or moved goes and comes. As many as
lines went from the files of tests that the change deletes or shortens are taken to have been in them: reports do not say which
test was in which file.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.hashes import apart
from handlers.quality_gate.evidence.changes import Baseline, Change, ChangedLines
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.based import named, speaks_here
from handlers.quality_gate.gates.judged import counted
from handlers.quality_gate.gates.scope import is_test
from handlers.quality_gate.gathering.changes import bitmap_of


@dataclass(frozen=True, slots=True)
class Loss:
    """How many tests ran at the base and now, of the same workflows; `deleted` are excused: lines of tests went."""

    change: Change
    baseline: Baseline
    before: int
    now: int
    deleted: int
    workflows: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many are gone without a deletion that may be theirs."""
        return max(0, self.before - self.now - self.deleted)


def loss_of(change: Change, runs: tuple[RunReading, ...]) -> Loss | None:
    """What a change lost against its base; None where that recorded no tests of a workflow that speaks here."""
    base = change.baseline
    if base is None:
        return None
    before = [each for each in base.measured.tests if speaks_here(runs, change, each.workflow)]
    now = [run.reports.tests for run in runs if run.reports is not None and run.reports.tests is not None]
    if not before:
        return None
    if all(each.names is not None for each in before):
        had = len(frozenset[bytes]().union(*(apart(each.names or b"") for each in before)))
        has = len(frozenset[bytes]().union(*(apart(each.names) for each in now)))
    else:
        had = sum(each.ran for each in before)
        has = _ran(runs)
    gone = sum(_removed(file) for file in change.files)
    return Loss(
        change,
        base,
        had,
        has,
        min(gone, max(0, had - has)),
        tuple(sorted({each.workflow for each in before})),
    )


def _ran(runs: tuple[RunReading, ...]) -> int:
    """How many tests ran, without their names: of a workflow that ran more than once, the run with the most."""
    most: dict[str, int] = {}
    for run in runs:
        if run.reports is not None and run.reports.tests is not None:
            totals = run.reports.tests.totals
            most[run.path] = max(most.get(run.path, 0), totals.tests - totals.skipped)
    return sum(most.values())


def _removed(file: ChangedLines) -> int:
    """By how many lines a file of tests got shorter; a line that was only edited takes no test with it."""
    if not is_test(file.previous_path or file.path):
        return 0
    return max(0, file.removed - bitmap_of(file.added).bit_count())


def text_of(loss: Loss) -> str:
    """A sentence that says how many, and against what."""
    share = 10_000 * loss.number // loss.before if loss.before else 0
    ran = f"that {named(loss.baseline)} ran"
    shown = "may have been in lines that the change removes from files of tests"
    if loss.deleted and not loss.number:
        return f"{counted(loss.deleted, 'test')} of the {loss.before} {ran} did not run, and {shown}"
    text = f"{counted(loss.number, 'test')} ({share // 100}.{share % 100:02d} %) of the {loss.before} {ran} did not run"
    return f"{text}; {loss.deleted} more {shown}" if loss.deleted else text
