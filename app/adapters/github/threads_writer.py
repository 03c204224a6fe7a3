"""Writes pull requests, labels and comments, and starts jobs again."""

from __future__ import annotations

from app.adapters.github.models import read
from app.adapters.github.models.actions import WorkflowRunBody
from app.adapters.github.models.code import CommentBody, PullBody
from app.adapters.github.reader import REPO, CodeReader
from app.domain.ids import CommitSha
from app.domain.pulls import PullRequest
from app.ports.github_writer import IssueComment


class ThreadsWriter(CodeReader):
    """The part of `GitHubWriter` that is about what people read and start."""

    async def open_pulls(self, branch: str) -> tuple[PullRequest, ...]:
        """As `GitHubWriter`."""
        return await self._open_pulls(self.repository.owner, branch, cached=False)

    async def pull_head(self, number: int) -> CommitSha | None:
        """As `GitHubWriter`."""
        body = await self._find("/pulls/{number}", {"number": number}, cached=False)
        return None if body is None else read(PullBody, body).pull().head_sha

    async def create_pull(self, *, title: str, body: str, head: str, base: str, draft: bool) -> PullRequest:
        """As `GitHubWriter`."""
        wanted = {"title": title, "body": body, "head": head, "base": base, "draft": draft}
        made = await self._api.write("POST", f"{REPO}/pulls", self._names, wanted, creates=True)
        return read(PullBody, made).pull()

    async def update_pull(self, number: int, *, title: str, body: str) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "number": number}
        await self._api.write("PATCH", f"{REPO}/pulls/{{number}}", names, {"title": title, "body": body})

    async def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """As `GitHubWriter`; nothing to add is no request."""
        if labels:
            names = {**self._names, "number": number}
            wanted = {"labels": list(labels)}
            await self._api.write("POST", f"{REPO}/issues/{{number}}/labels", names, wanted)

    async def comments(self, number: int) -> tuple[IssueComment, ...]:
        """As `GitHubWriter`."""
        request = self._request("/issues/{number}/comments", {"number": number}, cached=False)
        return tuple(read(CommentBody, one).comment() for one in await self._list(request))

    async def create_comment(self, number: int, body: str) -> IssueComment:
        """As `GitHubWriter`."""
        names = {**self._names, "number": number}
        route = f"{REPO}/issues/{{number}}/comments"
        made = await self._api.write("POST", route, names, {"body": body}, creates=True)
        return read(CommentBody, made).comment()

    async def update_comment(self, comment_id: int, body: str) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "id": comment_id}
        await self._api.write("PATCH", f"{REPO}/issues/comments/{{id}}", names, {"body": body})

    async def run_attempt(self, run_id: int) -> int | None:
        """As `GitHubWriter`."""
        body = await self._find("/actions/runs/{run_id}", {"run_id": run_id}, cached=False)
        return None if body is None else read(WorkflowRunBody, body).run_attempt

    async def rerun_failed_jobs(self, run_id: int) -> None:
        """As `GitHubWriter`: `github.rerun_refused` for GitHub's limits."""
        names = {**self._names, "run_id": run_id}
        await self._api.write("POST", f"{REPO}/actions/runs/{{run_id}}/rerun-failed-jobs", names, {})
