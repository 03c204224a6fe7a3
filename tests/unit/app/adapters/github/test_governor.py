from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.github.budgets import (
    CREATIONS_A_MINUTE,
    CREATIONS_AN_HOUR,
    POINTS,
    WRITES,
    Budget,
    Charge,
    MemoryBudgets,
)
from app.adapters.github.exchange import Outgoing
from app.adapters.github.governor import Governor
from app.errors import TransientError
from app.ports.handler import Lane
from tests.unit.app.adapters.github.clock import StillClock

READ = Outgoing("GET", "/x", "/x")
WRITE = Outgoing("POST", "/x", "/x")
QUERY = Outgoing("POST", "/graphql", "/graphql")
SEVEN = 7


def hour(remaining: int, clock: StillClock) -> dict[str, str]:
    reset = int((clock.now() + timedelta(minutes=30)).timestamp())
    return {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(reset),
    }


async def first_refusal(governor: Governor, clock: StillClock, request: Outgoing) -> TransientError:
    """What stops a client that sends two requests a second."""
    for _ in range(200):
        clock.move(seconds=0.5)
        try:
            await governor.admit(SEVEN, request, Lane.GATE)
        except TransientError as error:
            return error
    pytest.fail("never paced")


@pytest.mark.parametrize(
    ("budget", "window", "limit"),
    [
        (POINTS, timedelta(minutes=1), 900),
        (CREATIONS_A_MINUTE, timedelta(minutes=1), 80),
        (CREATIONS_AN_HOUR, timedelta(hours=1), 500),
        (WRITES, timedelta(seconds=10), 20),
    ],
)
def test_no_window_can_hold_more_than_github_allows(budget: Budget, window: timedelta, limit: int) -> None:
    assert budget.burst + window / budget.interval <= limit


@settings(max_examples=50, deadline=None)
@given(waits=st.lists(st.integers(0, 3_000), min_size=30, max_size=150))
async def test_writes_that_pass_never_exceed_ten_and_one_a_second(waits: list[int]) -> None:
    clock, store, passed = StillClock(), MemoryBudgets(), []
    for wait_ms in waits:
        clock.move(milliseconds=wait_ms)
        if await store.take("k", (Charge(WRITES, 1),), clock.now()) is None:
            passed.append(clock.monotonic())
    for index, first in enumerate(passed):
        for count, last in enumerate(passed[index:], start=1):
            assert count <= 10 + (last - first) + 1e-6


async def test_the_moment_named_is_the_first_that_fits() -> None:
    clock, store = StillClock(), MemoryBudgets()
    for _ in range(10):
        assert await store.take("k", (Charge(WRITES, 1),), clock.now()) is None
    free_at = await store.take("k", (Charge(WRITES, 1),), clock.now())
    assert free_at == clock.now() + timedelta(seconds=1)
    assert await store.take("k", (Charge(WRITES, 1),), free_at) is None


async def test_charges_are_taken_all_or_none() -> None:
    clock, store = StillClock(), MemoryBudgets()
    small = Budget("small", 1, timedelta(hours=1))
    assert await store.take("k", (Charge(small, 1),), clock.now()) is None
    assert await store.take("k", (Charge(WRITES, 10), Charge(small, 1)), clock.now()) is not None
    assert await store.take("k", (Charge(WRITES, 10),), clock.now()) is None


async def test_a_paced_write_says_when_it_may_go_and_does_not_hold_up_others() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    create = Outgoing("POST", "/x", "/x", creates=True)
    for _ in range(100):
        await governor.admit(SEVEN, create, Lane.GATE)
        clock.move(seconds=1)
    clock.move(seconds=-99)
    paced = await first_refusal(governor, clock, create)
    assert paced.code == "github.paced"
    assert paced.retry_at is not None
    assert paced.retry_at > clock.now()
    await governor.admit(8, create, Lane.GATE)


async def test_a_limit_that_github_named_blocks_the_installation_for_all_who_share_the_store() -> None:
    clock, store = StillClock(), MemoryBudgets()
    until = clock.now() + timedelta(seconds=90)
    refused = TransientError("github.secondary_limit", "wait", until)
    await Governor(store, clock, "host/1").refused(SEVEN, READ, refused, {"retry-after": "90"})
    restarted = Governor(store, clock, "host/1")
    for request in (READ, WRITE, QUERY):
        with pytest.raises(TransientError) as caught:
            await restarted.admit(SEVEN, request, Lane.INTERACTIVE)
        assert caught.value.retry_at == until
    await restarted.admit(8, READ, Lane.INTERACTIVE)
    clock.move(seconds=91)
    await restarted.admit(SEVEN, READ, Lane.INTERACTIVE)


async def test_a_limit_on_the_app_itself_holds_for_all_who_share_the_store_and_for_no_installation() -> None:
    clock, store = StillClock(), MemoryBudgets()
    until = clock.now() + timedelta(seconds=90)
    refused = TransientError("github.secondary_limit", "wait", until)
    await Governor(store, clock, "host/1").refused(None, WRITE, refused, {"retry-after": "90"})
    other = Governor(store, clock, "host/1")
    with pytest.raises(TransientError, match=r"github\.paced") as caught:
        await other.admit_app(READ)
    assert caught.value.retry_at == until
    await other.admit(SEVEN, READ, Lane.SWEEP)
    await Governor(store, clock, "host/2").admit_app(READ)
    clock.move(seconds=91)
    await other.admit_app(READ)


