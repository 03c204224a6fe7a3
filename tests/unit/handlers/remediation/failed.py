"""A failed run at GitHub as its reader and downloads answer, and the way from there to a decision."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from pydantic import BaseModel, TypeAdapter

from app.domain.ci import Job, RunAnnotation, WorkflowRun
from app.domain.decision import Decision
from app.domain.events import Actor
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.pulls import Branch, Commit, FileContent, PullRequest
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import Gone, InvalidInput
from app.ports.artifacts import Download, Downloads
from app.ports.bundles import BundleVerifier
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.policies import ConfigError, Policy, PolicySource
from app.ports.records import Records
from handlers.builtin import REMEDIATION
from handlers.remediation.models import Remediation, RemediationEvidence, RemediationState

P = ParamSpec("P")
T = TypeVar("T")

APP = AppKey("api.github.com/7")
REPOSITORY = Repository(RepositoryId(1001), "octo", "tool", InstallationId(5), owner_id=2002)
SUBJECT = Subject(APP, REPOSITORY.id, SubjectKind.RUN, "77")
HEAD = CommitSha("1" * 40)
NEWER = CommitSha("2" * 40)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORKFLOW_PATH = ".github/workflows/ci.yml"
WORKFLOW = b"jobs:\n  build:\n    steps:\n      - uses: actions/upload-artifact@v3  # keep\n"
STAMP = "2026-11-23T11:00:00.0000000Z"
REFUSED = (
    f"{STAMP} ##[error]This request has been automatically failed because it uses a deprecated version of "
    "`actions/upload-artifact: v3`. Learn more: https://github.blog/changelog/\n"
)
SHUTDOWN = (
    f"{STAMP} ##[error]The runner has received a shutdown signal. This can happen when the runner service is "
    "stopped, or a manually started runner is canceled.\n"
)
DISK_FULL = f"{STAMP} ld: final link failed: No space left on device\n"


@dataclass
class Failed:
    """A run at GitHub: what the reader, the downloads and the records of it answer."""

    log: str | None = REFUSED
    workflow: bytes | None = WORKFLOW
    section: Remediation | None = field(default_factory=Remediation)
    errors: tuple[ConfigError, ...] = ()
    attempt: int = 1
    conclusion: str = "failure"
    branch_name: str = "main"
    head_repository: int = 1001
    author: Actor | None = None
    messages: tuple[str, ...] = ("Add a feature",)
    job_name: str = "build"
    exists: bool = True
    open_pulls: tuple[PullRequest, ...] = ()
    applied: int = 0
    job_count: int = 1
    done: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    folder: Path = Path()
    mode: str | None = "100644"
    """Git's mode of the workflow file; None where GitHub does not list all files."""
    refusal: InvalidInput | None = None
    """What comes of reading anything in the sandbox."""

    async def load(self, name: str, section: type[BaseModel]) -> Policy[BaseModel]:
        assert (name, section) == ("remediation", Remediation)
        source = PolicySource(".github/hephaestus.yml", "main", HEAD, "b" * 40)
        return Policy(self.section is not None, self.section, source, self.errors)

    async def workflow_run(self, run_id: int) -> WorkflowRun | None:
        if not self.exists:
            return None
        return WorkflowRun(
            id=run_id,
            attempt=self.attempt,
            name="ci",
            path=WORKFLOW_PATH,
            trigger="push",
            status="completed",
            conclusion=self.conclusion,
            head_sha=HEAD,
            head_branch=self.branch_name,
            head_repository_id=RepositoryId(self.head_repository),
            check_suite_id=None,
            created_at=NOW,
        )

    async def commits(self, ref: str, limit: int) -> tuple[Commit, ...]:
        assert ref == HEAD
        self.asked.append("commits")
        return tuple(Commit(HEAD, message, self.author, ()) for message in self.messages)[:limit]

    async def jobs(self, run_id: int, attempt: int) -> tuple[Job, ...]:
        self.asked.append("jobs")
        good = Job(1, run_id, attempt, "lint", "completed", "success", ())
        bad = Job(2, run_id, attempt, self.job_name, "completed", "failure", (), check_run_id=9)
        return (good, *[bad] * self.job_count)

    async def run_annotations(self, check_run_id: int) -> tuple[RunAnnotation, ...]:
        assert check_run_id == 9
        return tuple(RunAnnotation(".github", 1, "failure", "", note) for note in self.notes)

    @asynccontextmanager
    async def job_log(self, job_id: int, max_bytes: int) -> AsyncIterator[Download]:
        assert job_id == 2
        if self.log is None:
            raise Gone("download.gone", "the log is gone")
        path = self.folder / "job.log"
        path.write_text(self.log)
        assert path.stat().st_size <= max_bytes
        yield Download(path, path.stat().st_size, Sha256Hex("0" * 64))

    async def default_branch(self) -> Branch:
        return Branch("main", NEWER)

    async def branch(self, name: str) -> Branch | None:
        return Branch(name, HEAD)

    async def file(self, path: str, ref: str) -> FileContent | None:
        assert (path, ref) == (WORKFLOW_PATH, NEWER if self.branch_name == "main" else HEAD)
        return FileContent(path, "b" * 40, self.workflow) if self.workflow is not None else None

    async def modes(self, sha: CommitSha) -> dict[str, str] | None:
        assert sha == (NEWER if self.branch_name == "main" else HEAD)
        return None if self.mode is None else {WORKFLOW_PATH: self.mode}

    async def pulls_with_head(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        assert (owner, branch.rsplit("-", 1)[0]) == ("octo", "hephaestus/gha-artifact-deprecated")
        return self.open_pulls

    async def effects_applied(self, key: str, within: timedelta) -> int:
        assert within >= timedelta(days=30)
        if key in self.done:
            return 1
        return self.applied if key.startswith("pull|1001|hephaestus/gha-artifact-deprecated-") else 0

    async def was_applied(self, subject: Subject, key: str) -> bool:
        return subject == SUBJECT and key in self.done

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self.refusal is not None:
            raise self.refusal
        return function(*args, **kwargs)


async def gathered(
    failed: Failed, folder: Path, state: RemediationState | None = None
) -> RemediationEvidence:
    failed.folder = folder
    return await REMEDIATION.gather(
        Reading(
            app_key=APP,
            own_app_id=7,
            subject=SUBJECT,
            repository=REPOSITORY,
            events=(),
            state=state,
            now=NOW,
            github=cast("GitHubReader", failed),
            downloads=cast("Downloads", failed),
            policies=failed,  # type: ignore[arg-type]  # answers for one section only
            bundles=cast("BundleVerifier", failed),
            compute=failed,
            records=cast("Records", failed),
        )
    )


async def decided(
    failed: Failed, folder: Path, state: RemediationState | None = None
) -> Decision[RemediationState]:
    """The decision on the evidence as it is stored: written as JSON and read back."""
    adapter = TypeAdapter(RemediationEvidence)
    evidence = await gathered(failed, folder, state)
    stored = adapter.validate_json(adapter.dump_json(evidence))
    assert stored == evidence
    return REMEDIATION.decide(stored)
