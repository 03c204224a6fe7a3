"""An empty database for each test: a SQLite file, and one of a PostgreSQL server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.migrate import migrate
from tests.integration.postgres import Server, server_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this run."""
    yield from server_or_skip()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database with the newest schema."""
    await asyncio.to_thread(migrate, database_url)
    database = Database(database_url)
    yield database
    await database.close()