@pytest.mark.parametrize(
    ("spent", "headers", "still_free"),
    [
        (QUERY, {}, READ),
        (READ, {}, QUERY),
        (QUERY, {"x-ratelimit-resource": "graphql"}, READ),
        (READ, {"x-ratelimit-resource": "search"}, READ),
    ],
)
async def test_an_exhausted_hour_blocks_its_own_resource_alone(
    spent: Outgoing, headers: dict[str, str], still_free: Outgoing
) -> None:
    clock, store = StillClock(), MemoryBudgets()
    governor = Governor(store, clock, "host/1")
    until = clock.now() + timedelta(minutes=50)
    await governor.refused(SEVEN, spent, TransientError("github.primary_limit", "wait", until), headers)
    await governor.admit(SEVEN, still_free, Lane.SWEEP)
    if not headers:
        with pytest.raises(TransientError) as caught:
            await governor.admit(SEVEN, spent, Lane.INTERACTIVE)
        assert caught.value.retry_at == until


async def unnamed(governor: Governor, clock: StillClock) -> float:
    """The seconds to wait after a secondary limit for which GitHub named no time."""
    refused = TransientError("github.secondary_limit", "wait", clock.now() + timedelta(seconds=60))
    await governor.refused(SEVEN, READ, refused, {})
    assert refused.retry_at is not None
    return (refused.retry_at - clock.now()).total_seconds()


async def test_a_secondary_limit_without_a_time_is_waited_for_twice_as_long_each_time() -> None:
    clock, store, waits = StillClock(), MemoryBudgets(), []
    for _ in range(8):
        waits.append(await unnamed(Governor(store, clock, "host/1"), clock))
        clock.move(seconds=waits[-1] + 1)
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]


async def test_requests_that_were_under_way_do_not_make_the_wait_longer() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    assert [await unnamed(governor, clock) for _ in range(5)] == [60] * 5


async def test_after_a_lull_the_wait_is_a_minute_again() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    assert await unnamed(governor, clock) == 60
    clock.move(minutes=12)
    assert await unnamed(governor, clock) == 60


async def test_what_is_left_of_an_hour_is_known_to_other_workers_and_after_a_restart() -> None:
    clock, store = StillClock(), MemoryBudgets()
    first, second = (Governor(store, clock, "host/1") for _ in range(2))
    await second.admit(SEVEN, READ, Lane.SWEEP)
    await first.admit(SEVEN, READ, Lane.SWEEP)
    first.observe(SEVEN, READ, hour(200, clock))
    clock.move(seconds=6)
    await first.admit(SEVEN, READ, Lane.GATE)
    for other in (second, Governor(store, clock, "host/1")):
        with pytest.raises(TransientError, match=r"github\.headroom"):
            await other.admit(SEVEN, READ, Lane.SWEEP)
        await other.admit(8, READ, Lane.SWEEP)


@pytest.mark.parametrize("wrong_by", [timedelta(hours=2), timedelta(hours=-2), timedelta(minutes=40)])
async def test_a_wrong_clock_of_ours_neither_frees_nor_prolongs_the_hour(wrong_by: timedelta) -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    github = StillClock(clock.now() + wrong_by)
    governor.observe(SEVEN, READ, {**hour(0, github), "date": format_datetime(github.now(), usegmt=True)})
    with pytest.raises(TransientError) as caught:
        await governor.admit(SEVEN, READ, Lane.INTERACTIVE)
    assert caught.value.retry_at == clock.now() + timedelta(minutes=30)


async def test_answers_that_overtake_each_other_give_nothing_back() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    governor.observe(SEVEN, READ, hour(0, clock))
    governor.observe(SEVEN, READ, hour(400, clock))
    with pytest.raises(TransientError, match=r"github\.headroom"):
        await governor.admit(SEVEN, READ, Lane.GATE)


async def test_what_is_left_of_an_hour_is_kept_for_what_is_urgent() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    governor.observe(SEVEN, READ, hour(200, clock))
    await governor.admit(SEVEN, READ, Lane.GATE)
    for lane in (Lane.SWEEP, Lane.REMEDIATION):
        with pytest.raises(TransientError, match=r"github\.headroom"):
            await governor.admit(SEVEN, READ, lane)
    governor.observe(SEVEN, READ, hour(0, clock))
    with pytest.raises(TransientError, match=r"github\.headroom"):
        await governor.admit(SEVEN, READ, Lane.INTERACTIVE)
    clock.move(minutes=31)
    await governor.admit(SEVEN, READ, Lane.SWEEP)


async def test_garbled_limit_headers_change_nothing() -> None:
    clock = StillClock()
    governor = Governor(MemoryBudgets(), clock, "host/1")
    governor.observe(SEVEN, READ, {**hour(0, clock), "x-ratelimit-remaining": "few"})
    await governor.admit(SEVEN, READ, Lane.SWEEP)
    governor.observe(SEVEN, READ, hour(0, clock))
    governor.observe(SEVEN, READ, {**hour(5000, clock), "x-ratelimit-remaining": "many"})
    with pytest.raises(TransientError, match=r"github\.headroom"):
        await governor.admit(SEVEN, READ, Lane.SWEEP)


async def test_reads_at_the_same_time_pay_for_one_block_together() -> None:
    """The burst is 300: blocks for each of the twenty would use it up with the first of them."""
    governor = Governor(MemoryBudgets(), StillClock(), "app")
    for _ in range(15):
        await asyncio.gather(*(governor.admit(SEVEN, READ, Lane.GATE) for _ in range(20)))
