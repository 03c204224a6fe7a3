"""The effect `RerunFailedJobs`: once, while the attempt that failed is the newest and its branch has not moved on."""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, number_of
from app.domain.effects import RerunFailedJobs
from app.errors import PermanentError
from app.ports.github_writer import GitHubWriter


async def rerun_failed_jobs(effect: RerunFailedJobs, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Runs the failed jobs again, unless somebody already did."""
    if progress.previous is not None:
        return Applied(dict(progress.previous))
    asked_before = number_of(progress.cursor, "asked_at_attempt") == effect.attempt
    newest = await writer.run_attempt(effect.run_id)
    if newest is not None and newest > effect.attempt and asked_before:
        return _applied(effect)  # the request of an earlier attempt arrived, its answer did not
    if (refused := await _unfit(effect, writer, newest)) is not None:
        return refused
    # The intention is stored first: after a crash a newer attempt could not be told from a person's re-run otherwise.
    await progress.save({"asked_at_attempt": effect.attempt})
    await progress.fence()
    try:
        await writer.rerun_failed_jobs(effect.run_id)
    except PermanentError:
        # GitHub refuses a run that is already running again: if it runs because we asked before, that is success.
        if asked_before and (await writer.run_attempt(effect.run_id) or 0) > effect.attempt:
            return _applied(effect)
        raise
    return _applied(effect)


async def _unfit(effect: RerunFailedJobs, writer: GitHubWriter, newest: int | None) -> Refused | None:
    """Why the run must be left as it is; a tag, or a branch that is gone, has not moved."""
    if newest is None:
        return Refused("run_gone", f"run {effect.run_id} no longer exists")
    if newest != effect.attempt:
        return Refused("stale", f"run {effect.run_id} is at attempt {newest}, not {effect.attempt}")
    head = await writer.branch_head(effect.branch) if effect.branch else None
    if head is not None and head != effect.head_sha:
        return Refused("stale", f"{effect.branch} has moved on from {effect.head_sha[:7]} to {head[:7]}")
    return None


def _applied(effect: RerunFailedJobs) -> Applied:
    return Applied({"run_id": effect.run_id, "attempt": effect.attempt + 1})
