"""What GitHub Actions and the Checks API tell about a commit, as read (never as an event claimed it)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import CommitSha, RepositoryId, Sha256Hex

OF_WORKFLOW = re.compile(r"((?:.*?/)?\.github/workflows/[^/]*\.ya?ml)(?:@.*)?", re.DOTALL)
"""A workflow's file lies in the folder itself, so its name ends before any later slash, and with the last suffix before it."""


def workflow_path(said: str) -> str:
    """The file of a run's workflow, without the `@ref` that GitHub may write behind it.

    A file may be called `ci.yml@more.yml`: that is not `ci.yml` at the ref `more.yml`, whose evidence it would pass for.
    """
    found = OF_WORKFLOW.fullmatch(said)
    return found[1] if found else said.partition("@")[0]


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of a workflow. `path` has no ref; `attempt` counts from 1; `status` is GitHub's word.

    `started_at` is when this attempt began.
    """

    id: int
    attempt: int
    name: str
    path: str
    trigger: str
    status: str
    conclusion: str | None
    head_sha: CommitSha
    head_branch: str | None
    head_repository_id: RepositoryId | None
    check_suite_id: int | None
    created_at: datetime
    actor_id: int | None = None
    pull_numbers: tuple[int, ...] = ()
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job, in order."""

    number: int
    name: str
    status: str
    conclusion: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one attempt of a run; one that the attempt did not run again has the times of the attempt that did."""

    id: int
    run_id: int
    attempt: int
    name: str
    status: str
    conclusion: str | None
    steps: tuple[Step, ...]
    runner_name: str | None = None
    check_run_id: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact of a run; `sha256` is GitHub's digest of the zip where it gives one."""

    id: int
    name: str
    size_bytes: int
    expired: bool
    run_id: int
    head_sha: CommitSha | None
    repository_id: RepositoryId | None
    head_repository_id: RepositoryId | None
    sha256: Sha256Hex | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run on a commit, of any App."""

    id: int
    name: str
    head_sha: CommitSha
    status: str
    conclusion: str | None
    app_id: int | None
    external_id: str
    check_suite_id: int | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class RunAnnotation:
    """An annotation that a job left on its check run: runner lost, invalid workflow and billing are only there."""

    path: str
    start_line: int
    level: str
    title: str
    message: str
