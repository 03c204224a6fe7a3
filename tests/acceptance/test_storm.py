"""A storm of one tenant: the others hardly notice. Both latencies are measured in one run: before, during, after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import quantiles

import pytest

from app.cli.demo_world import World
from app.standin.github import checks as standin
from app.standin.github.contract import Contract
from app.standin.github.hooks import idle
from app.standin.github.server import running
from app.standin.github.state import ACTIONS_APP_ID
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import checks, serving, until
from tests.acceptance.tenants import Commit, commit, tenant

pytestmark = pytest.mark.alone

STORM, STORM_S = 2_000, 60.0
COMMITS = 40
PAUSE_S = 0.45
CALM, STORMY = 12, 133
"""Samples before the storm, and as many after it; samples for all of it."""


@pytest.mark.slow
async def test_a_storm_of_one_tenant_delays_another_by_less_than_twice(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    world.github.part(Contract).rest = None  # measured is the service, not the check of its calls
    world.app.events = ["pull_request", "check_run"]
    noise = tenant(world, "noisy")
    noisy = [commit(noise, f"b{number}") for number in range(COMMITS)]
    others = [tenant(world, f"other{number}") for number in range(4)]
    samples = [commit(others[number % 4], f"s{number}") for number in range(2 * CALM + STORMY)]
    before, during, after = samples[:CALM], samples[CALM:-CALM], samples[-CALM:]
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await idle(world.github)
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        await latencies(world, [commit(each, "first") for each in others])
        calm = await latencies(world, before)
        async with asyncio.TaskGroup() as group:
            blowing = group.create_task(storm(world, noisy))
            await asyncio.sleep(1)
            rough = await latencies(world, during, enough=blowing.done)
        await idle(world.github)
        calm += await latencies(world, after)
    print(f"p95 without the storm {p95(calm):.3f} s, with it {p95(rough):.3f} s ({len(rough)} samples)")  # noqa: T201 (what was measured)
    assert p95(rough) < 2 * p95(calm)


async def storm(world: World, commits: list[Commit]) -> None:
    """2,000 events of one tenant in a minute, spread over its commits."""
    actions = world.github.apps[ACTIONS_APP_ID]
    begin = time.monotonic()
    for number in range(STORM):
        one = commits[number % len(commits)]
        body = {"name": f"job {number}", "head_sha": one.sha, "status": "completed", "conclusion": "success"}
        run = standin.add_run(one.repository, actions, body)
        standin.tell(one.repository, run, "completed", one.repository.owner)
        await asyncio.sleep(max(0.0, begin + (number + 1) * STORM_S / STORM - time.monotonic()))


async def latencies(
    world: World, commits: list[Commit], enough: Callable[[], bool] = lambda: False
) -> list[float]:
    """Seconds from a pull request's opening to its check run, one after the other at a steady pace, until it is enough."""
    found = []
    for one in commits:
        if enough():
            break
        begin = time.monotonic()
        one.propose()
        assert await until(partial(checks, world, one.repository, one.sha))
        found.append(time.monotonic() - begin)
        await asyncio.sleep(max(0.0, begin + PAUSE_S - time.monotonic()))
    return found


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1]
