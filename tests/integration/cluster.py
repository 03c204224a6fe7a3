"""The service in parts: real processes over one database, before a stand-in GitHub in the test's own process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.cli.demo import environment
from app.cli.demo_world import CI, POLICY, World, build
from app.ports.ledger import DeliveryRow
from app.standin.github.deliveries import Hooks
from app.standin.github.faults import Fault, Faults, Rule
from app.standin.github.records import CheckRun
from app.standin.github.repository import Repository
from app.standin.github.server import running
from tests.conftest import REPOSITORY
from tests.held_to_contract import hold, kept
from tests.integration.postgres import free_port

SECRET = "a secret of this test"
START_S = 40.0
WORKFLOW = "name: CI\non: [pull_request]\njobs: {}\n"


@dataclass(frozen=True)
class Process:
    """One process of the service."""

    process: asyncio.subprocess.Process
    url: str
    admin_url: str
    log: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ready(self) -> None:
        """Returns when it answers."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(START_S):
            while self.process.returncode is None:
                try:
                    async with session.get(f"{self.admin_url}/healthz"):
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"ended with {self.process.returncode}: {self.log.read_text(encoding='utf-8')}")

    async def ended(self, seconds: float) -> int:
        """Its exit code, as soon as it has ended."""
        return await asyncio.wait_for(self.process.wait(), seconds)


@dataclass
class Cluster:
    """A GitHub, a database, and the processes that a test starts."""

    world: World
    environ: Mapping[str, str]
    folder: Path
    module: str = "app"
    processes: list[Process] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return self.environ["HEPHAESTUS_DATABASE_URL"]

    async def launch(self, role: str) -> Process:
        """Starts a process and does not wait for it; whoever receives gets the webhooks from now on."""
        port, admin_port = free_port(), free_port()
        log = self.folder / f"{role}-{len(self.processes)}.log"
        environ = {
            **self.environ,
            "HEPHAESTUS_PORT": str(port),
            "HEPHAESTUS_ADMIN_BIND": f"127.0.0.1:{admin_port}",
        }
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, role, env=environ, cwd=REPOSITORY, stdout=out, stderr=out
            )
        started = Process(process, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{admin_port}", log)
        self.processes.append(started)
        if role != "worker":
            self.world.app.webhook_url = f"{started.url}/webhooks/github"
        return started

    async def start(self, *roles: str) -> tuple[Process, ...]:
        """Starts processes and waits until all answer."""
        started = [await self.launch(role) for role in roles]
        await asyncio.gather(*(one.ready() for one in started))
        return tuple(started)

    def inject(self, fault: Fault, **rule: object) -> Rule:
        """A fault of the stand-in."""
        return self.world.github.part(Faults).inject(fault, **rule)  # type: ignore[arg-type]  # fields of Rule

    def count(self, method: str, path: str) -> Rule:
        """A rule that only counts requests."""
        return self.inject(Fault.SLOW, method=method, path=path, nth=1_000_000_000)

    def tenants(self, count: int) -> list[Repository]:
        """Organisations with a repository each, the App installed."""
        files: dict[str, bytes | str] = {".github/hephaestus.yml": POLICY, CI: WORKFLOW, "a.txt": "a\n"}
        made = []
        for number in range(count):
            made.append(self.world.github.add_repository(f"org{number}/work", dict(files)))
            self.world.github.add_installation(self.world.app, f"org{number}")
        return made

    def checks(self, repository: Repository, sha: str) -> list[CheckRun]:
        """The App's check runs on a commit."""
        runs = repository.check_runs.values()
        return [run for run in runs if run.suite.app.id == self.world.app.id and run.head_sha == sha]

    def accepted(self, sha: str) -> bool:
        """Whether a delivery about the commit's pull request was answered with a 2xx."""
        return any(
            one.is_success and one.sent.event == "pull_request" and sha.encode() in one.sent.body
            for one in self.world.github.part(Hooks).deliveries
        )

    async def rows(self) -> tuple[DeliveryRow, ...]:
        """The ledger's deliveries, read from outside."""
        database = Database(self.database_url)
        try:
            return await SqlLedger(database, SystemClock()).deliveries(limit=10_000)
        finally:
            await database.close()


def propose(repository: Repository, name: str) -> str:
    """A pull request with one commit; its sha."""
    sha = repository.commit(name, {"a.txt": f"{name}\n"}, f"Change {name}")
    repository.open_pull(f"Merge {name}", name)
    return sha


@asynccontextmanager
async def cluster(folder: Path, database_url: str) -> AsyncIterator[Cluster]:
    """The stand-in, held to GitHub's contract, and no process yet; whatever still runs at the end is killed."""
    world = build(folder / "git", SECRET)
    hold(world.github)
    async with running(world.github) as github:
        environ = {
            **environment(world, folder, github.url, SECRET),
            "PATH": os.environ["PATH"],
            "HEPHAESTUS_DATABASE_URL": database_url,
        }
        made = Cluster(world, environ, folder)
        try:
            yield made
        finally:
            for one in made.processes:
                if one.process.returncode is None:
                    one.process.kill()
                    await one.process.wait()
    kept([world.github])


async def until(look: Callable[[], object], seconds: float) -> float:
    """Seconds until `look` found something. Raises AssertionError where it does not in time."""
    begin = time.monotonic()
    while not look():
        assert time.monotonic() - begin < seconds, f"not within {seconds} s"
        await asyncio.sleep(0.05)
    return time.monotonic() - begin
