"""The sweep: what is taken over and when, and what is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.executors import SqlExecutors
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.domain.delivery import DeliveryState, Source, delivery_of
from app.domain.ids import AppKey, DeliveryId, ExecutorId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob, Routed
from app.testing.clock import FrozenClock
from app.upkeep.leases import Lease
from app.upkeep.sweep import HOPELESS, PAUSE, SUSPICIOUS, Sweep

KEY = AppKey("api.github.com/1")
ME, OTHER = ExecutorId("worker-me"), ExecutorId("worker-other")
REPOSITORY = Repository(RepositoryId(1), "forge", "anvil", InstallationId(1))


@dataclass
class Workflows:
    """The engine's part: who holds which workflow."""

    holders: dict[str, ExecutorId | None] = field(default_factory=dict)

    async def enqueue(
        self,
        workflow_id: str,
        lane: Lane,  # noqa: ARG002 (the port's signature)
        partition: str,  # noqa: ARG002 (likewise)
        evaluation: str,  # noqa: ARG002 (likewise)
        attempt: int,  # noqa: ARG002 (likewise)
    ) -> None:
        self.holders.setdefault(workflow_id, None)

    async def held(self) -> Mapping[str, ExecutorId | None]:
        return dict(self.holders)

    async def cancel(self, workflow_ids: Sequence[str]) -> None:
        for identity in workflow_ids:
            del self.holders[identity]

    async def prune(self, before: datetime) -> int:  # noqa: ARG002 (likewise)
        return 0

    async def ping(self) -> None:
        return None


@dataclass
class World:
    """A ledger with one evaluation, and the sweep of one process."""

    ledger: SqlLedger
    executors: SqlExecutors
    engine: Workflows
    sweep: Sweep
    clock: FrozenClock
    woken: list[str]

    async def route(self, guid: str, ident: str) -> None:
        """A delivery that leads to an evaluation of this subject."""
        now = self.clock.now()
        delivery = delivery_of(KEY, DeliveryId(guid), Source.GITHUB, "check_run", b"{}", now)
        subject = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, ident)
        await self.ledger.accept(delivery)
        pairs = [Routed("quality_gate", Lane.GATE, Target(subject, REPOSITORY))]
        await self.ledger.route(delivery, None, pairs, now)

    async def admitted(self) -> EvaluationJob:
        (job,) = await self.ledger.admit(self.clock.now(), 10, 4)
        return job

    async def attempts_due(self) -> list[int]:
        """The attempts that would be admitted now."""
        return [job.attempt for job in await self.ledger.admit(self.clock.now(), 10, 4)]


@pytest.fixture
async def world(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[World]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    ledger, executors, engine = SqlLedger(database, clock), SqlExecutors(database, clock), Workflows()
    lease = Lease(ME, executors, clock)
    await lease.enter("worker")
    woken: list[str] = []
    sweep = Sweep(lease, executors, engine, ledger, clock, lambda: woken.append("woken"))
    world = World(ledger, executors, engine, sweep, clock, woken)
    await world.route("1", "a")
    yield world
    await database.close()


async def test_what_a_gone_executor_ran_is_queued_again_at_once_and_the_executor_forgotten(
    world: World,
) -> None:
    await world.executors.enter(OTHER, "worker")
    job = await world.admitted()
    world.engine.holders[job.workflow_id] = OTHER
    await world.sweep.turn()
    assert await world.attempts_due() == []
    await world.executors.leave(OTHER)
    await world.sweep.turn()
    assert (world.engine.holders, world.woken) == ({}, ["woken"])
    assert (await world.executors.roll()).gone == ()
    assert await world.attempts_due() == [2]


async def test_what_waits_in_a_queue_or_runs_here_is_left_alone(world: World) -> None:
    job = await world.admitted()
    for holder in (None, ME):
        world.engine.holders[job.workflow_id] = holder
        for _ in range(3):
            await world.sweep.turn()
        assert world.engine.holders == {job.workflow_id: holder}
    assert await world.attempts_due() == []


async def test_what_the_engine_does_not_know_gets_the_time_to_arrive_there(world: World) -> None:
    await world.admitted()
    await world.sweep.turn()
    assert await world.attempts_due() == []
    await world.sweep.turn()
    assert await world.attempts_due() == [2]


async def test_at_the_start_of_a_process_that_is_alone_nothing_is_waited_for(world: World) -> None:
    await world.admitted()
    await world.sweep.at_start()
    assert await world.attempts_due() == [2]


async def test_a_workflow_of_a_forgotten_executor_does_not_block_its_subject_for_ever(world: World) -> None:
    world.engine.holders["an old attempt"] = ExecutorId("nobody knows it")
    await world.sweep.turn()
    assert world.engine.holders == {}


async def lost(world: World, times: int) -> None:
    """The process of the one evaluation ends so many times."""
    for _ in range(times):
        await world.admitted()
        await world.sweep.at_start()
        world.clock.advance(PAUSE)


async def test_an_evaluation_that_may_be_what_ends_its_process_waits_a_minute(world: World) -> None:
    await lost(world, SUSPICIOUS)
    await world.admitted()
    await world.sweep.at_start()
    assert await world.attempts_due() == []
    world.clock.advance(PAUSE)
    assert await world.attempts_due() == [SUSPICIOUS + 2]


async def test_suspects_run_each_in_a_minute_of_its_own(world: World) -> None:
    await world.route("2", "b")
    for _ in range(SUSPICIOUS + 1):
        assert await world.attempts_due() != []
        await world.sweep.at_start()
    for _ in range(2):
        assert await world.attempts_due() == []
        world.clock.advance(PAUSE)
        assert await world.attempts_due() == [SUSPICIOUS + 2]


async def test_an_evaluation_that_was_tried_again_for_another_reason_is_no_suspect(world: World) -> None:
    for _ in range(HOPELESS + 5):
        job = await world.admitted()
        await world.ledger.retry(job, "rate limit", world.clock.now())
    await lost(world, 1)
    assert await world.attempts_due() == [HOPELESS + 7]


async def test_an_attempt_that_came_to_an_end_clears_the_suspicion(world: World) -> None:
    await lost(world, HOPELESS - 1)
    job = await world.admitted()
    await world.ledger.retry(job, "rate limit", world.clock.now())
    await lost(world, HOPELESS - 1)
    assert await world.attempts_due() == [2 * HOPELESS]


async def test_a_process_that_has_just_started_declares_nobody_dead(world: World) -> None:
    await world.executors.enter(OTHER, "worker")
    await world.sweep.turn()
    assert set((await world.executors.roll()).alive) == {ME, OTHER}


async def test_an_evaluation_that_ends_its_process_every_time_is_given_up_at_last(world: World) -> None:
    assert HOPELESS <= 20
    await lost(world, HOPELESS)
    (row,) = await world.ledger.deliveries()
    assert (row.state, row.error) == (
        DeliveryState.QUARANTINED,
        "20 attempts in a row ended with their process",
    )
