"""What the stand-in remembers of GitHub Actions: workflows, runs with their attempts, jobs, steps, artifacts."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.standin.github.records import Account, CheckRun, CheckSuite, Json

RETENTION = timedelta(days=90)
"""How long logs and artifacts are kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job as it ended."""

    name: str
    conclusion: str = "success"


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """What a job will come to: seeds say it, the stand-in runs nothing itself."""

    name: str
    conclusion: str = "success"
    log: bytes | str = b""
    """The whole log in GitHub's form (a timestamp before each line); empty: a few usual lines."""
    steps: Sequence[Step] = ()
    labels: Sequence[str] = ("ubuntu-latest",)
    annotations: Sequence[Json] = ()
    """On the job's check run: {path, start_line, end_line, annotation_level, message}."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt comes to."""

    jobs: Sequence[PlannedJob]
    artifacts: Mapping[str, Mapping[str, bytes] | bytes] = field(default_factory=dict)
    """Name → files of the artifact, or the exact bytes of its zip."""
    conclusion: str | None = None
    """None: what the jobs come to."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file; its number stays when the file changes."""

    id: int
    path: str
    created_at: datetime


@dataclass(slots=True)
class Attempt:
    """One attempt of a run."""

    number: int
    started_at: datetime
    updated_at: datetime
    triggering_actor: Account
    status: str = "queued"
    conclusion: str | None = None


@dataclass(slots=True)
class WorkflowRun:
    """A run of a workflow on a commit; its last attempt is what it shows."""

    id: int
    workflow: Workflow
    name: str
    title: str
    number: int
    suite: CheckSuite
    head_sha: str
    head_branch: str | None
    head_repository_id: int
    event: str
    actor: Account
    created_at: datetime
    attempts: list[Attempt]
    inputs: Mapping[str, object] = field(default_factory=dict)
    """Of a `workflow_dispatch`."""
    logs_deleted: bool = False

    @property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.attempts[-1]


@dataclass(slots=True)
class Job:
    """A job of one attempt; it has the id of its check run, as at GitHub."""

    run: WorkflowRun
    attempt: int
    check: CheckRun
    created_at: datetime
    labels: Sequence[str]
    steps: Sequence[Step] = ()
    log: bytes = b""

    @property
    def id(self) -> int:
        """The check run's id."""
        return self.check.id


@dataclass(slots=True)
class Artifact:
    """Files that a run uploaded, as the zip that is downloaded."""

    id: int
    run: WorkflowRun
    name: str
    data: bytes
    created_at: datetime
    expires_at: datetime

    @property
    def digest(self) -> str:
        """Of the zip: `sha256:…`."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"


@dataclass(slots=True)
class Actions:
    """The numbers of workflow files, and who says what an attempt that the API asked for comes to."""

    workflows: dict[tuple[int, str], Workflow] = field(default_factory=dict)
    """(Repository id, path) → workflow."""
    runner: Callable[[WorkflowRun], Outcome | None] | None = None
    """Asked when a rerun or a dispatch starts an attempt; None (or no runner): it waits for `finish_run`."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()
