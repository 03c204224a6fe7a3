"""Tests that the base ran and a commit does not: the quietest way to make a gate green. Pure.

Counted is how many fewer there are, by name where names are known: a test that is renamed or moved goes and comes. As many as
lines went with the files that the change deletes are taken to have been in them: reports do not say which test was in which file.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.hashes import apart
from handlers.quality_gate.evidence import Baseline, Change, RunReading
from handlers.quality_gate.gates.based import named, speaks_here
from handlers.quality_gate.gates.judged import counted


@dataclass(frozen=True, slots=True)
class Loss:
    """How many tests ran at the base and now, of the same workflows; `deleted` of the difference the change shows."""

    change: Change
    baseline: Baseline
    before: int
    now: int
    deleted: int
    workflows: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many are gone without a deletion that shows it."""
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
        has = sum(each.totals.tests - each.totals.skipped for each in now)
    gone = sum(file.removed for file in change.files if file.is_deleted)
    return Loss(
        change,
        base,
        had,
        has,
        min(gone, max(0, had - has)),
        tuple(sorted({each.workflow for each in before})),
    )


def text_of(loss: Loss) -> str:
    """A sentence that says how many, and against what."""
    share = 10_000 * loss.number // loss.before if loss.before else 0
    text = (
        f"{counted(loss.number, 'test')} ({share // 100}.{share % 100:02d} %) of the {loss.before} "
        f"that {named(loss.baseline)} ran did not run"
    )
    return f"{text}; {loss.deleted} more may have been in deleted files" if loss.deleted else text
