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

TENANTS, PULLS, IN_TIME_S = 20, 6, 30


@pytest.mark.slow
@pytest.mark.alone
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


@pytest.mark.slow
@pytest.mark.waits
async def test_sigterm_ends_in_time_where_reading_and_deciding_never_end(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    world.app.events = ["pull_request"]
    repository = tenant(world, "org")
    stuck = [commit(repository, "parse"), commit(repository, "decide")]
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        serve.module = "tests.acceptance.stuck"
        await idle(world.github)
        await serve.start(STUCK="yes")
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        for one in stuck:
            one.propose()
        running_ones = "select 1 from evaluation where capability = 'stuck' and state = 'running'"
        assert await until(lambda: len(serve.rows(running_ones)) == len(stuck))
        # The quality gate ends beside them: what hangs holds up nobody else.
        assert await until(lambda: all(checks(world, each.repository, each.sha) for each in stuck))
        code, seconds = await serve.terminate()
        assert (code, seconds < IN_TIME_S) == (0, True), f"after {seconds:.1f} s\n{serve.log}"

        await serve.start()
        assert await until(lambda: [len(checks(world, repository, each.sha)) for each in stuck] == [2, 2])


async def propose(commits: list[Commit]) -> None:
    for one in commits:
        one.propose()
        await asyncio.sleep(0.02)
