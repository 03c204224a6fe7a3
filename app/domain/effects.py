"""Effects as data, in the imperative: what should be true at GitHub afterwards.

An effect is planned in one transaction with its decision and performed in `app/dispatch/effects/`. Each names an idempotency
key, the commit it was decided for, and the reservations it needs; performing it twice is performing it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal

from app.domain.ids import CommitSha
from app.domain.release_marks import ReleaseMarks
from app.domain.repo import Repository, Subject


@dataclass(frozen=True, slots=True)
class Reservation:
    """A slot of a budget: at most `limit` in any rolling `window` of `scope` (a string that begins with the app key)."""

    scope: str
    window: timedelta
    limit: int


class AnnotationLevel(StrEnum):
    """GitHub's three levels."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of a check run. Lines count from 1; columns only where start and end line are the same."""

    path: str
    start_line: int
    end_line: int
    level: AnnotationLevel
    message: str
    title: str = ""
    start_column: int | None = None
    end_column: int | None = None
    raw_details: str = ""


class CheckStatus(StrEnum):
    """Whether a check run is settled."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class CheckConclusion(StrEnum):
    """The conclusions we ever give; `skipped` is not among them, since it passes a required check."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True, slots=True)
class CheckButton:
    """A button of a completed check run: label <= 20, description <= 40, identifier <= 20 characters."""

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True)
class PublishCheckRun:
    """Make our check run `name` on `head_sha` say this.

    `summary` and `text` are Markdown from `app.domain.markdown`; the effect cuts them to GitHub's 65,535 bytes.
    Annotations come in the order of importance. `conclusion` is None exactly when `status` is in_progress. `asked` says that
    somebody asked for a run: GitHub has set its suite back to queued, so that it is written also where nothing changed.
    `once` names what is said once in a repository's life: that it was published is kept for good (`Records.was_said`).
    """

    repository: Repository
    head_sha: CommitSha
    name: str
    status: CheckStatus
    conclusion: CheckConclusion | None
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    buttons: tuple[CheckButton, ...] = ()
    asked: bool = False
    once: str = ""
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["publish_check_run"] = "publish_check_run"

    @property
    def key(self) -> str:
        """One check run per repository, commit and name."""
        return f"check|{self.repository.id}|{self.head_sha}|{self.name}"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it should be; `content` None deletes it. Modes are git's (`100644`, `100755`)."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    path: str
    content: bytes | None
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class OpenPullRequest:
    """Have one pull request `branch` -> `base_branch` with exactly these changes on top of `base_sha`.

    `signature` names what it remedies; `slot` makes the branch name unique per content. An existing branch or pull request
    is updated, not repeated. `needs_workflows` says that a file under `.github/workflows` changes. `instead` is what people are
    told where GitHub refuses it because the App lacks a permission; which one is added when that is known.
    """

    repository: Repository
    base_branch: str
    base_sha: CommitSha
    branch: str
    title: str
    body: str
    commit_headline: str
    commit_body: str
    changes: tuple[FileChange, ...]
    labels: tuple[str, ...] = ()
    draft: bool = False
    reservations: tuple[Reservation, ...] = ()
    instead: PublishCheckRun | None = None
    kind: Literal["open_pull_request"] = "open_pull_request"

    @property
    def key(self) -> str:
        """One pull request per repository and branch."""
        return f"pull|{self.repository.id}|{self.branch}"

    @property
    def needs_workflows(self) -> bool:
        """Whether GitHub asks for the separate permission `workflows: write`."""
        return any(change.path.startswith(".github/workflows/") for change in self.changes)


def may_be_fixed(path: str) -> bool:
    """Whether a fix may change a file: names are compared as file systems that ignore case do."""
    parts = path.casefold().split("/")
    return parts[0] not in {".github", ".git", ""} and ".." not in parts


@dataclass(frozen=True, slots=True)
class CommitFixes:
    """Have one commit with these changes on top of `head_sha`, while `branch` of the repository still is there.

    Nothing below `.github/` changes: what a tool's report says must not become what GitHub runs.
    """

    repository: Repository
    branch: str
    head_sha: CommitSha
    headline: str
    body: str
    changes: tuple[FileChange, ...]
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["commit_fixes"] = "commit_fixes"

    @property
    def key(self) -> str:
        """One commit per branch and head."""
        return f"fixes|{self.repository.id}|{self.branch}|{self.head_sha}"


