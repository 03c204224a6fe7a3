"""One judgement on a pull request with thirty artifacts: from the end of its CI to the verdict, and what was asked of GitHub."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.cli.demo_world import build
from app.standin.github.contract import Contract
from app.standin.github.hooks import idle
from app.standin.github.server import running
from tests.acceptance.process import checks, serving
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, sarif
from tests.acceptance.quality_gate.test_requests import POLICY, THIRTY
from tests.acceptance.tenants import commit, tenant
from tests.benchmarks.load import SECRET
from tests.benchmarks.requests import Requests, counted, settled
from tests.benchmarks.service import ready

PULLS = 5
LEGS, TESTS, FILES, LINES = 10, 500, 50, 200
LOOK_S, PATIENCE_S = 0.002, 60.0
LIMIT_S = 2.0
QUIET_S = 10.5
"""CI takes longer than this: what follows sooner is a burst, and its events are judged together two seconds later."""


@dataclass(frozen=True)
class Judged:
    """Seconds of each judgement, one a pull request, and requests of one of them; tokens are left out."""

    times_s: tuple[float, ...]
    requests: Requests
    size_bytes: int


def measure() -> Judged:
    """Starts the service as a process of its own, with the stand-in in this one."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        return asyncio.run(measured(Path(folder)))


async def measured(folder: Path) -> Judged:
    """One pull request after the other, each of its own installation: nobody waits for GitHub's pace."""
    world = build(folder / "git", SECRET.decode())
    world.app.events = ["pull_request", "workflow_run"]
    policy = "version: 1\nquality_gate:\n" + "".join(f"  {line}\n" for line in POLICY.strip().splitlines())
    commits = [commit(tenant(world, f"org{number}", policy), "topic") for number in range(PULLS)]
    settings = {"HEPHAESTUS_WEBHOOK_SECRETS": SECRET.decode(), "HEPHAESTUS_LOG_LEVEL": "warning"}
    async with running(world.github) as github, serving(world, folder, github.url, **settings) as serve:
        await ready(serve)
        await idle(world.github)
        world.app.webhook_url = f"{serve.url}/webhooks/github"
        for one in commits:
            one.propose()
        await idle(world.github)
        await settled(serve)
        await asyncio.sleep(QUIET_S)
        calls = world.github.part(Contract).operations
        calls.clear()
        artifacts = reports()
        times = []
        for one in commits:
            begin = time.perf_counter()
            one.report(artifacts, "success")
            async with asyncio.timeout(PATIENCE_S):
                while not {run.conclusion for run in checks(world, one.repository, one.sha)} - {None}:  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(LOOK_S)
            times.append(time.perf_counter() - begin)
        await settled(serve)
    size = sum(len(data) for files in artifacts.values() for data in files.values())
    return Judged(tuple(times), counted(calls, PULLS), size)


def reports() -> dict[str, dict[str, bytes]]:
    """Thirty artifacts of ten legs, as large as those of a middling project."""
    covered = {f"anvil/part{number}.py": lines(190, LINES) for number in range(FILES)}
    one = {"junit": junit(TESTS), "coverage": cobertura({"a.txt": lines(9, 9), **covered}), "lint": sarif(0)}
    suffix = {"junit": "junit.xml", "coverage": "coverage.xml", "lint": "ruff.sarif"}
    found = {f"{kind}-{leg}": {suffix[kind]: data} for leg in range(LEGS) for kind, data in one.items()}
    assert found.keys() == THIRTY.keys()
    return found


def table(found: Judged) -> list[str]:
    """Markdown."""
    middle, most = statistics.median(found.times_s), max(found.times_s)
    return [
        f"| {len(THIRTY)} artifacts, {found.size_bytes / 1e6:.1f} MB | measured | to reach |",
        "|---|---|---|",
        f"| end of CI to the verdict, median of {PULLS}, s | {middle:.2f} | <= {LIMIT_S:g} |",
        f"| the same, the slowest, s | {most:.2f} | |",
        f"| reads, of which {len(THIRTY)} downloads | {found.requests.reads:.1f} | |",
        f"| writes | {found.requests.writes:.1f} | |",
    ]
