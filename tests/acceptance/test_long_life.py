"""A service that has its database alone has nobody to tell that it lives, and goes on all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.standin.github.faults import Fault, Faults
from app.standin.github.server import running
from app.upkeep.leases import SILENT_S
from app.upkeep.sweep import EVERY_S
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import checks, serving, until
from tests.acceptance.tenants import commit, tenant


@pytest.mark.slow
@pytest.mark.waits
async def test_a_lone_service_never_takes_itself_for_dead(tmp_path: Path, new_world: NewWorld) -> None:
    world = new_world()
    world.app.events = ["pull_request"]
    one = commit(tenant(world, "org"), "b")
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        await asyncio.sleep(SILENT_S + EVERY_S)
        slow = world.github.part(Faults)
        slow.inject(
            Fault.SLOW, method="GET", path=f"/repos/{one.repository.full_name}.*", seconds=EVERY_S + 1
        )
        one.propose()
        assert await until(lambda: checks(world, one.repository, one.sha))
        await serve.terminate()
    assert "executor_declared_dead" not in serve.log
    assert "evaluation_taken_over" not in serve.log
    assert len(checks(world, one.repository, one.sha)) == 1
