"""Starting workflow runs over the API: again, again in part, or by dispatch; and cancelling them."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from app.standin.github import answers, workflows
from app.standin.github.answers import Refusal, answer, empty
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.records import Json
from app.standin.github.runs import Job, Outcome, PlannedJob, Workflow, WorkflowRun
from app.standin.github.shapes.repositories import page_of, url_of

ATTEMPTS = 50
"""https://github.blog/changelog/2026-04-10: a run may be repeated fifty times."""
AGE = timedelta(days=30)
TOO_OLD = "Unable to retry this workflow run because it was created over a month ago"
TOO_OFTEN = "Unable to retry this workflow run because it has been retried too many times"
ALREADY_RUNNING = "This workflow is already running"
NOT_TO_RETRY = "The workflow run containing this job cannot be retried"
NO_TRIGGER = "Workflow does not have 'workflow_dispatch' trigger"
INPUTS = 25
BAD = frozenset({"failure", "cancelled", "timed_out", "action_required", "startup_failure"})


def routes() -> list[web.RouteDef]:
    """The routes that start or stop runs; all need `actions: write`."""
    base = "/repos/{owner}/{repo}/actions"
    write = requires("actions", "write")
    return [
        web.post(f"{base}/runs/{{run_id}}/rerun", write(rerun)),
        web.post(f"{base}/runs/{{run_id}}/rerun-failed-jobs", write(rerun_failed)),
        web.post(f"{base}/runs/{{run_id}}/cancel", write(cancel)),
        web.delete(f"{base}/runs/{{run_id}}/logs", write(delete_logs)),
        web.post(f"{base}/jobs/{{job_id}}/rerun", write(rerun_job)),
        web.post(f"{base}/workflows/{{workflow_id}}/dispatches", write(dispatch)),
    ]


def _run(call: Call) -> WorkflowRun:
    return workflows.run_of(call.repository, call.number("run_id"))


def _again(call: Call, run: WorkflowRun, jobs: list[Job]) -> web.Response:
    """The next attempt with these jobs. Raises: Refusal 403 while running, past 50 attempts or 30 days."""
    if run.last.status != "completed":
        raise Refusal(403, ALREADY_RUNNING)
    if call.github.now() >= run.created_at + AGE:
        raise Refusal(403, TOO_OLD)
    if run.last.number > ATTEMPTS:
        raise Refusal(403, TOO_OFTEN)
    if not jobs:
        raise Refusal(403, NOT_TO_RETRY)
    workflows.start_attempt(call.repository, run, [job.check.name for job in jobs], call.actor)
    workflows.ask_runner(call.repository, run)
    return answer({}, status=201)


async def rerun(call: Call) -> web.Response:
    """All jobs again."""
    run = _run(call)
    return _again(call, run, workflows.latest_jobs(call.repository, run))


async def rerun_failed(call: Call) -> web.Response:
    """The jobs again that did not succeed; the others stand."""
    run = _run(call)
    jobs = [j for j in workflows.latest_jobs(call.repository, run) if j.check.conclusion in BAD]
    return _again(call, run, jobs)


async def rerun_job(call: Call) -> web.Response:
    """One job again."""
    job = call.repository.jobs.get(call.number("job_id"))
    if not isinstance(job, Job):
        raise answers.not_found()
    return _again(call, job.run, [job])


async def cancel(call: Call) -> web.Response:
    """Ends a run whose jobs are still going; 409 when it is over."""
    run = _run(call)
    if run.last.status == "completed":
        raise Refusal(409, "Cannot cancel a workflow run that is completed.")
    going = [j for j in workflows.latest_jobs(call.repository, run) if j.check.status != "completed"]
    workflows.finish_run(
        call.repository, run, Outcome([PlannedJob(j.check.name, "cancelled") for j in going])
    )
    return answer({}, status=202)


async def delete_logs(call: Call) -> web.Response:
    """Throws the logs of a run away: from now on they are 410."""
    _run(call).logs_deleted = True
    return empty()


def workflow_of(call: Call) -> Workflow:
    """The workflow of the path, by number or file name. Raises: Refusal 404."""
    asked = call.part("workflow_id")
    for one in workflows.all_workflows(call.repository):
        if asked in {str(one.id), one.path.rpartition("/")[2]}:
            return one
    raise answers.not_found()


def _inputs(declared: Json, given: object) -> dict[str, object]:
    """The inputs of a dispatch with defaults. Raises: Refusal 422 for missing or unknown ones."""
    found = given if isinstance(given, dict) else {}
    if len(found) > INPUTS:
        raise answers.unprocessable(f"Inputs are limited to {INPUTS} properties")
    unknown = sorted(set(found) - set(declared))
    if unknown:
        raise answers.unprocessable(f"Unexpected inputs provided: {unknown}".replace("'", '"'))
    settings = {name: one if isinstance(one, dict) else {} for name, one in declared.items()}
    for name, one in settings.items():
        if one.get("required") and name not in found and "default" not in one:
            raise answers.unprocessable(f"Required input '{name}' not provided")
    return {name: one["default"] for name, one in settings.items() if "default" in one} | found


async def dispatch(call: Call) -> web.Response:
    """Starts a workflow by hand: 204, or 200 with the run's number when the body asks for `return_run_details`."""
    workflow, body = workflow_of(call), await call.body()
    ref = needed_text(body, "ref")
    sha = call.repository.git.resolve(ref)
    if sha is None:
        raise answers.unprocessable(f"No ref found for: {ref}")
    wanted = workflows.definition(call.repository, sha, workflow.path).get("on")
    if wanted != "workflow_dispatch" and "workflow_dispatch" not in (wanted or ()):
        raise answers.unprocessable(NO_TRIGGER)
    settings = (wanted.get("workflow_dispatch") if isinstance(wanted, dict) else None) or {}
    inputs = _inputs(settings.get("inputs") or {}, body.get("inputs"))
    branch = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    trigger = workflows.Trigger("workflow_dispatch", branch, actor=call.actor, inputs=inputs)
    names = list(workflows.definition(call.repository, sha, workflow.path).get("jobs") or {})
    call.github.emit(
        "workflow_dispatch",
        None,
        {"inputs": inputs or None, "ref": f"refs/heads/{branch}", "workflow": workflow.path},
        call.repository,
        sender=call.actor,
    )
    run = workflows.start_run(call.repository, workflow.path, sha, names, trigger)
    workflows.ask_runner(call.repository, run)
    if body.get("return_run_details") is not True:
        return empty()
    return answer(
        {
            "workflow_run_id": run.id,
            "run_url": f"{url_of(call.repository)}/actions/runs/{run.id}",
            "html_url": f"{page_of(call.repository)}/actions/runs/{run.id}",
        }
    )
