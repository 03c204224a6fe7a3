"""Whoever needs GitHub names the App; what belongs to one that is not there waits, and is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.adapters.database.ledger import SqlLedger
from app.bootstrap.clients import Clients
from app.dispatch.runner import PATIENCE
from app.domain.delivery import DeliveryState
from app.domain.ids import AppKey
from app.errors import TransientError
from app.testing.clock import FrozenClock
from tests.unit.app.dispatch.world import KEY, Opinion, World

HOUR = timedelta(hours=1)


async def needs_its_client() -> None:
    """What gathering begins with."""
    Clients({}).of(KEY)


def test_an_app_that_is_not_there_is_named() -> None:
    with pytest.raises(TransientError, match=r"git\.example/12 is not configured here"):
        Clients({}).of(AppKey("git.example/12"))


async def test_work_for_an_app_that_is_not_there_waits_until_it_comes_back(
    ledger: SqlLedger, clock: FrozenClock
) -> None:
    gate = Opinion(trouble=needs_its_client)
    world = World(ledger, clock, {"gate": gate})
    await world.receive("1")
    for _ in range(5):
        assert await world.run() == ["retry"]
        clock.advance(HOUR)
    world.capabilities["gate"] = Opinion()
    assert await world.run() == ["pass"]
    (row,) = await ledger.deliveries()
    assert row.state is DeliveryState.DONE


async def test_after_six_hours_it_is_quarantined_with_the_reason(
    ledger: SqlLedger, clock: FrozenClock
) -> None:
    world = World(ledger, clock, {"gate": Opinion(trouble=needs_its_client)})
    await world.receive("1")
    words: list[str] = []
    while not words or words[-1] == "retry":
        words += await world.run()
        clock.advance(HOUR)
    (row,) = await ledger.deliveries()
    assert words[-1] == "failed"
    assert len(words) * HOUR > PATIENCE
    assert row.state is DeliveryState.QUARANTINED
    assert f"the App {KEY} is not configured here" in str(row.error)
