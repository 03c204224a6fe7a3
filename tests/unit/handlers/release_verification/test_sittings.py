"""One sitting: several at once, an end in time, and nothing begun once it is over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import AccessDenied, TransientError
from handlers.release_verification.sittings import Sitting

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def test_each_item_is_worked_on_and_keeps_its_place() -> None:
    assert await Sitting(NOW, 60).each([1, 2, 3], double) == [2, 4, 6]
    assert await Sitting(NOW, 60).each([], double) == []


async def test_no_more_are_worked_on_at_once_than_may_be() -> None:
    running, most = 0, 0

    async def count(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await Sitting(NOW, 60).each(range(20), count, at_once=3)
    assert most == 3


async def test_nothing_begins_once_the_time_is_up() -> None:
    assert await Sitting(NOW, 0).each([1, 2], double) == [None, None]


async def test_what_github_refuses_for_now_ends_the_sitting_and_keeps_what_is_done() -> None:
    sitting = Sitting(NOW, 60)
    refusal = TransientError("github.unavailable", "502")

    async def work(number: int) -> int:
        if number == 2:
            raise refusal
        return number

    assert await sitting.each([1, 2, 3], work, at_once=1) == [1, None, None]
    assert (sitting.trouble, sitting.is_over) == (refusal, True)


async def test_a_short_pause_that_is_named_is_waited_for() -> None:
    tries: list[int] = []

    async def work(number: int) -> int:
        tries.append(number)
        if len(tries) == 1:
            raise TransientError("github.paced", "paced", NOW + timedelta(milliseconds=10))
        return number

    sitting = Sitting(NOW, 60)
    assert await sitting.each([7], work) == [7]
    assert (tries, sitting.trouble) == ([7, 7], None)


@pytest.mark.parametrize(("seconds", "pause"), [(60.0, 21), (5.0, 10)])
async def test_a_long_pause_ends_the_sitting(seconds: float, pause: int) -> None:
    async def work(_: int) -> None:
        raise TransientError("github.paced", "paced", NOW + timedelta(seconds=pause))

    sitting = Sitting(NOW, seconds)
    assert await sitting.each([1], work) == [None]
    assert sitting.trouble is not None


async def test_what_is_no_passing_trouble_is_raised_as_it_is() -> None:
    async def work(_: int) -> None:
        raise AccessDenied("github.forbidden", "no")

    with pytest.raises(AccessDenied):
        await Sitting(NOW, 60).each([1, 2, 3], work)
