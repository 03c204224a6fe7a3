"""What runs leave behind: logs and artifacts, each behind a link to the other origin that lives for a minute."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from app.standin.github import answers
from app.standin.github.answers import answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call
from app.standin.github.downloads import Downloads
from app.standin.github.shapes import actions as shapes
from app.standin.github.workflow_runs import Artifact, Attempt, Job, WorkflowRun, run_of, zipped


def routes() -> list[web.RouteDef]:
    """The routes of logs and artifacts."""
    base = "/repos/{owner}/{repo}/actions"
    run = base + "/runs/{run_id}"
    one = base + "/artifacts/{artifact_id}"
    return [
        web.get(f"{base}/jobs/{{job_id}}/logs", requires("actions")(job_log)),
        web.get(f"{run}/logs", requires("actions")(run_logs)),
        web.get(f"{run}/attempts/{{attempt_number}}/logs", requires("actions")(attempt_logs)),
        web.get(f"{run}/artifacts", requires("actions")(list_of_run)),
        web.get(f"{base}/artifacts", requires("actions")(list_all)),
        web.get(one, requires("actions")(get_artifact)),
        web.get(f"{one}/{{archive_format}}", requires("actions")(download)),
    ]


def job_of(call: Call) -> Job:
    """The job of the path. Raises: Refusal 404."""
    found = call.repository.jobs.get(call.number("job_id"))
    if not isinstance(found, Job):
        raise answers.not_found()
    return found


def _elsewhere(call: Call, data: Callable[[], bytes], filename: str, content_type: str) -> web.Response:
    link = call.github.part(Downloads).link(call.github, data, filename=filename, content_type=content_type)
    return web.Response(status=302, headers={"Location": link})


async def job_log(call: Call) -> web.Response:
    """302 to a job's log as text; 404 while it runs, 410 when the log is gone."""
    job = job_of(call)
    if job.check.status != "completed":
        raise answers.not_found()
    if not job.run.has_logs(call.github.now()):
        raise answers.Refusal(410, "Gone")
    return _elsewhere(call, lambda: job.log, f"job-{job.id}.txt", "text/plain")


async def run_logs(call: Call) -> web.Response:
    """302 to a zip of the logs of the latest attempt."""
    run = run_of(call.repository, call.number("run_id"))
    return _zip_of_logs(call, run, run.latest)


async def attempt_logs(call: Call) -> web.Response:
    """302 to a zip of the logs of one attempt."""
    run, number = run_of(call.repository, call.number("run_id")), call.number("attempt_number")
    if not 1 <= number <= len(run.attempts):
        raise answers.not_found()
    return _zip_of_logs(call, run, run.attempts[number - 1])


def _zip_of_logs(call: Call, run: WorkflowRun, attempt: Attempt) -> web.Response:
    if attempt.status != "completed":
        raise answers.not_found()
    if not run.has_logs(call.github.now()):
        raise answers.Refusal(410, "Gone")
    files = {
        f"{place}_{job.check.name.replace('/', '_')}.txt": job.log for place, job in enumerate(attempt.jobs)
    }
    return _elsewhere(call, lambda: zipped(files), f"logs_{run.id}.zip", "application/zip")


def _page(call: Call, found: list[Artifact]) -> web.Response:
    name = call.query("name")
    newest = sorted((a for a in found if name in {"", a.name}), key=lambda a: -a.id)
    if call.query("direction") == "asc":
        newest.reverse()
    return paged(
        call.request,
        call.github.api_url,
        newest,
        lambda a: shapes.artifact(call.repository, a),
        wrap="artifacts",
    )


async def list_of_run(call: Call) -> web.Response:
    """The artifacts of a run, expired ones too."""
    run = run_of(call.repository, call.number("run_id"))
    return _page(call, [a for a in call.repository.artifacts.values() if a.run is run])


async def list_all(call: Call) -> web.Response:
    """The artifacts of a repository, expired ones too."""
    return _page(call, list(call.repository.artifacts.values()))


def _artifact(call: Call) -> Artifact:
    found = call.repository.artifacts.get(call.number("artifact_id"))
    if not isinstance(found, Artifact):
        raise answers.not_found()
    return found


async def get_artifact(call: Call) -> web.Response:
    """One artifact."""
    return answer(shapes.artifact(call.repository, _artifact(call)))


async def download(call: Call) -> web.Response:
    """302 to the zip; 410 when the artifact has expired."""
    found = _artifact(call)
    if call.part("archive_format") != "zip":
        raise answers.not_found()
    if call.github.now() >= found.expires_at:
        raise answers.Refusal(410, "Artifact has expired")
    return _elsewhere(call, lambda: found.data, f"{found.name}.zip", "application/zip")
