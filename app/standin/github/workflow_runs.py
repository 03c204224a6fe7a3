"""What the stand-in keeps of GitHub Actions: workflows, their runs with attempts and jobs, and artifacts."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.standin.github import answers
from app.standin.github.records import Account, CheckRun, CheckSuite, Json
from app.standin.github.state import GitHub, Repository

RETENTION = timedelta(days=90)
"""How long logs and artifacts live."""
FOLDER = ".github/workflows"
NAME = re.compile(rb"^name:[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Work:
    """How a job is to end: what seeds give for each job of a run."""

    name: str
    conclusion: str = "success"
    log: bytes = b""
    steps: tuple[tuple[str, str], ...] = (("Set up job", "success"), ("Run", "success"))
    """Names and conclusions, in order."""
    labels: tuple[str, ...] = ("ubuntu-latest",)


@dataclass(slots=True, eq=False)
class Workflow:
    """A workflow file of a repository."""

    id: int
    path: str
    name: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class Job:
    """A job in the attempt that ran it; it shares id, name, state and times with its check run, as at GitHub."""

    run: WorkflowRun
    attempt: int
    check: CheckRun
    created_at: datetime
    steps: list[Json] = field(default_factory=list)
    log: bytes = b""
    labels: tuple[str, ...] = ("ubuntu-latest",)

    @property
    def id(self) -> int:
        """The number of the job and of its check run."""
        return self.check.id

    @property
    def failed(self) -> bool:
        """Whether `rerun-failed-jobs` takes it."""
        return self.check.conclusion in {"failure", "cancelled", "timed_out"}


@dataclass(slots=True, eq=False)
class Attempt:
    """One go of a run; jobs that were not run again stand here as they were."""

    number: int
    triggering_actor: Account
    started_at: datetime
    jobs: list[Job] = field(default_factory=list)
    status: str = "queued"
    conclusion: str | None = None


@dataclass(slots=True, eq=False)
class WorkflowRun:
    """A run of a workflow on a commit."""

    id: int
    workflow: Workflow
    suite: CheckSuite
    head_repository: Repository
    event: str
    number: int
    title: str
    actor: Account
    created_at: datetime
    updated_at: datetime
    attempts: list[Attempt]
    logs_deleted: bool = False
    on_rerun: tuple[Work, ...] = ()
    """How the jobs end when they are run again; nothing: they stay queued until somebody finishes them."""

    @property
    def head_sha(self) -> str:
        """The commit."""
        return self.suite.head_sha

    @property
    def latest(self) -> Attempt:
        """The attempt that counts."""
        return self.attempts[-1]

    def has_logs(self, now: datetime) -> bool:
        """Whether its logs can still be read."""
        return not self.logs_deleted and now - self.created_at < RETENTION


@dataclass(slots=True, eq=False)
class Artifact:
    """Files a run kept, as one zip."""

    id: int
    run: WorkflowRun
    name: str
    data: bytes
    created_at: datetime
    expires_at: datetime

    @property
    def digest(self) -> str:
        """`sha256:…` of the zip."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"


@dataclass(slots=True)
class Actions:
    """Workflows by repository id and path: `github.part(Actions)`."""

    workflows: dict[tuple[int, str], Workflow] = field(default_factory=dict)

    def workflow(self, github: GitHub, repository: Repository, path: str, revision: str) -> Workflow:
        """The workflow of that path, known from now on; it is called as its file at the revision says."""
        known = self.workflows.get((repository.id, path))
        if known is None:
            known = Workflow(github.next_id(), path, path, github.now())
            self.workflows[repository.id, path] = known
        if found := NAME.search(repository.git.read(revision, path) or b""):
            known.name = found[1].strip(b"\"'").decode("utf-8", "replace")
        return known

    def all(self, github: GitHub, repository: Repository) -> list[Workflow]:
        """The workflows on the default branch, and those that have run elsewhere."""
        folder = repository.git.entry(repository.default_branch, FOLDER)
        for entry in [] if folder is None else repository.git.entries(folder.sha):
            if entry.path.endswith((".yml", ".yaml")):
                self.workflow(github, repository, f"{FOLDER}/{entry.path}", repository.default_branch)
        return [w for (where, _), w in self.workflows.items() if where == repository.id]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_DAY), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def run_of(repository: Repository, number: int) -> WorkflowRun:
    """A run by its id. Raises: Refusal 404."""
    found = repository.runs.get(number)
    if not isinstance(found, WorkflowRun):
        raise answers.not_found()
    return found
