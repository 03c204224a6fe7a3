"""A ledger on a file of its own, and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.testing.clock import FrozenClock


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def ledger(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[SqlLedger]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    yield SqlLedger(database, clock)
    await database.close()
