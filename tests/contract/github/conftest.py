"""The stand-in GitHub of the contract tests beside our client of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from app.adapters.github import GitHubClient, MemoryBudgets, RequestSeen
from app.adapters.github.exchange import CacheMode
from app.domain.ids import InstallationId, RepositoryId
from app.domain.repo import Repository
from app.ports.github_reader import GitHubReader
from app.ports.github_writer import GitHubWriter
from app.ports.handler import Lane
from tests.contract.standin.conftest import World, app_keys, world

__all__ = ["app_keys", "world"]


@dataclass
class WorldClock:
    """The stand-in's clock as our port."""

    world: World

    def now(self) -> datetime:
        return self.world.clock()

    def monotonic(self) -> float:
        return time.monotonic() + self.world.clock.offset.total_seconds()


@dataclass
class Client:
    """Our client, and every request it sent or answered from its cache."""

    world: World
    github: GitHubClient
    repository: Repository
    seen: list[RequestSeen] = field(default_factory=list)

    @property
    def reader(self) -> GitHubReader:
        return self.github.reader(self.repository)

    def writer(self, **permissions: str) -> GitHubWriter:
        return self.github.writer(self.repository, permissions, Lane.GATE)

    @property
    def statuses(self) -> list[int]:
        """Of what was sent, but for tokens."""
        sent = (one for one in self.seen if one.cache is not CacheMode.KEPT)
        return [one.status for one in sent if "access_tokens" not in one.route]


@pytest.fixture
def client(world: World, tmp_path: Path) -> Client:
    seen: list[RequestSeen] = []
    github = GitHubClient(
        world.session,
        world.server.url,
        world.app.id,
        world.pem,
        WorldClock(world),
        data_dir=tmp_path / "data",
        store=MemoryBudgets(),
        on_request=seen.append,
    )
    anvil, installation = world.anvil, InstallationId(world.installation.id)
    repository = Repository(RepositoryId(anvil.id), "forge", "anvil", installation)
    return Client(world, github, repository, seen)
