"""Reads of one repository's code and pull requests; `RepositoryReader` adds runs and releases."""

from __future__ import annotations

import re
from typing import Any

from app.adapters.github.api import Api
from app.adapters.github.exchange import Outgoing, outgoing
from app.adapters.github.models import read
from app.adapters.github.models.code import (
    BranchBody,
    CommitBody,
    ComparisonBody,
    ContentBody,
    GitObjectBody,
    PermissionBody,
    PullBody,
    RefBody,
    RepositoryBody,
    TreeBody,
)
from app.adapters.github.pagination import items
from app.domain.events import Actor
from app.domain.ids import CommitSha
from app.domain.pulls import Branch, Commit, Comparison, FileContent, PullRequest
from app.domain.release import TagTarget
from app.domain.repo import Repository
from app.errors import InvalidInput, NotFound

REPO = "/repos/{owner}/{repo}"
TAG_DEPTH = 5
_FULL_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Asking:
    """Requests below one repository."""

    def __init__(self, api: Api, repository: Repository) -> None:
        self._api = api
        self._repository = repository

    @property
    def repository(self) -> Repository:
        """The repository all methods are about."""
        return self._repository

    def _request(self, route: str, variables: dict[str, str | int] | None = None, **more: Any) -> Outgoing:  # noqa: ANN401 -- Outgoing's
        return outgoing("GET", REPO + route, {**self._names, **(variables or {})}, **more)

    async def _get(self, route: str, variables: dict[str, str | int] | None = None, **more: Any) -> Any:  # noqa: ANN401 -- JSON
        return (await self._api.call(self._request(route, variables, **more))).json()

    async def _find(self, route: str, variables: dict[str, str | int] | None = None, **more: Any) -> Any:  # noqa: ANN401 -- JSON
        """The JSON, None where GitHub answers 404 (and 422 for a commit that is none)."""
        try:
            return await self._get(route, variables, **more)
        except NotFound:
            return None

    async def _list(self, request: Outgoing, key: str | None = None) -> list[Any]:
        return [item async for item in items(self._api, request, key)]

    @property
    def _names(self) -> dict[str, str | int]:
        return {"owner": self._repository.owner, "repo": self._repository.name}


