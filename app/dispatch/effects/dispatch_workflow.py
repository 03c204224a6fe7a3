"""The effect `DispatchWorkflow`: one run per correlation, of exactly the file that was approved.

GitHub takes a dispatch without a key, so the intention is stored first. Where the answer was lost, the run is looked for by its
title, a few times since it takes GitHub a moment to show it, before it is started again.
"""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused, number_of
from app.domain.effects import DispatchWorkflow
from app.errors import TransientError
from app.ports.github_writer import GitHubWriter

LOOKS = 3


async def dispatch_workflow(effect: DispatchWorkflow, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Starts the workflow, or finds the run that an earlier attempt started."""
    if progress.previous is not None:
        return Applied(dict(progress.previous))
    file = effect.workflow.rpartition("/")[2]
    looked = number_of(progress.cursor, "looked")
    if looked:
        return await _found_or_again(effect, file, writer, progress, looked)
    return await _start(effect, file, writer, progress)


async def _found_or_again(
    effect: DispatchWorkflow, file: str, writer: GitHubWriter, progress: Progress, looked: int
) -> Outcome:
    run_id = await writer.dispatched_run(file, effect.correlation)
    if run_id is not None:
        return Applied({"run_id": run_id})
    if looked > LOOKS:
        return await _start(effect, file, writer, progress)
    await progress.save({"looked": looked + 1})
    raise TransientError(
        "dispatch.unknown", f"whether a run {effect.correlation} was started is not known yet"
    )


async def _start(effect: DispatchWorkflow, file: str, writer: GitHubWriter, progress: Progress) -> Outcome:
    blob = await writer.blob_at(effect.workflow, effect.branch)
    if blob != effect.blob_sha:
        what = f"is the blob {blob}" if blob else "is not there"
        return Refused(
            "workflow_changed", f"{effect.workflow} {what} at {effect.branch}, not {effect.blob_sha}"
        )
    await progress.save({"looked": 1})
    await progress.fence()
    run_id = await writer.dispatch_workflow(file, effect.branch, dict(effect.inputs))
    if run_id is None:
        return await _found_or_again(effect, file, writer, progress, looked=1)
    return Applied({"run_id": run_id})
