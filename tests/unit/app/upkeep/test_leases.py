"""The lease: when a process may write, when it may judge others, and that a death is for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.executors import SqlExecutors
from app.adapters.database.migrate import migrate
from app.domain.ids import ExecutorId
from app.errors import LeaseLost
from app.testing.clock import FrozenClock
from app.upkeep.leases import Lease


@pytest.fixture
async def lease(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Lease]:
    url = f"sqlite:///{tmp_path / 'executors.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    yield Lease(ExecutorId("worker-1"), SqlExecutors(database, clock), clock, beat_s=0.01)
    await database.close()


async def test_nobody_writes_before_the_lease_begins(lease: Lease) -> None:
    with pytest.raises(LeaseLost):
        await lease.fence()


async def test_a_lease_is_good_for_writes_until_twelve_seconds_after_its_last_beat(
    lease: Lease, clock: FrozenClock
) -> None:
    await lease.enter("worker")
    clock.advance(timedelta(seconds=12))
    await lease.fence()
    clock.advance(timedelta(seconds=0.1))
    with pytest.raises(LeaseLost):
        await lease.fence()
    await lease.turn()
    await lease.fence()


async def test_who_was_declared_dead_learns_it_at_the_next_beat_and_ends(lease: Lease) -> None:
    await lease.enter("worker")
    await asyncio.sleep(0.05)
    assert await lease.executors.declare_dead(0.01) == ("worker-1",)
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(lease.run(), 5)


async def test_only_who_was_heard_without_a_break_judges_the_silence_of_others(
    lease: Lease, clock: FrozenClock
) -> None:
    async def beats(count: int) -> None:
        for _ in range(count):
            clock.advance(timedelta(seconds=5))
            await lease.turn()

    await lease.enter("worker")
    await beats(3)
    assert not lease.may_judge()
    await beats(2)
    assert lease.may_judge()
    clock.advance(timedelta(seconds=60))
    await lease.turn()
    assert not lease.may_judge()
    await beats(5)
    assert lease.may_judge()
