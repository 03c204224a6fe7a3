"""A worker is killed and never comes back: the other one finishes everything, and nothing happens twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from datetime import UTC, datetime

import pytest

from app.standin.github.contract import Contract
from app.standin.github.hooks import idle
from tests.acceptance.busy_day import busy_day
from tests.integration.cluster import Cluster, Process, until

pytestmark = pytest.mark.alone

SETTLED = {"done", "ignored"}
WITHIN_S = 60.0
TAKEN_OVER_S = 30.0
"""After 20 s of silence it counts as dead, and sweeps are 5 s apart."""


@pytest.mark.slow
@pytest.mark.postgres
async def test_the_other_worker_finishes_everything_within_a_minute(shared: Cluster) -> None:
    seed = int(os.environ.get("HEPHAESTUS_SEED") or random.randrange(2**32))  # noqa: S311 (moments, not secrets)
    print(f"HEPHAESTUS_SEED={seed}")  # noqa: T201 (set it to repeat the moments of a failed run)
    moments = random.Random(seed)  # noqa: S311 (likewise)
    # Judging each call would take longer than the service does for it.
    shared.world.github.part(Contract).rest = None
    day = busy_day(shared.world, moments)
    await idle(shared.world.github)
    _, killed, other = await shared.start("web", "worker", "worker")

    async def kill() -> datetime:
        await asyncio.sleep(moments.uniform(0.5, 4.0))
        await until(lambda: len(said(killed, "gathered")) > len(said(killed, "evaluated")), WITHIN_S)
        killed.send(signal.SIGKILL)
        return datetime.now(UTC)

    _, dead_at = await asyncio.gather(day.happen(), kill())
    await idle(shared.world.github)
    await until(lambda: not day.missing(), WITHIN_S)
    while {row.state.value for row in await shared.rows()} - SETTLED:  # noqa: ASYNC110 (rows raise no event)
        await asyncio.sleep(0.2)
    finished_s = (datetime.now(UTC) - dead_at).total_seconds()
    taken_over_s = max((at - dead_at).total_seconds() for at in said(other, "evaluation_taken_over"))
    print(f"taken over within {taken_over_s:.1f} s, all done in {finished_s:.1f} s")  # noqa: T201 (what was measured)
    assert taken_over_s < TAKEN_OVER_S
    assert finished_s < WITHIN_S
    day.assert_each_once()


def said(worker: Process, event: str) -> list[datetime]:
    """When it logged an event."""
    lines = worker.log.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return [datetime.fromisoformat(row["time"]) for row in rows if row["event"] == event]
