"""The write side of GitHub, bound to one repository; only `app/dispatch/effects/` holds one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.domain.effects import Annotation, CheckButton, CheckConclusion, CheckStatus, FileChange
from app.domain.ids import CommitSha
from app.domain.pulls import PullRequest
from app.domain.release_marks import ReleaseMarks

PERMISSION = "github.permission"
"""The code of `AccessDenied` where the App lacks a permission, or a rule of the repository keeps it out."""


@dataclass(frozen=True, slots=True)
class CheckRunDraft:
    """One request's worth of a check run; at most 50 annotations."""

    name: str
    head_sha: CommitSha
    status: CheckStatus
    conclusion: CheckConclusion | None
    external_id: str
    title: str
    summary: str
    text: str
    annotations: tuple[Annotation, ...]
    buttons: tuple[CheckButton, ...]


@dataclass(frozen=True, slots=True)
class IssueComment:
    """A comment on an issue or pull request."""

    id: int
    author_app_id: int | None
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, not a pull request; `author_app_id` is the App that opened it."""

    number: int
    author_app_id: int | None
    is_open: bool
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class EditableRelease:
    """A release as it is now; GitHub takes no change of an `immutable` one's tag and assets."""

    marks: ReleaseMarks
    immutable: bool
    notes: str = ""


class GitHubWriter(Protocol):
    """Writes to one repository; pacing and tokens are its own affair.

    Every method may raise `TransientError` (nothing is known to have happened, or GitHub says later), `AccessDenied` (a missing
    permission), `NotFound`, `Conflict` or `PermanentError`. Nothing that is unsafe to repeat is repeated by itself.
    """

    async def create_check_run(self, draft: CheckRunDraft) -> int:
        """The id of a new check run."""
        ...

    async def update_check_run(self, check_run_id: int, draft: CheckRunDraft) -> None:
        """Changes it; annotations are appended to those it has."""
        ...

    async def find_check_run(
        self, head_sha: CommitSha, name: str, external_id: str
    ) -> tuple[int, int] | None:
        """Id and number of annotations of our own check run with this external id, newest first."""
        ...

    async def branch_head(self, branch: str) -> CommitSha | None:
        """Where a branch points now, read without a cache."""
        ...

    async def create_branch(self, branch: str, sha: CommitSha) -> None:
        """A new branch; raises `Conflict` where it exists."""
        ...

    async def move_branch(self, branch: str, sha: CommitSha, *, force: bool) -> None:
        """Points a branch elsewhere; without `force` only forward, else `Conflict`."""
        ...

    async def commit_verified(
        self, branch: str, expected_head: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """A commit signed by GitHub on `branch` (createCommitOnBranch); keeps file modes. Raises `Conflict` if the head moved."""
        ...

    async def commit_tree(
        self, parent: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """A commit through the git data API, on no branch yet; for modes that `commit_verified` cannot set."""
        ...

    async def open_pulls(self, branch: str) -> tuple[PullRequest, ...]:
        """Open pull requests from `branch` of this repository, read without a cache."""
        ...

    async def pull_head(self, number: int) -> CommitSha | None:
        """Where the head of a pull request is; None where there is no such pull request."""
        ...

    async def create_pull(self, *, title: str, body: str, head: str, base: str, draft: bool) -> PullRequest:
        """A new pull request; raises `Conflict` where one exists."""
        ...

    async def update_pull(self, number: int, *, title: str, body: str) -> None:
        """Changes title and body."""
        ...

    async def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Adds labels to a pull request or issue."""
        ...

    async def comments(self, number: int) -> tuple[IssueComment, ...]:
        """All comments of a thread, read without a cache."""
        ...

    async def create_comment(self, number: int, body: str) -> IssueComment:
        """A new comment."""
        ...

    async def update_comment(self, comment_id: int, body: str) -> None:
        """Changes a comment of ours."""
        ...

    async def run_attempt(self, run_id: int) -> int | None:
        """The newest attempt of a run, read without a cache."""
        ...

    async def rerun_failed_jobs(self, run_id: int) -> None:
        """Starts the failed jobs of a run again; raises `PermanentError` where GitHub's limits forbid it."""
        ...

    async def release(self, release_id: int) -> EditableRelease | None:
        """A release, drafts too, read without a cache."""
        ...

    async def edit_release(
        self, release_id: int, *, draft: bool, prerelease: bool, latest: bool
    ) -> EditableRelease:
        """Marks a release, and answers as it is then; `latest` says whether it is made the latest one or kept from that."""
        ...

    async def write_notes(self, release_id: int, notes: str) -> None:
        """Replaces the notes of a release, and nothing else of it; an immutable one takes them, too."""
        ...

    async def latest_release(self) -> int | None:
        """The id of the release that is shown as the latest, read without a cache."""
        ...

    async def issue(self, number: int) -> Issue | None:
        """One issue, read without a cache; None where there is none, or it is a pull request."""
        ...

    async def newest_issues(self, limit: int) -> tuple[Issue, ...]:
        """Among the `limit` newest issues and pull requests those that are issues, newest first, read without a cache."""
        ...

    async def create_issue(self, *, title: str, body: str) -> Issue:
        """A new open issue."""
        ...

    async def update_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """Changes an issue; one that is closed so counts as completed."""
        ...

    async def blob_at(self, path: str, branch: str) -> str | None:
        """The blob of a file at a branch, read without a cache; None where there is no such file."""
        ...

    async def dispatch_workflow(self, file: str, branch: str, inputs: Mapping[str, str]) -> int | None:
        """Starts a workflow by its file's name, and answers the run's id; None where GitHub does not say it."""
        ...

    async def dispatched_run(self, file: str, correlation: str) -> int | None:
        """The id of the run of a workflow, among the hundred newest started by hand, whose title ends with `correlation`."""
        ...

    async def is_of_organisation(self) -> bool:
        """Whether the repository's owner is an organisation."""
        ...

    async def delete_attestation(self, attestation_id: int) -> None:
        """Deletes an attestation of an organisation's repository; raises `NotFound` where there is none."""
        ...
