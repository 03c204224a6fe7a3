"""Writes branches and commits: verified ones through GraphQL, others through the git data API."""

from __future__ import annotations

import base64
from typing import Any

from app.adapters.github.graphql import graphql
from app.adapters.github.models import Lenient, read
from app.adapters.github.models.code import RefBody, ShaBody, TreeOfCommitBody
from app.adapters.github.reader import REPO, Asking
from app.domain.effects import FileChange
from app.domain.ids import CommitSha

COMMIT_ON_BRANCH = """
mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }
"""


class _Oid(Lenient):
    oid: str


class _Made(Lenient):
    commit: _Oid


class _CommitOnBranch(Lenient):
    createCommitOnBranch: _Made  # noqa: N815 -- GraphQL's name


class CommitsWriter(Asking):
    """The part of `GitHubWriter` that is about git."""

    async def branch_head(self, branch: str) -> CommitSha | None:
        """As `GitHubWriter`."""
        body = await self._find("/git/ref/heads/{branch}", {"branch": branch}, cached=False)
        return None if body is None else CommitSha(read(RefBody, body).object.sha)

    async def create_branch(self, branch: str, sha: CommitSha) -> None:
        """As `GitHubWriter`."""
        await self._write("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})

    async def move_branch(self, branch: str, sha: CommitSha, *, force: bool) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "branch": branch}
        body = {"sha": sha, "force": force}
        await self._api.write("PATCH", f"{REPO}/git/refs/heads/{{branch}}", names, body)

    async def commit_verified(
        self, branch: str, expected_head: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """As `GitHubWriter`."""
        additions = [
            {"path": one.path, "contents": base64.b64encode(one.content).decode()}
            for one in changes
            if one.content is not None
        ]
        deletions = [{"path": one.path} for one in changes if one.content is None]
        wanted = {
            "branch": {"repositoryNameWithOwner": self.repository.full_name, "branchName": branch},
            "expectedHeadOid": expected_head,
            "message": {"headline": headline, "body": body},
            "fileChanges": {"additions": additions, "deletions": deletions},
        }
        data = await graphql(self._api, COMMIT_ON_BRANCH, {"input": wanted})
        return CommitSha(read(_CommitOnBranch, data).createCommitOnBranch.commit.oid)

    async def commit_tree(
        self, parent: CommitSha, headline: str, body: str, changes: tuple[FileChange, ...]
    ) -> CommitSha:
        """As `GitHubWriter`."""
        found = await self._get("/git/commits/{sha}", {"sha": parent}, immutable=True)
        entries = [await self._entry(one) for one in changes]
        base_tree = read(TreeOfCommitBody, found).tree.sha
        tree = await self._write("POST", "/git/trees", {"base_tree": base_tree, "tree": entries})
        message = f"{headline}\n\n{body}" if body else headline
        wanted = {"message": message, "tree": read(ShaBody, tree).sha, "parents": [parent]}
        return CommitSha(read(ShaBody, await self._write("POST", "/git/commits", wanted)).sha)

    async def _entry(self, change: FileChange) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": change.path, "mode": change.mode, "type": "blob", "sha": None}
        if change.content is not None:
            blob = {"content": base64.b64encode(change.content).decode(), "encoding": "base64"}
            entry["sha"] = read(ShaBody, await self._write("POST", "/git/blobs", blob)).sha
        return entry

    async def _write(self, method: str, route: str, body: object) -> Any:  # noqa: ANN401 -- JSON
        return await self._api.write(method, REPO + route, self._names, body)
