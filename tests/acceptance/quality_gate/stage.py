"""Where stories about the gate are played: one running service, a repository of its own for each story and order of events.

A module's stories are played at the same time, each several times with its webhooks in an order of chance; a test waits for its
own. `HEPHAESTUS_SEED` plays the orders of an earlier run again.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.bootstrap.service import running_service
from app.cli.demo import environment
from app.cli.demo_world import CI, World, build
from app.settings import Settings
from app.standin.github import workflows
from app.standin.github.contract import Contract
from app.standin.github.deliveries import Hooks, Outgoing
from app.standin.github.exchange import ApiCall
from app.standin.github.records import Account, CheckRun, Json, PullRequest
from app.standin.github.repository import Repository
from app.standin.github.runs import Artifact, Job, Outcome, PlannedJob, WorkflowRun
from app.standin.github.server import running
from app.standin.github.workflows import Trigger
from tests.acceptance.conftest import SECRET
from tests.acceptance.process import checks
from tests.acceptance.tenants import WORKFLOW
from tests.held_to_contract import hold, kept

ORDERS = 2
AT_ONCE = 10
LATEST_S = 0.3
"""How far the webhooks of one moment may come apart."""
PATIENCE_S = 90.0
CONFIG = ".github/hephaestus.yml"
CHECK = "hephaestus/quality-gate"
Artifacts = Mapping[str, Mapping[str, bytes] | bytes]
Story = Callable[["Scene"], Awaitable[None]]
Test = Callable[["Stage"], Awaitable[None]]


class Disordered(asyncio.Queue[Outgoing]):
    """Webhooks leave in an order of chance, each repository's by a seed of its own; counts what has not arrived yet."""

    def __init__(self) -> None:
        super().__init__()
        self.chances: dict[int | None, random.Random] = {}
        self.sent: Counter[int | None] = Counter()

    def put_nowait(self, item: Outgoing) -> None:
        chance = self.chances.get(item.repository_id)
        self.sent[item.repository_id] += 1
        super().put_nowait(replace(item, delay_s=chance.uniform(0, LATEST_S)) if chance else item)


@dataclass
class Stage:
    """The service and the stand-in, and the stories that are being played."""

    world: World
    settings: Settings
    seed: int
    webhooks: Disordered
    _arrived: Counter[int | None] = field(default_factory=Counter)
    _looked: int = 0
    _plays: dict[Story, asyncio.Task[BaseException | None]] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def play(self, group: asyncio.TaskGroup, stories: Iterable[Story]) -> None:
        """Begins all of them; what one comes to, `outcome` says."""
        for story in stories:
            self._plays[story] = group.create_task(self._played(story))

    async def outcome(self, story: Story) -> None:
        """Waits for a story's end; raises what it raised."""
        error = await self._plays[story]
        if error is not None:
            raise error

    async def _played(self, story: Story) -> BaseException | None:
        found = await asyncio.gather(
            *(self._once(story, order) for order in range(ORDERS)), return_exceptions=True
        )
        return next((each for each in found if each is not None), None)

    async def _once(self, story: Story, order: int) -> None:
        async with self._places:
            name = story.__name__.removeprefix("test_").replace("_", "-")[-60:].strip("-")
            try:
                chance = random.Random(f"{self.seed} {name} {order}")  # noqa: S311 (an order, not a secret)
                await story(Scene(self, f"{name}-{order}", chance))
            except BaseException as error:
                error.add_note(f"order {order} of HEPHAESTUS_SEED={self.seed}")
                raise

    def in_the_air(self, repository: Repository) -> int:
        """How many webhooks of a repository have not been answered yet."""
        deliveries = self.world.github.part(Hooks).deliveries
        self._arrived.update(one.sent.repository_id for one in deliveries[self._looked :])
        self._looked = len(deliveries)
        return self.webhooks.sent[repository.id] - self._arrived[repository.id]

    def open_rows(self, repository: Repository) -> int:
        """How many of its deliveries are not done."""
        path = Path(self.settings.data_dir) / "hephaestus.db"
        query = "SELECT count(*) FROM delivery WHERE coalesce(repository, ?1) = ?1 AND state IN ('received', 'running')"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            return int(connection.execute(query, (repository.full_name,)).fetchone()[0])


