"""A TUF repository served on loopback, and an installation that knows its first root of metadata."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.contract.sigstore.tuf_repository import FIRST, Installation, Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.publish(FIRST)
    return made


@pytest.fixture
async def server(repository: Repository) -> AsyncIterator[TestServer]:
    @web.middleware
    async def asked(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        repository.asked.append(request.path)
        answer: web.StreamResponse = await handler(request)
        return answer

    application = web.Application(middlewares=[asked])
    application.router.add_static("/", repository.folder)
    server = TestServer(application)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def installation(tmp_path: Path, server: TestServer, repository: Repository) -> Installation:
    return Installation(tmp_path, str(server.make_url("/")).rstrip("/"), repository.bootstrap)
