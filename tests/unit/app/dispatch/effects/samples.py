"""Effects to apply, and the loop that applies one through a power cut."""

from __future__ import annotations

from datetime import UTC, datetime

from app.dispatch.effects import Applied, GitHubEffect, Outcome, apply
from app.domain.effects import (
    Annotation,
    AnnotationLevel,
    CheckConclusion,
    CheckStatus,
    Comment,
    CommitFixes,
    DeleteAttestation,
    DispatchWorkflow,
    EditRelease,
    FileChange,
    MarkNotes,
    OpenIssue,
    OpenPullRequest,
    PublishCheckRun,
    RerunFailedJobs,
)
from app.domain.ids import CommitSha, InstallationId, RepositoryId
from app.domain.release_marks import ReleaseMarks
from app.domain.repo import Repository
from app.ports.github_writer import EditableRelease
from app.testing.progress import MemoryProgress
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption

APP_ID = 7
REPOSITORY = Repository(RepositoryId(1), "acme", "widgets", InstallationId(2))
BASE = CommitSha("a" * 40)


class PowerCut(Exception):
    """Ends the process in the middle of an effect."""


def check(
    count: int = 0,
    *,
    summary: str = "All gates passed.",
    status: CheckStatus = CheckStatus.COMPLETED,
    first: int = 1,
) -> PublishCheckRun:
    """A check run with `count` annotations, on the lines from `first`."""
    annotations = tuple(
        Annotation("src/widget.py", line, line, AnnotationLevel.WARNING, f"line {line} is not covered")
        for line in range(first, first + count)
    )
    conclusion = CheckConclusion.SUCCESS if status is CheckStatus.COMPLETED else None
    return PublishCheckRun(
        REPOSITORY, BASE, "Quality gate", status, conclusion, "Passed", summary, annotations=annotations
    )


def pull(
    *changes: FileChange, body: str = "The runner was retired.", base_sha: CommitSha = BASE
) -> OpenPullRequest:
    """A remediation's pull request with two labels."""
    return OpenPullRequest(
        REPOSITORY,
        base_branch="main",
        base_sha=base_sha,
        branch="hephaestus/runner-1f",
        title="Move to a supported runner",
        body=body,
        commit_headline="Move to a supported runner",
        commit_body="",
        changes=changes or (FileChange(".github/workflows/ci.yml", b"runs-on: ubuntu-24.04\n"),),
        labels=("dependencies", "ci"),
    )


def note(body: str = "Your run failed because the runner was shut down.") -> Comment:
    """A comment on pull request 5."""
    return Comment(REPOSITORY, 5, "hephaestus:run-11", body)


FIXES = CommitFixes(
    REPOSITORY,
    branch="main",
    head_sha=BASE,
    headline="Apply fixes",
    body="",
    changes=(FileChange("src/widget.py", b"x = 1\n"),),
)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEEN = ReleaseMarks("v1", draft=False, prerelease=False, updated_at=NOW)
HIDE = EditRelease(REPOSITORY, 21, SEEN, draft=False, prerelease=True, latest=False, asked_at=NOW)
NOTES = MarkNotes(REPOSITORY, 21, "v1", "Verified.")
ISSUE = OpenIssue(REPOSITORY, "hephaestus:release-21", "Release v1 is refused", "Look at it.")
CURED = OpenIssue(REPOSITORY, ISSUE.marker, ISSUE.title, ISSUE.body, cured="It is verified now.")
DISPATCH = DispatchWorkflow(
    REPOSITORY,
    workflow=".github/workflows/sigstore-backfill.yml",
    branch="main",
    blob_sha="b" * 40,
    correlation="0123456789abcdef-1",
    inputs=(("correlation", "0123456789abcdef-1"),),
)
FORGET = DeleteAttestation(REPOSITORY, 31)
RERUN = RerunFailedJobs(REPOSITORY, run_id=11, attempt=1, branch="main", head_sha=BASE)


def github() -> RecordingWriter:
    """A repository with a branch main, a failed run and a release."""
    return RecordingWriter(
        app_id=APP_ID,
        branches={"main": CommitSha(BASE)},
        attempts={11: 1},
        releases={21: EditableRelease(SEEN, immutable=False)},
        latest=21,
        blobs={DISPATCH.workflow: DISPATCH.blob_sha},
        attestations={31},
    )


async def perform(
    effect: GitHubEffect, writer: RecordingWriter, row: MemoryProgress | None = None
) -> Outcome:
    """One attempt."""
    return await apply(effect, writer, row or MemoryProgress(), app_id=APP_ID)


async def applied(
    effect: GitHubEffect, writer: RecordingWriter, previous: dict[str, int | str] | None = None
) -> dict[str, int | str]:
    """The result of an effect that must be applied."""
    outcome = await perform(effect, writer, MemoryProgress(previous))
    assert isinstance(outcome, Applied), outcome
    return outcome.result


async def through_a_cut(
    effect: GitHubEffect, writer: RecordingWriter, cut: Interruption, row: MemoryProgress | None = None
) -> Outcome:
    """An attempt that the cut may end, and the attempts after it until one comes to an end."""
    row = row or MemoryProgress()
    writer.interruption = cut
    try:
        return await perform(effect, writer, row)
    except PowerCut:
        return await perform(effect, writer, row.restarted())
