"""Kill -9 at random moments: what was answered 202 has its effect, once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from pathlib import Path

import pytest

from app.cli.demo_world import World
from app.standin.github.hooks import Hooks, idle, redeliver
from app.standin.github.server import running
from tests.acceptance.busy_day import busy_day
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import Serve, checks, serving, until
from tests.acceptance.tenants import commit, tenant

pytestmark = pytest.mark.alone

KILLS = 3


@pytest.mark.slow
async def test_after_kills_each_accepted_delivery_has_its_effect_exactly_once(
    tmp_path: Path, new_world: NewWorld
) -> None:
    seed = int(os.environ.get("HEPHAESTUS_SEED") or random.randrange(2**32))  # noqa: S311 (moments, not secrets)
    print(f"HEPHAESTUS_SEED={seed}")  # noqa: T201 (set it to repeat the moments of a failed run)
    moments = random.Random(seed)  # noqa: S311 (likewise)
    world = new_world()
    day = busy_day(world, moments)
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await idle(world.github)
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        await asyncio.gather(day.happen(), killed(serve, moments))
        await redelivered(world)
        assert await until(lambda: not day.missing(), 60), day.missing()
        code, _ = await serve.terminate()
    assert code == 0
    day.assert_each_once()


async def redelivered(world: World) -> None:
    """What came while the service was down is delivered again, under its old GUID, as an operator would ask GitHub to."""
    hooks = world.github.part(Hooks)
    for _ in range(5):
        await idle(world.github)
        done = {one.sent.guid for one in hooks.deliveries if one.is_success}
        left = {one.sent.guid: one for one in hooks.deliveries if one.sent.guid not in done}
        if not left:
            return
        for one in left.values():
            redeliver(hooks, one)
    raise AssertionError("deliveries stay refused")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
async def test_a_killed_service_leaves_no_process_behind(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    one = commit(tenant(world, "org"), "b")
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        one.propose()
        assert await until(lambda: checks(world, one.repository, one.sha))
        assert len(processes(serve)) > 1
        await serve.kill()
        assert await until(lambda: not processes(serve), 10), processes(serve)


def processes(serve: Serve) -> list[str]:
    """The processes that have this installation's settings."""
    mark = f"HEPHAESTUS_DATA_DIR={serve.environ['HEPHAESTUS_DATA_DIR']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(folder.name)
    return found


async def killed(serve: Serve, moments: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.3, 2.0))
        await serve.kill()
        await serve.start()
