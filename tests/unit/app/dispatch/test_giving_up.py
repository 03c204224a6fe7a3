"""A failure of our own must not leave an older verdict standing (design.md 5)."""

from __future__ import annotations

from app.domain.delivery import DeliveryState
from app.errors import NotFound
from tests.unit.app.dispatch.test_retrying import Silent
from tests.unit.app.dispatch.test_runner import exhaust, raising, state_of
from tests.unit.app.dispatch.world import Opinion, Seen, World

GONE = NotFound("github.not_found", "no such repository")


async def test_an_older_verdict_does_not_stand_after_a_failure_of_our_own(world: World) -> None:
    await world.receive("1")
    assert await exhaust(world) == ["pass"]
    world.capabilities["gate"].trouble = raising(GONE)
    await world.receive("2")
    assert await exhaust(world) == ["failed"]
    assert world.writer.check_runs[-1].last.title == "gave up after 1: github.not_found"
    (row,) = await world.ledger.deliveries(guid="2")
    assert (row.state, row.handlers[0].verdict) == (DeliveryState.FAILED, "error")


async def test_a_repository_that_never_opted_in_hears_nothing_of_our_failures(world: World) -> None:
    world.capabilities["gate"].trouble = raising(GONE)
    await world.receive("1")
    assert await exhaust(world) == ["failed"]
    assert world.writer.check_runs == []


async def test_a_repository_that_opted_in_hears_of_a_first_evaluation_that_failed(world: World) -> None:
    world.opted_in = True
    world.capabilities["gate"].trouble = raising(GONE)
    await world.receive("1")
    assert await exhaust(world) == ["failed"]
    assert world.writer.check_runs[-1].last.title == "gave up after 0: github.not_found"
    world.capabilities["gate"] = Opinion()
    await world.receive("2")
    assert await exhaust(world) == ["pass"]
    assert world.writer.check_runs[-1].last.title == "good"
    assert world.capabilities["gate"].seen[-1].before == 0


async def test_what_was_given_up_ends_where_there_is_nothing_to_judge(world: World) -> None:
    world.opted_in = True
    world.capabilities["gate"].trouble = raising(GONE)
    await world.receive("1")
    await exhaust(world)
    world.capabilities["gate"] = Silent()
    await world.receive("2")
    assert await exhaust(world) == ["not_configured"]
    assert world.writer.check_runs[-1].last.title == "Nothing to judge"


async def test_the_state_survives_giving_up(world: World) -> None:
    await world.receive("1")
    await exhaust(world)
    world.capabilities["gate"].trouble = raising(GONE)
    await world.receive("2")
    await exhaust(world)
    world.capabilities["gate"] = Opinion()
    await world.receive("3")
    assert await exhaust(world) == ["pass"]
    assert world.capabilities["gate"].seen[-1].before == 1
    assert await state_of(world, "3") == (DeliveryState.DONE, None)


async def test_a_failure_that_cannot_be_said_is_still_recorded(world: World) -> None:
    await world.receive("1")
    await exhaust(world)
    gate = world.capabilities["gate"] = Opinion()
    gate.state_type = Seen  # type: ignore[assignment]  # a state that this version cannot read
    await world.receive("2")
    assert (await exhaust(world))[-1] == "failed"
    assert (await state_of(world, "2"))[0] is DeliveryState.QUARANTINED
