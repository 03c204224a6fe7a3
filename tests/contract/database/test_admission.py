"""Admission takes what it can have at once: it never waits for a row that another transaction works on."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from app.adapters.database.connection import Database, open_engine
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.testing.clock import FrozenClock
from tests.contract.database.given import NOW, pair, received
from tests.integration.postgres import Server


@pytest.mark.postgres
async def test_an_evaluation_that_is_being_routed_to_waits_and_the_others_do_not(postgres: Server) -> None:
    url = postgres.new_database()
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    ledger = SqlLedger(database, FrozenClock(NOW))
    for ident in ("a", "b"):
        await received(ledger, ident, [pair(ident)])
    engine = open_engine(url)
    with engine.begin() as routing:
        routing.execute(text("SELECT id FROM evaluation WHERE subject_key LIKE '%|a' FOR UPDATE"))
        async with asyncio.timeout(5):
            (job,) = await ledger.admit(NOW, 10, 10)
    assert job.target.subject.ident == "b"
    (job,) = await ledger.admit(NOW, 10, 10)
    assert job.target.subject.ident == "a"
    engine.dispose()
    await database.close()
