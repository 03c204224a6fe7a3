"""The engine on real DBOS and a SQLite file: what was enqueued runs to its end, once, also after the process was gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters.engine.dbos_engine import DbosEngine
from app.adapters.engine.sqlite_shim import open_engine, unixepoch
from app.domain.ids import ExecutorId
from app.ports.handler import Lane

pytestmark = pytest.mark.slow
POLL_S = 0.05


@dataclass
class Body:
    """The body of evaluations: it notes its calls, and waits where it is told to."""

    calls: list[tuple[str, int]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    two: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, evaluation: str, attempt: int) -> str:
        self.calls.append((evaluation, attempt))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.called.set()
        if self.at_once == 2:
            self.two.set()
        try:
            await self.go.wait()
        finally:
            self.at_once -= 1
        if evaluation == "broken":
            raise ZeroDivisionError("a bug")
        return "done"


@asynccontextmanager
async def launched(
    folder: Path, body: Body, *, executor: str = "first", grace_s: int = 5
) -> AsyncIterator[DbosEngine]:
    engine = DbosEngine(f"sqlite:///{folder / 'engine.db'}", ExecutorId(executor))
    await engine.launch(body)
    try:
        yield engine
    finally:
        await engine.close(grace_s)


async def finished(engine: DbosEngine, *workflows: str) -> None:
    async with asyncio.timeout(30):
        while set(workflows) & set(await engine.held()):  # noqa: ASYNC110 (the engine tells nobody when it is done)
            await asyncio.sleep(POLL_S)


async def enqueue(engine: DbosEngine, evaluation: str, attempt: int = 1, key: str = "k") -> str:
    workflow = f"{evaluation}|{attempt}"
    await engine.enqueue(workflow, Lane.GATE, key, evaluation, attempt)
    return workflow


async def test_an_evaluation_runs_once_however_often_its_id_is_enqueued(tmp_path: Path) -> None:
    body = Body()
    async with launched(tmp_path, body) as engine:
        await engine.ping()
        assert await engine.held() == {}
        workflow = await enqueue(engine, "a")
        await enqueue(engine, "a")
        assert set(await engine.held()) == {workflow}
        body.go.set()
        await finished(engine, workflow)
        await enqueue(engine, "a")
        second = await enqueue(engine, "a", attempt=2)
        await finished(engine, second)
    assert body.calls == [("a", 1), ("a", 2)]


async def test_a_body_that_raises_ends_its_workflow_and_nothing_else(tmp_path: Path) -> None:
    body = Body()
    body.go.set()
    async with launched(tmp_path, body) as engine:
        broken = await enqueue(engine, "broken")
        good = await enqueue(engine, "good", key="other")
        await finished(engine, broken, good)
    assert sorted(body.calls) == [("broken", 1), ("good", 1)]


async def test_one_at_a_time_of_a_partition_and_others_beside_it(tmp_path: Path) -> None:
    body = Body()
    async with launched(tmp_path, body) as engine:
        workflows = [await enqueue(engine, name, key="same") for name in ("a", "b")]
        workflows.append(await enqueue(engine, "c", key="other"))
        async with asyncio.timeout(30):
            await body.two.wait()
        holders = await engine.held()
        body.go.set()
        await finished(engine, *workflows)
    assert sorted(holders[workflow] or "" for workflow in workflows) == ["", "first", "first"]
    assert (body.most_at_once, len(body.calls)) == (2, 3)


async def test_what_an_executor_left_is_held_by_it_until_it_is_given_up(tmp_path: Path) -> None:
    first, second = Body(), Body()
    async with launched(tmp_path, first, grace_s=0) as engine:
        workflow = await enqueue(engine, "a")
        async with asyncio.timeout(30):
            await first.called.wait()
        behind = await enqueue(engine, "b")
    second.go.set()
    async with launched(tmp_path, second, executor="second") as engine:
        assert await engine.held() == {workflow: "first", behind: None}
        await engine.cancel([])
        await engine.cancel([workflow])
        again = await enqueue(engine, "a", attempt=2)
        await finished(engine, behind, again)
        await engine.cancel([workflow, "unknown"])
        assert await engine.held() == {}
    assert first.calls == [("a", 1)]
    assert sorted(second.calls) == [("a", 2), ("b", 1)]
    first.go.set()
    await asyncio.sleep(0)


async def test_only_what_has_ended_is_pruned(tmp_path: Path) -> None:
    body = Body()
    async with launched(tmp_path, body) as engine:
        body.go.set()
        workflow = await enqueue(engine, "a")
        await finished(engine, workflow)
        body.go.clear()
        running = await enqueue(engine, "b")
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert await engine.prune(datetime.now(UTC) - timedelta(days=1)) == 0
        assert await engine.prune(later) == 1
        assert running in await engine.held()
        body.go.set()
        await finished(engine, running)


def test_the_engines_file_survives_a_crash_undamaged_and_waits_for_no_disk(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1  # NORMAL
        now = connection.exec_driver_sql("SELECT unixepoch('subsec'), unixepoch()").one()
    engine.dispose()
    assert abs(now[0] - now[1]) < 2
    assert sqlite3.sqlite_version_info >= (3, 35)


def test_the_missing_function_of_old_sqlite_gives_fractions_only_where_asked() -> None:
    assert isinstance(unixepoch("subsec"), float)
    assert isinstance(unixepoch("now"), int)
