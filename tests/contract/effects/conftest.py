"""Our client of the stand-in GitHub, as a process that may lose its power at any HTTP request."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from app.adapters.github import GitHubClient
from app.dispatch.apply import permissions_for
from app.dispatch.effects import GitHubEffect, Outcome, apply
from app.dispatch.effects.dispatch_workflow import LOOKS
from app.domain.ids import CommitSha, InstallationId, RepositoryId
from app.domain.repo import Repository
from app.errors import TransientError
from app.ports.handler import Lane
from app.standin.github import repository
from app.testing.progress import MemoryProgress
from tests.contract.github.conftest import WorldClock, app_keys, world
from tests.contract.standin.conftest import FILES, World

__all__ = ["app_keys", "world"]


class PowerCut(Exception):
    """Ends the process in the middle of an effect."""


@dataclass
class Wire:
    """Counts a process's HTTP requests, those for tokens too, and cuts the power at the `cut`th, counted from 1.

    With `lost` the request never reaches GitHub; else GitHub has answered it, and the answer reaches nobody.
    """

    cut: int = 0
    lost: bool = False
    requests: int = 0
    over: bool = False
    """What follows, the process does while it ends in good order."""

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self.over:
            return await handler(request)
        self.requests += 1
        if self.requests == self.cut and self.lost:
            raise PowerCut
        response = await handler(request)
        if self.requests == self.cut:
            response.close()
            raise PowerCut
        return response


@dataclass
class Place:
    """A repository of its own at the stand-in."""

    at: repository.Repository
    ours: Repository

    @property
    def main(self) -> CommitSha:
        return CommitSha(self.at.git.resolve("main") or "")


@dataclass
class Site:
    """The stand-in, with new repositories on demand, one process that lives, and others that lose their power."""

    world: World
    folder: Path
    client: GitHubClient
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def place(self) -> Place:
        """A new repository, all of them alike, under an installation of its own: each has a whole budget."""
        owner = f"forge{next(self.numbers)}"
        at = self.world.github.add_repository(f"{owner}/anvil", FILES)
        installed = self.world.github.add_installation(self.world.app, owner)
        ours = Repository(RepositoryId(at.id), owner, "anvil", InstallationId(installed.id))
        return Place(at, ours)

    async def attempt(self, effect: GitHubEffect, row: MemoryProgress) -> Outcome:
        """An attempt that nothing disturbs."""
        return await self._apply(self.client, effect, row)

    async def through(self, effect: GitHubEffect, row: MemoryProgress, wire: Wire) -> Outcome:
        """An attempt by a new process. Raises PowerCut if it comes as far as the wire's cut."""
        async with process(self.world, self.folder / f"{next(self.numbers)}", wire) as client:
            return await self._apply(client, effect, row)

    async def _apply(self, client: GitHubClient, effect: GitHubEffect, row: MemoryProgress) -> Outcome:
        writer, app_id = (
            client.writer(effect.repository, permissions_for(effect), Lane.GATE),
            self.world.app.id,
        )
        for _ in range(LOOKS):
            try:
                return await apply(effect, writer, row, app_id=app_id)
            except TransientError as error:
                # The service comes back later: whether a run was started is not known at once.
                if error.code != "dispatch.unknown":
                    raise
        return await apply(effect, writer, row, app_id=app_id)


@asynccontextmanager
async def process(world: World, folder: Path, wire: Wire) -> AsyncIterator[GitHubClient]:
    """Our client as a new process has it: no token, nothing remembered."""
    clock, url = WorldClock(world), world.server.url
    async with aiohttp.ClientSession(middlewares=(wire,)) as session:
        client = GitHubClient(session, url, world.app.id, world.pem, clock, data_dir=folder)
        try:
            yield client
        finally:
            wire.over = True
            await client.aclose()


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    world.app.permissions |= {"workflows": "write", "attestations": "write"}
    folder = tmp_path / "processes"
    async with process(world, folder / "living", Wire()) as client:
        yield Site(world, folder, client)


def visible(place: Place, app_id: int) -> dict[str, object]:
    """All that people see in a repository, without the numbers and times that GitHub gives."""
    git, at = place.at.git, place.at
    branches = {
        name: [
            (git.tree_of(sha), git.commit(sha).message)
            for sha in git.log(found, exclude=None if name.endswith("/main") else place.main)
        ]
        for name, found in git.refs("refs/heads/").items()
    }
    checks = [
        (run.name, run.status, run.conclusion, run.title, run.summary, run.text, _lines(run.annotations))
        for run in at.check_runs.values()
        if run.app.id == app_id
    ]
    pulls = [
        (pull.issue.state, pull.issue.title, pull.issue.body, pull.head_ref, pull.base_ref, pull.draft)
        for pull in at.pulls.values()
    ]
    heads = [pull.head_sha == git.resolve(pull.head_ref) for pull in at.pulls.values()]
    labels = [sorted(label.name for label in issue.labels) for issue in at.issues.values()]
    comments = [(said.issue_number, said.body) for said in at.comments.values()]
    runs = [(run.title, len(run.attempts)) for run in at.runs.values()]
    issues = [(issue.state, issue.title, issue.body) for issue in at.issues.values()]
    releases = [
        (one.tag_name, one.draft, one.prerelease, one.make_latest, one.body) for one in at.releases.values()
    ]
    return {
        "branches": branches,
        "checks": checks,
        "pulls": pulls,
        "heads": heads,
        "labels": labels,
        "comments": comments,
        "runs": runs,
        "attestations": {digest: len(found) for digest, found in at.attestations.items()},
        "issues": issues,
        "releases": releases,
    }


def _lines(annotations: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(one["path"], one["start_line"], one["message"]) for one in annotations]
