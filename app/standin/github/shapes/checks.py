"""Check runs and suites as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import CheckRun, CheckSuite, Json, PullRequest
from app.standin.github.shapes import accounts, commits, repositories

if TYPE_CHECKING:
    from app.standin.github.state import Repository


def _pull_side(repository: Repository, ref: str, sha: str) -> Json:
    repo = {"id": repository.id, "url": repositories.url_of(repository), "name": repository.name}
    return {"ref": ref, "sha": sha, "repo": repo}


def minimal_pull(repository: Repository, pull: PullRequest) -> Json:
    """GitHub's `pull-request-minimal`, as check runs and workflow runs carry it."""
    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{repositories.url_of(repository)}/pulls/{pull.number}",
        "head": _pull_side(repository, pull.head_ref, pull.head_sha),
        "base": _pull_side(repository, pull.base_ref, pull.base_sha),
    }


def pulls_of(repository: Repository, sha: str) -> list[Json]:
    """The open pull requests with that head inside this repository; those from forks are never listed."""
    return [
        minimal_pull(repository, pull)
        for pull in repository.pulls.values()
        if pull.head_sha == sha and pull.head_repository_id == repository.id and pull.issue.state == "open"
    ]


def run(repository: Repository, one: CheckRun) -> Json:
    """GitHub's `check-run`."""
    url = f"{repositories.url_of(repository)}/check-runs/{one.id}"
    return {
        "id": one.id,
        "name": one.name,
        "node_id": accounts.node_id("CR", one.id),
        "head_sha": one.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": f"{repositories.page_of(repository)}/runs/{one.id}",
        "details_url": one.details_url
        or one.app.external_url
        or f"{repositories.page_of(repository)}/runs/{one.id}",
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": stamp(one.started_at),
        "completed_at": stamp_or_none(one.completed_at),
        "output": {
            "title": one.title,
            "summary": one.summary,
            "text": one.text,
            "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": one.suite.id},
        "app": accounts.app(repository.github, one.app),
        "pull_requests": pulls_of(repository, one.head_sha),
    }


def run_in_event(repository: Repository, one: CheckRun) -> Json:
    """A check run in a webhook payload, where its suite is spelt out."""
    brief = suite(repository, one.suite)
    for name in ("repository", "head_commit", "latest_check_runs_count", "check_runs_url", "rerequestable"):
        brief.pop(name, None)
    brief.pop("runs_rerequestable", None)
    return {**run(repository, one), "check_suite": brief}


def suite(repository: Repository, one: CheckSuite) -> Json:
    """GitHub's `check-suite`."""
    url = f"{repositories.url_of(repository)}/check-suites/{one.id}"
    return {
        "id": one.id,
        "node_id": accounts.node_id("CS", one.id),
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "status": one.status,
        "conclusion": one.conclusion,
        "url": url,
        "before": one.before,
        "after": one.head_sha,
        "pull_requests": pulls_of(repository, one.head_sha),
        "app": accounts.app(repository.github, one.app),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": sum(1 for r in repository.check_runs.values() if r.suite is one),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": commits.simple(repository, one.head_sha),
        "repository": repositories.minimal(repository),
    }


def suite_in_event(repository: Repository, one: CheckSuite) -> Json:
    """A suite in a webhook payload, where the repository stands beside it."""
    shown = suite(repository, one)
    del shown["repository"]
    return shown