def told(story: Story) -> Test:
    """The test that waits for this story."""

    async def test(stage: Stage) -> None:
        await stage.outcome(story)

    test.__name__ = test.__qualname__ = story.__name__
    test.__doc__ = story.__doc__
    test.story = story  # type: ignore[attr-defined]  # the stage plays what its module tells
    return test


@asynccontextmanager
async def staged(folder: Path, stories: Iterable[Story] = ()) -> AsyncIterator[Stage]:
    """A stage on which these stories are being played."""
    seed = int(os.environ.get("HEPHAESTUS_SEED") or random.SystemRandom().randrange(10**6))
    world = build(folder / "git", SECRET)
    hold(world.github)
    webhooks = Disordered()
    world.github.part(Hooks).waiting = webhooks
    async with running(world.github) as github:
        settings = Settings.load(environment(world, folder, github.url, SECRET))
        async with running_service(settings) as service, asyncio.TaskGroup() as group:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            stage = Stage(world, settings, seed, webhooks)
            stage.play(group, stories)
            yield stage
    kept([world.github])


@dataclass
class Proposal:
    """A commit that a pull request proposes."""

    branch: str
    sha: str
    pull: PullRequest | None = None


@dataclass
class Scene:
    """One repository, in an organisation of its own, and what people and CI do there."""

    stage: Stage
    name: str
    chance: random.Random
    repository: Repository = field(init=False)

    @property
    def world(self) -> World:
        return self.stage.world

    def begin(self, policy: str, files: Mapping[str, str | bytes | None] | None = None) -> None:
        """The repository, with this section `quality_gate` and these files on its default branch."""
        indented = "".join(f"  {line}\n" for line in policy.strip().splitlines())
        start: dict[str, bytes | str] = {
            CONFIG: f"version: 1\nquality_gate:\n{indented}",
            CI: WORKFLOW,
            "a.txt": "a\n",
            **{path: text for path, text in (files or {}).items() if text is not None},
        }
        self.repository = self.world.github.add_repository(f"{self.name}/work", start)
        self.world.github.add_installation(self.world.app, self.name)
        self.stage.webhooks.chances[self.repository.id] = self.chance

    def commit(self, branch: str, files: Mapping[str, str | bytes | None] | None = None) -> Proposal:
        """A commit on a branch, which nobody has proposed yet."""
        changed = files or {"a.txt": f"{branch} {self.chance.random()}\n"}
        return Proposal(branch, self.repository.commit(branch, changed, f"Change {branch}"))

    def propose(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        branch: str = "topic",
        base: str | None = None,
    ) -> Proposal:
        """A commit and its pull request."""
        one = self.commit(branch, files)
        one.pull = self.repository.open_pull(f"Merge {branch}", branch, base=base)
        return one

    def start(
        self,
        one: Proposal,
        *,
        event: str = "pull_request",
        path: str = CI,
        jobs: tuple[str, ...] = ("test",),
        fork: Repository | None = None,
        actor: Account | None = None,
    ) -> WorkflowRun:
        """CI begins."""
        trigger = Trigger(event, one.branch, fork, actor)
        return workflows.start_run(self.repository, path, one.sha, jobs, trigger)

    def end(
        self,
        run: WorkflowRun,
        artifacts: Artifacts | None = None,
        conclusion: str = "success",
        jobs: tuple[str, ...] = ("test",),
    ) -> None:
        """CI ends, and leaves these artifacts."""
        planned = [PlannedJob(job, conclusion) for job in jobs]
        workflows.finish_run(self.repository, run, Outcome(planned, artifacts or {}))

    def ci(
        self,
        one: Proposal,
        artifacts: Artifacts | None = None,
        conclusion: str = "success",
        *,
        event: str = "pull_request",
        path: str = CI,
        fork: Repository | None = None,
    ) -> WorkflowRun:
        """CI from its start to its end."""
        run = self.start(one, event=event, path=path, fork=fork)
        self.end(run, artifacts, conclusion)
        return run

    def again(self, run: WorkflowRun, jobs: tuple[str, ...] = ("test",)) -> None:
        """Somebody starts jobs of a run again, an hour after what it did before."""
        self._an_hour_passes(run)
        workflows.start_attempt(self.repository, run, jobs, self.repository.owner)

    def _an_hour_passes(self, run: WorkflowRun) -> None:
        hour = timedelta(hours=1)
        for artifact in self.artifacts():
            if artifact.run is run:
                artifact.created_at -= hour
        for job in self.repository.jobs.values():
            if isinstance(job, Job) and job.run is run:
                job.check.started_at -= hour
                job.check.completed_at = job.check.completed_at and job.check.completed_at - hour
        for attempt in run.attempts:
            attempt.started_at -= hour

    def artifacts(self) -> list[Artifact]:
        """What its runs left."""
        return [one for one in self.repository.artifacts.values() if isinstance(one, Artifact)]

    async def measured(self, artifacts: Artifacts, branch: str = "main") -> str:
        """The default branch's newest commit with the reports of its push; its sha."""
        sha = self.repository.git.resolve(branch)
        assert sha is not None
        self.ci(Proposal(branch, sha), artifacts, event="push")
        await self.settled()
        return sha

    async def settled(self) -> None:
        """Everything that happened here is told, and answered."""
        async with asyncio.timeout(PATIENCE_S):
            still = 0
            while still < 2:
                await self.world.github.outbox.join()
                is_busy = self.stage.in_the_air(self.repository) or await asyncio.to_thread(
                    self.stage.open_rows, self.repository
                )
                still = 0 if is_busy else still + 1
                await asyncio.sleep(0.05)

    def runs(self, one: Proposal | str) -> list[CheckRun]:
        """Our check runs at a commit."""
        sha = one if isinstance(one, str) else one.sha
        return [run for run in checks(self.world, self.repository, sha) if run.name == CHECK]

    def check(self, one: Proposal | str) -> CheckRun:
        """Our check run that GitHub shows, the newest: one that ended is not opened again, another takes its place."""
        return max(self.runs(one), key=lambda run: run.id)

    async def judged(self, one: Proposal | str) -> str:
        """What our check run says when everything has happened: its conclusion, or its status."""
        await self.settled()
        run = self.check(one)
        return run.conclusion or run.status

    def words(self, one: Proposal | str) -> str:
        """All that the check run says, without the escapes of Markdown."""
        run = self.check(one)
        return "\n".join((run.title or "", run.summary or "", run.text or "")).replace("\\", "")

    def writes(self, seen: Iterable[ApiCall] = ()) -> list[ApiCall]:
        """The requests that changed anything of it at GitHub, without those that were seen before."""
        before = {id(each) for each in seen}
        prefix = f"/repos/{self.repository.full_name}/"
        return [
            each
            for each in self.world.github.part(Contract).calls
            if each.method != "GET" and each.path.startswith(prefix) and id(each) not in before
        ]

    def said(self, one: Proposal | str) -> list[str]:
        """What our check run said in turn, as GitHub told it."""
        sha = one if isinstance(one, str) else one.sha
        return [run["conclusion"] or run["status"] for run in self._told() if run["head_sha"] == sha]

    def _told(self) -> Iterable[Json]:
        for event in self.world.github.events:
            if event.name == "check_run" and event.repository_id == self.repository.id:
                run: dict[str, Any] = event.payload["check_run"]
                if run["app"]["id"] == self.world.app.id:
                    yield run
