"""Actions over the API: workflows, runs, jobs, logs and artifacts to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from app.standin.github import answers, reruns, workflows
from app.standin.github.answers import Refusal, answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call
from app.standin.github.downloads import Downloads
from app.standin.github.records import Json
from app.standin.github.runs import (
    RETENTION,
    Artifact,
    Job,
    Outcome,
    PlannedJob,
    Step,
    Workflow,
    WorkflowRun,
    packed,
)
from app.standin.github.shapes import runs as shapes
from app.standin.github.workflows import Trigger, complete_run, finish_run, start_run

__all__ = [
    "Artifact",
    "Job",
    "Outcome",
    "PlannedJob",
    "Step",
    "Trigger",
    "WorkflowRun",
    "complete_run",
    "finish_run",
    "routes",
    "start_run",
]


def routes() -> list[web.RouteDef]:
    """The routes of Actions, those that start something included."""
    base = "/repos/{owner}/{repo}/actions"
    run = base + "/runs/{run_id}"
    read = requires("actions")
    return [
        web.get(f"{base}/workflows", read(list_workflows)),
        web.get(f"{base}/workflows/{{workflow_id}}", read(get_workflow)),
        web.get(f"{base}/workflows/{{workflow_id}}/runs", read(list_runs)),
        web.get(f"{base}/runs", read(list_runs)),
        web.get(run, read(get_run)),
        web.get(f"{run}/jobs", read(list_jobs)),
        web.get(f"{run}/logs", read(run_logs)),
        web.get(f"{run}/attempts/{{attempt_number}}", read(get_attempt)),
        web.get(f"{run}/attempts/{{attempt_number}}/jobs", read(list_jobs)),
        web.get(f"{run}/attempts/{{attempt_number}}/logs", read(run_logs)),
        web.get(f"{run}/artifacts", read(list_artifacts)),
        web.get(f"{base}/artifacts", read(list_artifacts)),
        web.get(f"{base}/artifacts/{{artifact_id}}", read(get_artifact)),
        web.get(f"{base}/artifacts/{{artifact_id}}/zip", read(download_artifact)),
        web.get(f"{base}/jobs/{{job_id}}", read(get_job)),
        web.get(f"{base}/jobs/{{job_id}}/logs", read(job_logs)),
        *reruns.routes(),
    ]


def run_of(call: Call) -> WorkflowRun:
    """The run of the path."""
    return workflows.run_of(call.repository, call.number("run_id"))


def job_of(call: Call) -> Job:
    """The job of the path."""
    found = call.repository.jobs.get(call.number("job_id"))
    if not isinstance(found, Job):
        raise answers.not_found()
    return found


def _workflow_json(call: Call, one: Workflow) -> Json:
    name = workflows.name_of(call.repository, call.repository.default_branch, one.path)
    return shapes.workflow(call.repository, one, name)


async def list_workflows(call: Call) -> web.Response:
    """The workflow files of the default branch."""
    found = workflows.all_workflows(call.repository)
    return paged(
        call.request, call.github.api_url, found, lambda one: _workflow_json(call, one), wrap="workflows"
    )


async def get_workflow(call: Call) -> web.Response:
    """One workflow, by number or file name."""
    return answer(_workflow_json(call, reruns.workflow_of(call)))


def _created_between(asked: str) -> Callable[[datetime], bool]:
    """GitHub's search form of dates: `>=2026-11-01`, `2026-11-01..2026-11-03`, or one day."""
    if match := re.fullmatch(r"(>=|<=|>|<)(.+)", asked):
        edge = _moment(match[2])
        compare: dict[str, Callable[[datetime], bool]] = {
            ">=": lambda m: m >= edge,
            "<=": lambda m: m <= edge,
            ">": lambda m: m > edge,
            "<": lambda m: m < edge,
        }
        return compare[match[1]]
    first, _, last = asked.partition("..")
    low, high = _moment(first), _moment(last or first, end=True)
    return lambda m: low <= m <= high


def _moment(text: str, *, end: bool = False) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise answers.unprocessable(f"created: {text} is no date") from exc
    if end and "T" not in text:
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _selected(call: Call, runs: list[WorkflowRun]) -> list[WorkflowRun]:
    created = _created_between(call.query("created")) if call.query("created") else None
    asked = {
        name: call.query(name)
        for name in ("head_sha", "branch", "event", "actor", "check_suite_id", "status")
    }

    def is_wanted(run: WorkflowRun) -> bool:
        has: dict[str, set[str | None]] = {
            "head_sha": {run.head_sha},
            "branch": {run.head_branch},
            "event": {run.event},
            "actor": {run.actor.login},
            "check_suite_id": {str(run.suite.id)},
            "status": {run.last.status, run.last.conclusion},
        }
        fits = all(not value or value in has[name] for name, value in asked.items())
        return fits and (created is None or created(run.created_at))

    return [run for run in runs if is_wanted(run)]