class CodeReader(Asking):
    """Branches, files, commits, comparisons, tags, pull requests, people.

    A reader serves one evaluation: a branch that is asked for twice is where it was the first time.
    """

    def __init__(self, api: Api, repository: Repository) -> None:
        super().__init__(api, repository)
        self._default: str | None = None
        self._branches: dict[str, Branch | None] = {}

    async def default_branch(self) -> Branch:
        """As `GitHubReader`."""
        if self._default is None:
            self._default = read(RepositoryBody, await self._get("")).default_branch
        found = await self.branch(self._default)
        if found is None:
            raise NotFound("github.not_found", f"the default branch {self._default} does not exist")
        return found

    async def about(self) -> Any:  # noqa: ANN401 -- JSON
        """`full-repository`, as GitHub answers it."""
        return await self._get("")

    async def branch(self, name: str) -> Branch | None:
        """As `GitHubReader`; a renamed branch is another branch."""
        if name not in self._branches:
            body = await self._find("/branches/{branch}", {"branch": name})
            found = None if body is None else read(BranchBody, body).branch()
            self._branches[name] = found if found is not None and found.name == name else None
        return self._branches[name]

    async def protected_branches(self, limit: int) -> tuple[Branch, ...]:
        """As `GitHubReader`; what GitHub lists in spite of the question, and is not protected, is left out."""
        query = (("protected", "true"), ("per_page", str(max(1, min(limit, 100)))))
        found: list[Branch] = []
        async for item in items(self._api, self._request("/branches", query=query), pages=None):
            if len(found) >= limit:
                break
            branch = read(BranchBody, item).branch()
            if branch.protected:
                found.append(branch)
        return tuple(found)

    async def file(self, path: str, ref: str) -> FileContent | None:
        """As `GitHubReader`; None for a directory or submodule too. `120000` is only a link that leads to no file here."""
        query = (("ref", ref),)
        immutable = is_sha(ref)
        body = await self._find("/contents/{path}", {"path": path}, query=query, immutable=immutable)
        return None if body is None or isinstance(body, list) else read(ContentBody, body).file()

    async def tree(self, sha: CommitSha) -> tuple[str, ...] | None:
        """As `GitHubReader`; GitHub lists 100,000 entries or 7 MB at most."""
        modes = await self.modes(sha)
        return None if modes is None else tuple(modes)

    async def modes(self, sha: CommitSha) -> dict[str, str] | None:
        """As `GitHubReader`; in the order of the paths."""
        body = await self._find(
            "/git/trees/{sha}", {"sha": sha}, query=(("recursive", "1"),), immutable=is_sha(sha)
        )
        return None if body is None else read(TreeBody, body).files()

    async def commit(self, ref: str) -> Commit | None:
        """As `GitHubReader`."""
        body = await self._find("/commits/{ref}", {"ref": ref}, immutable=is_sha(ref))
        return None if body is None else read(CommitBody, body).domain()

    async def commits(self, ref: str, limit: int) -> tuple[Commit, ...]:
        """As `GitHubReader`."""
        found: list[Commit] = []
        query = (("sha", ref), ("per_page", str(max(1, min(limit, 100)))))
        async for item in items(self._api, self._request("/commits", query=query, immutable=is_sha(ref))):
            if len(found) >= limit:
                break
            found.append(read(CommitBody, item).domain())
        return tuple(found)

    async def compare(self, base: str, head: str) -> Comparison:
        """As `GitHubReader`."""
        ref = f"{base}...{head}"
        body = await self._get("/compare/{ref}", {"ref": ref}, immutable=is_sha(base) and is_sha(head))
        return read(ComparisonBody, body).comparison()

    async def tag(self, tag: str) -> TagTarget | None:
        """As `GitHubReader`. Raises InvalidInput for a tag of a tree or blob, or of a chain of tags."""
        body = await self._find("/git/ref/tags/{tag}", {"tag": tag})
        if body is None:
            return None
        target: GitObjectBody = read(RefBody, body).object
        named = CommitSha(target.sha)
        for _ in range(TAG_DEPTH):
            if target.type == "commit":
                return TagTarget(tag, CommitSha(target.sha), named)
            if target.type != "tag":
                break
            body = await self._get("/git/tags/{sha}", {"sha": target.sha}, immutable=True)
            target = read(RefBody, body).object
        raise InvalidInput("github.tag_target", f"the tag points to a {target.type}, not to a commit")

    async def pull(self, number: int) -> PullRequest | None:
        """As `GitHubReader`."""
        body = await self._find("/pulls/{number}", {"number": number})
        return None if body is None else read(PullBody, body).pull()

    async def pulls_with_head(self, owner: str, branch: str) -> tuple[PullRequest, ...]:
        """As `GitHubReader`."""
        return await self._open_pulls(owner, branch)

    async def pulls_of_commit(self, sha: CommitSha) -> tuple[PullRequest, ...]:
        """As `GitHubReader`; empty for a commit that GitHub does not know."""
        try:
            found = await self._list(self._request("/commits/{sha}/pulls", {"sha": sha}))
        except NotFound:
            return ()
        return tuple(read(PullBody, item).pull() for item in found)

    async def permission(self, person: Actor) -> str:
        """As `GitHubReader`; `none` for a person GitHub does not know here."""
        body = await self._find("/collaborators/{login}/permission", {"login": person.login})
        return "none" if body is None else read(PermissionBody, body).level(person.id)

    async def _open_pulls(self, owner: str, branch: str, *, cached: bool = True) -> tuple[PullRequest, ...]:
        query = (("head", f"{owner}:{branch}"), ("state", "open"))
        found = await self._list(self._request("/pulls", query=query, cached=cached))
        pulls = (read(PullBody, item).pull() for item in found)
        # GitHub ignores a `head` it cannot parse and then lists everything.
        return tuple(pull for pull in pulls if pull.head_ref == branch)


def is_sha(ref: str) -> bool:
    """Whether a ref is a full commit id, whose answer never changes."""
    return _FULL_SHA.fullmatch(ref) is not None
