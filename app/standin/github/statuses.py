"""Commit statuses, one by one and combined."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers
from app.standin.github.answers import answer, paged, stamp
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, text
from app.standin.github.commits import commit_of
from app.standin.github.records import Json, Status
from app.standin.github.shapes import accounts, commits, repositories

STATES = ("error", "failure", "pending", "success")
DESCRIPTION_LIMIT = 140


def routes() -> list[web.RouteDef]:
    """The routes of statuses."""
    base = "/repos/{owner}/{repo}"
    return [
        web.post(f"{base}/statuses/{{sha}}", requires("statuses", "write")(create_status)),
        web.get(f"{base}/commits/{{ref:.+}}/statuses", requires("statuses")(list_statuses)),
        web.get(f"{base}/commits/{{ref:.+}}/status", requires("statuses")(combined)),
    ]


def _json(call: Call, one: Status) -> Json:
    creator = accounts.account(call.github, one.creator)
    return {
        "url": f"{repositories.url_of(call.repository)}/statuses/{one.sha}",
        "avatar_url": creator["avatar_url"],
        "id": one.id,
        "node_id": accounts.node_id("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "creator": creator,
    }


async def create_status(call: Call) -> web.Response:
    """A new status; a later one of the same context stands for it."""
    body, sha = await call.body(), call.part("sha")
    if call.repository.git.kind(sha) != "commit":
        raise answers.unprocessable(f"No commit found for SHA: {sha}")
    state, description = needed_text(body, "state"), text(body, "description")
    if state not in STATES:
        raise answers.field_error("Status", "state", "custom", message="state is not included in the list")
    if description is not None and len(description) > DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {DESCRIPTION_LIMIT} characters)"
        raise answers.field_error("Status", "description", "custom", message=message)
    one = Status(
        id=call.github.next_id(),
        sha=sha,
        state=state,
        context=text(body, "context") or "default",
        description=description,
        target_url=text(body, "target_url"),
        creator=call.actor,
        created_at=call.github.now(),
    )
    call.repository.statuses.append(one)
    _tell(call, one)
    return answer(_json(call, one), status=201)


def _tell(call: Call, one: Status) -> None:
    kept = (
        "id",
        "sha",
        "state",
        "context",
        "description",
        "target_url",
        "avatar_url",
        "created_at",
        "updated_at",
    )
    shown = {**_json(call, one), "sha": one.sha}
    payload: Json = {name: shown[name] for name in kept}
    payload["commit"] = commits.commit(call.repository, one.sha)
    payload |= {"name": call.repository.full_name, "branches": []}
    call.github.emit("status", None, payload, call.repository, sender=call.actor)


def _on(call: Call, sha: str) -> list[Status]:
    return [one for one in call.repository.statuses[::-1] if one.sha == sha]


async def list_statuses(call: Call) -> web.Response:
    """All statuses of a commit, newest first."""
    found = _on(call, commit_of(call, call.part("ref")))
    return paged(call.request, call.github.api_url, found, lambda one: _json(call, one))


async def combined(call: Call) -> web.Response:
    """The newest status of each context, and what they come to together; none at all is `pending`."""
    sha = commit_of(call, call.part("ref"))
    newest: dict[str, Status] = {}
    for one in _on(call, sha):
        newest.setdefault(one.context, one)
    states = {one.state for one in newest.values()}
    failed, waiting = states & {"error", "failure"}, not states or "pending" in states
    shown = [{k: v for k, v in _json(call, one).items() if k != "creator"} for one in newest.values()]
    url = repositories.url_of(call.repository)
    return answer(
        {
            "state": "failure" if failed else "pending" if waiting else "success",
            "statuses": shown,
            "sha": sha,
            "total_count": len(shown),
            "repository": repositories.minimal(call.repository),
            "commit_url": f"{url}/commits/{sha}",
            "url": f"{url}/commits/{sha}/status",
        }
    )
