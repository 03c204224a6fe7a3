"""Workflows: which there are, and starting one by hand."""

from __future__ import annotations

from pathlib import PurePosixPath

from aiohttp import web

from app.standin.github import answers, running
from app.standin.github.answers import answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.records import Json
from app.standin.github.shapes import actions as shapes
from app.standin.github.shapes.repositories import page_of
from app.standin.github.workflow_runs import Actions, Workflow


def routes() -> list[web.RouteDef]:
    """The routes of workflows."""
    base = "/repos/{owner}/{repo}/actions/workflows"
    one = base + "/{workflow_id}"
    return [
        web.get(base, requires("actions")(list_workflows)),
        web.get(one, requires("actions")(get_workflow)),
        web.post(f"{one}/dispatches", requires("actions", "write")(dispatch)),
    ]


def _all(call: Call) -> list[Workflow]:
    return call.github.part(Actions).all(call.github, call.repository)


def _workflow(call: Call) -> Workflow:
    wanted = call.part("workflow_id")
    for known in _all(call):
        if wanted in {str(known.id), PurePosixPath(known.path).name}:
            return known
    raise answers.not_found()


async def list_workflows(call: Call) -> web.Response:
    """The workflows of the repository."""
    return paged(
        call.request,
        call.github.api_url,
        _all(call),
        lambda w: shapes.workflow(call.repository, w),
        wrap="workflows",
    )


async def get_workflow(call: Call) -> web.Response:
    """A workflow, by its number or the name of its file."""
    return answer(shapes.workflow(call.repository, _workflow(call)))


async def dispatch(call: Call) -> web.Response:
    """Starts a run on a branch or tag: 204, or 200 with the run when `return_run_details` is asked for."""
    workflow, body, repository = _workflow(call), await call.body(), call.repository
    ref = needed_text(body, "ref")
    sha = repository.git.resolve(ref)
    if sha is None:
        raise answers.unprocessable(f"No ref found for: {ref}")
    if b"workflow_dispatch" not in (repository.git.read(sha, workflow.path) or b""):
        raise answers.unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    told: Json = {"inputs": body.get("inputs"), "ref": f"refs/heads/{ref}", "workflow": workflow.path}
    call.github.emit("workflow_dispatch", None, told, repository, sender=call.actor)
    cause = running.Cause("workflow_dispatch", ref.removeprefix("refs/heads/"), call.actor)
    run = running.start_run(repository, workflow.path, sha, (), cause)
    if not body.get("return_run_details"):
        return answers.empty()
    url = f"{shapes.base_of(repository)}/runs/{run.id}"
    page = f"{page_of(repository)}/actions/runs/{run.id}"
    return answer({"workflow_run_id": run.id, "run_url": url, "html_url": page})
