from __future__ import annotations

from datetime import timedelta

import pytest

from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Source, delivery_of
from app.domain.ids import AppKey, DeliveryId
from app.testing.clock import FrozenClock
from app.upkeep.pruning import Pruning

DAY = timedelta(days=1)


async def ignored(ledger: SqlLedger, clock: FrozenClock, guid: str) -> None:
    one = delivery_of(AppKey("h/1"), DeliveryId(guid), Source.GITHUB, "star", b"{}", clock.now())
    await ledger.accept(one)
    await ledger.ignore(one, None, None, "star is not handled")


@pytest.mark.parametrize("days", [30, 4])
async def test_deliveries_are_kept_as_long_as_asked(ledger: SqlLedger, clock: FrozenClock, days: int) -> None:
    pruning = Pruning(ledger, clock, timedelta(days=days), timedelta(days=3_650))
    await ignored(ledger, clock, "old")
    clock.advance(days * DAY)
    assert await pruning.turn() == 0
    await ignored(ledger, clock, "new")
    clock.advance(timedelta(seconds=1))
    assert await pruning.turn() == 1
    assert [row.id for row in await ledger.deliveries()] == ["new"]
