from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from app.errors import InvalidInput, LeaseLost, TransientError
from app.upkeep.loop import repeat


def failing_first(error: Exception) -> tuple[Callable[[], Awaitable[None]], asyncio.Event]:
    """A turn that fails once, and what is set when it was called again."""
    again, calls = asyncio.Event(), iter([error])

    async def turn() -> None:
        for failure in calls:
            raise failure
        again.set()

    return turn, again


async def survives(error: Exception) -> None:
    turn, again = failing_first(error)
    loop = asyncio.ensure_future(repeat("test", turn, 0))
    async with asyncio.timeout(5):
        await again.wait()
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TransientError("ledger.unavailable", "locked"), "upkeep_waits"),
        (InvalidInput("x", "y"), "upkeep_waits"),
        (ZeroDivisionError("a bug"), "upkeep_failed"),
    ],
)
async def test_a_turn_that_fails_does_not_end_the_loop(
    error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await survives(error)
    (record,) = caplog.records
    assert (record.message, record.__dict__["loop"]) == (said, "test")


async def test_a_lost_lease_ends_the_loop() -> None:
    turn, again = failing_first(LeaseLost())
    with pytest.raises(LeaseLost):
        await repeat("test", turn, 0)
    assert not again.is_set()


async def test_a_cancelled_loop_ends() -> None:
    turn, again = failing_first(TransientError("x", "y"))
    loop = asyncio.ensure_future(repeat("test", turn, 0))
    await again.wait()
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
