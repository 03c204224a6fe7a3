"""Strangers that hold connections and say nothing do not keep good deliveries out of `hephaestus serve`."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path

import aiohttp
import pytest

from app.receiver.connections import HEAD_TIME_S, MAX_CONNECTIONS
from app.standin.github.server import running
from tests.acceptance.conftest import NewWorld
from tests.acceptance.process import free_port, serving
from tests.acceptance.test_slow_posters import deliver

pytestmark = pytest.mark.alone

MORE = 150
SLACK_S = 3.0


@pytest.mark.slow
async def test_idle_strangers_make_room_for_a_delivery_and_are_cut_off_in_time(
    tmp_path: Path, new_world: NewWorld
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MAX_CONNECTIONS:
        pytest.skip(f"needs {2 * MAX_CONNECTIONS} open files; this system gives {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MAX_CONNECTIONS), hard))
    world = new_world()
    admin = f"127.0.0.1:{free_port()}"
    more = {"HEPHAESTUS_ADMIN_BIND": admin}
    async with running(world.github) as github, serving(world, tmp_path, github.url, **more) as serve:
        await serve.start()
        begin = time.monotonic()
        strangers = [
            await asyncio.open_connection("127.0.0.1", serve.port) for _ in range(MAX_CONNECTIONS + MORE)
        ]
        async with aiohttp.ClientSession() as session:
            assert await deliver(session, serve.port) == 202
            assert await refused(session, admin) > MORE
        ends = [asyncio.ensure_future(end_of(reader)) for reader, _ in strangers]
        done, _ = await asyncio.wait(ends, timeout=HEAD_TIME_S + SLACK_S)
        assert len(done) == len(ends)
        assert all(each.result() for each in ends)
        assert time.monotonic() - begin > HEAD_TIME_S
        for _, writer in strangers:
            writer.transport.abort()


async def end_of(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ended the connection, however it did."""
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


async def refused(session: aiohttp.ClientSession, admin: str) -> float:
    """How many connections were cut off for others, as `/metrics` tells."""
    async with session.get(f"http://{admin}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(float(line.split()[-1]) for line in lines if 'reason="connections"' in line)
