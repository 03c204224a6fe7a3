"""The table of executors: who lives, who is declared dead, and that a dead one stays dead."""

from __future__ import annotations

import asyncio

import pytest

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.executors import SqlExecutors
from app.domain.ids import ExecutorId
from app.ports.executors import Roll

SILENCE_S = 2.0
"""The database's clock decides; long beside what a busy machine takes between two lines of a test."""
FIRST, SECOND = ExecutorId("worker-1"), ExecutorId("worker-2")


@pytest.fixture
async def executors(database: Database) -> SqlExecutors:
    executors = SqlExecutors(database, SystemClock())
    await executors.enter(FIRST, "worker")
    await executors.enter(SECOND, "worker")
    return executors


async def test_who_beats_is_alive_and_the_oldest_comes_first(executors: SqlExecutors) -> None:
    assert await executors.beat(FIRST)
    assert await executors.declare_dead(5.0) == ()
    assert await executors.roll() == Roll(alive=(FIRST, SECOND), gone=())


async def test_who_is_silent_is_declared_dead_once_and_never_beats_again(executors: SqlExecutors) -> None:
    await asyncio.sleep(SILENCE_S + 0.1)
    assert await executors.beat(SECOND)
    assert await executors.declare_dead(SILENCE_S) == (FIRST,)
    assert await executors.declare_dead(SILENCE_S) == ()
    assert not await executors.beat(FIRST)
    assert await executors.roll() == Roll(alive=(SECOND,), gone=(FIRST,))


async def test_of_two_that_declare_the_same_one_dead_only_one_does(executors: SqlExecutors) -> None:
    await asyncio.sleep(SILENCE_S + 0.1)
    found = await asyncio.gather(*(executors.declare_dead(SILENCE_S) for _ in range(8)))
    assert sorted(one for declared in found for one in declared) == [FIRST, SECOND]


async def test_who_left_is_gone_at_once_and_forgotten_on_demand(executors: SqlExecutors) -> None:
    await executors.leave(FIRST)
    await executors.forget(FIRST)
    await executors.forget(SECOND)
    assert await executors.roll() == Roll(alive=(SECOND,), gone=())
    await executors.leave_all()
    assert await executors.roll() == Roll(alive=(), gone=(SECOND,))
