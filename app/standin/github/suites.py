"""Check suites: what belongs together on a commit, and asking for it again."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers, pushes
from app.standin.github.answers import answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.checks import app_of, selected
from app.standin.github.commits import commit_of
from app.standin.github.records import CheckSuite
from app.standin.github.shapes import checks


def routes() -> list[web.RouteDef]:
    """The routes of check suites."""
    base = "/repos/{owner}/{repo}"
    one = base + "/check-suites/{check_suite_id}"
    return [
        web.post(f"{base}/check-suites", requires("checks", "write")(create_suite)),
        web.get(one, requires("checks")(get_suite)),
        web.get(f"{one}/check-runs", requires("checks")(list_runs)),
        web.post(f"{one}/rerequest", requires("checks", "write")(rerequest_suite)),
        web.get(f"{base}/commits/{{ref:.+}}/check-suites", requires("checks")(list_for_ref)),
    ]


def _suite(call: Call) -> CheckSuite:
    found = call.repository.check_suites.get(call.number("check_suite_id"))
    if found is None:
        raise answers.not_found()
    return found


async def create_suite(call: Call) -> web.Response:
    """The calling App's suite on a commit: 201 when it is new, 200 when it was there."""
    app, sha = app_of(call), needed_text(await call.body(), "head_sha")
    if call.repository.git.kind(sha) != "commit":
        raise answers.unprocessable(f"No commit found for SHA: {sha}")
    known = len(call.repository.check_suites)
    suite = pushes.suite_of(call.repository, app, sha)
    status = 201 if len(call.repository.check_suites) > known else 200
    return answer(checks.suite(call.repository, suite), status=status)


async def get_suite(call: Call) -> web.Response:
    """One suite."""
    return answer(checks.suite(call.repository, _suite(call)))


async def list_runs(call: Call) -> web.Response:
    """The runs of a suite."""
    suite = _suite(call)
    return selected(call, [r for r in call.repository.check_runs.values() if r.suite is suite])


async def rerequest_suite(call: Call) -> web.Response:
    """Asks the suite's App to run everything again: `check_suite.rerequested` goes to that App alone."""
    suite = _suite(call)
    suite.status, suite.conclusion = "queued", None
    payload = {"check_suite": checks.suite_in_event(call.repository, suite)}
    call.github.emit(
        "check_suite", "rerequested", payload, call.repository, sender=call.actor, app_id=suite.app.id
    )
    return answer({}, status=201)


async def list_for_ref(call: Call) -> web.Response:
    """The suites of a commit."""
    sha, app_id = commit_of(call, call.part("ref")), call.query("app_id")
    found = [
        s
        for s in call.repository.check_suites.values()
        if s.head_sha == sha and app_id in {"", str(s.app.id)}
    ]
    return paged(
        call.request,
        call.github.api_url,
        found,
        lambda s: checks.suite(call.repository, s),
        wrap="check_suites",
    )
