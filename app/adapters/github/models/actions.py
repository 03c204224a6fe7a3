"""Check runs, workflow runs, jobs, annotations and artifacts as GitHub writes them."""

from __future__ import annotations

from pydantic import AwareDatetime

from app.adapters.github.models import Lenient
from app.adapters.github.models.code import AppRefBody, RepoRefBody, UserBody
from app.domain.ci import Artifact, CheckRun, Job, RunAnnotation, Step, WorkflowRun, workflow_path
from app.domain.ids import CommitSha, RepositoryId, Sha256Hex

SHA256_LENGTH = 64


def sha256_of(digest: str | None) -> Sha256Hex | None:
    """The digest of `sha256:<hex>`, None for none and for other algorithms."""
    algorithm, _, value = (digest or "").partition(":")
    return Sha256Hex(value.lower()) if algorithm == "sha256" and len(value) == SHA256_LENGTH else None


class OutputBody(Lenient):
    """The output of a check run."""

    title: str | None = None
    annotations_count: int = 0


class SuiteRefBody(Lenient):
    """A suite by id."""

    id: int


class CheckRunBody(Lenient):
    """`check-run`."""

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None = None
    app: AppRefBody | None = None
    external_id: str | None = None
    check_suite: SuiteRefBody | None = None
    output: OutputBody = OutputBody()

    def check_run(self) -> CheckRun:
        """The check run."""
        return CheckRun(
            id=self.id,
            name=self.name,
            head_sha=CommitSha(self.head_sha),
            status=self.status,
            conclusion=self.conclusion,
            app_id=None if self.app is None else self.app.id,
            external_id=self.external_id or "",
            check_suite_id=None if self.check_suite is None else self.check_suite.id,
            title=self.output.title,
        )


class PullRefBody(Lenient):
    """`pull-request-minimal`."""

    number: int


class WorkflowRunBody(Lenient):
    """`workflow-run`."""

    id: int
    run_attempt: int = 1
    name: str | None = None
    path: str = ""
    event: str
    status: str | None = None
    conclusion: str | None = None
    head_sha: str
    head_branch: str | None = None
    head_repository: RepoRefBody | None = None
    check_suite_id: int | None = None
    created_at: AwareDatetime
    actor: UserBody | None = None
    pull_requests: tuple[PullRefBody, ...] | None = None
    run_started_at: AwareDatetime | None = None
    display_title: str | None = None

    def run(self) -> WorkflowRun:
        """The run; its path without the `@ref` that reusable workflows carry."""
        return WorkflowRun(
            id=self.id,
            attempt=self.run_attempt,
            name=self.name or "",
            path=workflow_path(self.path),
            trigger=self.event,
            status=self.status or "",
            conclusion=self.conclusion,
            head_sha=CommitSha(self.head_sha),
            head_branch=self.head_branch,
            head_repository_id=None
            if self.head_repository is None
            else RepositoryId(self.head_repository.id),
            check_suite_id=self.check_suite_id,
            created_at=self.created_at,
            actor_id=None if self.actor is None else self.actor.id,
            pull_numbers=tuple(one.number for one in self.pull_requests or ()),
            started_at=self.run_started_at,
        )


class RunsBody(Lenient):
    """A page of workflow runs."""

    workflow_runs: tuple[WorkflowRunBody, ...]


class DispatchBody(Lenient):
    """`workflow-dispatch-response`; older servers answer with nothing."""

    workflow_run_id: int | None = None


class StepBody(Lenient):
    """A step of a job."""

    number: int
    name: str
    status: str
    conclusion: str | None = None


class JobBody(Lenient):
    """`job`."""

    id: int
    run_id: int
    run_attempt: int = 1
    name: str
    status: str
    conclusion: str | None = None
    steps: tuple[StepBody, ...] | None = None
    runner_name: str | None = None
    check_run_url: str | None = None
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None

    def job(self) -> Job:
        """The job; its check run's id is only in a URL."""
        tail = (self.check_run_url or "").rpartition("/")[2]
        return Job(
            id=self.id,
            run_id=self.run_id,
            attempt=self.run_attempt,
            name=self.name,
            status=self.status,
            conclusion=self.conclusion,
            steps=tuple(Step(one.number, one.name, one.status, one.conclusion) for one in self.steps or ()),
            runner_name=self.runner_name,
            check_run_id=int(tail) if tail.isdecimal() else None,
            started_at=self.started_at,
            completed_at=self.completed_at,
        )


class AnnotationBody(Lenient):
    """`check-annotation`."""

    path: str
    start_line: int
    annotation_level: str | None = None
    title: str | None = None
    message: str | None = None

    def annotation(self) -> RunAnnotation:
        """The annotation."""
        level, title = self.annotation_level or "", self.title or ""
        return RunAnnotation(self.path, self.start_line, level, title, self.message or "")


class ArtifactRunBody(Lenient):
    """The run that an artifact says it comes from."""

    id: int | None = None
    head_sha: str | None = None
    repository_id: int | None = None
    head_repository_id: int | None = None


class ArtifactBody(Lenient):
    """`artifact`."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool
    digest: str | None = None
    created_at: AwareDatetime
    workflow_run: ArtifactRunBody | None = None

    def artifact(self, run_id: int) -> Artifact:
        """The artifact, of the run it was asked of where it names none."""
        run = self.workflow_run or ArtifactRunBody()
        return Artifact(
            id=self.id,
            name=self.name,
            size_bytes=self.size_in_bytes,
            expired=self.expired,
            run_id=run.id or run_id,
            head_sha=None if run.head_sha is None else CommitSha(run.head_sha),
            repository_id=None if run.repository_id is None else RepositoryId(run.repository_id),
            head_repository_id=None
            if run.head_repository_id is None
            else RepositoryId(run.head_repository_id),
            sha256=sha256_of(self.digest),
            created_at=self.created_at,
        )
