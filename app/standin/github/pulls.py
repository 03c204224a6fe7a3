"""Pull requests: open, list, change, merge, and what is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from app.standin.github import answers, diffs, moves, pulling
from app.standin.github.answers import Refusal, answer, paged, validation_failed
from app.standin.github.auth import requires
from app.standin.github.call import Call, needed_text, text
from app.standin.github.contents import media_type
from app.standin.github.git import RefRefused
from app.standin.github.pulling import Proposal
from app.standin.github.records import PullRequest
from app.standin.github.shapes import commits, pulls

FILES_LIMIT = 3000
COMMITS_LIMIT = 250
SORT_KEYS: dict[str, Callable[[PullRequest], object]] = {
    "updated": lambda p: (p.issue.updated_at, p.number),
    "created": lambda p: p.number,
}


def routes() -> list[web.RouteDef]:
    """The routes of pull requests."""
    base = "/repos/{owner}/{repo}/pulls"
    one = base + "/{number}"
    return [
        web.get(base, requires("pull_requests")(list_pulls)),
        web.post(base, requires("pull_requests", "write")(create_pull)),
        web.get(one, requires("pull_requests")(get_pull)),
        web.patch(one, requires("pull_requests", "write")(update_pull)),
        web.get(f"{one}/files", requires("pull_requests")(list_files)),
        web.get(f"{one}/commits", requires("pull_requests")(list_commits)),
        web.put(f"{one}/merge", requires("contents", "write")(merge_pull)),
    ]


def _pull(call: Call) -> PullRequest:
    found = call.repository.pulls.get(call.number("number"))
    if found is None:
        raise answers.not_found()
    return found


async def list_pulls(call: Call) -> web.Response:
    """Pull requests by state, head (`owner:branch`) and base, newest first."""
    state, head, base = call.query("state", "open"), call.query("head"), call.query("base")
    wanted = [
        p
        for p in call.repository.pulls.values()
        if state in {"all", p.issue.state} and (not base or p.base_ref == base) and _has_head(call, p, head)
    ]
    direction = call.query("direction") or ("desc" if call.query("sort", "created") == "created" else "asc")
    key = SORT_KEYS.get(call.query("sort"), SORT_KEYS["created"])
    ordered = sorted(wanted, key=key, reverse=direction == "desc")  # type: ignore[arg-type] # keys of one kind compare
    return paged(call.request, call.github.api_url, ordered, lambda p: pulls.pull(call.repository, p))


def _has_head(call: Call, pull: PullRequest, head: str) -> bool:
    # A head without an owner is ignored by GitHub: everything is listed.
    if ":" not in head:
        return True
    owner = pulls.head_repository(call.repository, pull).owner.login
    return head.lower() == f"{owner}:{pull.head_ref}".lower()


async def _files(call: Call, pull: PullRequest) -> list[diffs.FileChange]:
    base = pulling.fork_point(call.repository, pull)
    # Only git itself works beside the loop: the open dulwich repository belongs to one thread.
    return await asyncio.to_thread(diffs.changes, call.repository.git, base, pull.head_sha)


async def _detailed(call: Call, pull: PullRequest, *, status: int = 200) -> web.Response:
    counts = pulling.counts(call.repository, pull, await _files(call, pull))
    return answer(pulls.detailed(call.repository, pull, counts=counts), status=status)


async def create_pull(call: Call) -> web.Response:
    """Opens a pull request; 422 in GitHub's words for duplicates, missing branches and nothing to merge."""
    body = await call.body()
    head, base = needed_text(body, "head"), needed_text(body, "base")
    title = text(body, "title")
    if not title and body.get("issue") is None:
        raise validation_failed({"resource": "PullRequest", "field": "title", "code": "missing_field"})
    modifiable = bool(body.get("maintainer_can_modify", False))
    asked = Proposal(title or "", head, base, text(body, "body"), bool(body.get("draft")), modifiable)
    app = call.caller.app
    return await _detailed(call, pulling.open_pull(call.repository, asked, call.actor, app), status=201)


async def get_pull(call: Call) -> web.Response:
    """One pull request; asking for it makes GitHub try the merge, so `mergeable` is known."""
    pull = _pull(call)
    if media_type(call.request) in {"diff", "patch"}:
        base = pulling.fork_point(call.repository, pull) or pull.base_sha
        text_ = await asyncio.to_thread(diffs.unified, call.repository.git, base, pull.head_sha)
        return web.Response(text=text_, content_type="application/vnd.github.diff", charset="utf-8")
    pulling.try_merge(call.repository, pull)
    return await _detailed(call, pull)


async def update_pull(call: Call) -> web.Response:
    """Changes title, body, state or base."""
    pull, body = _pull(call), await call.body()
    changes: dict[str, dict[str, object]] = {}
    for name in ("title", "body"):
        if name in body and text(body, name) != getattr(pull.issue, name):
            changes[name] = {"from": getattr(pull.issue, name) or ""}
            setattr(pull.issue, name, text(body, name))
    if "base" in body and needed_text(body, "base") != pull.base_ref:
        changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
        _retarget(call, pull, needed_text(body, "base"))
    pull.issue.updated_at = call.github.now()
    if changes:
        pulling.tell(call.repository, pull, "edited", call.actor, changes=changes)
    _change_state(call, pull, text(body, "state"))
    return await _detailed(call, pull)


def _retarget(call: Call, pull: PullRequest, base: str) -> None:
    sha = moves.head_of(call.repository, base)
    if sha is None:
        message = f"Proposed base branch '{base}' was not found"
        raise answers.field_error("PullRequest", "base", "invalid", message=message)
    pull.base_ref, pull.base_sha, pull.mergeable, pull.merge_commit_sha = base, sha, None, None


def _change_state(call: Call, pull: PullRequest, state: str | None) -> None:
    if state is None or state == pull.issue.state:
        return
    if state not in {"open", "closed"}:
        raise answers.field_error("PullRequest", "state", "invalid")
    if state == "closed":
        pulling.close(call.repository, pull, call.actor)
        return
    if (
        pull.merged_at is not None
        or pulls.head_repository(call.repository, pull).git.ref(f"refs/heads/{pull.head_ref}") is None
    ):
        raise answers.custom_error(
            "PullRequest", "state cannot be changed. The pull request cannot be reopened."
        )
    pulling.reopen(call.repository, pull, call.actor)


async def list_files(call: Call) -> web.Response:
    """The files that the pull request changes, with patches."""
    pull, repository = _pull(call), call.repository
    files = await _files(call, pull)
    return paged(
        call.request,
        call.github.api_url,
        files[:FILES_LIMIT],
        lambda f: commits.changed_file(repository, pull.head_sha, f),
    )


async def list_commits(call: Call) -> web.Response:
    """Its commits, oldest first."""
    pull, repository = _pull(call), call.repository
    base = pulling.fork_point(repository, pull)
    shas = list(repository.git.log(pull.head_sha, exclude=base))[::-1][:COMMITS_LIMIT]
    return paged(call.request, call.github.api_url, shas, lambda sha: commits.commit(repository, sha))


async def merge_pull(call: Call) -> web.Response:
    """Merges with a merge commit, if the head is still the `sha` that the caller saw."""
    pull, body = _pull(call), await call.body()
    if (seen := text(body, "sha")) is not None and seen != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    ref = f"refs/heads/{pull.base_ref}"
    before = call.repository.git.ref(ref)
    sha = pulling.merge(call.repository, pull, call.actor)
    try:
        moves.move(call, ref, before, sha)
    except RefRefused as exc:
        raise Refusal(405, "Base branch was modified. Review and try the merge again.") from exc
    return answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})
