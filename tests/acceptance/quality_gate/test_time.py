"""Time passes: deadlines, waivers that end, webhooks that were lost, a service that was away. Days pass by moving both clocks."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from app.adapters.clock import SystemClock
from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.cli.demo_world import World
from app.settings import Settings
from app.standin.github.contract import Contract
from app.standin.github.deliveries import Mischief
from app.standin.github.hooks import Hooks
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import checks, quiet, until
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, source
from tests.acceptance.quality_gate.stage import Scene, Stage, staged
from tests.acceptance.tenants import commit, tenant

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
GOOD = {"junit": {"junit.xml": junit()}}
LATER_S = 30.0


class Passing:
    """Both sides' clock: the real one, moved."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.moved = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def passing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Passing]:
    """A stage on which time can be moved, always forward."""
    with pytest.MonkeyPatch.context() as patched:
        async with staged(tmp_path_factory.mktemp("stage")) as stage:
            found = Passing(stage)
            patched.setattr(SystemClock, "now", lambda _: found.now())
            stage.world.github.clock = found.now
            yield found


def scene_of(passing: Passing, name: str) -> Scene:
    chance = random.Random(f"{passing.stage.seed} {name}")  # noqa: S311 (an order, not a secret)
    return Scene(passing.stage, name, chance)


async def says(scene: Scene, sha: str, conclusion: str) -> bool:
    """Whether our check comes to say this, without any event at GitHub."""
    return await until(lambda: scene.check(sha).conclusion == conclusion, LATER_S)


async def test_a_webhook_that_was_lost_is_made_up_for(passing: Passing) -> None:
    scene = scene_of(passing, "lost")
    scene.begin(TESTS)
    one = scene.propose()
    assert await scene.judged(one) == "in_progress"
    hooks = scene.world.github.part(Hooks)
    hooks.disturb(Mischief.DROP, times=None)
    scene.ci(one, GOOD)
    await scene.settled()
    hooks.disturbances.clear()
    assert scene.check(one).status == "in_progress"
    passing.moved += timedelta(minutes=16)
    assert await says(scene, one.sha, "success")


async def test_a_workflow_that_never_starts_is_missing_after_the_deadline(passing: Passing) -> None:
    scene = scene_of(passing, "deadline")
    scene.begin(TESTS)
    one = scene.propose()
    assert await scene.judged(one) == "in_progress"
    passing.moved += timedelta(minutes=61)
    assert await says(scene, one.sha, "failure")


async def test_a_waiver_that_ends_turns_an_open_pull_request_red(passing: Passing) -> None:
    scene = scene_of(passing, "waiver")
    last = passing.now().date() + timedelta(days=1)
    waiver = f"waivers: [{{gate: coverage, until: {last}, by: ada, why: the forge is being rebuilt}}]"
    scene.begin(f"gates:\n  coverage: {{total: '>= 85%'}}\n{waiver}\n", {"anvil/a.py": source(10)})
    one = scene.propose()
    scene.ci(one, {"coverage": {"coverage.xml": cobertura({"anvil/a.py": lines(5, 10)})}})
    assert await scene.judged(one) == "success"
    assert "the forge is being rebuilt" in scene.words(one)
    passing.moved += timedelta(days=2)
    assert await says(scene, one.sha, "failure")


async def test_a_restart_between_the_first_word_and_the_verdict_loses_neither(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    policy = "version: 1\nquality_gate:\n" + "".join(f"  {line}\n" for line in TESTS.strip().splitlines())
    one = commit(tenant(world, "restart", policy), "topic")
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            one.propose()
            await quiet(world, settings)
        (begun,) = checks(world, one.repository, one.sha)
        assert (begun.status, begun.title) == ("in_progress", "Waiting for tests")
        assert written(world) == ["POST"]
        one.report(GOOD, "success")
        await world.github.outbox.join()
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            assert await until(lambda: begun.conclusion == "success")
            await quiet(world, settings)
    assert checks(world, one.repository, one.sha) == [begun]
    assert (begun.title, begun.annotations) == ("tests: 3 of 3 passed", [])
    assert written(world) == ["POST", "PATCH"]


def written(world: World) -> list[str]:
    """How check runs were written, in turn."""
    calls = [each for each in world.github.part(Contract).calls if each.method != "GET"]
    return [each.method for each in calls if "/check-runs" in each.path]
