"""Loops of the service: they end with it, and never silently before."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from app.bootstrap.parts import keep_running


async def test_a_loop_is_ended_with_the_service_and_that_is_no_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, turns = asyncio.Event(), asyncio.Event()

    async def loop() -> None:
        turns.set()
        await asyncio.Event().wait()

    async with AsyncExitStack() as stack:
        keep_running(stack, "loop", loop(), broken)
        await turns.wait()
    assert not broken.is_set()
    assert caplog.records == []


async def test_a_loop_that_dies_breaks_the_service_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    broken = asyncio.Event()

    async def loop() -> None:
        raise RuntimeError("no more")

    with caplog.at_level(logging.CRITICAL):
        async with AsyncExitStack() as stack:
            keep_running(stack, "loop", loop(), broken)
            await asyncio.wait_for(broken.wait(), 5)
    assert "RuntimeError: no more" in caplog.text
