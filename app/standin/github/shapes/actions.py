"""Workflows, runs, jobs and artifacts as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import Json
from app.standin.github.shapes import accounts, checks, commits, repositories

if TYPE_CHECKING:
    from app.standin.github.state import Repository
    from app.standin.github.workflow_runs import Artifact, Attempt, Job, Workflow, WorkflowRun

RUN_SUBRESOURCES = {
    "jobs_url": "/jobs",
    "logs_url": "/logs",
    "artifacts_url": "/artifacts",
    "cancel_url": "/cancel",
    "rerun_url": "/rerun",
}


def base_of(repository: Repository) -> str:
    """Where the API keeps the Actions of a repository."""
    return f"{repositories.url_of(repository)}/actions"


def workflow(repository: Repository, one: Workflow) -> Json:
    """GitHub's `workflow`."""
    page = repositories.page_of(repository)
    return {
        "id": one.id,
        "node_id": accounts.node_id("W", one.id),
        "name": one.name,
        "path": one.path,
        "state": "active",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "url": f"{base_of(repository)}/workflows/{one.id}",
        "html_url": f"{page}/blob/{repository.default_branch}/{one.path}",
        "badge_url": f"{page}/actions/{one.path.removeprefix('.github/')}/badge.svg",
    }


def run(repository: Repository, one: WorkflowRun, attempt: Attempt | None = None) -> Json:
    """GitHub's `workflow-run`, as its latest attempt or another one has it."""
    shown, github = attempt or one.latest, repository.github
    url = f"{base_of(repository)}/runs/{one.id}"
    before = f"{url}/attempts/{shown.number - 1}" if shown.number > 1 else None
    return {
        "id": one.id,
        "name": one.workflow.name,
        "node_id": accounts.node_id("WFR", one.id),
        "head_branch": one.suite.head_branch,
        "head_sha": one.head_sha,
        "path": one.workflow.path,
        "display_title": one.title,
        "run_number": one.number,
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
        "updated_at": stamp(one.updated_at),
        "actor": accounts.account(github, one.actor),
        "run_attempt": shown.number,
        "referenced_workflows": [],
        "run_started_at": stamp(shown.started_at),
        "triggering_actor": accounts.account(github, shown.triggering_actor),
        **{name: url + rest for name, rest in RUN_SUBRESOURCES.items()},
        "check_suite_url": f"{repositories.url_of(repository)}/check-suites/{one.suite.id}",
        "previous_attempt_url": before,
        "workflow_url": f"{base_of(repository)}/workflows/{one.workflow.id}",
        "head_commit": commits.simple(repository, one.head_sha),
        "repository": repositories.minimal(repository),
        "head_repository": repositories.minimal(one.head_repository),
    }


def job(repository: Repository, one: Job) -> Json:
    """GitHub's `job`."""
    check, taken = one.check, one.check.status != "queued"
    return {
        "id": one.id,
        "run_id": one.run.id,
        "workflow_name": one.run.workflow.name,
        "head_branch": one.run.suite.head_branch,
        "run_url": f"{base_of(repository)}/runs/{one.run.id}",
        "run_attempt": one.attempt,
        "node_id": accounts.node_id("CR", one.id),
        "head_sha": check.head_sha,
        "url": f"{base_of(repository)}/jobs/{one.id}",
        "html_url": check.details_url,
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": stamp(one.created_at),
        "started_at": stamp(check.started_at),
        "completed_at": stamp_or_none(check.completed_at),
        "name": check.name,
        "steps": one.steps,
        "check_run_url": f"{repositories.url_of(repository)}/check-runs/{one.id}",
        "labels": list(one.labels),
        "runner_id": one.id % 1000 if taken else None,
        "runner_name": f"GitHub Actions {one.id % 1000}" if taken else None,
        "runner_group_id": 0 if taken else None,
        "runner_group_name": "GitHub Actions" if taken else None,
    }


def artifact(repository: Repository, one: Artifact) -> Json:
    """GitHub's `artifact`."""
    url = f"{base_of(repository)}/artifacts/{one.id}"
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
            "head_repository_id": one.run.head_repository.id,
            "head_branch": one.run.suite.head_branch,
            "head_sha": one.run.head_sha,
        },
    }
