"""Durable accept beside bare aiohttp + HMAC, in one run: CPU microseconds a request and requests a second.

Each server is a process of its own, the load comes from this one; rounds rotate, since machines are noisy: read ratios.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import uuid
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from aiohttp import web

SECRET = b"a secret of this benchmark"
SIZES_KB = (8, 24, 200)
CONNECTIONS = 16
REQUESTS = {8: 1500, 24: 1500, 200: 400}
ROUNDS = 3
LIMIT = 26 * 1024 * 1024


def bare() -> web.Application:
    """The least that a verifying receiver does; it stores nothing."""

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        expected = "sha256=" + hmac.digest(SECRET, body, hashlib.sha256).hex()
        good = hmac.compare_digest(expected, request.headers["X-Hub-Signature-256"])
        return web.Response(status=202 if good else 401)

    application = web.Application(client_max_size=LIMIT)
    application.add_routes([web.post("/webhooks/github", receive)])
    return application


async def durable(folder: Path) -> web.Application:
    """Our receiver with its ledger; nothing reads the rows, so that only accepting is measured."""
    from app.adapters.clock import SystemClock
    from app.adapters.database.connection import Database
    from app.adapters.database.ledger import SqlLedger
    from app.adapters.database.migrate import migrate
    from app.domain.ids import AppKey
    from app.receiver.memory import UnverifiedBytes
    from app.receiver.routes import Receiver, ReceivingApp
    from app.telemetry.metrics import Metrics

    url = f"sqlite:///{folder / 'ledger.db'}"
    await asyncio.to_thread(migrate, url)
    clock = SystemClock()
    receiver = Receiver(
        apps=(ReceivingApp(AppKey("bench/1"), "1", (SECRET,)),),
        inbox=SqlLedger(Database(url), clock),
        clock=clock,
        metrics=Metrics(),
        accepted=lambda: None,
        draining=lambda: False,
        memory=UnverifiedBytes(),
    )
    application = web.Application(client_max_size=LIMIT)
    application.add_routes(receiver.routes())
    return application


def serve(name: str, folder: str, pipe: Connection) -> None:
    """A server process: sends its port, answers each message with its CPU time so far, ends on None."""

    async def main() -> None:
        application = bare() if name == "bare" else await durable(Path(folder))
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        while await asyncio.to_thread(pipe.recv) is not None:
            used = os.times()
            pipe.send(used.user + used.system)
        await runner.cleanup()

    asyncio.run(main())


async def load(port: int, size_kb: int) -> tuple[float, float]:
    """Requests a second and the 99th percentile in milliseconds."""
    body = json.dumps({"action": "x", "padding": "y" * (size_kb * 1024)}).encode()
    signature = "sha256=" + hmac.digest(SECRET, body, hashlib.sha256).hex()
    left, times = iter(range(REQUESTS[size_kb])), list[float]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:

        async def worker() -> None:
            for _ in left:
                headers = {
                    "Content-Type": "application/json",
                    "X-GitHub-Event": "check_run",
                    "X-GitHub-Delivery": str(uuid.uuid4()),
                    "X-Hub-Signature-256": signature,
                }
                begin = time.perf_counter()
                url = f"http://127.0.0.1:{port}/webhooks/github"
                async with session.post(url, data=body, headers=headers) as answer:
                    if answer.status != 202:
                        raise RuntimeError(f"the server answered {answer.status}")
                times.append(time.perf_counter() - begin)

        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(worker())
        elapsed = time.perf_counter() - start
    return len(times) / elapsed, statistics.quantiles(times, n=100)[98] * 1000


def main() -> None:
    """Prints one table."""
    context = multiprocessing.get_context("spawn")
    results: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="hephaestus-bench-") as folder:
        servers = {}
        for name in ("bare", "durable"):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(name, folder, theirs))
            process.start()
            servers[name] = (process, ours, ours.recv())
        for _ in range(ROUNDS):
            for size in SIZES_KB:
                for name, (_, pipe, port) in servers.items():
                    pipe.send("cpu")
                    before = pipe.recv()
                    rate, p99 = asyncio.run(load(port, size))
                    pipe.send("cpu")
                    cpu = (pipe.recv() - before) / REQUESTS[size] * 1e6
                    results.setdefault((name, size), []).append((cpu, rate, p99))
        for process, pipe, _ in servers.values():
            pipe.send(None)
            process.join()
    out = sys.stdout.write
    out("accept            CPU us/request (median)   requests/s   p99 ms\n")
    for (name, size), rounds in sorted(results.items(), key=lambda item: (item[0][1], item[0][0])):
        cpu, rate, p99 = (statistics.median(column) for column in zip(*rounds, strict=True))
        out(f"{size:4} KB  {name:8}  {cpu:12.0f}               {rate:10.0f}   {p99:6.1f}\n")
