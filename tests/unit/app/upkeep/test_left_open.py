"""A gate whose webhook was lost is looked at again: as a row of the ledger's, within a budget, once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.adapters.database.ledger import SqlLedger
from app.dispatch.payloads import wake_body
from app.domain.delivery import DeliveryState, Source
from app.domain.effects import CheckStatus
from app.domain.events import LEFT_OPEN, Event, WokenUp
from app.domain.ids import AppKey, CommitSha
from app.domain.modes import Mode, Modes
from app.domain.repo import Target
from app.errors import NotFound
from app.ports.handler import Lane
from app.testing.clock import FrozenClock
from app.upkeep.left_open import BUDGET, QUIET, OpenChecks
from tests.unit.app.dispatch.test_runner import exhaust, raising
from tests.unit.app.dispatch.world import KEY, Opinion, World, check

WAITING = replace(check(), status=CheckStatus.IN_PROGRESS, conclusion=None)
DAY = timedelta(days=1)


class Gate(Opinion):
    """A capability that is also woken."""

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        if isinstance(event, WokenUp) and event.capability == self.name:
            return (Target(event.subject, event.repository),)
        return super().targets(app_key, event)


@pytest.fixture
def world(ledger: SqlLedger, clock: FrozenClock) -> World:
    return World(ledger, clock, {"gate": Gate(effects=(WAITING,))})


@pytest.fixture
def checks(world: World) -> OpenChecks:
    return OpenChecks(KEY, world.ledger, world.clock, wake_body, world._woken)


async def left_open(world: World, commits: int = 1) -> None:
    """Gates that wait, and whose next webhook is lost."""
    for n in range(commits):
        sha = CommitSha(f"{n:040d}")
        world.capabilities["gate"].effects = (replace(WAITING, head_sha=sha),)
        await world.receive(f"{n}", sha=sha)
        assert await world.run() == ["pass"]
    world.clock.advance(QUIET)


async def test_a_gate_that_was_left_open_gets_its_verdict(world: World, checks: OpenChecks) -> None:
    await left_open(world)
    woken = world.woken
    assert await checks.turn() == 1
    assert world.woken == woken + 1
    (row,) = [row for row in await world.ledger.deliveries() if row.source is Source.SWEEP]
    assert (row.state, row.id) == (
        DeliveryState.RECEIVED,
        f"sweep:gate|{KEY}|7|sha|{'0' * 40}|{world.clock.now().date()}",
    )
    world.capabilities["gate"] = Gate(effects=(check(CommitSha("0" * 40)),))
    assert await world.run() == ["pass"]
    assert world.lanes[-1] is Lane.SWEEP
    assert world.writer.check_runs[-1].last.status is CheckStatus.COMPLETED
    (row,) = await world.ledger.deliveries(guid=row.id)
    assert (row.state, row.action) == (DeliveryState.DONE, LEFT_OPEN)
    world.clock.advance(DAY)
    assert await checks.turn() == 0


async def test_what_happened_lately_is_left_alone(world: World, checks: OpenChecks) -> None:
    await left_open(world)
    world.clock.advance(-timedelta(seconds=1))
    assert await checks.turn() == 0


async def test_what_is_switched_off_is_looked_at_when_it_is_switched_on(
    world: World, checks: OpenChecks
) -> None:
    await left_open(world)
    off = replace(checks, modes=Modes(each={"gate": Mode.OFF}))
    assert [await off.turn(), await checks.turn()] == [0, 1]


@pytest.mark.parametrize("fails", [False, True])
async def test_what_stays_open_is_woken_once_a_day(world: World, checks: OpenChecks, *, fails: bool) -> None:
    await left_open(world)
    if fails:
        world.capabilities["gate"].trouble = raising(NotFound("github.not_found", "gone"))
        world.modes = Modes(observe=True)
    turns = []
    for _ in range(3):
        turns.append(await checks.turn())
        await exhaust(world)
        world.clock.advance(timedelta(hours=2))
    assert turns == [1, 0, 0]
    world.clock.advance(DAY)
    assert await checks.turn() == 1


async def test_a_turn_has_a_budget_and_the_next_one_goes_on(world: World, checks: OpenChecks) -> None:
    await left_open(world, BUDGET + 3)
    assert [await checks.turn(), await checks.turn(), await checks.turn()] == [BUDGET, 3, 0]
