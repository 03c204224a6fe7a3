"""GitHub, behind the ports: `GitHubClient` gives readers, writers, downloads and the App's administration.

Over gidgethub's sansio part; what gidgethub leaves open (github-platform gaps G1 to G20) is closed in this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from app.adapters.github.admin import Administration
from app.adapters.github.api import Api, Shared
from app.adapters.github.budgets import Budget, BudgetStore, Charge, MemoryBudgets
from app.adapters.github.cache import ConditionalCache
from app.adapters.github.downloads import RepositoryDownloads
from app.adapters.github.edition import Edition
from app.adapters.github.errors import LIMITS
from app.adapters.github.exchange import RequestSeen
from app.adapters.github.governor import Governor
from app.adapters.github.neighbours import Absent, InstallationNeighbours
from app.adapters.github.own_account import OwnAccount
from app.adapters.github.reader import CodeReader
from app.adapters.github.repository_reader import RepositoryReader
from app.adapters.github.scratch import Scratch
from app.adapters.github.session import open_session
from app.adapters.github.tokens import Scope, TokenBroker
from app.adapters.github.transport import Transport
from app.adapters.github.writer import RepositoryWriter
from app.domain.ids import AppKey, RepositoryId
from app.domain.repo import Repository
from app.ports.app_admin import AppAdmin
from app.ports.artifacts import Downloads
from app.ports.clock import Clock
from app.ports.github_reader import GitHubReader
from app.ports.github_writer import GitHubWriter
from app.ports.handler import Lane
from app.ports.policies import Neighbours

__all__ = [
    "LIMITS",
    "Budget",
    "BudgetStore",
    "Charge",
    "GitHubClient",
    "MemoryBudgets",
    "RequestSeen",
    "open_session",
]

READ_PERMISSIONS = (
    ("actions", "read"),
    ("attestations", "read"),
    ("checks", "read"),
    ("contents", "read"),
    ("issues", "read"),
    ("metadata", "read"),
    ("pull_requests", "read"),
)
NEIGHBOUR_PERMISSIONS = (("contents", "read"), ("metadata", "read"))
REVOKING_S = 2.0


def _ignore(_: RequestSeen) -> None:
    """No metrics."""


class GitHubClient:
    """One App at one GitHub. The session is the caller's; `data_dir` (mode 0700) gets a folder for downloads.

    `store` shares the pacing between workers; without one it is this process's own.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        app_id: int,
        private_key_pem: str,
        clock: Clock,
        *,
        data_dir: Path,
        cache_bytes: int = 32 * 1024 * 1024,
        store: BudgetStore | None = None,
        on_request: Callable[[RequestSeen], None] = _ignore,
    ) -> None:
        self.app_key = AppKey(f"{urlsplit(api_url).netloc}/{app_id}")
        transport = Transport(session, api_url, clock, on_request)
        self._transport = transport
        governor = Governor(store or MemoryBudgets(), clock, self.app_key)
        self._tokens = TokenBroker(transport, governor, app_id, private_key_pem)
        self._cache = ConditionalCache(cache_bytes)
        self._shared = Shared(app_id, transport, self._tokens, self._cache, governor, Edition(api_url))
        self._scratch = Scratch(data_dir / "downloads")
        self._absent = Absent(clock.now)
        self._own = OwnAccount()

    def reader(self, repository: Repository, lane: Lane = Lane.GATE) -> GitHubReader:
        """Reads with a token for this repository alone, shared by all capabilities."""
        return RepositoryReader(self._reading(repository, lane), repository, self._own)

    def writer(self, repository: Repository, permissions: Mapping[str, str], lane: Lane) -> GitHubWriter:
        """Writes with a token for this repository and exactly these permissions (`{"checks": "write"}`), in its lane's turn."""
        scope = Scope(repository.installation_id, (repository.id,), tuple(sorted(permissions.items())))
        api = Api(self._shared, scope, lane)
        return RepositoryWriter(api, repository)

    def downloads(self, repository: Repository, lane: Lane = Lane.GATE) -> Downloads:
        """Downloads with the token of the reader."""
        return RepositoryDownloads(
            self._reading(repository, lane), self._transport, repository, self._scratch.folder
        )

    def neighbours(self, repository: Repository, lane: Lane = Lane.GATE) -> Neighbours:
        """Policy files of the same owner's other repositories, each with a token for its contents alone."""
        installation, owner = repository.installation_id, repository.owner

        def reader(name: str) -> CodeReader:
            scope = Scope(installation, permissions=NEIGHBOUR_PERMISSIONS, repository_names=(name,))
            return CodeReader(
                Api(self._shared, scope, lane), Repository(RepositoryId(0), owner, name, installation)
            )

        return InstallationNeighbours(installation, owner, reader, self._absent)

    def admin(self) -> AppAdmin:
        """The App's own administration, with its JWT."""
        return Administration(self._tokens)

    async def aclose(self) -> None:
        """Forgets bodies and downloads, and revokes the tokens, two seconds long at most.

        The session is closed by who opened it.
        """
        self._cache.clear()
        await self._tokens.revoke(REVOKING_S)
        self._scratch.close()

    def _reading(self, repository: Repository, lane: Lane) -> Api:
        scope = Scope(repository.installation_id, (repository.id,), READ_PERMISSIONS, lenient=True)
        return Api(self._shared, scope, lane)
