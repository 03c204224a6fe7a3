"""A PostgreSQL server of this run, and the service in parts on a new database of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.cluster import Cluster, cluster
from tests.integration.postgres import Server, server_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this run; a test that uses it carries the marker `postgres`."""
    yield from server_or_skip()


@pytest.fixture
async def shared(tmp_path: Path, postgres: Server) -> AsyncIterator[Cluster]:
    """Processes that will share a PostgreSQL database."""
    async with cluster(tmp_path, postgres.new_database()) as made:
        yield made


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Cluster]:
    """One process that will own a SQLite database."""
    async with cluster(tmp_path, f"sqlite:///{tmp_path / 'data' / 'hephaestus.db'}") as made:
        yield made
