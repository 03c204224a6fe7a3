"""Writes releases: their marks and notes, never their files."""

from __future__ import annotations

from app.adapters.github.models import read
from app.adapters.github.models.releases import ReleaseBody
from app.adapters.github.reader import REPO, Asking
from app.ports.github_writer import EditableRelease


class ReleasesWriter(Asking):
    """The part of `GitHubWriter` that is about releases."""

    async def release(self, release_id: int) -> EditableRelease | None:
        """As `GitHubWriter`."""
        body = await self._find("/releases/{id}", {"id": release_id}, cached=False)
        return None if body is None else read(ReleaseBody, body).editable()

    async def latest_release(self) -> int | None:
        """As `GitHubWriter`."""
        body = await self._find("/releases/latest", cached=False)
        return None if body is None else read(ReleaseBody, body).id

    async def edit_release(
        self, release_id: int, *, draft: bool, prerelease: bool, latest: bool
    ) -> EditableRelease:
        """As `GitHubWriter`. `make_latest` is always said: GitHub's default would make any edited release the latest."""
        names = {**self._names, "id": release_id}
        wanted = {"draft": draft, "prerelease": prerelease, "make_latest": "true" if latest else "false"}
        made = await self._api.write("PATCH", f"{REPO}/releases/{{id}}", names, wanted)
        return read(ReleaseBody, made).editable()

    async def write_notes(self, release_id: int, notes: str) -> None:
        """As `GitHubWriter`."""
        names = {**self._names, "id": release_id}
        await self._api.write("PATCH", f"{REPO}/releases/{{id}}", names, {"body": notes})
