"""An old verdict that would speak of something new is opened before anything is gathered (design.md 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.effects import CheckStatus
from app.errors import LeaseLost, TransientError
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.test_retrying import DOWN, GREEN, HOUR, OPEN, attempt, shown
from tests.unit.app.dispatch.test_runner import OUTAGE, exhaust, raising
from tests.unit.app.dispatch.world import Opinion, World


@pytest.fixture
async def green(world: World) -> World:
    """A commit with a good verdict, an hour ago."""
    await world.receive("first")
    assert await world.run() == ["pass"]
    world.clock.advance(HOUR)
    return world


async def test_the_check_is_open_before_anything_is_gathered(green: World) -> None:
    seen: list[tuple[CheckStatus, object]] = []

    async def look() -> None:
        seen.append(shown(green))

    green.capabilities["gate"] = Opinion(trouble=look)
    await green.receive("second", "anew")
    assert await green.run() == ["pass"]
    assert seen == [OPEN]
    assert shown(green) == GREEN
    assert green.writer.writes == ["create_check_run", "create_check_run", "update_check_run"]
    (row,) = await green.ledger.deliveries(guid="second")
    assert [each.state for each in row.handlers[0].effects] == ["applied", "applied"]


async def test_other_events_and_duplicates_cost_no_write(green: World) -> None:
    await green.receive("second", "ci")
    await green.receive("first", "anew")
    assert await green.run() == ["pass"]
    assert green.writer.writes == ["create_check_run"]


async def test_a_first_verdict_costs_no_write_more(world: World) -> None:
    await world.receive("first", "anew")
    assert await world.run() == ["pass"]
    assert world.writer.writes == ["create_check_run"]


async def test_it_stays_open_during_an_outage_and_is_said_once(green: World) -> None:
    green.capabilities["gate"].trouble = raising(OUTAGE)
    await green.receive("second", "anew")
    assert await green.run() == ["retry"]
    for _ in range(6):
        assert await attempt(green) == ["retry"]
    assert shown(green) == OPEN
    assert green.writer.writes == ["create_check_run", "create_check_run"]
    green.capabilities["gate"] = Opinion()
    assert await exhaust(green) == ["pass"]
    assert shown(green) == GREEN


async def test_what_cannot_be_opened_is_judged_all_the_same(green: World) -> None:
    green.writer.interruption = Interruption(2, DOWN, lost=True)
    await green.receive("second", "anew")
    assert await green.run() == ["pass"]
    assert shown(green) == GREEN
    (row,) = await green.ledger.deliveries(guid="second")
    assert [each.state for each in row.handlers[0].effects] == ["refused", "applied"]


async def test_what_could_not_be_opened_is_opened_by_the_next_attempt(green: World) -> None:
    green.writer.interruption = Interruption(2, DOWN, lost=True)
    green.capabilities["gate"].trouble = raising(OUTAGE)
    await green.receive("second", "anew")
    assert await green.run() == ["retry"]
    assert shown(green) == GREEN
    assert await attempt(green) == ["retry"]
    assert shown(green) == OPEN


async def test_a_newer_evaluation_that_takes_over_opens_nothing_twice(green: World) -> None:
    limited = TransientError("github.rate_limit", "used up", green.clock.now() + HOUR)
    green.capabilities["gate"].trouble = raising(limited)
    await green.receive("second", "anew")
    (job,) = await green.admitted()
    await green.receive("third")
    await green.dispatcher.turn()
    assert await green.runner.run(job.id, job.attempt) == "retry"
    green.capabilities["gate"] = Opinion()
    green.clock.advance(timedelta(seconds=5))
    assert await green.run() == ["pass"]
    assert green.writer.writes == ["create_check_run", "create_check_run", "update_check_run"]


async def test_who_lost_the_lease_opens_nothing(green: World) -> None:
    green.lease_lost = True
    await green.receive("second", "anew")
    with pytest.raises(LeaseLost):
        await green.run()
    assert green.writer.writes == ["create_check_run"]
