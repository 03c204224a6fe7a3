"""Durable accept beside bare aiohttp + HMAC and beside peers that store nothing: CPU a request, requests a second.

Rounds rotate over the servers, since machines are noisy: read ratios.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.load import SECRET, load
from tests.benchmarks.payload import pull_request, push
from tests.benchmarks.processes import Server, python, started

BODIES = {8: push, 24: pull_request, 200: push}
"""The event that has this size in KB as a rule: pull requests have 20 to 30, pushes from a few to hundreds."""
ROUNDS = 5
SECONDS = 1.5
OURS = ("bare", "durable")
TITLES = {
    "bare": "aiohttp + HMAC",
    "durable": "Hephaestus",
    "octokit": "@octokit/webhooks",
    "probot": "Probot",
}


@dataclass(frozen=True)
class Accept:
    """One server at one size; medians over the rounds."""

    cpu_us: float
    rate: float
    p50_ms: float
    p99_ms: float


Results = Mapping[tuple[str, int], Accept]


def measure(names: Sequence[str], rounds: int = ROUNDS) -> Results:
    """Each server at each size."""
    seen: dict[tuple[str, int], list[Accept]] = {}
    bodies = {size: body(size) for size, body in BODIES.items()}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hephaestus-bench-"))
        servers = {name: stack.enter_context(started(command(name, folder), environment())) for name in names}
        for size, body in bodies.items():
            for server in servers.values():
                load(server.port, body, SECONDS / 3)
            for number in range(rounds):
                turn = [*servers][number % len(servers) :] + [*servers][: number % len(servers)]
                for name in turn:
                    seen.setdefault((name, size), []).append(one(servers[name], body))
    return {key: median(rows) for key, rows in seen.items()}


def one(server: Server, body: bytes) -> Accept:
    """One round."""
    before = server.cpu_s
    result = load(server.port, body, SECONDS)
    cpu_us = (server.cpu_s - before) / result.requests * 1e6
    return Accept(cpu_us, result.rate, result.p50_ms, result.p99_ms)


def median(rows: Sequence[Accept]) -> Accept:
    """Each figure's median."""
    return Accept(
        statistics.median(row.cpu_us for row in rows),
        statistics.median(row.rate for row in rows),
        statistics.median(row.p50_ms for row in rows),
        statistics.median(row.p99_ms for row in rows),
    )


def command(name: str, folder: str) -> tuple[str, ...]:
    """How the server is started."""
    if name in OURS:
        return python("tests.benchmarks.accept_server", name, str(Path(folder)))
    return peers.command(name)


def environment() -> Mapping[str, str]:
    """What each server is told."""
    return {"BENCH_SECRET": SECRET.decode(), "NODE_ENV": "production"}


def table(results: Results) -> list[str]:
    """Markdown: each server at each size, and how durable accept relates to the peers."""
    lines = [
        "| body | server | stores | CPU us a request | requests/s | p50 ms | p99 ms | CPU beside durable |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, size), row in sorted(results.items(), key=lambda item: (item[0][1], item[0][0])):
        ratio = row.cpu_us / results["durable", size].cpu_us
        stores = "yes" if name == "durable" else "no"
        lines.append(
            f"| {size} KB | {TITLES[name]} | {stores} | {row.cpu_us:.0f} | {row.rate:.0f} | "
            f"{row.p50_ms:.1f} | {row.p99_ms:.1f} | {ratio:.2f} |"
        )
    return lines


def bars(results: Results) -> list[str]:
    """The bars, as met or not met in this run; none where Probot was not measured."""
    if ("probot", 24) not in results:
        return []
    ours, theirs = results["durable", 24], results["probot", 24]
    large = results["durable", 200].cpu_us / results["probot", 200].cpu_us
    return [
        bar("CPU at 24 KB beside Probot, which stores nothing", ours.cpu_us / theirs.cpu_us, "<=", 1.0),
        bar("CPU at 200 KB beside Probot", large, "<", 0.5),
        bar("requests/s at 24 KB beside Probot", ours.rate / theirs.rate, ">=", 0.9),
        bar("p99 at 24 KB and 16 connections, ms", ours.p99_ms, "<=", 25.0),
    ]


def bar(what: str, value: float, sign: str, limit: float) -> str:
    """One line of the table of bars."""
    met = {"<=": value <= limit, "<": value < limit, ">=": value >= limit}[sign]
    return f"| {what} | {value:.2f} | {sign} {limit:g} | {'yes' if met else 'no'} |"
