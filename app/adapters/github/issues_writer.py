"""Writes issues."""

from __future__ import annotations

from app.adapters.github.models import read
from app.adapters.github.models.code import IssueBody
from app.adapters.github.pagination import PER_PAGE, items
from app.adapters.github.reader import REPO, Asking
from app.errors import Gone, InvalidInput
from app.ports.github_writer import Issue


class IssuesWriter(Asking):
    """The part of `GitHubWriter` that is about issues."""

    async def issue(self, number: int) -> Issue | None:
        """As `GitHubWriter`."""
        try:
            body = await self._find("/issues/{number}", {"number": number}, cached=False)
        except Gone:  # deleted
            return None
        return None if body is None else read(IssueBody, body).issue()

    async def newest_issues(self, limit: int) -> tuple[Issue, ...]:
        """As `GitHubWriter`."""
        query = (("state", "all"), ("sort", "created"), ("direction", "desc"))
        request = self._request("/issues", query=(*query, ("per_page", str(PER_PAGE))), cached=False)
        found: list[IssueBody] = []
        async for item in items(self._api, request, pages=None):
            if len(found) >= limit:
                break
            found.append(read(IssueBody, item))
        return tuple(issue for issue in (one.issue() for one in found) if issue is not None)

    async def create_issue(self, *, title: str, body: str) -> Issue:
        """As `GitHubWriter`."""
        wanted = {"title": title, "body": body}
        made = await self._api.write("POST", f"{REPO}/issues", self._names, wanted, creates=True)
        issue = read(IssueBody, made).issue()
        if issue is None:
            raise InvalidInput("github.unexpected_answer", "GitHub made a pull request of a new issue")
        return issue

    async def update_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "number": number}
        wanted = {"title": title, "body": body, "state": "open"}
        if not is_open:
            wanted |= {"state": "closed", "state_reason": "completed"}
        await self._api.write("PATCH", f"{REPO}/issues/{{number}}", names, wanted)