@dataclass(frozen=True, slots=True)
class Comment:
    """Have one comment with the hidden `marker` on issue or pull request `number` say `body`.

    `head_sha` is the commit that a comment on a pull request is about: it is not written once the head has moved.
    """

    repository: Repository
    number: int
    marker: str
    body: str
    head_sha: CommitSha | None = None
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["comment"] = "comment"

    @property
    def key(self) -> str:
        """One comment per thread and marker."""
        return f"comment|{self.repository.id}|{self.number}|{self.marker}"


@dataclass(frozen=True, slots=True)
class RerunFailedJobs:
    """Run the failed jobs of `run_id` again, once, while `attempt` is its newest and `branch` still is at `head_sha`.

    A tag, or a branch that is gone, has not moved. `instead` is as for a pull request.
    """

    repository: Repository
    run_id: int
    attempt: int
    branch: str
    head_sha: CommitSha
    reservations: tuple[Reservation, ...] = ()
    instead: PublishCheckRun | None = None
    kind: Literal["rerun_failed_jobs"] = "rerun_failed_jobs"

    @property
    def key(self) -> str:
        """One re-run per attempt."""
        return f"rerun|{self.repository.id}|{self.run_id}|{self.attempt}"


@dataclass(frozen=True, slots=True)
class EditRelease:
    """Mark a release so, once, while it is as it was `seen`; nothing of it is deleted, and no word of it changes.

    `latest` True makes it the latest one, False says that it is not. `asked_at` tells this edit from earlier and later ones.
    """

    repository: Repository
    release_id: int
    seen: ReleaseMarks
    draft: bool
    prerelease: bool
    latest: bool
    asked_at: datetime
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["edit_release"] = "edit_release"

    @property
    def key(self) -> str:
        """One edit per release and decision."""
        return f"release|{self.repository.id}|{self.release_id}|{self.asked_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class MarkNotes:
    """Have the notes of a release carry `text` between hidden marks, and say nothing else than before.

    `text` is Markdown from `app.domain.markdown`. A release that has another tag by now is left alone.
    """

    repository: Repository
    release_id: int
    tag: str
    text: str
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["mark_notes"] = "mark_notes"

    @property
    def key(self) -> str:
        """One mark per release."""
        return f"notes|{self.repository.id}|{self.release_id}"


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Have one issue with the hidden `marker` that says this; with `cured` rather have it closed, after that last word.

    Where there is none, `cured` opens none. One that a person closed stays closed.
    """

    repository: Repository
    marker: str
    title: str
    body: str
    cured: str = ""
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["open_issue"] = "open_issue"

    @property
    def key(self) -> str:
        """One issue per repository and marker."""
        return f"issue|{self.repository.id}|{self.marker}"


@dataclass(frozen=True, slots=True)
class DispatchWorkflow:
    """Start a workflow by hand once, at `branch`, while its file there still is the blob `blob_sha`.

    `inputs` carry only ids and digests. One of them is `correlation`, which the run shows in its title: where GitHub's answer
    is lost, the run is found again by it.
    """

    repository: Repository
    workflow: str
    branch: str
    blob_sha: str
    correlation: str
    inputs: tuple[tuple[str, str], ...]
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["dispatch_workflow"] = "dispatch_workflow"

    @property
    def key(self) -> str:
        """One run per correlation."""
        return f"dispatch|{self.repository.id}|{self.correlation}"


@dataclass(frozen=True, slots=True)
class DeleteAttestation:
    """Have GitHub forget an attestation that the ledger says a run of ours added; its log entry stays for ever."""

    repository: Repository
    attestation_id: int
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["delete_attestation"] = "delete_attestation"

    @property
    def key(self) -> str:
        """One deletion per attestation."""
        return f"attestation|{self.repository.id}|{self.attestation_id}"


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Evaluate the subject again at `at` (UTC-aware) because of `what`; a later one with the same `what` replaces it."""

    repository: Repository
    capability: str
    subject: Subject
    at: datetime
    what: str
    reservations: tuple[Reservation, ...] = ()
    kind: Literal["wake_at"] = "wake_at"

    @property
    def key(self) -> str:
        """One timer per capability, subject and purpose."""
        return f"wake|{self.capability}|{self.subject.key}|{self.what}"


Effect = (
    PublishCheckRun
    | OpenPullRequest
    | CommitFixes
    | Comment
    | RerunFailedJobs
    | EditRelease
    | OpenIssue
    | MarkNotes
    | DispatchWorkflow
    | DeleteAttestation
    | WakeAt
)
