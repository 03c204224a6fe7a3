"""Kill -9 at random moments: what was answered 202 has its effect, once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from app.cli.demo_world import COBERTURA, World
from app.standin.github.hooks import Hooks, idle, redeliver
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import Serve, checks, deliveries, serving, until
from tests.acceptance.tenants import Commit, commit, junit, tenant

TENANTS, PULLS, FAILURES, KILLS = 50, 7, 70, 3
REPORTS = {"test-report": {"report.xml": junit(FAILURES)}, "coverage": {"coverage.xml": COBERTURA}}


@pytest.mark.slow
async def test_after_kills_each_accepted_delivery_has_its_effect_exactly_once(
    tmp_path: Path, new_world: NewWorld
) -> None:
    seed = int(os.environ.get("HEPHAESTUS_SEED") or random.randrange(2**32))  # noqa: S311 (moments, not secrets)
    print(f"HEPHAESTUS_SEED={seed}")  # noqa: T201 (set it to repeat the moments of a failed run)
    moments = random.Random(seed)  # noqa: S311 (likewise)
    world = new_world()
    world.app.events = ["pull_request", "workflow_run"]
    repositories = [tenant(world, f"org{number}") for number in range(TENANTS)]
    commits = [commit(repository, f"b{number}") for repository in repositories for number in range(PULLS)]
    reported = commits[::PULLS]
    moments.shuffle(commits)
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await idle(world.github)
        await serve.start()
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        await asyncio.gather(happen(commits, reported), killed(serve, moments))
        await redelivered(world)
        proposed = accepted(world, commits, "pull_request", "opened")
        ended = accepted(world, reported, "workflow_run", "completed")
        complete = await until(lambda: not missing(world, proposed, ended), 60)
        assert complete, missing(world, proposed, ended)
        code, _ = await serve.terminate()
    assert code == 0
    assert (len(proposed), len(ended)) == (len(commits), len(reported))
    runs = {one: checks(world, one.repository, one.sha) for one in commits}
    assert {one: found for one, found in runs.items() if len(found) > 1} == {}
    for one in ended:
        lines = Counter(each["start_line"] for each in runs[one][0].annotations)
        assert lines == {number + 1: 1 for number in range(FAILURES)}


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


async def happen(commits: list[Commit], reported: list[Commit]) -> None:
    """All that people and their CI do, within some seconds."""
    for number, one in enumerate(commits):
        one.propose()
        if one in reported:
            one.report(REPORTS)
        if number % 3 == 0:
            await asyncio.sleep(0.05)


async def killed(serve: Serve, moments: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.3, 2.0))
        await serve.kill()
        await serve.start()


def accepted(world: World, commits: list[Commit], event: str, action: str) -> list[Commit]:
    """The commits whose event was answered 202."""
    bodies = b"\n".join(one.sent.body for one in deliveries(world, event, action) if one.is_success)
    return [one for one in commits if one.sha.encode() in bodies]


def missing(world: World, proposed: list[Commit], ended: list[Commit]) -> list[str]:
    """What has not had its effect yet."""
    silent = [one.sha for one in proposed if not checks(world, one.repository, one.sha)]
    open_ = [
        one.sha
        for one in ended
        if not any(run.status == "completed" for run in checks(world, one.repository, one.sha))
    ]
    return silent + open_
