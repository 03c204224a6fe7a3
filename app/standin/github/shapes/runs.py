"""Workflows, runs, jobs and artifacts as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import Json
from app.standin.github.runs import Artifact, Attempt, Job, Step, Workflow, WorkflowRun
from app.standin.github.shapes import accounts, checks, commits, repositories

if TYPE_CHECKING:
    from app.standin.github.state import Repository

RUNNER = {
    "runner_id": 1,
    "runner_name": "GitHub Actions 1",
    "runner_group_id": 0,
    "runner_group_name": "GitHub Actions",
}
NO_RUNNER: Json = dict.fromkeys(RUNNER)


def workflow(repository: Repository, one: Workflow, name: str) -> Json:
    """GitHub's `workflow`."""
    page, file = repositories.page_of(repository), quote(one.path.rpartition("/")[2])
    return {
        "id": one.id,
        "node_id": accounts.node_id("W", one.id),
        "name": name,
        "path": one.path,
        "state": "active",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "url": f"{repositories.url_of(repository)}/actions/workflows/{one.id}",
        "html_url": f"{page}/blob/{repository.default_branch}/{quote(one.path)}",
        "badge_url": f"{page}/actions/workflows/{file}/badge.svg",
    }


def run(repository: Repository, one: WorkflowRun, attempt: Attempt | None = None) -> Json:
    """GitHub's `workflow-run`, as its last attempt (or the one given) left it."""
    github, shown = repository.github, attempt or one.last
    url = f"{repositories.url_of(repository)}/actions/runs/{one.id}"
    suites = f"{repositories.url_of(repository)}/check-suites/{one.suite.id}"
    head_repository = github.repositories.get(one.head_repository_id, repository)
    before = shown.number - 1
    return {
        "id": one.id,
        "name": one.name,
        "node_id": accounts.node_id("WFR", one.id),
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "path": one.workflow.path,
        "display_title": one.title,
        "run_number": one.number,
        "run_attempt": shown.number,
        "event": one.event,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "workflow_id": one.workflow.id,
        "check_suite_id": one.suite.id,
        "check_suite_node_id": accounts.node_id("CS", one.suite.id),
        "url": url,
        "html_url": f"{repositories.page_of(repository)}/actions/runs/{one.id}",
        "pull_requests": checks.pulls_of(repository, one.head_sha),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(shown.updated_at),
        "run_started_at": stamp(shown.started_at),
        "actor": accounts.account(github, one.actor),
        "triggering_actor": accounts.account(github, shown.triggering_actor),
        "referenced_workflows": [],
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": suites,
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{before}" if before else None,
        "workflow_url": f"{repositories.url_of(repository)}/actions/workflows/{one.workflow.id}",
        "head_commit": commits.simple(repository, one.head_sha),
        "repository": repositories.minimal(repository),
        "head_repository": repositories.minimal(head_repository),
    }


def _step(number: int, one: Step, job: Job) -> Json:
    started, ended = stamp(job.check.started_at), stamp_or_none(job.check.completed_at)
    return {
        "name": one.name,
        "status": "completed",
        "conclusion": one.conclusion,
        "number": number,
        "started_at": started,
        "completed_at": ended,
    }


def job(repository: Repository, one: Job) -> Json:
    """GitHub's `job`."""
    base, check = f"{repositories.url_of(repository)}/actions", one.check
    return {
        "id": one.id,
        "run_id": one.run.id,
        "workflow_name": one.run.name,
        "head_branch": one.run.head_branch,
        "run_url": f"{base}/runs/{one.run.id}",
        "run_attempt": one.attempt,
        "node_id": accounts.node_id("CR", one.id),
        "head_sha": one.run.head_sha,
        "url": f"{base}/jobs/{one.id}",
        "html_url": job_page(repository, one.run, one.id),
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": stamp(one.created_at),
        "started_at": stamp(check.started_at),
        "completed_at": stamp_or_none(check.completed_at),
        "name": check.name,
        "steps": [_step(number, step, one) for number, step in enumerate(one.steps, 1)],
        "check_run_url": f"{repositories.url_of(repository)}/check-runs/{one.id}",
        "labels": list(one.labels),
        **(NO_RUNNER if check.status == "queued" else RUNNER),
    }


def job_page(repository: Repository, one: WorkflowRun, job_id: int) -> str:
    """The address of a job's page for people."""
    return f"{repositories.page_of(repository)}/actions/runs/{one.id}/job/{job_id}"


def artifact(repository: Repository, one: Artifact) -> Json:
    """GitHub's `artifact`."""
    url = f"{repositories.url_of(repository)}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": accounts.node_id("MDg6QXJ0aWZhY3Q", one.id),
        "name": one.name,
        "size_in_bytes": len(one.data),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": repository.github.now() >= one.expires_at,
        "digest": one.digest,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "expires_at": stamp(one.expires_at),
        "workflow_run": {
            "id": one.run.id,
            "repository_id": repository.id,
            "head_repository_id": one.run.head_repository_id,
            "head_branch": one.run.head_branch,
            "head_sha": one.run.head_sha,
        },
    }
