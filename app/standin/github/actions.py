"""Workflow runs and their jobs: reading them, running them again, cancelling."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import action_files, answers, running, workflows
from app.standin.github.answers import answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call
from app.standin.github.shapes import actions as shapes
from app.standin.github.workflow_runs import Attempt, Job, WorkflowRun, run_of


def routes() -> list[web.RouteDef]:
    """The routes of GitHub Actions."""
    base = "/repos/{owner}/{repo}/actions"
    one = base + "/runs/{run_id}"
    job = base + "/jobs/{job_id}"
    return [
        web.get(f"{base}/runs", requires("actions")(list_runs)),
        web.get(one, requires("actions")(get_run)),
        web.get(f"{one}/attempts/{{attempt_number}}", requires("actions")(get_attempt)),
        web.get(f"{one}/jobs", requires("actions")(list_jobs)),
        web.get(f"{one}/attempts/{{attempt_number}}/jobs", requires("actions")(list_attempt_jobs)),
        web.post(f"{one}/rerun", requires("actions", "write")(rerun_all)),
        web.post(f"{one}/rerun-failed-jobs", requires("actions", "write")(rerun_failed)),
        web.post(f"{one}/cancel", requires("actions", "write")(cancel)),
        web.get(job, requires("actions")(get_job)),
        web.post(f"{job}/rerun", requires("actions", "write")(rerun_job)),
        *action_files.routes(),
        *workflows.routes(),
    ]


def attempt_of(call: Call) -> tuple[WorkflowRun, Attempt]:
    """The attempt of the path. Raises: Refusal 404."""
    run, number = run_of(call.repository, call.number("run_id")), call.number("attempt_number")
    if not 1 <= number <= len(run.attempts):
        raise answers.not_found()
    return run, run.attempts[number - 1]


async def list_runs(call: Call) -> web.Response:
    """The runs of the repository, newest first, filtered as the query says."""
    if call.query("created"):
        raise answers.unprocessable("The stand-in does not filter runs by `created`.")
    found = [r for r in call.repository.runs.values() if _wanted(call, r)]
    newest = sorted(found, key=lambda r: -r.id)
    return paged(
        call.request,
        call.github.api_url,
        newest,
        lambda r: shapes.run(call.repository, r),
        wrap="workflow_runs",
    )


def _wanted(call: Call, run: WorkflowRun) -> bool:
    latest = run.latest
    return (
        call.query("head_sha") in {"", run.head_sha}
        and call.query("branch") in {"", run.suite.head_branch}
        and call.query("event") in {"", run.event}
        and call.query("actor") in {"", run.actor.login}
        and call.query("check_suite_id") in {"", str(run.suite.id)}
        and call.query("status") in {"", latest.status, latest.conclusion}
    )


async def get_run(call: Call) -> web.Response:
    """One run, as its latest attempt has it."""
    return answer(shapes.run(call.repository, run_of(call.repository, call.number("run_id"))))


async def get_attempt(call: Call) -> web.Response:
    """One run, as an attempt has it."""
    return answer(shapes.run(call.repository, *attempt_of(call)))


def _jobs(call: Call, jobs: list[Job]) -> web.Response:
    return paged(
        call.request, call.github.api_url, jobs, lambda j: shapes.job(call.repository, j), wrap="jobs"
    )


async def list_jobs(call: Call) -> web.Response:
    """The jobs of the latest attempt, or of all."""
    run = run_of(call.repository, call.number("run_id"))
    if call.query("filter", "latest") == "all":
        return _jobs(call, [j for j in call.repository.jobs.values() if j.run is run])
    return _jobs(call, run.latest.jobs)


async def list_attempt_jobs(call: Call) -> web.Response:
    """The jobs of one attempt."""
    return _jobs(call, attempt_of(call)[1].jobs)


async def get_job(call: Call) -> web.Response:
    """One job."""
    return answer(shapes.job(call.repository, action_files.job_of(call)))


async def rerun_all(call: Call) -> web.Response:
    """Runs every job again."""
    run = run_of(call.repository, call.number("run_id"))
    running.rerun(call.repository, run, call.actor, run.latest.jobs)
    return answer({}, status=201)


async def rerun_failed(call: Call) -> web.Response:
    """Runs the failed jobs again."""
    run = run_of(call.repository, call.number("run_id"))
    running.rerun(call.repository, run, call.actor, [j for j in run.latest.jobs if j.failed])
    return answer({}, status=201)


async def rerun_job(call: Call) -> web.Response:
    """Runs one job of the latest attempt again."""
    job = action_files.job_of(call)
    running.rerun(call.repository, job.run, call.actor, [j for j in job.run.latest.jobs if j is job])
    return answer({}, status=201)


async def cancel(call: Call) -> web.Response:
    """Cancels a run that is not over."""
    running.cancel(call.repository, run_of(call.repository, call.number("run_id")))
    return answer({}, status=202)
