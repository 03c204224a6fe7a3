"""What GitHub Actions does: runs start, jobs end, suites settle, failed jobs run again; every step is told.

Seeds call `complete_run` for a run that is over, or `start_run` and then `finish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.standin.github import answers, checks
from app.standin.github.records import Account, CheckRun, CheckSuite, Json
from app.standin.github.shapes import actions as shapes
from app.standin.github.shapes import commits
from app.standin.github.shapes.checks import suite_in_event
from app.standin.github.shapes.repositories import page_of
from app.standin.github.state import ACTIONS_APP_ID, Repository
from app.standin.github.workflow_runs import (
    RETENTION,
    Actions,
    Artifact,
    Attempt,
    Job,
    Work,
    WorkflowRun,
    zipped,
)

RERUNS = 50
RERUN_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a run starts: the event, on which branch, through whom, and from which fork."""

    event: str = "push"
    head_branch: str | None = None
    """None: the branch that points to the commit."""
    actor: Account | None = None
    head_repository: Repository | None = None


def start_run(
    repository: Repository, path: str, head_sha: str, works: Sequence[Work], cause: Cause | None = None
) -> WorkflowRun:
    """A new run of a workflow on a commit that exists, its jobs queued. Raises: KeyError for an unknown commit."""
    github, why = repository.github, cause or Cause()
    now, source = github.now(), why.head_repository or repository
    commit = commits.simple(repository, head_sha)
    workflow = github.part(Actions).workflow(github, repository, path, head_sha)
    branch = why.head_branch or _branch_at(source, head_sha)
    app, actor = github.apps[ACTIONS_APP_ID], why.actor or repository.owner
    suite = CheckSuite(github.next_id(), app, head_sha, branch, None, now, now)
    repository.check_suites[suite.id] = suite
    number = 1 + sum(1 for r in repository.runs.values() if r.workflow is workflow)
    title = commit["message"].partition("\n")[0]
    first = Attempt(1, actor, now)
    run = WorkflowRun(
        github.next_id(), workflow, suite, source, why.event, number, title, actor, now, now, [first]
    )
    repository.runs[run.id] = run
    tell_run(repository, run, "requested")
    for work in works:
        _queue(repository, run, work.name, work.labels)
    checks.settle(repository, suite, actor)
    return run


def _branch_at(repository: Repository, sha: str) -> str | None:
    heads = repository.git.refs("refs/heads/")
    return next((name.removeprefix("refs/heads/") for name, tip in heads.items() if tip == sha), None)


def _queue(repository: Repository, run: WorkflowRun, name: str, labels: tuple[str, ...]) -> None:
    now, number = repository.github.now(), repository.github.next_id()
    check = CheckRun(number, run.suite, name, run.head_sha, "queued", None, now)
    check.details_url = f"{page_of(repository)}/actions/runs/{run.id}/job/{number}"
    job = Job(run, run.latest.number, check, now, labels=labels)
    repository.check_runs[number], repository.jobs[number] = check, job
    run.latest.jobs.append(job)
    checks.tell(repository, check, "created", run.latest.triggering_actor)
    tell_job(repository, job, "queued")


def tell_run(repository: Repository, run: WorkflowRun, action: str) -> None:
    """Emits `workflow_run`."""
    payload: Json = {
        "workflow": shapes.workflow(repository, run.workflow),
        "workflow_run": shapes.run(repository, run),
    }
    repository.github.emit("workflow_run", action, payload, repository, sender=run.latest.triggering_actor)


def tell_job(repository: Repository, job: Job, action: str) -> None:
    """Emits `workflow_job`."""
    payload: Json = {"workflow_job": shapes.job(repository, job)}
    repository.github.emit(
        "workflow_job", action, payload, repository, sender=job.run.latest.triggering_actor
    )


def finish(
    repository: Repository,
    run: WorkflowRun,
    works: Sequence[Work],
    artifacts: Mapping[str, Mapping[str, bytes]] | None = None,
) -> None:
    """Ends the latest attempt: its queued jobs as the works of their names say (none: success), then suite and run."""
    attempt, by_name = run.latest, {work.name: work for work in works}
    attempt.status = "in_progress"
    tell_run(repository, run, "in_progress")
    for job in attempt.jobs:
        if job.check.status != "completed":
            _finish_job(repository, job, by_name.get(job.check.name, Work(job.check.name)))
    for name, files in (artifacts or {}).items():
        add_artifact(repository, run, name, files)
    _settle(repository, run)
    attempt.status, attempt.conclusion = "completed", run.suite.conclusion
    run.updated_at = repository.github.now()
    tell_run(repository, run, "completed")


