"""The promises of a budget store, kept by the one in memory and by the one in the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters.database.budgets import SqlBudgets
from app.adapters.database.connection import Database
from app.adapters.database.migrate import migrate
from app.adapters.github.budgets import WRITES, Budget, BudgetStore, Charge, Hour, MemoryBudgets
from tests.integration.postgres import Server

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = "api.github.com/1|installation:7"
WRITE = (Charge(WRITES, 1),)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BudgetStore]:
    if request.param == "memory":
        yield MemoryBudgets()
        return
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.new_database() if server else f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    yield SqlBudgets(database)
    await database.close()


async def test_a_burst_passes_and_then_one_an_interval(store: BudgetStore) -> None:
    assert [await store.take(KEY, WRITE, NOW) for _ in range(10)] == [None] * 10
    free_at = await store.take(KEY, WRITE, NOW)
    assert free_at == NOW + timedelta(seconds=1)
    assert await store.take(KEY, WRITE, free_at) is None
    assert await store.take(KEY, WRITE, free_at) == NOW + timedelta(seconds=2)


async def test_a_rest_gives_the_whole_burst_back_and_no_more(store: BudgetStore) -> None:
    for _ in range(10):
        await store.take(KEY, WRITE, NOW)
    later = NOW + timedelta(hours=1)
    assert [await store.take(KEY, WRITE, later) for _ in range(10)] == [None] * 10
    assert await store.take(KEY, WRITE, later) == later + timedelta(seconds=1)


async def test_charges_are_taken_all_or_none(store: BudgetStore) -> None:
    small = Budget("small", 1, timedelta(hours=1))
    assert await store.take(KEY, (Charge(small, 1),), NOW) is None
    both = (Charge(WRITES, 10), Charge(small, 1))
    assert await store.take(KEY, both, NOW) == NOW + timedelta(hours=1)
    assert await store.take(KEY, (Charge(WRITES, 10),), NOW) is None


async def test_installations_do_not_take_from_each_other(store: BudgetStore) -> None:
    assert await store.take(KEY, (Charge(WRITES, 10),), NOW) is None
    assert await store.take(f"{KEY}0", (Charge(WRITES, 10),), NOW) is None


async def test_a_block_lets_nothing_pass_before_its_end(store: BudgetStore) -> None:
    until = NOW + timedelta(minutes=1)
    await store.block(KEY, NOW, until)
    assert await store.take(KEY, WRITE, NOW) == until
    assert await store.take(f"{KEY}0", WRITE, NOW) is None
    assert await store.take(KEY, WRITE, until) is None


async def test_an_earlier_end_never_replaces_a_later_one(store: BudgetStore) -> None:
    until = NOW + timedelta(minutes=1)
    await store.block(KEY, NOW, until)
    await store.block(KEY, NOW, NOW + timedelta(seconds=1))
    assert await store.take(KEY, WRITE, NOW + timedelta(seconds=30)) == until


async def test_a_block_of_one_resource_leaves_the_others_free(store: BudgetStore) -> None:
    until = NOW + timedelta(minutes=1)
    assert await store.block(KEY, NOW, until, "graphql") == until
    assert await store.take(KEY, WRITE, NOW, "graphql") == until
    assert await store.take(KEY, WRITE, NOW, "core") is None


async def test_a_block_of_all_holds_for_each_resource(store: BudgetStore) -> None:
    until = NOW + timedelta(minutes=1)
    await store.block(KEY, NOW, until)
    assert await store.take(KEY, WRITE, NOW, "core") == until


async def test_a_block_without_a_named_end_doubles_when_it_happens_again(store: BudgetStore) -> None:
    first = await store.block(KEY, NOW)
    assert first == NOW + timedelta(minutes=1)
    assert await store.block(KEY, NOW + timedelta(seconds=5)) == first
    assert await store.block(KEY, first) == first + timedelta(minutes=2)


async def test_of_one_hour_the_least_that_is_left_is_shared(store: BudgetStore) -> None:
    left, less = (Hour(5000, remaining, NOW + timedelta(minutes=30)) for remaining in (400, 300))
    following = Hour(5000, 4999, NOW + timedelta(minutes=90))
    assert await store.share(KEY, {"core": less, "graphql": left}) == {"core": less, "graphql": left}
    assert await store.share(KEY, {"core": left}) == {"core": less, "graphql": left}
    assert await store.share(f"{KEY}0", {}) == {}
    assert await store.share(KEY, {"core": following}) == {"core": following, "graphql": left}


async def test_what_is_left_survives_a_restart(database: Database, database_url: str) -> None:
    left = Hour(12_500, 400, NOW + timedelta(minutes=30))
    await SqlBudgets(database).share(KEY, {"core": left})
    await database.close()
    again = Database(database_url)
    try:
        assert await SqlBudgets(again).share(KEY, {}) == {"core": left}
    finally:
        await again.close()


async def test_what_was_taken_and_blocked_survives_a_restart(database: Database, database_url: str) -> None:
    await SqlBudgets(database).take(KEY, (Charge(WRITES, 10),), NOW)
    await SqlBudgets(database).block(f"{KEY}0", NOW, NOW + timedelta(minutes=1))
    await database.close()
    again = Database(database_url)
    try:
        assert await SqlBudgets(again).take(KEY, WRITE, NOW) == NOW + timedelta(seconds=1)
        assert await SqlBudgets(again).take(f"{KEY}0", WRITE, NOW) == NOW + timedelta(minutes=1)
    finally:
        await again.close()


async def test_workers_at_the_same_database_share_one_burst(database: Database, database_url: str) -> None:
    other = Database(database_url)
    try:
        stores = [SqlBudgets(database), SqlBudgets(other)]
        answers = await asyncio.gather(*(stores[i % 2].take(KEY, WRITE, NOW) for i in range(30)))
    finally:
        await other.close()
    assert answers.count(None) == 10
