"""A worker is killed and never comes back: the other one finishes everything, and nothing happens twice."""

from __future__ import annotations

import asyncio
import random
import signal

import pytest

from app.standin.github.repository import Repository
from tests.integration.cluster import Cluster, propose, until

SETTLED = {"done", "ignored"}


@pytest.mark.slow
@pytest.mark.postgres
async def test_the_other_worker_finishes_everything_within_a_minute(shared: Cluster) -> None:
    seed = random.randrange(10**6)  # noqa: S311 (likewise)
    print(f"seed {seed}")  # noqa: T201 (pytest shows it where the test fails)
    chance = random.Random(seed)  # noqa: S311 (a moment, not a secret)
    repositories = shared.tenants(10)
    _, killed, _ = await shared.start("web", "worker", "worker")
    proposed: list[tuple[Repository, str]] = []

    async def feed() -> None:
        for number in range(4):
            proposed.extend(
                (repository, propose(repository, f"change-{number}")) for repository in repositories
            )
            await asyncio.sleep(0.3)

    async def kill() -> None:
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        killed.send(signal.SIGKILL)

    await asyncio.gather(feed(), kill())
    await until(lambda: all(shared.accepted(sha) for _, sha in proposed), 15)
    await until(lambda: all(shared.checks(repository, sha) for repository, sha in proposed), 45)
    async with asyncio.timeout(20):
        while {row.state.value for row in await shared.rows()} - SETTLED:  # noqa: ASYNC110 (rows raise no event)
            await asyncio.sleep(0.2)
    assert [len(shared.checks(repository, sha)) for repository, sha in proposed] == [1] * len(proposed)
