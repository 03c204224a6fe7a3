"""A worker is killed and never comes back: the other one finishes everything, and nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal

import pytest

from app.standin.github.hooks import idle
from tests.acceptance.busy_day import busy_day
from tests.integration.cluster import Cluster, until

pytestmark = pytest.mark.alone

SETTLED = {"done", "ignored"}
WITHIN_S = 60.0


@pytest.mark.slow
@pytest.mark.postgres
async def test_the_other_worker_finishes_everything_within_a_minute(shared: Cluster) -> None:
    seed = int(os.environ.get("HEPHAESTUS_SEED") or random.randrange(2**32))  # noqa: S311 (moments, not secrets)
    print(f"HEPHAESTUS_SEED={seed}")  # noqa: T201 (set it to repeat the moments of a failed run)
    moments = random.Random(seed)  # noqa: S311 (likewise)
    day = busy_day(shared.world, moments)
    await idle(shared.world.github)
    _, killed, _ = await shared.start("web", "worker", "worker")

    async def kill() -> float:
        await asyncio.sleep(moments.uniform(0.5, 4.0))
        killed.send(signal.SIGKILL)
        return asyncio.get_running_loop().time()

    _, dead_at = await asyncio.gather(day.happen(), kill())
    await idle(shared.world.github)
    async with asyncio.timeout_at(dead_at + WITHIN_S):
        await until(lambda: not day.missing(), WITHIN_S)
        while {row.state.value for row in await shared.rows()} - SETTLED:  # noqa: ASYNC110 (rows raise no event)
            await asyncio.sleep(0.2)
    day.assert_each_once()
