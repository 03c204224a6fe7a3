"""500 deliveries over 50 installations within seconds: pull requests, and CI whose reports make more than a batch of notes."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache

from app.cli.demo_world import COBERTURA, World
from app.standin.github.records import CheckRun
from tests.acceptance.process import checks, deliveries
from tests.acceptance.tenants import Commit, commit, junit, tenant

TENANTS, PULLS, FAILURES = 50, 7, 70
DELIVERIES = 500
REPORTS = {"test-report": {"report.xml": junit(FAILURES)}, "coverage": {"coverage.xml": COBERTURA}}


@dataclass(frozen=True)
class BusyDay:
    """What people and their CI will do, and what became of it."""

    world: World
    commits: list[Commit]
    reported: list[Commit]

    async def happen(self) -> None:
        """All of it, within some seconds."""
        for number, one in enumerate(self.commits):
            one.propose()
            if one in self.reported:
                one.report(REPORTS)
            if number % 3 == 0:
                await asyncio.sleep(0.05)

    def proposed(self) -> list[Commit]:
        """The commits whose pull request we answered 202."""
        return self._accepted(self.commits, "pull_request", "opened")

    def ended(self) -> list[Commit]:
        """The commits the end of whose CI we answered 202."""
        return self._accepted(self.reported, "workflow_run", "completed")

    def missing(self) -> list[str]:
        """The commits that an answered delivery was about and that have not had its effect yet."""
        silent = [one.sha for one in self.proposed() if not self._runs(one)]
        open_ = [one.sha for one in self.ended() if {run.status for run in self._runs(one)} != {"completed"}]
        return silent + open_

    def assert_each_once(self) -> None:
        """Everything was answered, and had its effect: one check run a commit, one annotation a failed test."""
        hooks = deliveries(self.world, "pull_request") + deliveries(self.world, "workflow_run")
        assert len({one.sent.guid for one in hooks}) == DELIVERIES
        assert (len(self.proposed()), len(self.ended())) == (len(self.commits), len(self.reported))
        assert {one.sha: len(self._runs(one)) for one in self.commits if len(self._runs(one)) != 1} == {}
        for one in self.ended():
            (run,) = self._runs(one)
            lines = Counter(each["start_line"] for each in run.annotations)
            assert lines == {number + 1: 1 for number in range(FAILURES)}

    def _runs(self, one: Commit) -> list[CheckRun]:
        return checks(self.world, one.repository, one.sha)

    def _accepted(self, commits: list[Commit], event: str, action: str) -> list[Commit]:
        sent = deliveries(self.world, event, action)
        heads = {head_of(event, one.sent.body) for one in sent if one.is_success}
        return [one for one in commits if one.sha in heads]


@cache
def head_of(event: str, body: bytes) -> str:
    """The commit that a delivery is about; read once, since tests that wait ask again and again, beside a stand-in at work."""
    subject = json.loads(body)[event]
    sha: str = subject["head_sha"] if event == "workflow_run" else subject["head"]["sha"]
    return sha


def busy_day(world: World, moments: random.Random) -> BusyDay:
    """The repositories and their commits, in an order of chance; nothing of it is proposed yet."""
    world.app.events = ["pull_request", "workflow_run"]
    repositories = [tenant(world, f"org{number}") for number in range(TENANTS)]
    commits = [commit(repository, f"b{number}") for repository in repositories for number in range(PULLS)]
    reported = commits[::PULLS]
    moments.shuffle(commits)
    return BusyDay(world, commits, reported)
