"""A running service before a stand-in GitHub, as the demo has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bootstrap.service import Service, running_service
from app.cli.demo import environment
from app.cli.demo_world import World, build
from app.settings import Settings
from app.standin.github.server import running

SECRET = "a secret of this test"


@dataclass(frozen=True)
class Running:
    """Both sides, and where they are."""

    world: World
    service: Service
    github_url: str
    settings: Settings


@pytest.fixture
async def everything(tmp_path: Path) -> AsyncIterator[Running]:
    """The stand-in GitHub and the service, connected."""
    world = build(tmp_path / "git", SECRET)
    async with running(world.github) as github:
        settings = Settings.load(environment(world, tmp_path, github.url, SECRET))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            yield Running(world, service, github.url, settings)
