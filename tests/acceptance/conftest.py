"""A running service before a stand-in GitHub, as the demo has it; every call of every test is held to GitHub's contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bootstrap.service import Service, running_service
from app.cli.demo import environment
from app.cli.demo_world import World, build
from app.settings import Settings
from app.standin.github.server import running
from tests.held_to_contract import hold, kept

SECRET = "a secret of this test"
NewWorld = Callable[[], World]


@dataclass(frozen=True)
class Running:
    """Both sides, and where they are."""

    world: World
    service: Service
    github_url: str
    settings: Settings


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[NewWorld]:
    """Makes stand-ins that hold every call to GitHub's descriptions; a deviation fails the test."""
    made: list[World] = []

    def make() -> World:
        world = build(tmp_path / f"git{len(made)}", SECRET)
        hold(world.github)
        made.append(world)
        return world

    yield make
    kept(world.github for world in made)


@pytest.fixture
async def everything(tmp_path: Path, new_world: NewWorld) -> AsyncIterator[Running]:
    """The stand-in GitHub and the service, connected, in one process."""
    world = new_world()
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            yield Running(world, service, github.url, settings)
