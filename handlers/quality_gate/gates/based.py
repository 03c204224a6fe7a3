"""What of a base counts for a change. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.quality_gate.evidence import Baseline, Change, RunReading

SHORT_SHA = 12


def speaks_here(runs: Iterable[RunReading], change: Change, workflow: str) -> bool:
    """Whether what a workflow left at the base can be missed here: it ran on this commit too, or the change touches its file.

    Other workflows run on the base branch only, or are left out for the paths of this change: that nothing is there is no loss.
    """
    touched = {path for file in change.files for path in (file.path, file.previous_path)}
    return workflow in touched or any(run.path == workflow for run in runs)


def named(baseline: Baseline) -> str:
    """`the base 0123456789ab`, or its ancestor with the distance."""
    short = baseline.sha[:SHORT_SHA]
    if baseline.distance == 0:
        return f"the base {short}"
    commits = "commit" if baseline.distance == 1 else "commits"
    return f"{short}, {baseline.distance} {commits} before the base"
