from __future__ import annotations

from datetime import timedelta

from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Source
from app.domain.ids import AppKey
from app.testing.clock import FrozenClock
from app.upkeep.timers import BATCH, Timers

KEY = AppKey("api.github.com/1")
MINUTE = timedelta(minutes=1)


async def test_a_timer_that_is_due_becomes_a_delivery_and_wakes_the_dispatcher(
    ledger: SqlLedger, clock: FrozenClock
) -> None:
    woken: list[str] = []
    timers = Timers(ledger, clock, lambda: woken.append("woken"))
    await ledger.set_timer("gate", KEY, b'{"a": 1}', clock.now() + MINUTE)
    await timers.turn()
    assert (woken, await ledger.deliveries()) == ([], ())
    clock.advance(MINUTE)
    await timers.turn()
    await timers.turn()
    (row,) = await ledger.received(10, 1_000_000)
    assert (row.source, row.event, row.body) == (Source.TIMER, "hephaestus.wake", b'{"a": 1}')
    assert woken == ["woken"]


async def test_more_timers_than_a_batch_are_all_fired_in_one_turn(
    ledger: SqlLedger, clock: FrozenClock
) -> None:
    for n in range(BATCH + 3):
        await ledger.set_timer(f"t{n}", KEY, b"{}", clock.now())
    await Timers(ledger, clock, lambda: None).turn()
    assert len(await ledger.deliveries(limit=1000)) == BATCH + 3
