"""Unverified bytes are counted as they come, per body and for all."""

from __future__ import annotations

import asyncio
from unittest.mock import create_autospec

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from app.errors import RejectedDelivery
from app.receiver.memory import MAX_BODY, OWN_BYTES, UnverifiedBytes


def arriving(announced: int | None = None) -> tuple[web.Request, StreamReader]:
    """A request whose body is fed by the test."""
    protocol = create_autospec(BaseProtocol, instance=True)  # aiohttp's, not ours
    payload = StreamReader(protocol, 2**30, loop=asyncio.get_running_loop())
    headers = {} if announced is None else {"Content-Length": str(announced)}
    return make_mocked_request("POST", "/", headers, payload=payload), payload


async def refusal(reading: asyncio.Task[bytes]) -> str:
    with pytest.raises(RejectedDelivery) as caught:
        await reading
    return f"{caught.value.status} {caught.value.reason}"


async def test_a_body_that_came_with_its_head_is_given_at_once() -> None:
    request, payload = arriving()
    payload.feed_data(b"one")
    payload.feed_data(b"two")
    payload.feed_eof()
    assert await UnverifiedBytes(max_at_once=0).read(request) == b"onetwo"


async def test_a_body_that_comes_in_pieces_is_put_together() -> None:
    request, payload = arriving()
    reading = asyncio.create_task(UnverifiedBytes().read(request))
    for piece in (b"one", b"two"):
        await asyncio.sleep(0)
        payload.feed_data(piece)
    payload.feed_eof()
    assert await reading == b"onetwo"


async def test_a_body_announced_too_large_is_refused_before_it_comes() -> None:
    request, _ = arriving(MAX_BODY + 1)
    assert await refusal(asyncio.create_task(UnverifiedBytes().read(request))) == "413 too_large"


async def test_a_body_that_grows_too_large_is_refused() -> None:
    request, payload = arriving()
    reading = asyncio.create_task(UnverifiedBytes().read(request))
    await asyncio.sleep(0)
    payload.feed_data(b"x" * (MAX_BODY + 1))
    assert await refusal(reading) == "413 too_large"


async def test_too_many_at_once_are_turned_away_until_one_is_read() -> None:
    memory = UnverifiedBytes(max_at_once=1)
    first, payload = arriving()
    reading = asyncio.create_task(memory.read(first))
    await asyncio.sleep(0)
    second, _ = arriving()
    assert await refusal(asyncio.create_task(memory.read(second))) == "503 busy"
    payload.feed_eof()
    assert await reading == b""
    third, later = arriving()
    again = asyncio.create_task(memory.read(third))
    await asyncio.sleep(0)
    later.feed_eof()
    assert await again == b""


async def test_large_bodies_turn_away_large_ones_and_no_small_one() -> None:
    memory = UnverifiedBytes(max_shared=OWN_BYTES)
    tasks = []
    for size in (2 * OWN_BYTES - 100, 2 * OWN_BYTES, OWN_BYTES // 2):
        request, payload = arriving()
        tasks.append((asyncio.create_task(memory.read(request)), payload))
        await asyncio.sleep(0)
        payload.feed_data(b"x" * size)
        await asyncio.sleep(0)
    (large, one), (larger, _), (small, two) = tasks
    assert await refusal(larger) == "503 memory"
    one.feed_eof()
    two.feed_eof()
    assert len(await large) == 2 * OWN_BYTES - 100
    assert len(await small) == OWN_BYTES // 2
    request, payload = arriving()
    again = asyncio.create_task(memory.read(request))
    await asyncio.sleep(0)
    payload.feed_data(b"x" * (2 * OWN_BYTES - 100))
    payload.feed_eof()
    assert len(await again) == 2 * OWN_BYTES - 100


async def test_many_small_pieces_count_for_what_they_take() -> None:
    memory = UnverifiedBytes(max_shared=1000)
    request, payload = arriving()
    reading = asyncio.create_task(memory.read(request))
    for _ in range(OWN_BYTES // 64 + 100):
        await asyncio.sleep(0)
        payload.feed_data(b"x")
    assert await refusal(reading) == "503 memory"
