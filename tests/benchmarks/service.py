"""The whole service before the stand-in GitHub: start, webhook to check run, requests an event, memory."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from app.cli.demo_world import World, build
from app.standin.github.contract import Contract
from app.standin.github.hooks import idle
from app.standin.github.server import running
from tests.acceptance.process import Serve, checks, deliveries, serving
from tests.acceptance.tenants import Commit, commit, tenant
from tests.benchmarks import requests
from tests.benchmarks.load import SECRET, Load, load
from tests.benchmarks.payload import push
from tests.benchmarks.processes import children_rss_bytes, rss_bytes
from tests.benchmarks.requests import Requests, counted, releases, remediations, repeated, settled

INSTALLATIONS = 50
EVENTS_PER_S = 20
SECONDS = 10
AGAIN = 20
DELIVERIES = 20_000
LOOK_S = 0.005
PATIENCE_S = 60.0
MIB = 1024 * 1024
PACE = f"{EVENTS_PER_S}/s over {INSTALLATIONS} installations"


@dataclass(frozen=True)
class Figures:
    """What was measured; times in seconds, sizes in bytes."""

    ready_s: float
    effect_p50_s: float
    effect_p99_s: float
    missing: int
    requests: dict[str, tuple[Requests, Requests]]
    base_bytes: int
    after_bytes: int
    workers_bytes: int


def measure() -> Figures:
    """Starts the service as a process of its own, with the stand-in in this one."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        return asyncio.run(measured(Path(folder)))


async def measured(folder: Path) -> Figures:
    """All figures, in the order that disturbs them least."""
    world = build(folder / "git", SECRET.decode())
    world.app.events = ["pull_request"]
    repositories = [tenant(world, f"org{number}") for number in range(INSTALLATIONS)]
    commits = [
        commit(repositories[number % INSTALLATIONS], f"b{number}") for number in range(EVENTS_PER_S * SECONDS)
    ]
    settings = {"HEPHAESTUS_WEBHOOK_SECRETS": SECRET.decode(), "HEPHAESTUS_LOG_LEVEL": "warning"}
    async with running(world.github) as github, serving(world, folder, github.url, **settings) as serve:
        ready_s = await ready(serve)
        await idle(world.github)
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        calls = world.github.part(Contract).operations
        calls.clear()
        times = await effects(world, commits)
        gate = counted(calls, len(times))
        await settled(serve)
        cost = {
            "quality gate": (
                gate,
                await repeated(world, serve, deliveries(world, "pull_request")[:AGAIN], AGAIN),
            ),
            "release verification": await releases(world, serve),
            "remediation": await remediations(world, serve),
        }
        assert serve.process is not None
        base = rss_bytes(serve.process.pid)
        after = await flooded(serve, serve.process.pid)
        workers = children_rss_bytes(serve.process.pid)
    hundredths = statistics.quantiles(times, n=100)
    return Figures(
        ready_s,
        hundredths[49],
        hundredths[98],
        len(commits) - len(times),
        cost,
        base,
        after,
        workers,
    )


async def ready(serve: Serve) -> float:
    """Seconds from the start of the process to `/readyz` answering 200."""
    begin = time.perf_counter()
    await serve.start()
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE_S):
        while True:
            async with session.get(f"{serve.url}/readyz") as answer:
                if answer.status == 200:
                    return time.perf_counter() - begin
            await asyncio.sleep(LOOK_S)


async def effects(world: World, commits: Sequence[Commit]) -> list[float]:
    """Seconds from the pull request being opened to its check run, at an even pace."""
    opened: dict[Commit, float] = {}
    times: list[float] = []

    async def look() -> None:
        end = time.perf_counter() + SECONDS + PATIENCE_S
        while len(times) < len(commits) and time.perf_counter() < end:
            now = time.perf_counter()
            seen = [one for one in opened if checks(world, one.repository, one.sha)]
            times.extend(now - opened.pop(one) for one in seen)
            await asyncio.sleep(LOOK_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        begin = time.perf_counter()
        for number, one in enumerate(commits):
            await asyncio.sleep(max(0.0, begin + number / EVENTS_PER_S - time.perf_counter()))
            opened[one] = time.perf_counter()
            one.propose()
    return times


async def flooded(serve: Serve, pid: int) -> int:
    """Resident memory after 20,000 more deliveries have come and are settled."""
    body, accepted = push(8), 0
    while accepted < DELIVERIES:
        result: Load = await asyncio.to_thread(load, serve.port, body, 5.0)
        accepted += result.requests
    await settled(serve)
    return rss_bytes(pid)


def table(found: Figures) -> list[str]:
    """Markdown."""
    return [
        "| what | measured | to reach |",
        "|---|---|---|",
        f"| start to ready, s | {found.ready_s:.1f} | <= 4 |",
        f"| webhook to check run at {PACE}, p50 s | {found.effect_p50_s:.2f} | <= 0.4 |",
        f"| the same, p99 s | {found.effect_p99_s:.2f} | |",
        f"| check runs that did not come within {PATIENCE_S:g} s | {found.missing} | 0 |",
        f"| memory before the flood, MiB | {found.base_bytes / MIB:.0f} | |",
        f"| memory after {DELIVERIES:,} deliveries more, MiB | {found.after_bytes / MIB:.0f} | <= 200 |",
        f"| memory of its sandbox workers then, MiB | {found.workers_bytes / MIB:.0f} | |",
        "",
        *requests.table(found.requests),
    ]
