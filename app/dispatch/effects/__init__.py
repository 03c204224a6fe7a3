"""The hop `apply`: the one place that writes to GitHub, one file a kind of effect.

Every kind is safe to repeat after a crash at any point: what an earlier attempt may have done is looked up before it is done
again. Source: issue 2 section 5, design.md 1.
"""

from __future__ import annotations

from typing import assert_never

from app.dispatch.effects.comment import comment
from app.dispatch.effects.commit_fixes import commit_fixes
from app.dispatch.effects.delete_attestation import delete_attestation
from app.dispatch.effects.dispatch_workflow import dispatch_workflow
from app.dispatch.effects.edit_release import edit_release
from app.dispatch.effects.mark_notes import mark_notes
from app.dispatch.effects.open_issue import open_issue
from app.dispatch.effects.open_pull_request import open_pull_request
from app.dispatch.effects.outcome import Applied, Cursor, Outcome, Progress, Refused
from app.dispatch.effects.publish_check_run import publish_check_run
from app.dispatch.effects.rerun_failed_jobs import rerun_failed_jobs
from app.domain.effects import (
    Comment,
    CommitFixes,
    DeleteAttestation,
    DispatchWorkflow,
    EditRelease,
    MarkNotes,
    OpenIssue,
    OpenPullRequest,
    PublishCheckRun,
    RerunFailedJobs,
)
from app.errors import PermanentError
from app.ports.github_writer import GitHubWriter

__all__ = ["Applied", "Cursor", "GitHubEffect", "Outcome", "Progress", "Refused", "apply"]

GitHubEffect = (
    PublishCheckRun
    | OpenPullRequest
    | CommitFixes
    | Comment
    | RerunFailedJobs
    | EditRelease
    | MarkNotes
    | OpenIssue
    | DispatchWorkflow
    | DeleteAttestation
)
"""The effects that are requests to GitHub; `WakeAt` is a row of our own."""


async def apply(effect: GitHubEffect, writer: GitHubWriter, progress: Progress, *, app_id: int) -> Outcome:
    """Makes an effect true at GitHub; the reservations are taken by the caller beforehand.

    `app_id` is our own App, which alone may have its comments and issues edited.

    Raises:
        TransientError: nothing is settled; apply the same row again, not before `retry_at`.
        LeaseLost: this executor must not write any more.
    """
    try:
        return await _apply(effect, writer, progress, app_id)
    except PermanentError as exc:
        return Refused(exc.code, exc.message)


async def _apply(effect: GitHubEffect, writer: GitHubWriter, progress: Progress, app_id: int) -> Outcome:
    match effect:
        case PublishCheckRun():
            outcome = await publish_check_run(effect, writer, progress)
        case OpenPullRequest():
            outcome = await open_pull_request(effect, writer, progress)
        case CommitFixes():
            outcome = await commit_fixes(effect, writer, progress)
        case Comment():
            outcome = await comment(effect, writer, progress, app_id=app_id)
        case RerunFailedJobs():
            outcome = await rerun_failed_jobs(effect, writer, progress)
        case EditRelease() | MarkNotes():
            outcome = await _apply_to_release(effect, writer, progress)
        case OpenIssue():
            outcome = await open_issue(effect, writer, progress, app_id=app_id)
        case DispatchWorkflow():
            outcome = await dispatch_workflow(effect, writer, progress)
        case DeleteAttestation():
            outcome = await delete_attestation(effect, writer, progress)
        case _:
            assert_never(effect)
    return outcome


async def _apply_to_release(
    effect: EditRelease | MarkNotes, writer: GitHubWriter, progress: Progress
) -> Outcome:
    if isinstance(effect, EditRelease):
        return await edit_release(effect, writer, progress)
    return await mark_notes(effect, writer, progress)
