"""Check runs: created and changed by Apps only, each App its own; annotations are appended, never replaced."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from app.standin.github import answers, check_fields, pushes
from app.standin.github.answers import Refusal, answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.commits import commit_of
from app.standin.github.records import Account, App, CheckRun, CheckSuite, Json
from app.standin.github.shapes import checks
from app.standin.github.shapes.repositories import page_of
from app.standin.github.state import Repository

APPS_ONLY = "You must authenticate via a GitHub App."
NOT_YOURS = "Invalid app_id `{}` - check run can only be modified by the GitHub App that created it."
SAME_NAME_LIMIT = 1000
BAD = ("failure", "timed_out", "cancelled", "action_required", "stale", "startup_failure")


def routes() -> list[web.RouteDef]:
    """The routes of check runs."""
    base = "/repos/{owner}/{repo}"
    one = base + "/check-runs/{check_run_id}"
    return [
        web.post(f"{base}/check-runs", requires("checks", "write")(create_run)),
        web.get(one, requires("checks")(get_run)),
        web.patch(one, requires("checks", "write")(update_run)),
        web.get(f"{one}/annotations", requires("checks")(list_annotations)),
        web.post(f"{one}/rerequest", requires("checks", "write")(rerequest_run)),
        web.get(f"{base}/commits/{{ref:.+}}/check-runs", requires("checks")(list_for_ref)),
    ]


def app_of(call: Call) -> App:
    """The App behind the call. Raises: Refusal 403 for people."""
    if call.caller.app is None:
        raise Refusal(403, APPS_ONLY)
    return call.caller.app


def run_of(call: Call) -> CheckRun:
    """The check run of the path."""
    found = call.repository.check_runs.get(call.number("check_run_id"))
    if found is None:
        raise answers.not_found()
    return found


def tell(
    repository: Repository, run: CheckRun, action: str, sender: Account, *, app_id: int | None = None
) -> None:
    """Emits `check_run`."""
    payload: Json = {"check_run": checks.run_in_event(repository, run)}
    repository.github.emit("check_run", action, payload, repository, sender=sender, app_id=app_id)


def settle(repository: Repository, suite: CheckSuite, sender: Account) -> None:
    """Works out the suite's status from its runs, and tells when it has just completed."""
    runs = latest([r for r in repository.check_runs.values() if r.suite is suite])
    before = suite.status
    suite.updated_at = repository.github.now()
    if not runs or any(r.status != "completed" for r in runs):
        started = any(r.status != "queued" for r in runs)
        suite.status, suite.conclusion = "in_progress" if started else "queued", None
        return
    conclusions = {r.conclusion or "neutral" for r in runs}
    worst = next((c for c in BAD if c in conclusions), None)
    suite.status, suite.conclusion = (
        "completed",
        worst or ("success" if "success" in conclusions else conclusions.pop()),
    )
    if before != "completed":
        payload: Json = {"check_suite": checks.suite_in_event(repository, suite)}
        repository.github.emit("check_suite", "completed", payload, repository, sender=sender)


def latest(runs: list[CheckRun]) -> list[CheckRun]:
    """The newest run of each name."""
    return list({(r.app.id, r.name): r for r in sorted(runs, key=lambda r: r.id)}.values())


def add_run(repository: Repository, app: App, body: Json) -> CheckRun:
    """Stores a new run of an App (also used to seed). Raises: Refusal 422."""
    name, sha = needed_text(body, "name"), needed_text(body, "head_sha")
    if repository.git.kind(sha) != "commit":
        raise answers.unprocessable(f"No commit found for SHA: {sha}")
    now = repository.github.now()
    suite = CheckSuite(0, app, sha, None, None, now, now)
    run = CheckRun(0, suite, name, sha, "queued", None, now)
    check_fields.apply(run, body, now)
    run.id, run.suite = repository.github.next_id(), pushes.suite_of(repository, app, sha)
    repository.check_runs[run.id] = run
    same = [r for r in repository.check_runs.values() if r.suite is run.suite and r.name == name]
    for old in same[:-SAME_NAME_LIMIT]:
        del repository.check_runs[old.id]
    return run


async def create_run(call: Call) -> web.Response:
    """A new check run of the calling App on a commit that exists."""
    app = app_of(call)
    run = add_run(call.repository, app, await call.body())
    tell(call.repository, run, "created", app.bot)
    _after_change(call, run, was_completed=False)
    return answer(checks.run(call.repository, run), status=201)


def _after_change(call: Call, run: CheckRun, *, was_completed: bool) -> None:
    if run.status == "completed" and not was_completed:
        tell(call.repository, run, "completed", run.app.bot)
    settle(call.repository, run.suite, run.app.bot)


async def get_run(call: Call) -> web.Response:
    """One check run."""
    return answer(checks.run(call.repository, run_of(call)))


async def update_run(call: Call) -> web.Response:
    """Changes a run of the calling App; 403 for another's."""
    app, run = app_of(call), run_of(call)
    if run.app is not app:
        raise Refusal(403, NOT_YOURS.format(app.id))
    was_completed = run.status == "completed"
    check_fields.apply(run, await call.body(), call.github.now())
    _after_change(call, run, was_completed=was_completed)
    return answer(checks.run(call.repository, run))


async def list_annotations(call: Call) -> web.Response:
    """The annotations as a bare list, in the order they were sent."""
    repository, run = call.repository, run_of(call)

    def shown(one: Json) -> Json:
        place = f"{page_of(repository)}/blob/{run.head_sha}/{quote(one['path'])}"
        return {**one, "blob_href": place}

    return paged(call.request, call.github.api_url, run.annotations, shown)


async def rerequest_run(call: Call) -> web.Response:
    """Asks the run's App to run it again: `check_run.rerequested` goes to that App alone."""
    run = run_of(call)
    tell(call.repository, run, "rerequested", call.actor, app_id=run.app.id)
    return answer({}, status=201)


def request_action(repository: Repository, run: CheckRun, identifier: str, sender: Account) -> None:
    """A person presses one of the run's buttons: `check_run.requested_action` goes to the run's App.

    Raises: KeyError when the run shows no such button.
    """
    if run.status != "completed" or identifier not in {one["identifier"] for one in run.actions}:
        raise KeyError(identifier)
    payload: Json = {
        "check_run": checks.run_in_event(repository, run),
        "requested_action": {"identifier": identifier},
    }
    repository.github.emit(
        "check_run", "requested_action", payload, repository, sender=sender, app_id=run.app.id
    )


def selected(call: Call, runs: list[CheckRun]) -> web.Response:
    """A page of runs, filtered as the query says."""
    name, status, app_id = call.query("check_name"), call.query("status"), call.query("app_id")
    wanted = runs if call.query("filter", "latest") == "all" else latest(runs)
    found = [
        r
        for r in wanted
        if name in {"", r.name} and status in {"", r.status} and app_id in {"", str(r.app.id)}
    ]
    newest_first = sorted(found, key=lambda r: -r.id)
    return paged(
        call.request,
        call.github.api_url,
        newest_first,
        lambda r: checks.run(call.repository, r),
        wrap="check_runs",
    )


async def list_for_ref(call: Call) -> web.Response:
    """The check runs of a commit, the latest of each name unless all are asked for."""
    sha = commit_of(call, call.part("ref"))
    return selected(call, [r for r in call.repository.check_runs.values() if r.head_sha == sha])