def _finish_job(repository: Repository, job: Job, work: Work) -> None:
    now, check = repository.github.now(), job.check
    check.status, check.started_at = "in_progress", now
    tell_job(repository, job, "in_progress")
    check.status, check.conclusion, check.completed_at = "completed", work.conclusion, now
    job.log = work.log
    times = {"started_at": answers.stamp(now), "completed_at": answers.stamp(now)}
    job.steps = [
        {"name": name, "status": "completed", "conclusion": conclusion, "number": number, **times}
        for number, (name, conclusion) in enumerate(work.steps, start=1)
    ]
    checks.tell(repository, check, "completed", job.run.latest.triggering_actor)
    tell_job(repository, job, "completed")


def _settle(repository: Repository, run: WorkflowRun) -> None:
    sender = run.latest.triggering_actor
    if run.latest.jobs:
        checks.settle(repository, run.suite, sender)
        return
    # A run without a job is one whose workflow file GitHub could not read.
    run.suite.status, run.suite.conclusion = "completed", "startup_failure"
    payload: Json = {"check_suite": suite_in_event(repository, run.suite)}
    repository.github.emit("check_suite", "completed", payload, repository, sender=sender)


def add_artifact(repository: Repository, run: WorkflowRun, name: str, files: Mapping[str, bytes]) -> Artifact:
    """Keeps files of a run as an artifact for 90 days."""
    github, now = repository.github, repository.github.now()
    made = Artifact(github.next_id(), run, name, zipped(files), now, now + RETENTION)
    repository.artifacts[made.id] = made
    return made


def complete_run(
    repository: Repository,
    workflow_path: str,
    head_sha: str,
    jobs: Sequence[Work],
    *,
    artifacts: Mapping[str, Mapping[str, bytes]] | None = None,
    cause: Cause | None = None,
    on_rerun: Sequence[Work] = (),
) -> WorkflowRun:
    """A run from its start to its end, with all the events of both; no jobs: a startup failure.

    `on_rerun`: how jobs end when they are run again; without it they stay queued until `finish`.
    """
    run = start_run(repository, workflow_path, head_sha, jobs, cause)
    run.on_rerun = tuple(on_rerun)
    finish(repository, run, jobs, artifacts)
    return run


def rerun(repository: Repository, run: WorkflowRun, actor: Account, jobs: Sequence[Job]) -> None:
    """A new attempt in which these jobs run again and the others stand. Raises: Refusal 403 in GitHub's cases."""
    github = repository.github
    if run.latest.status != "completed":
        raise answers.Refusal(403, "This workflow is already running")
    if github.now() - run.created_at > RERUN_WINDOW:
        raise answers.Refusal(
            403, "Unable to retry this workflow run because it was created over a month ago"
        )
    if len(run.attempts) > RERUNS:
        raise answers.Refusal(403, f"Unable to retry this workflow run because it was retried {RERUNS} times")
    if not jobs:
        raise answers.Refusal(403, "This workflow run has no jobs that can be retried")
    former = run.latest.jobs
    run.attempts.append(Attempt(len(run.attempts) + 1, actor, github.now()))
    run.updated_at = github.now()
    tell_run(repository, run, "requested")
    for job in former:
        if job in jobs:
            _queue(repository, run, job.check.name, job.labels)
        else:
            run.latest.jobs.append(job)
    checks.settle(repository, run.suite, actor)
    if run.on_rerun:
        finish(repository, run, run.on_rerun)


def cancel(repository: Repository, run: WorkflowRun) -> None:
    """Ends what still runs as cancelled. Raises: Refusal 409 when all is over."""
    if run.latest.status == "completed":
        raise answers.Refusal(409, "Cannot cancel a workflow run that is completed.")
    finish(repository, run, [Work(j.check.name, "cancelled", steps=()) for j in run.latest.jobs])
