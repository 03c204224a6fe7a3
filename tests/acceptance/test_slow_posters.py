"""Strangers that send large bodies slowly take neither the memory of `hephaestus serve` nor the way of good deliveries."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from app.receiver.signature import sign
from app.standin.github.server import running
from tests.acceptance.conftest import SECRET, NewWorld
from tests.acceptance.process import serving
from tests.benchmarks.processes import rss_bytes

pytestmark = pytest.mark.alone

POSTERS = 200
BODY = 26 * 1024 * 1024
PIECE = b"x" * (256 * 1024)
EVERY_S = 0.3
SECONDS = 8.0
MIB = 1024 * 1024


async def post_slowly(port: int, until: float, statuses: Counter[int]) -> None:
    """Announces 26 MiB and sends a piece now and then; what is refused begins again on a new connection."""
    head = (
        f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {BODY}\r\n"
        f"X-GitHub-Event: push\r\nX-GitHub-Delivery: {uuid.uuid4()}\r\nX-Hub-Signature-256: sha256={'0' * 64}\r\n\r\n"
    )
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = asyncio.ensure_future(reader.readline())
        try:
            writer.write(head.encode())
            while time.monotonic() < until and not answer.done():
                writer.write(PIECE)
                await asyncio.wait_for(writer.drain(), 2 * SECONDS)
                await asyncio.wait([answer], timeout=EVERY_S)
            if answer.done() and (line := answer.result()):
                statuses[int(line.split()[1])] += 1
        except (ConnectionError, TimeoutError):
            statuses[0] += 1
        finally:
            answer.cancel()
            writer.transport.abort()


async def deliver(session: aiohttp.ClientSession, port: int) -> int:
    """The status of a good delivery."""
    body = b'{"action": "' + b"y" * 24_000 + b'"}'
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "check_run",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(body, SECRET.encode()),
    }
    url = f"http://127.0.0.1:{port}/webhooks/github"
    async with session.post(url, data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.slow
async def test_two_hundred_slow_posters_are_bounded_and_good_deliveries_get_in(
    tmp_path: Path, new_world: NewWorld
) -> None:
    world = new_world()
    async with running(world.github) as github, serving(world, tmp_path, github.url) as serve:
        await serve.start()
        assert serve.process is not None
        base = peak = rss_bytes(serve.process.pid)
        statuses, good = Counter[int](), Counter[int]()
        until = time.monotonic() + SECONDS
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for _ in range(POSTERS):
                group.create_task(post_slowly(serve.port, until, statuses))
            while time.monotonic() < until:
                good[await deliver(session, serve.port)] += 1
                peak = max(peak, rss_bytes(serve.process.pid))
                await asyncio.sleep(0.1)
    assert peak - base < 256 * MIB, f"{base // MIB} MiB grew to {peak // MIB} MiB"
    assert set(good) == {202}
    assert good[202] >= 10
    assert statuses[503] > 0, f"no poster was turned away for memory: {statuses}"
