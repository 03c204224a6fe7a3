"""The other things that the API's `html_url`s lead to: an account, an App, a workflow run, a file; each a short page."""

from __future__ import annotations

from html import escape

from aiohttp import web

from app.standin.github import answers
from app.standin.github.call import GITHUB
from app.standin.github.pages.html import framed, link, source, state, table
from app.standin.github.pages.repositories import repository_of, way_to

_AVATAR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="hsl({} 50% 50%)"/></svg>'


def routes() -> list[web.RouteDef]:
    """The routes of these pages."""
    base = "/_/{owner}/{repo}"
    return [
        web.get("/_/avatars/{account_id:\\d+}", avatar),
        web.get("/_/apps/{slug}", app_page),
        web.get("/_/settings/installations/{installation_id:\\d+}", installation),
        web.get(f"{base}/actions/runs/{{run_id:\\d+}}", workflow_run),
        web.get(f"{base}/actions/runs/{{run_id:\\d+}}/job/{{job_id:\\d+}}", job),
        web.get(f"{base}/blob/{{rest:.+}}", file),
        web.get(f"{base}/issues/{{number:\\d+}}", issue),
        web.get("/_/{login}", account),
    ]


async def account(request: web.Request) -> web.Response:
    """A person, a bot or an organisation, with its repositories."""
    found = request.app[GITHUB].account(request.match_info["login"])
    if found is None:
        raise answers.not_found()
    names = [r.full_name for r in request.app[GITHUB].repositories.values() if r.owner is found]
    items = "".join(f"<li>{link(f'/_/{name}', name)}</li>" for name in names)
    return framed(found.login, f"<p>{escape(found.type)}</p><ul>{items}</ul>")


async def avatar(request: web.Request) -> web.Response:
    """A square in a colour of its own."""
    text = _AVATAR.format(int(request.match_info["account_id"]) * 47 % 360)
    return web.Response(text=text, content_type="image/svg+xml")


async def app_page(request: web.Request) -> web.Response:
    """An App: its permissions and events."""
    slug = request.match_info["slug"]
    found = next((one for one in request.app[GITHUB].apps.values() if one.slug == slug), None)
    if found is None:
        raise answers.not_found()
    rows = [(escape(name), escape(level)) for name, level in sorted(found.permissions.items())]
    events = escape(", ".join(found.events)) or "none"
    body = f"<p>{escape(found.description)}</p>{table(('permission', 'level'), rows)}<p>Events: {events}</p>"
    return framed(found.name, body)


async def installation(request: web.Request) -> web.Response:
    """Where an App is installed."""
    found = request.app[GITHUB].installations.get(int(request.match_info["installation_id"]))
    if found is None:
        raise answers.not_found()
    where, what = found.account.login, found.app
    body = f"<p>{link(f'/_/apps/{what.slug}', what.name)} on {link(f'/_/{where}', where)}</p>"
    return framed(f"Installation {found.id}", body)


async def workflow_run(request: web.Request) -> web.Response:
    """A run of a workflow with its jobs."""
    one, number = repository_of(request), int(request.match_info["run_id"])
    found = one.runs.get(number)
    if found is None:
        raise answers.not_found()
    rows = [
        (
            link(f"/_/{one.full_name}/actions/runs/{number}/job/{each.id}", each.check.name),
            str(each.attempt),
            state(each.check.conclusion or each.check.status),
        )
        for each in one.jobs.values()
        if each.run is found
    ]
    commit = link(f"/_/{one.full_name}/commit/{found.head_sha}", found.head_sha[:7])
    about = f"<p>{escape(found.workflow.path)} on <code>{commit}</code>: {state(found.last.conclusion or found.last.status)}</p>"
    return framed(
        f"{found.name} #{found.number}", about + table(("job", "attempt", ""), rows), way=way_to(one)
    )


async def job(request: web.Request) -> web.Response:
    """A job with its log."""
    one = repository_of(request)
    found = one.jobs.get(int(request.match_info["job_id"]))
    if found is None or found.run.id != int(request.match_info["run_id"]):
        raise answers.not_found()
    about = f"<p>{state(found.check.conclusion or found.check.status)}</p>"
    log = f'<pre class="wrapped">{escape(found.log.decode("utf-8", "replace"))}</pre>'
    way = [*way_to(one), (f"/_/{one.full_name}/actions/runs/{found.run.id}", found.run.name)]
    return framed(found.check.name, about + log, way=way)


async def file(request: web.Request) -> web.Response:
    """A file at a branch, tag or commit; a branch's name may hold slashes."""
    one, parts = repository_of(request), request.match_info["rest"].split("/")
    for cut in range(1, len(parts)):
        revision, path = "/".join(parts[:cut]), "/".join(parts[cut:])
        found = one.git.resolve(revision)
        data = one.git.read(found, path) if found else None
        if data is not None:
            lines = data.decode("utf-8", "replace").splitlines()
            return framed(path, source(lines, 1, range(0)), way=way_to(one))
    raise answers.not_found()


async def issue(request: web.Request) -> web.Response:
    """Leads to the pull request of that number; issues have no page of their own."""
    one, number = repository_of(request), int(request.match_info["number"])
    if number not in one.pulls:
        raise answers.not_found()
    return web.Response(status=302, headers={"Location": f"/_/{one.full_name}/pull/{number}"})
