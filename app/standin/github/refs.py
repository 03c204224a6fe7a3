"""Refs through the API: read, list by prefix, create, move, delete."""

from __future__ import annotations

from aiohttp import web

from app.standin.github import answers, moves, pushes
from app.standin.github.answers import answer, empty, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text
from app.standin.github.records import Json
from app.standin.github.shapes import accounts
from app.standin.github.shapes.repositories import url_of

SLASHES_NEEDED = 2
MISSING = "Reference does not exist"


def routes() -> list[web.RouteDef]:
    """The routes of refs."""
    base = "/repos/{owner}/{repo}/git"
    return [
        web.get(f"{base}/ref/{{ref:.+}}", requires("contents")(get_ref)),
        web.get(f"{base}/matching-refs/{{ref:.*}}", requires("contents")(list_refs)),
        web.post(f"{base}/refs", requires("contents", "write")(create_ref)),
        web.patch(f"{base}/refs/{{ref:.+}}", requires("contents", "write")(update_ref)),
        web.delete(f"{base}/refs/{{ref:.+}}", requires("contents", "write")(delete_ref)),
    ]


def _json(call: Call, name: str, sha: str) -> Json:
    kind = call.repository.git.kind(sha) or "commit"
    url = url_of(call.repository)
    return {
        "ref": name,
        "node_id": accounts.node_id("REF", f"{call.repository.id}:{name}"),
        "url": f"{url}/git/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{url}/git/{kind}s/{sha}"},
    }


async def get_ref(call: Call) -> web.Response:
    """One ref by its name without `refs/`."""
    name = f"refs/{call.part('ref')}"
    if not call.repository.git.refs("refs/"):
        raise moves.EMPTY
    sha = call.repository.git.ref(name)
    if sha is None:
        raise answers.not_found()
    return answer(_json(call, name, sha))


async def list_refs(call: Call) -> web.Response:
    """All refs that begin so; [] when none does."""
    found = list(call.repository.git.refs(f"refs/{call.part('ref')}").items())
    return paged(call.request, call.github.api_url, found, lambda item: _json(call, *item))


async def create_ref(call: Call) -> web.Response:
    """A new branch or tag at an object that exists."""
    body, git = await call.body(), call.repository.git
    name, sha = needed_text(body, "ref"), needed_text(body, "sha")
    if not git.refs("refs/"):
        raise moves.EMPTY
    if not name.startswith("refs/") or name.count("/") < SLASHES_NEEDED:
        raise answers.unprocessable(
            "Reference name must start with 'refs/' and contain at least two slashes."
        )
    if git.ref(name) is not None:
        raise answers.unprocessable("Reference already exists")
    if git.kind(sha) is None or (name.startswith("refs/heads/") and git.kind(sha) != "commit"):
        raise answers.unprocessable("Object does not exist")
    moves.move_or_refuse(call, name, None, sha, f"{name} is not a valid ref name.")
    headers = {"Location": f"{url_of(call.repository)}/git/{name}"}
    return answer(_json(call, name, sha), status=201, headers=headers)


async def update_ref(call: Call) -> web.Response:
    """Moves a ref forward, or anywhere with `force`."""
    body, git = await call.body(), call.repository.git
    name, sha = f"refs/{call.part('ref')}", needed_text(body, "sha")
    before = git.ref(name)
    if before is None:
        raise answers.unprocessable(MISSING)
    target, old = git.peel(sha), git.peel(before)
    if target is None:
        raise answers.unprocessable("Object does not exist")
    if not body.get("force") and old is not None and not git.is_ancestor(old, target):
        raise answers.unprocessable("Update is not a fast forward")
    if sha != before:
        moves.move_or_refuse(call, name, before, sha, "Reference cannot be updated")
    return answer(_json(call, name, sha))


async def delete_ref(call: Call) -> web.Response:
    """Deletes a branch or tag; pull requests from the branch are closed."""
    name, git = f"refs/{call.part('ref')}", call.repository.git
    before = git.ref(name)
    if before is None:
        raise answers.unprocessable(MISSING)
    if name == f"refs/heads/{call.repository.default_branch}":
        raise answers.unprocessable("Cannot delete the default branch")
    git.delete_ref(name)
    pushes.ref_moved(call.repository, name, before, None, call.actor)
    return empty()
