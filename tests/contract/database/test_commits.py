"""Writes that wait at the same time share a commit of SQLite, and only that."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import OperationalError

from app.adapters.database.commits import AT_ONCE
from app.adapters.database.connection import Database
from app.adapters.database.migrate import migrate
from app.adapters.database.tables import position_table
from app.errors import PermanentError, TransientError


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with the newest schema."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    yield database
    await database.close()


def put(name: str) -> Callable[[Connection], str]:
    """Work that stores one row and says its name."""

    def work(connection: Connection) -> str:
        connection.execute(insert(position_table).values(name=name, value="v"))
        return name

    return work


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(position_table.c.name).order_by(position_table.c.name)))


async def test_what_waits_together_is_committed_together(sqlite: Database) -> None:
    commits: list[object] = []
    event.listen(sqlite.engine, "commit", commits.append)
    results = await asyncio.gather(*(sqlite.write(put(f"n{number}")) for number in range(9)))
    assert results == [f"n{number}" for number in range(9)]
    assert len(commits) == 1
    assert await sqlite.read(names) == results


async def test_work_that_fails_takes_nothing_else_with_it(sqlite: Database) -> None:
    def fails(connection: Connection) -> None:
        put("half")(connection)
        raise ValueError("of its own")

    outcomes = await asyncio.gather(
        *(sqlite.write(work) for work in (put("a"), fails, put("a"), put("b"))), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [str, ValueError, PermanentError, str]
    assert await sqlite.read(names) == ["a", "b"]


async def test_an_outage_stores_nothing_and_each_is_told_by_itself(sqlite: Database) -> None:
    def outage(connection: Connection) -> None:
        connection.execute(text("ROLLBACK"))  # as SQLite does by itself where the disk is full
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcomes = await asyncio.gather(
        *(sqlite.write(work) for work in (put("a"), outage, put("b"))), return_exceptions=True
    )
    assert [outcome.code for outcome in outcomes if isinstance(outcome, TransientError)] == [
        "ledger.unavailable"
    ] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert await sqlite.read(names) == []
    assert await sqlite.write(put("later")) == "later"


async def test_work_nobody_waits_for_any_more_is_not_begun(sqlite: Database) -> None:
    release = threading.Event()
    first = asyncio.ensure_future(sqlite.write(lambda _: release.wait(10)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.ensure_future(sqlite.write(put("second")))
    await asyncio.sleep(0)
    second.cancel()
    release.set()
    assert await first
    assert await sqlite.write(put("third")) == "third"
    assert await sqlite.read(names) == ["third"]


async def test_work_behind_many_that_nobody_waits_for_any_more_is_still_begun(sqlite: Database) -> None:
    release = threading.Event()
    first = asyncio.ensure_future(sqlite.write(lambda _: release.wait(10)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    given_up = [asyncio.ensure_future(sqlite.write(put(f"no {number}"))) for number in range(AT_ONCE)]
    last = asyncio.ensure_future(sqlite.write(put("last")))
    await asyncio.sleep(0)
    for each in given_up:
        each.cancel()
    release.set()
    assert await first
    assert await asyncio.wait_for(last, 5) == "last"
    assert await sqlite.read(names) == ["last"]


async def test_a_reader_waits_for_no_writer_and_sees_what_is_committed(sqlite: Database) -> None:
    await sqlite.write(put("committed"))
    release = threading.Event()

    def slow(connection: Connection) -> bool:
        put("not yet")(connection)
        return release.wait(10)

    writing = asyncio.ensure_future(sqlite.write(slow))
    await asyncio.sleep(0.05)
    assert await asyncio.wait_for(sqlite.read(names), 5) == ["committed"]
    release.set()
    assert await writing


async def test_a_closed_database_says_so(sqlite: Database) -> None:
    await sqlite.close()
    waiting = (sqlite.write(put(f"n{number}")) for number in range(2 * AT_ONCE))
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert {outcome.code for outcome in outcomes if isinstance(outcome, TransientError)} == {"ledger.closed"}
    assert len(outcomes) == 2 * AT_ONCE
