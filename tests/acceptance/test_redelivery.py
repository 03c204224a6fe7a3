"""What failed, or was missed while nobody listened, gets its effect later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.bootstrap.operating import read_deliveries
from app.domain.delivery import DeliveryState
from app.standin.github.deliveries import Delivery, Hooks
from app.standin.github.faults import Fault, Faults
from app.standin.github.hooks import idle, redeliver
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld, Running
from tests.acceptance.process import checks, deliveries, serving, until
from tests.acceptance.tenants import commit, tenant


async def test_what_failed_and_is_redelivered_has_its_effect(everything: Running) -> None:
    world = everything.world
    github, hooks = world.github, world.github.part(Hooks)
    world.app.events = ["pull_request"]
    broken = github.part(Faults).inject(Fault.GONE, method="GET", path="/repos/forge/anvil.*", times=None)
    one = commit(world.repository, "topic")
    one.propose()
    await idle(github)
    sent = deliveries(world, "pull_request")[-1]
    await settled(everything, sent, DeliveryState.FAILED)
    assert broken.hits > 0
    assert checks(world, one.repository, one.sha) == []

    github.part(Faults).clear()
    redeliver(hooks, sent)
    await idle(github)
    again = deliveries(world, "pull_request")[-1]
    assert (again.sent.guid, again.status_code, again.response_body) == (
        sent.sent.guid,
        202,
        '{"status": "resumed"}',
    )
    await settled(everything, sent, DeliveryState.DONE)
    assert [run.status for run in checks(world, one.repository, one.sha)] == ["in_progress"]


async def settled(everything: Running, sent: Delivery, state: DeliveryState) -> None:
    """Waits until the ledger says this of a delivery."""
    async with asyncio.timeout(20):
        while True:
            rows = await read_deliveries(everything.settings, guid=sent.sent.guid)
            if [row.state for row in rows] == [state]:
                return
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_what_was_missed_while_the_service_was_down_is_asked_for_at_start(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    world.app.events = ["pull_request"]
    repositories = [tenant(world, f"org{number}") for number in range(5)]
    commits = [commit(repository, f"b{number}") for repository in repositories for number in range(4)]
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        for one in commits:
            one.propose()
        await idle(world.github)
        assert [each.is_success for each in deliveries(world, "pull_request")] == [False] * len(commits)
        await serve.start()
        assert await until(lambda: all(checks(world, each.repository, each.sha) for each in commits))
        again = deliveries(world, "pull_request")[len(commits) :]
        assert {each.sent.guid for each in again} == {
            each.sent.guid for each in deliveries(world, "pull_request")[: len(commits)]
        }
        assert [len(checks(world, each.repository, each.sha)) for each in commits] == [1] * len(commits)
