"""Time passes: deadlines, waivers that end, webhooks that were lost, a service that was away. Days pass by moving both clocks.

The clock is everybody's, so each story is played in several orders of its webhooks at once, and time moves for all of them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
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
from app.standin.github.hooks import Hooks, idle
from app.standin.github.records import CheckRun
from app.standin.github.repository import Repository
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import checks, quiet, until
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, source
from tests.acceptance.quality_gate.stage import ORDERS, Disordered, Proposal, Scene, Stage, staged
from tests.acceptance.tenants import Commit, commit, tenant

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
GOOD = {"junit": {"junit.xml": junit()}}
LATER_S = 30.0
Told = Callable[[Scene], Awaitable[Proposal]]


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


@dataclass(frozen=True)
class Played:
    """One story in all its orders: where each was played, and the commit that it is about."""

    seed: int
    ends: tuple[tuple[Scene, Proposal], ...]

    async def come_to(self, conclusion: str) -> None:
        """Our checks say this in time, without any event at GitHub."""
        found = await until(lambda: set(self.conclusions()) == {conclusion}, LATER_S)
        assert found, f"{self.conclusions()}, HEPHAESTUS_SEED={self.seed}"

    def conclusions(self) -> list[str]:
        """What the check of each says now: its conclusion, or its status."""
        found = [scene.check(one) for scene, one in self.ends]
        return [each.conclusion or each.status for each in found]


async def played(passing: Passing, name: str, story: Told) -> Played:
    """A story until it has to wait, in every order."""
    seed = passing.stage.seed
    chances = [random.Random(f"{seed} {name} {order}") for order in range(ORDERS)]  # noqa: S311 (an order, not a secret)
    scenes = [Scene(passing.stage, f"{name}-{order}", chance) for order, chance in enumerate(chances)]
    commits = await asyncio.gather(*(story(scene) for scene in scenes))
    return Played(seed, tuple(zip(scenes, commits, strict=True)))


async def test_a_webhook_that_was_lost_is_made_up_for(passing: Passing) -> None:
    async def begins(scene: Scene) -> Proposal:
        scene.begin(TESTS)
        one = scene.propose()
        assert await scene.judged(one) == "in_progress"
        return one

    lost = await played(passing, "lost", begins)
    hooks = passing.stage.world.github.part(Hooks)
    hooks.disturb(Mischief.DROP, times=None)
    for scene, one in lost.ends:
        scene.ci(one, GOOD)
        await scene.settled()
    hooks.disturbances.clear()
    assert set(lost.conclusions()) == {"in_progress"}
    passing.moved += timedelta(minutes=16)
    await lost.come_to("success")


async def test_a_workflow_that_never_starts_is_missing_after_the_deadline(passing: Passing) -> None:
    async def waits(scene: Scene) -> Proposal:
        scene.begin(TESTS)
        one = scene.propose()
        assert await scene.judged(one) == "in_progress"
        return one

    waiting = await played(passing, "deadline", waits)
    passing.moved += timedelta(minutes=61)
    await waiting.come_to("failure")
    for scene, one in waiting.ends:
        assert scene.check(one).title == "tests: its workflow did not run on this commit in time (tests)"


async def test_a_waiver_that_ends_turns_an_open_pull_request_red(passing: Passing) -> None:
    last = passing.now().date() + timedelta(days=1)
    waiver = f"waivers: [{{gate: coverage, until: {last}, by: ada, why: the forge is being rebuilt}}]"

    async def waived(scene: Scene) -> Proposal:
        scene.begin(f"gates:\n  coverage: {{total: '>= 85%'}}\n{waiver}\n", {"anvil/a.py": source(10)})
        one = scene.propose()
        scene.ci(one, {"coverage": {"coverage.xml": cobertura({"anvil/a.py": lines(5, 10)})}})
        assert await scene.judged(one) == "success"
        assert "the forge is being rebuilt" in scene.words(one)
        return one

    green = await played(passing, "waiver", waived)
    passing.moved += timedelta(days=2)
    await green.come_to("failure")
    for scene, one in green.ends:
        assert "Waivers that ended" in scene.words(one)


async def test_carried_coverage_that_grows_too_old_turns_an_open_pull_request_red(passing: Passing) -> None:
    policy = """
gates:
  coverage: {total: '>= 50%'}
paths:
  "libs/**": {coverage: {total: '>= 90%', carry: 7}}
"""

    async def carried(scene: Scene) -> Proposal:
        scene.begin(policy, {"libs/a.py": source(10), "app/b.py": source(10)})
        every = {"libs/a.py": lines(10, 10), "app/b.py": lines(10, 10)}
        await scene.measured({"coverage": {"coverage.xml": cobertura(every)}})
        one = scene.propose()
        scene.ci(one, {"coverage": {"coverage.xml": cobertura({"app/b.py": lines(10, 10)})}})
        assert await scene.judged(one) == "success"
        return one

    green = await played(passing, "carried", carried)
    passing.moved += timedelta(days=8, minutes=5)
    await green.come_to("failure")
    for scene, one in green.ends:
        assert "8 days ago, but the policy carries it for 7 days at most" in scene.words(one)


async def test_a_restart_between_the_first_word_and_the_verdict_loses_neither(
    tmp_path: Path, new_world: NewWorld
) -> None:
    """What CI tells while nobody listens arrives in no order: the service asks GitHub when it starts."""
    world, webhooks = new_world(), Disordered()
    world.github.part(Hooks).waiting = webhooks
    policy = "version: 1\nquality_gate:\n" + "".join(f"  {line}\n" for line in TESTS.strip().splitlines())
    commits = [commit(tenant(world, f"restart-{order}", policy), "topic") for order in range(ORDERS)]
    for each in commits:
        webhooks.chances[each.repository.id] = random.Random(each.repository.name)  # noqa: S311 (an order)
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            for each in commits:
                each.propose()
            await quiet(world, settings)
        begun = [only_check(world, each) for each in commits]
        assert {(check.status, check.title) for check in begun} == {("in_progress", "Waiting for tests")}
        assert [written(world, each.repository) for each in commits] == [["POST"]] * ORDERS
        for each in commits:
            each.report(GOOD, "success")
        await idle(world.github)
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            assert await until(lambda: all(check.conclusion == "success" for check in begun))
            await quiet(world, settings)
    assert [only_check(world, each) for each in commits] == begun
    assert {check.title for check in begun} == {"tests: 3 of 3 passed"}
    assert all(check.annotations == [] for check in begun)
    assert [written(world, each.repository) for each in commits] == [["POST", "PATCH"]] * ORDERS


def only_check(world: World, one: Commit) -> CheckRun:
    """The one check run of ours at a commit."""
    (found,) = checks(world, one.repository, one.sha)
    return found


def written(world: World, repository: Repository) -> list[str]:
    """How check runs of a repository were written, in turn."""
    path = f"/repos/{repository.full_name}/check-runs"
    calls = [each for each in world.github.part(Contract).calls if each.method != "GET"]
    return [each.method for each in calls if each.path.startswith(path)]