async def list_runs(call: Call) -> web.Response:
    """Runs of the repository or of one workflow, newest first, filtered as the query says."""
    only = reruns.workflow_of(call) if "workflow_id" in call.request.match_info else None
    found = [r for r in list(call.repository.runs.values())[::-1] if only is None or r.workflow is only]

    def shown(run: WorkflowRun) -> Json:
        bare: Json = {"pull_requests": []} if call.query("exclude_pull_requests") == "true" else {}
        return {**shapes.run(call.repository, run), **bare}

    return paged(call.request, call.github.api_url, _selected(call, found), shown, wrap="workflow_runs")


async def get_run(call: Call) -> web.Response:
    """One run."""
    return answer(shapes.run(call.repository, run_of(call)))


def _attempt_number(call: Call) -> int | None:
    """The attempt of the path, None where it names none. Raises: Refusal 404 for one that was not."""
    if "attempt_number" not in call.request.match_info:
        return None
    number = call.number("attempt_number")
    if not 1 <= number <= run_of(call).last.number:
        raise answers.not_found()
    return number


async def get_attempt(call: Call) -> web.Response:
    """A run as one of its attempts left it."""
    run, number = run_of(call), _attempt_number(call) or 1
    return answer(shapes.run(call.repository, run, run.attempts[number - 1]))


async def list_jobs(call: Call) -> web.Response:
    """The jobs of a run: the latest of each name, those of one attempt, or (`filter=all`) every one."""
    run, number = run_of(call), _attempt_number(call)
    found = workflows.latest_jobs(call.repository, run, number)
    if number is None and call.query("filter") == "all":
        found = [job for job in call.repository.jobs.values() if job.run is run]
    return paged(
        call.request, call.github.api_url, found, lambda job: shapes.job(call.repository, job), wrap="jobs"
    )


async def get_job(call: Call) -> web.Response:
    """One job."""
    return answer(shapes.job(call.repository, job_of(call)))


def _refuse_expired(call: Call, run: WorkflowRun) -> None:
    if run.logs_deleted or call.github.now() >= run.created_at + RETENTION:
        raise Refusal(410, "Gone")


def _redirect(call: Call, data: bytes, filename: str, content_type: str) -> web.Response:
    place = call.github.part(Downloads).link(call.github, data, filename=filename, content_type=content_type)
    return web.Response(status=302, headers={"Location": place})


async def job_logs(call: Call) -> web.Response:
    """302 to a job's log as text, good for a minute; 404 while it runs, 410 when it is gone."""
    job = job_of(call)
    _refuse_expired(call, job.run)
    if job.check.status != "completed":
        raise answers.not_found()
    return _redirect(call, job.log, f"job-{job.id}-logs.txt", "text/plain")


async def run_logs(call: Call) -> web.Response:
    """302 to a zip with one text a job, named as GitHub does: `0_build.txt`."""
    run = run_of(call)
    jobs = workflows.latest_jobs(call.repository, run, _attempt_number(call))
    _refuse_expired(call, run)
    if run.last.status != "completed":
        raise answers.not_found()
    files = {f"{n}_{re.sub(r'[/<>:|*?]', '', job.check.name)}.txt": job.log for n, job in enumerate(jobs)}
    return _redirect(call, packed(files), f"logs_{run.id}.zip", "application/zip")


async def list_artifacts(call: Call) -> web.Response:
    """Artifacts of a run or of the repository, newest first, perhaps only those of one name."""
    only = run_of(call) if "run_id" in call.request.match_info else None
    found = [
        one
        for one in list(call.repository.artifacts.values())[::-1]
        if (only is None or one.run is only) and call.query("name") in {"", one.name}
    ]
    repository = call.repository
    return paged(
        call.request,
        call.github.api_url,
        found,
        lambda one: shapes.artifact(repository, one),
        wrap="artifacts",
    )


def _artifact(call: Call) -> Artifact:
    found = call.repository.artifacts.get(call.number("artifact_id"))
    if not isinstance(found, Artifact):
        raise answers.not_found()
    return found


async def get_artifact(call: Call) -> web.Response:
    """One artifact."""
    return answer(shapes.artifact(call.repository, _artifact(call)))


async def download_artifact(call: Call) -> web.Response:
    """302 to the zip, good for a minute; 410 when the artifact has expired."""
    one = _artifact(call)
    if call.github.now() >= one.expires_at:
        raise Refusal(410, "Artifact has expired")
    return _redirect(call, one.data, f"{one.name}.zip", "application/zip")
