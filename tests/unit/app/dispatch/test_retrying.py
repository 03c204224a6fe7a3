"""While a failure of our own is tried again, an older verdict must not be believed (design.md 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatch.runner import LONG_WAIT, MAX_ATTEMPTS, PATIENCE
from app.domain.decision import Decision, Verdict
from app.domain.delivery import DeliveryState
from app.domain.effects import CheckConclusion, CheckStatus
from app.errors import LeaseLost, TransientError
from app.ports.ledger import EffectRow
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.test_runner import LONG_AGO, OUTAGE, exhaust, raising, state_of
from tests.unit.app.dispatch.world import Count, Opinion, Seen, World, check

HOUR = timedelta(hours=1)
DOWN = TransientError("github.unavailable", "502")


class Killed(BaseException):
    """The process ends in the middle of a request."""


def shown(world: World) -> tuple[CheckStatus, CheckConclusion | None]:
    """What people see at the commit: the newest check run."""
    last = world.writer.check_runs[-1].last
    return last.status, last.conclusion


OPEN = (CheckStatus.IN_PROGRESS, None)
GREEN = (CheckStatus.COMPLETED, CheckConclusion.SUCCESS)


async def green(world: World) -> None:
    """A commit with a good verdict, an hour ago; from now on GitHub's reads fail."""
    await world.receive("first")
    assert await world.run() == ["pass"]
    world.clock.advance(HOUR)
    world.capabilities["gate"].trouble = raising(OUTAGE)


async def attempt(world: World) -> list[str]:
    """What is due next, as soon as it is due."""
    due = await world.ledger.next_due(LONG_AGO)
    assert due is not None
    world.clock.advance(max(timedelta(), due - world.clock.now()))
    return await world.run()


async def fail_for_long(world: World) -> None:
    """The outage goes on until waits are long."""
    begin = world.clock.now()
    await world.receive("second")
    assert await world.run() == ["retry"]
    while world.clock.now() - begin < 4 * LONG_WAIT:
        assert await attempt(world) == ["retry"]


async def test_a_green_check_is_open_during_an_outage_and_green_again_after_it(world: World) -> None:
    await green(world)
    await fail_for_long(world)
    assert shown(world) == OPEN
    assert world.writer.check_runs[-1].last.title.startswith(
        "retrying after 1: github.unavailable, next at 20"
    )
    world.capabilities["gate"] = Opinion()
    assert await exhaust(world) == ["pass"]
    assert shown(world) == GREEN
    assert world.writer.writes == ["create_check_run", "create_check_run", "update_check_run"]
    assert await state_of(world, "second") == (DeliveryState.DONE, None)


async def test_it_is_said_once_an_evaluation_and_recorded(world: World) -> None:
    await green(world)
    await fail_for_long(world)
    asked = len(world.writer.requests)
    assert await attempt(world) == ["retry"]
    assert len(world.writer.requests) == asked
    (row,) = await world.ledger.deliveries(guid="second")
    assert (row.handlers[0].verdict, row.handlers[0].effects) == (
        None,
        (EffectRow("publish_check_run", "applied"),),
    )


async def test_a_hiccup_of_some_seconds_changes_nothing(world: World) -> None:
    await green(world)
    await world.receive("second")
    assert await world.run() == ["retry"]
    for _ in range(2):
        assert await attempt(world) == ["retry"]
    world.capabilities["gate"] = Opinion()
    assert await exhaust(world) == ["pass"]
    assert world.writer.requests == ["create_check_run"]


async def test_a_long_wait_that_github_names_is_said_at_once(world: World) -> None:
    await green(world)
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.capabilities["gate"].trouble = raising(limited)
    await world.receive("second")
    assert await world.run() == ["retry"]
    assert shown(world) == OPEN


async def test_an_attempt_that_took_long_is_said_though_the_wait_is_short(world: World) -> None:
    await green(world)

    async def slow() -> None:
        world.clock.advance(LONG_WAIT)
        raise OUTAGE

    world.capabilities["gate"].trouble = slow
    await world.receive("second")
    assert await world.run() == ["retry"]
    assert shown(world) == OPEN


async def test_where_nothing_was_ever_published_nothing_is_said(world: World) -> None:
    world.capabilities["gate"].trouble = raising(OUTAGE)
    await fail_for_long(world)
    assert world.writer.requests == []


async def test_a_first_evaluation_that_fails_is_told_where_the_repository_opted_in(world: World) -> None:
    world.opted_in = True
    world.capabilities["gate"].trouble = raising(OUTAGE)
    await fail_for_long(world)
    assert shown(world) == OPEN
    assert world.writer.check_runs[-1].last.title.startswith("retrying after 0: github.unavailable")
    world.capabilities["gate"] = Opinion()
    assert await exhaust(world) == ["pass"]
    assert shown(world) == GREEN
    assert world.writer.writes == ["create_check_run", "update_check_run"]


class Silent(Opinion):
    """A capability that has nothing to judge."""

    def decide(self, evidence: Seen) -> Decision[Count]:
        self.seen.append(evidence)
        return Decision(Verdict.NOT_CONFIGURED, (), ())


