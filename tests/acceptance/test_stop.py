"""SIGTERM under load: the service ends in time, and nothing that it accepted is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.standin.github.hooks import idle
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import checks, deliveries, serving, until
from tests.acceptance.tenants import Commit, commit, tenant

pytestmark = pytest.mark.alone

TENANTS, PULLS, IN_TIME_S = 20, 6, 30


@pytest.mark.slow
async def test_sigterm_under_load_ends_in_time_and_loses_nothing(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    world.app.events = ["pull_request"]
    repositories = [tenant(world, f"org{number}") for number in range(TENANTS)]
    commits = [commit(repository, f"b{number}") for number in range(PULLS) for repository in repositories]
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await idle(world.github)
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        load = asyncio.create_task(propose(commits))
        assert await until(lambda: len(deliveries(world, "pull_request")) > TENANTS)
        code, seconds = await serve.terminate()
        assert (code, seconds < IN_TIME_S) == (0, True), serve.log
        await load
        await idle(world.github)
        early = [each for each in deliveries(world, "pull_request") if each.is_success]
        assert TENANTS < len(early) < len(commits), "the load must straddle the end"

        await serve.start()
        assert await until(lambda: all(checks(world, each.repository, each.sha) for each in commits))
        assert [len(checks(world, each.repository, each.sha)) for each in commits] == [1] * len(commits)


async def propose(commits: list[Commit]) -> None:
    for one in commits:
        one.propose()
        await asyncio.sleep(0.02)
