"""History: commits listed and shown with their files, the pull requests of a commit, comparisons of two refs."""

from __future__ import annotations

import asyncio
import itertools
from urllib.parse import quote

from aiohttp import web

from app.standin.github import answers, copies, diffs, moves
from app.standin.github.answers import Refusal, answer, paged
from app.standin.github.auth import requires
from app.standin.github.call import Call
from app.standin.github.contents import media_type
from app.standin.github.records import Json
from app.standin.github.shapes import commits, pulls
from app.standin.github.shapes.repositories import page_of, url_of
from app.standin.github.state import Repository

LIST_LIMIT = 10_000
COMPARED_COMMITS = 250
COMPARED_FILES = 300


def routes() -> list[web.RouteDef]:
    """The routes of history."""
    base = "/repos/{owner}/{repo}"
    return [
        web.get(f"{base}/commits", requires("contents")(list_commits)),
        web.get(f"{base}/commits/{{ref}}/pulls", requires("pull_requests")(list_pulls)),
        web.get(f"{base}/commits/{{ref:.+}}", requires("contents")(get_commit)),
        web.get(f"{base}/compare/{{basehead:.+}}", requires("contents")(compare)),
    ]


def commit_of(call: Call, ref: str) -> str:
    """The commit that a path's ref means. Raises: Refusal 409 (empty), 422 in GitHub's words."""
    if not call.repository.git.refs("refs/"):
        raise moves.EMPTY
    found = call.repository.git.resolve(ref)
    if found is None:
        raise answers.unprocessable(f"No commit found for SHA: {ref}")
    return found


async def list_commits(call: Call) -> web.Response:
    """Commits from `sha` (a ref; the default branch) back, perhaps only those that touch `path`."""
    repository = call.repository
    if not repository.git.refs("refs/"):
        raise moves.EMPTY
    head = repository.git.resolve(call.query("sha") or repository.default_branch)
    if head is None:
        raise answers.not_found()
    shas = list(itertools.islice(repository.git.log(head, path=call.query("path")), LIST_LIMIT))
    return paged(call.request, call.github.api_url, shas, lambda sha: commits.commit(repository, sha))


def _as_text(body: str, kind: str) -> web.Response:
    return web.Response(text=body, content_type=f"application/vnd.github.{kind}", charset="utf-8")


async def get_commit(call: Call) -> web.Response:
    """A commit with its statistics and files; only its sha or its diff when the media type asks for that."""
    repository, sha = call.repository, commit_of(call, call.part("ref"))
    kind = media_type(call.request)
    parents = [p.decode() for p in repository.git.commit(sha).parents]
    parent = parents[0] if parents else None
    if kind == "sha":
        return _as_text(sha, kind)
    if kind in {"diff", "patch"}:
        return _as_text(await asyncio.to_thread(diffs.unified, repository.git, parent, sha), kind)
    files = await asyncio.to_thread(diffs.changes, repository.git, parent, sha)
    added, deleted = sum(f.additions for f in files), sum(f.deletions for f in files)
    shown = {
        **commits.commit(repository, sha),
        "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
        "files": [commits.changed_file(repository, sha, f) for f in files[:COMPARED_FILES]],
    }
    return answer(shown)


async def list_pulls(call: Call) -> web.Response:
    """The pull requests that hold the commit; a head that lives in a fork is not found this way (as at GitHub)."""
    repository, sha = call.repository, commit_of(call, call.part("ref"))
    own = [p for p in repository.pulls.values() if p.head_repository_id == repository.id]
    found = [
        p
        for p in own
        if repository.git.is_ancestor(sha, p.head_sha) and not _was_there(repository, sha, p.base_sha)
    ]
    return paged(call.request, call.github.api_url, found[::-1], lambda p: pulls.pull(repository, p))


def _was_there(repository: Repository, sha: str, base_sha: str) -> bool:
    return repository.git.is_ancestor(sha, base_sha)


async def compare(call: Call) -> web.Response:
    """What `head` has that `base` has not (three dots): commits, and files against their common ancestor."""
    base_name, mark, head_name = call.part("basehead").partition("...")
    if not mark:
        raise answers.not_found()
    base, head = _side(call, base_name), _side(call, head_name)
    repository = call.repository
    ancestor = repository.git.merge_base(base, head)
    if ancestor is None:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    if media_type(call.request) in {"diff", "patch"}:
        return _as_text(await asyncio.to_thread(diffs.unified, repository.git, ancestor, head), "diff")
    files = await asyncio.to_thread(diffs.changes, repository.git, ancestor, head)
    return answer(_comparison(call, (base, head, ancestor), files))


def _side(call: Call, name: str) -> str:
    """The commit of `ref` or, in the same network, `owner:ref`."""
    owner, mark, ref = name.partition(":")
    where = call.repository
    if mark and owner.lower() != where.owner.login.lower():
        network = (r for r in call.github.repositories.values() if r.owner.login.lower() == owner.lower())
        found = next((r for r in network if where in (r.parent, r) or r is where.parent), None)
        if found is None:
            raise answers.not_found()
        where = found
    sha = where.git.resolve(ref or owner)
    if sha is None:
        raise answers.not_found()
    copies.copy_commit(call.repository.git, where.git, sha)
    return sha


def _comparison(call: Call, shas: tuple[str, str, str], files: list[diffs.FileChange]) -> Json:
    repository, (base, head, ancestor) = call.repository, shas
    ahead = list(repository.git.log(head, exclude=base))
    behind = sum(1 for _ in repository.git.log(base, exclude=head))
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    span = quote(call.part("basehead"), safe=".:/")
    page = f"{page_of(repository)}/compare/{span}"
    shown = ahead[:COMPARED_COMMITS][::-1]
    return {
        "url": f"{url_of(repository)}/compare/{span}",
        "html_url": page,
        "permalink_url": f"{page_of(repository)}/compare/{base[:12]}...{head[:12]}",
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commits.commit(repository, base),
        "merge_base_commit": commits.commit(repository, ancestor),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commits.commit(repository, sha) for sha in shown],
        "files": [commits.changed_file(repository, head, f) for f in files[:COMPARED_FILES]],
    }
