"""`hephaestus serve` as a process of its own, which a test may kill, stop and start again."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from app.bootstrap.operating import read_deliveries
from app.cli.demo import environment
from app.cli.demo_world import World
from app.domain.delivery import DeliveryState
from app.ports.ledger import DeliveryRow
from app.settings import Settings
from app.standin.github.deliveries import Delivery, Hooks
from app.standin.github.hooks import idle
from app.standin.github.records import CheckRun
from app.standin.github.repository import Repository
from tests.acceptance.conftest import SECRET
from tests.conftest import REPOSITORY

START_S = 40.0
OPEN = {DeliveryState.RECEIVED, DeliveryState.RUNNING}


def free_port() -> int:
    """A port that nobody has now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Serve:
    """One installation of the service: it keeps its address and its data over restarts."""

    environ: Mapping[str, str]
    folder: Path
    port: int
    module: str = "app"
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it wrote to standard error, over all its lives."""
        path = self.folder / "serve.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    async def launch(self, **more: str) -> asyncio.subprocess.Process:
        """Starts the process and does not wait until it serves."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                "serve",
                env={**self.environ, **more},
                cwd=REPOSITORY,
                stderr=log,
            )
        return self.process

    async def start(self, **more: str) -> None:
        """Starts the process and waits until it serves."""
        process = await self.launch(**more)
        async with aiohttp.ClientSession() as session, asyncio.timeout(START_S):
            while process.returncode is None:
                try:
                    async with session.get(f"{self.url}/healthz"):
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"it ended with {process.returncode} instead of serving:\n{self.log}")

    async def kill(self) -> None:
        """SIGKILL: no chance to say goodbye."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> tuple[int, float]:
        """SIGTERM: the exit code, and how many seconds it took."""
        assert self.process is not None
        begin = time.monotonic()
        self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), 60)
        return code, time.monotonic() - begin

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the service's own database, read from outside."""
        path = self.folder / "data" / "hephaestus.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def serving(world: World, folder: Path, github_url: str, **settings: str) -> AsyncIterator[Serve]:
    """An installation that is not started yet; whatever still runs at the end is killed."""
    port = free_port()
    environ = {
        **environment(world, folder, github_url, SECRET),
        "PATH": os.environ["PATH"],
        "HEPHAESTUS_PORT": str(port),
        **settings,
    }
    serve = Serve(environ, folder, port)
    try:
        yield serve
    finally:
        if serve.process is not None and serve.process.returncode is None:
            await serve.kill()


async def refused(serve: Serve, **more: str) -> str:
    """The one line with which the service refuses to start."""
    process = await serve.launch(**more)
    code = await asyncio.wait_for(process.wait(), 40)
    said = [line for line in serve.log.splitlines() if not line.startswith("{")]
    assert (code, len(said)) == (2, 1), f"exit code {code}\n{serve.log}"
    return said[0]


async def until(look: Callable[[], object], seconds: float = 30.0) -> bool:
    """Whether `look` found something in time."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


async def quiet(world: World, settings: Settings) -> tuple[DeliveryRow, ...]:
    """The ledger's rows, as soon as everything is delivered and nothing is left to do."""
    async with asyncio.timeout(30):
        while True:
            await idle(world.github)
            heard = len(world.github.events)
            rows = await read_deliveries(settings, limit=5_000)
            # What the last evaluation wrote is on its way to us again, as a webhook.
            is_all = heard == len(world.github.events)
            if is_all and rows and all(row.state not in OPEN for row in rows):
                return rows
            await asyncio.sleep(0.05)


def checks(world: World, repository: Repository, sha: str) -> list[CheckRun]:
    """The App's check runs on a commit, oldest first."""
    return [
        run
        for run in repository.check_runs.values()
        if run.suite.app.id == world.app.id and run.head_sha == sha
    ]


def deliveries(world: World, event: str, action: str | None = None) -> list[Delivery]:
    """What was delivered of an event, or tried to be, oldest first."""
    sent = world.github.part(Hooks).deliveries
    return [one for one in sent if one.sent.event == event and action in {None, one.sent.action}]
