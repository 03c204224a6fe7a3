"""What happened, in the past tense: the typed meaning of a ledger row."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import CommitSha, RepositoryId
from app.domain.repo import Repository, Subject


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. Bots are known by id, never by the name in a commit."""

    id: int
    login: str
    is_bot: bool


@dataclass(frozen=True, slots=True)
class CheckRunCompleted:
    """GitHub's `check_run.completed`."""

    repository: Repository
    check_run_id: int
    name: str
    head_sha: CommitSha
    app_id: int | None
    conclusion: str | None


@dataclass(frozen=True, slots=True)
class CheckSuiteCompleted:
    """GitHub's `check_suite.completed`."""

    repository: Repository
    head_sha: CommitSha
    app_id: int | None
    conclusion: str | None


@dataclass(frozen=True, slots=True)
class CheckRerequested:
    """Somebody pressed *Re-run* on a check run or suite (`check_run.rerequested`, `check_suite.rerequested`)."""

    repository: Repository
    head_sha: CommitSha
    app_id: int | None
    check_name: str | None
    external_id: str
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class ButtonClicked:
    """Somebody pressed a button of our check run (`check_run.requested_action`)."""

    repository: Repository
    head_sha: CommitSha
    app_id: int | None
    check_run_id: int
    check_name: str
    external_id: str
    identifier: str
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class WorkflowRunCompleted:
    """GitHub's `workflow_run.completed`; `path` is the workflow file without its ref, `trigger` the run's own event."""

    repository: Repository
    run_id: int
    attempt: int
    head_sha: CommitSha
    head_branch: str | None
    head_repository_id: RepositoryId | None
    path: str
    trigger: str
    conclusion: str | None
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class WorkflowRunRestarted:
    """GitHub's `workflow_run.requested` or `in_progress` of a second or later attempt: what the run reported is void."""

    repository: Repository
    run_id: int
    attempt: int
    head_sha: CommitSha


@dataclass(frozen=True, slots=True)
class PullRequestChanged:
    """GitHub's `pull_request` event with one of the actions that change what a verdict is about."""

    repository: Repository
    action: str
    number: int
    head_sha: CommitSha
    head_ref: str
    head_repository_id: RepositoryId | None
    base_ref: str
    base_sha: CommitSha
    merged: bool
    author: Actor | None


@dataclass(frozen=True, slots=True)
class CommentCreated:
    """A person wrote a command in the first line of a new comment on a pull request (`issue_comment.created`).

    `command` is that line without `/hephaestus`, a stranger's words; what else the comment says is not kept.
    """

    repository: Repository
    number: int
    comment_id: int
    command: str
    author: Actor


@dataclass(frozen=True, slots=True)
class MergeGroupRequested:
    """GitHub's `merge_group.checks_requested`; the refs are full ones, `head_ref` that of the queue's own branch, or empty."""

    repository: Repository
    head_sha: CommitSha
    base_sha: CommitSha
    base_ref: str
    head_ref: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseChanged:
    """GitHub's `release` event; only ids are taken from it, the release itself is read again."""

    repository: Repository
    action: str
    release_id: int
    tag: str
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class TagMoved:
    """GitHub's `push` of a tag that named something else before, or is gone now; `before` may be an annotated tag's object."""

    repository: Repository
    tag: str
    before: CommitSha
    actor: Actor | None = None


LEFT_OPEN = "left open"
"""Why a sweep wakes a subject."""


@dataclass(frozen=True, slots=True)
class WokenUp:
    """A `WakeAt` of a capability came due, or a sweep found the subject left open."""

    repository: Repository
    capability: str
    subject: Subject
    what: str


Event = (
    CheckRunCompleted
    | CheckSuiteCompleted
    | CheckRerequested
    | ButtonClicked
    | WorkflowRunCompleted
    | WorkflowRunRestarted
    | PullRequestChanged
    | CommentCreated
    | MergeGroupRequested
    | ReleaseChanged
    | TagMoved
    | WokenUp
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that leads to nothing, and why; `reason` is a stable phrase for metrics and the ledger."""

    reason: str
