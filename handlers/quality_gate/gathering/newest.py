"""Which runs of a commit count: the newest of each workflow and trigger, and all where a newer one may be another base's. Pure.

GitHub starts a run for each pull request that proposes the commit, with the merge with its base, and does not say for which: a
run's `pull_requests` are open pull requests with the same head, not necessarily the one that it is for, and none from forks
(https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run).
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.ci import WorkflowRun
from app.domain.ids import CommitSha
from handlers.quality_gate.evidence.changes import Change

SKIPPED = "skipped"
OF_PULLS = frozenset(
    {"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"}
)
"""Events of a pull request: their runs are about its base, too."""


def bases_of(changes: Iterable[Change], proposed: Iterable[str] = ()) -> tuple[str, ...]:
    """The branches that pull requests propose the commit to, or did (`proposed`), in the order of their names.

    The runs of a pull request that was closed or retargeted stay: one must not be opened for the sake of its run, and closed.
    """
    return tuple(sorted({*proposed, *(each.base_ref for each in changes if each.number is not None)}))


def newest_runs(
    runs: tuple[WorkflowRun, ...], sha: CommitSha, bases: tuple[str, ...] = ()
) -> tuple[WorkflowRun, ...]:
    """The newest run of each workflow and trigger, in the order of their paths; of pull requests to several `bases` all runs.

    One that was skipped did nothing, and replaces none that did.
    """
    newest: dict[tuple[str, str], WorkflowRun] = {}
    found = [run for run in runs if run.head_sha == sha]
    for run in sorted(found, key=lambda each: (each.conclusion != SKIPPED, each.created_at, each.id)):
        newest[run.path, run.trigger] = run
    kept = {run.id: run for run in newest.values()}
    if len(bases) > 1:
        kept |= {run.id: run for run in found if run.trigger in OF_PULLS and run.conclusion != SKIPPED}
    return tuple(sorted(kept.values(), key=lambda each: (each.path, each.trigger, each.created_at, each.id)))


def passed_over(runs: tuple[WorkflowRun, ...], newest: tuple[WorkflowRun, ...]) -> tuple[str, ...]:
    """A note for each of the `newest_runs` that a later skipped run did not replace."""
    return tuple(
        f"a later run of {run.path} ({run.trigger}) was skipped; run {run.id} counts"
        for run in newest
        if run.conclusion != SKIPPED and any(_skipped_after(each, run) for each in runs)
    )


def kept_apart(newest: tuple[WorkflowRun, ...], bases: tuple[str, ...]) -> tuple[str, ...]:
    """A note for each workflow and trigger of which several runs are among the `newest_runs`."""
    found: dict[tuple[str, str], int] = {}
    for run in newest:
        found[run.path, run.trigger] = found.get((run.path, run.trigger), 0) + 1
    return tuple(
        f"pull requests to {' and '.join(bases)} propose this commit or did, and GitHub does not say which of them a run is for: "
        f"all {number} runs of {path} ({trigger}) count"
        for (path, trigger), number in found.items()
        if number > 1
    )


def _skipped_after(other: WorkflowRun, run: WorkflowRun) -> bool:
    of_same = (other.path, other.trigger, other.head_sha) == (run.path, run.trigger, run.head_sha)
    is_later = (other.created_at, other.id) > (run.created_at, run.id)
    return of_same and is_later and other.conclusion == SKIPPED
