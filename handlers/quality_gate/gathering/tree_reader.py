"""The repository's files at the commit, asked for once and only by who needs them. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import CommitSha
from app.ports.github_reader import GitHubReader


@dataclass(slots=True)
class TreeReader:
    """The paths of one commit."""

    github: GitHubReader
    sha: CommitSha
    _asked: bool = False
    _paths: tuple[str, ...] | None = None

    async def paths(self) -> tuple[str, ...] | None:
        """All files, or None where GitHub does not list them all."""
        if not self._asked:
            self._paths = await self.github.tree(self.sha)
            self._asked = True
        return self._paths
