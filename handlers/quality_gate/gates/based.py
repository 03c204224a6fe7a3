"""What of a base counts for a change. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.ids import CommitSha
from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.evidence.runs import RunReading

SHORT_SHA = 12


def speaks_here(runs: Iterable[RunReading], change: Change, workflow: str) -> bool:
    """Whether what a workflow left at the base can be missed here: it ran on this commit too, or the change touches its file.

    Other workflows run on the base branch only, or are left out for the paths of this change: that nothing is there is no loss.
    """
    touched = {path for file in change.files for path in (file.path, file.previous_path)}
    return workflow in touched or any(run.path == workflow for run in runs)


def named(baseline: Baseline) -> str:
    """`the base 0123456789ab`, or its ancestor with the distance."""
    return distant(baseline.sha, baseline.distance)


def distant(sha: CommitSha, distance: int) -> str:
    """A commit as people know it: how far before the base it lies. Of reports on disk there is no commit to name."""
    short = sha[:SHORT_SHA]
    if not short.strip("0"):
        return "the base"
    if distance == 0:
        return f"the base {short}"
    return f"{short}, {distance} {'commit' if distance == 1 else 'commits'} before the base"
