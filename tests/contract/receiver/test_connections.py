"""Connections of strangers, over real sockets: how many, and how long they may say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from app.receiver.connections import Connections

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SOON_S = 5.0
NEVER_S = 60.0


@dataclass
class Edge:
    """An address with few places; `work` holds requests until it is set."""

    port: int = 0
    refused: list[str] = field(default_factory=list)
    work: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def answer(self, request: web.Request) -> web.Response:
        self.begun.release()
        if request.path == "/work":
            await self.work.wait()
        return web.Response(text="done")


@asynccontextmanager
async def edge(
    most: int = 3, head_time_s: float = NEVER_S, kept_time_s: float = NEVER_S
) -> AsyncIterator[Edge]:
    one = Edge()
    connections = Connections(one.refused.append, most, head_time_s, kept_time_s)
    application = web.Application(middlewares=[connections.middleware()])
    application.router.add_get("/{any:.*}", one.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        assert runner.server is not None
        server = await asyncio.get_running_loop().create_server(
            connections.guard(runner.server), "127.0.0.1", 0
        )
        stack.callback(server.close)
        one.port = server.sockets[0].getsockname()[1]
        yield one
        one.work.set()


class Stranger:
    """A connection, as the other side has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def arrives(cls, to: Edge) -> Stranger:
        return cls(*await asyncio.open_connection("127.0.0.1", to.port))

    async def says(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def hears(self) -> int:
        """The status of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SOON_S)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        return int(head.split()[1])

    async def is_cut_off(self, within_s: float = SOON_S) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(1), within_s) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def goes(self) -> None:
        self.writer.transport.abort()


@pytest.fixture
async def strangers() -> AsyncIterator[list[Stranger]]:
    """Who is here; all go at the end."""
    here: list[Stranger] = []
    yield here
    for one in here:
        one.goes()
    await asyncio.sleep(0)


async def test_who_says_nothing_is_cut_off(strangers: list[Stranger]) -> None:
    async with edge(head_time_s=0.2) as at:
        strangers.append(await Stranger.arrives(at))
        assert await strangers[0].is_cut_off()
    assert at.refused == []


async def test_who_dribbles_a_head_is_cut_off(strangers: list[Stranger]) -> None:
    async with edge(head_time_s=0.3) as at:
        strangers.append(one := await Stranger.arrives(at))
        with suppress(ConnectionError):
            await one.says(b"GET / HTTP/1.1\r\n")
            for _ in range(20):
                await one.says(b"X-A: b\r\n")
                await asyncio.sleep(0.05)
        assert await one.is_cut_off()


async def test_a_request_takes_as_long_as_it_takes(strangers: list[Stranger]) -> None:
    async with edge(head_time_s=0.2, kept_time_s=0.2) as at:
        strangers.append(one := await Stranger.arrives(at))
        await one.says(GET.replace(b"/ ", b"/work "))
        assert not await one.is_cut_off(0.6)
        at.work.set()
        assert await one.hears() == 200
        assert await one.is_cut_off()


async def test_a_kept_connection_may_ask_again(strangers: list[Stranger]) -> None:
    async with edge(head_time_s=0.2) as at:
        strangers.append(one := await Stranger.arrives(at))
        await one.says(GET)
        assert await one.hears() == 200
        assert not await one.is_cut_off(0.5)
        await one.says(GET)
        assert await one.hears() == 200


async def test_who_waits_longest_makes_room(strangers: list[Stranger]) -> None:
    async with edge(most=3) as at:
        for _ in range(5):
            strangers.append(one := await Stranger.arrives(at))
            await one.says(b"GET / ")
            await asyncio.sleep(0.05)
        assert [await each.is_cut_off(0.3) for each in strangers] == [True, True, False, False, False]
        await strangers[4].says(b"HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await strangers[4].hears() == 200
    assert at.refused == ["connections"] * 2


async def test_where_all_are_at_work_a_new_one_is_told_to_come_again(strangers: list[Stranger]) -> None:
    async with edge(most=2) as at:
        for _ in range(2):
            strangers.append(one := await Stranger.arrives(at))
            await one.says(GET.replace(b"/ ", b"/work "))
            await asyncio.wait_for(at.begun.acquire(), SOON_S)
        strangers.append(new := await Stranger.arrives(at))
        assert await new.hears() == 503
        assert await new.is_cut_off()
        assert at.refused == ["connections"]
        strangers[0].goes()
        at.work.set()
        assert await strangers[1].hears() == 200
        strangers.append(later := await Stranger.arrives(at))
        await later.says(GET)
        assert await later.hears() == 200