@pytest.mark.parametrize("anew", [False, True], ids=["in the same evaluation", "in a newer one"])
async def test_what_was_told_does_not_stay_open_where_there_is_nothing_to_judge(
    world: World, *, anew: bool
) -> None:
    world.opted_in = True
    world.capabilities["gate"].trouble = raising(OUTAGE)
    if anew:
        limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
        world.capabilities["gate"].trouble = raising(limited)
        await world.receive("second")
        (job,) = await world.admitted()
        await world.receive("third")
        await world.dispatcher.turn()
        assert await world.runner.run(job.id, job.attempt) == "retry"
    else:
        await fail_for_long(world)
    assert shown(world) == OPEN
    world.capabilities["gate"] = Silent()
    assert await exhaust(world) == ["not_configured"]
    assert shown(world) == (CheckStatus.COMPLETED, CheckConclusion.NEUTRAL)
    assert world.writer.check_runs[-1].last.title == "Nothing to judge"
    asked = len(world.writer.requests)
    await world.receive("later")
    assert await exhaust(world) == ["not_configured"]
    assert len(world.writer.requests) == asked


async def test_trouble_in_finding_out_who_opted_in_changes_nothing_else(world: World) -> None:
    async def unknown() -> bool:
        raise TransientError("ledger.unavailable", "no database")

    world.capabilities["gate"].trouble = raising(OUTAGE)
    runner = replace(world.runner, opted_in=lambda _: unknown())
    await world.receive("first")
    world.clock.advance(PATIENCE)
    words = []
    for _ in range(MAX_ATTEMPTS):
        (job,) = await world.admitted()
        words.append(await runner.run(job.id, job.attempt))
        world.clock.advance(HOUR)
    assert words == ["retry"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert world.writer.requests == []


async def test_after_trying_has_ended_the_check_waits_for_a_person(world: World) -> None:
    await green(world)
    await world.receive("second")
    assert (await exhaust(world))[-1] == "failed"
    assert world.writer.check_runs[-1].last.title == "gave up after 1: github.unavailable"
    assert world.writer.writes == ["create_check_run", "create_check_run", "update_check_run"]


async def test_what_github_does_not_take_is_said_at_the_next_long_wait(world: World) -> None:
    await green(world)
    world.writer.interruption = Interruption(2, DOWN, lost=True)
    await fail_for_long(world)
    assert shown(world) == OPEN
    assert len(world.writer.check_runs) == 2


@pytest.mark.parametrize("lost", [True, False], ids=["it did not arrive", "only its answer was lost"])
async def test_a_verdict_that_comes_back_is_shown_though_nobody_knows_what_was_said(
    world: World, *, lost: bool
) -> None:
    await green(world)
    world.writer.interruption = Interruption(2, DOWN, lost=lost)
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.capabilities["gate"].trouble = raising(limited)
    await world.receive("second")
    assert await world.run() == ["retry"]
    assert shown(world) == (GREEN if lost else OPEN)
    world.capabilities["gate"] = Opinion()
    assert await exhaust(world) == ["pass"]
    assert shown(world) == GREEN
    assert sum(run.last.status is CheckStatus.IN_PROGRESS for run in world.writer.check_runs) == 0
    (row,) = await world.ledger.deliveries(guid="second")
    assert [each.state for each in row.handlers[0].effects] == ["refused", "applied"]


@pytest.mark.parametrize("lost", [True, False], ids=["before the request", "before its answer"])
async def test_a_kill_while_it_is_said_leaves_the_next_verdict_in_place(world: World, *, lost: bool) -> None:
    await green(world)
    world.writer.interruption = Interruption(2, Killed(), lost=lost)
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.capabilities["gate"].trouble = raising(limited)
    await world.receive("second")
    (job,) = await world.admitted()
    with pytest.raises(Killed):
        await world.runner.run(job.id, job.attempt)
    world.capabilities["gate"] = Opinion()
    assert await world.runner.run(job.id, job.attempt) == "pass"
    assert shown(world) == GREEN
    assert all(run.last.status is CheckStatus.COMPLETED for run in world.writer.check_runs)
    world.clock.advance(HOUR)
    asked = len(world.writer.requests)
    await world.receive("third")
    assert await world.run() == ["pass"]
    assert len(world.writer.requests) == asked


async def test_a_newer_evaluation_is_not_held_back_by_what_could_not_be_said(world: World) -> None:
    await green(world)
    world.writer.interruption = Interruption(2, DOWN)
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.capabilities["gate"].trouble = raising(limited)
    await world.receive("second")
    (job,) = await world.admitted()
    await world.receive("third")
    await world.dispatcher.turn()
    assert await world.runner.run(job.id, job.attempt) == "retry"
    assert shown(world) == OPEN
    world.clock.advance(timedelta(seconds=5))
    world.capabilities["gate"] = Opinion()
    assert await world.run() == ["pass"]
    assert shown(world) == GREEN
    assert len(world.writer.check_runs) == 2
    assert await state_of(world, "second") == (DeliveryState.DONE, None)


async def test_who_lost_the_lease_says_nothing(world: World) -> None:
    await green(world)
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.capabilities["gate"].trouble = raising(limited)
    await world.receive("second")
    world.lease_lost = True
    with pytest.raises(LeaseLost):
        await world.run()
    assert world.writer.writes == ["create_check_run"]


async def test_a_planned_verdict_that_cannot_be_written_is_not_talked_over(world: World) -> None:
    await green(world)
    world.capabilities["gate"] = Opinion(effects=(check(title="bad news"),))
    limited = TransientError("github.rate_limit", "used up", world.clock.now() + HOUR)
    world.writer.interruption = Interruption(2, limited, lost=True)
    await world.receive("second")
    assert await world.run() == ["retry"]
    assert await exhaust(world) == ["planned"]
    assert world.writer.check_runs[-1].last.title == "bad news"
    (row,) = await world.ledger.deliveries(guid="second")
    assert row.handlers[0].effects == (EffectRow("publish_check_run", "applied"),)
