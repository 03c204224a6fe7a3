"""What GitHub could not deliver is asked for again: once, in order, within a budget, and never for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pytest

from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Source, delivery_of
from app.domain.ids import AppKey, DeliveryId
from app.errors import NotFound, TransientError
from app.ports.app_admin import AppIdentity, HookDelivery
from app.testing.clock import FrozenClock
from app.upkeep import missed as missed_module
from app.upkeep import redelivery
from app.upkeep.missed import LONGEST_PAUSE, MOST_ATTEMPTS, OVERLAP, WINDOW
from app.upkeep.redelivery import BUDGET, Redelivery

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEY, OTHER = AppKey("api.github.com/1"), AppKey("git.example/1")


@dataclass
class DeliveryLog:
    """The App's delivery log at GitHub, newest first; `refused` ids cannot be delivered again."""

    clock: FrozenClock
    attempts: list[HookDelivery] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    read: int = 0
    poisoned: str = ""
    """A guid that fails again and again."""
    refused: dict[int, Exception] = field(default_factory=dict)

    def note(self, guid: str, *, ok: bool, ago: timedelta = timedelta(), again: bool = False) -> int:
        number = len(self.attempts) + 1
        at = self.clock.now() - ago
        attempt = HookDelivery(
            number, DeliveryId(guid), at, again, ok, 202 if ok else 502, "push", None, None
        )
        self.attempts.append(attempt)
        return number

    async def hook_deliveries(self) -> AsyncIterator[HookDelivery]:
        for attempt in sorted(self.attempts, key=lambda attempt: attempt.delivered_at, reverse=True):
            self.read += 1
            yield attempt

    async def redeliver(self, delivery_id: int) -> None:
        self.asked.append(delivery_id)
        if delivery_id in self.refused:
            raise self.refused[delivery_id]
        if self.poisoned:
            self.note(self.poisoned, ok=False, again=True)

    async def identity(self) -> AppIdentity:
        return AppIdentity(1, "app", "App", (), ())


@pytest.fixture
def log(clock: FrozenClock) -> DeliveryLog:
    return DeliveryLog(clock)


@pytest.fixture
def reconciler(log: DeliveryLog, ledger: SqlLedger, clock: FrozenClock) -> Redelivery:
    return Redelivery(KEY, log, ledger, clock)


async def stored(ledger: SqlLedger, clock: FrozenClock, guid: str, app_key: AppKey = KEY) -> None:
    await ledger.accept(delivery_of(app_key, DeliveryId(guid), Source.GITHUB, "push", b"{}", clock.now()))


async def test_only_what_never_succeeded_is_asked_for_oldest_first(
    log: DeliveryLog, reconciler: Redelivery
) -> None:
    newer = log.note("b", ok=False, ago=MINUTE)
    older = log.note("a", ok=False, ago=2 * MINUTE)
    log.note("c", ok=False, ago=4 * MINUTE)
    log.note("c", ok=True, ago=3 * MINUTE, again=True)
    log.note("d", ok=True)
    assert await reconciler.turn() == 2
    assert log.asked == [older, newer]


async def test_the_newest_attempt_of_a_guid_is_the_one_repeated(
    log: DeliveryLog, reconciler: Redelivery
) -> None:
    log.note("a", ok=False, ago=50 * MINUTE)
    newest = log.note("a", ok=False, ago=10 * MINUTE, again=True)
    log.note("a", ok=False, ago=30 * MINUTE, again=True)
    await reconciler.turn()
    assert log.asked == [newest]


async def test_what_the_ledger_has_is_not_asked_for(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger, clock: FrozenClock
) -> None:
    log.note("answered too late", ok=False)
    await stored(ledger, clock, "answered too late")
    assert await reconciler.turn() == 0
    assert log.asked == []


async def test_what_another_app_has_under_the_same_id_is_asked_for(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger, clock: FrozenClock
) -> None:
    missed = log.note("one event, heard of by two Apps", ok=False)
    await stored(ledger, clock, "one event, heard of by two Apps", OTHER)
    assert await reconciler.turn() == 1
    assert log.asked == [missed]


async def test_each_app_has_a_position_of_its_own(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger, clock: FrozenClock
) -> None:
    await reconciler.turn()
    clock.advance(OVERLAP + MINUTE)
    elsewhere = DeliveryLog(clock)
    missed = elsewhere.note("before the first App's position", ok=False, ago=2 * OVERLAP)
    assert await Redelivery(OTHER, elsewhere, ledger, clock).turn() == 1
    assert (log.asked, elsewhere.asked) == ([], [missed])


async def test_the_log_is_read_back_three_days_at_most_and_then_from_the_kept_position(
    log: DeliveryLog, reconciler: Redelivery, clock: FrozenClock
) -> None:
    log.note("too old", ok=False, ago=WINDOW + MINUTE)
    recent = log.note("recent", ok=False, ago=WINDOW - MINUTE)
    log.note("now", ok=True)
    await reconciler.turn()
    assert log.asked == [recent]
    clock.advance(OVERLAP + MINUTE)
    late = log.note("late", ok=False, ago=OVERLAP)
    log.read = 0
    log.asked.clear()
    await reconciler.turn()
    assert late in log.asked
    assert log.read == 3


@pytest.mark.parametrize("wrong", [-5 * HOUR, -20 * MINUTE, 20 * MINUTE, 5 * HOUR])
async def test_with_a_wrong_clock_nothing_is_lost(
    ledger: SqlLedger, clock: FrozenClock, wrong: timedelta
) -> None:
    ours = FrozenClock(clock.now() + wrong)
    log = DeliveryLog(clock)
    reconciler = Redelivery(KEY, log, ledger, ours)
    for n in range(4):
        missed = log.note(f"g{n}", ok=False, ago=MINUTE)
        await reconciler.turn()
        assert log.asked[-1] == missed
        await stored(ledger, clock, f"g{n}")
        for each in (clock, ours):
            each.advance(5 * MINUTE)


async def test_what_comes_into_the_log_while_it_is_read_is_asked_for_at_the_next_turn(
    log: DeliveryLog, reconciler: Redelivery, clock: FrozenClock
) -> None:
    log.note("read", ok=True)
    clock.advance(HOUR)
    await reconciler.turn()
    missed = log.note("meanwhile", ok=False, ago=HOUR - MINUTE)
    clock.advance(5 * MINUTE)
    await reconciler.turn()
    assert log.asked == [missed]


async def test_a_log_of_more_than_twenty_thousand_attempts_is_worked_through(
    log: DeliveryLog, reconciler: Redelivery
) -> None:
    missed = log.note("missed", ok=False, ago=2 * HOUR)
    log.attempts += [
        replace(log.attempts[0], id=n, guid=DeliveryId(f"g{n}"), delivered_at=log.clock.now(), ok=True)
        for n in range(2, 20_500)
    ]
    assert await reconciler.turn() == 1
    assert log.asked == [missed]


async def test_what_always_fails_is_asked_for_ever_more_rarely_and_then_given_up(
    log: DeliveryLog, reconciler: Redelivery, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    log.poisoned = "poisoned"
    log.note("poisoned", ok=False)
    asked_at = []
    begin = clock.now()
    while clock.now() - begin < WINDOW - HOUR:
        if await reconciler.turn():
            asked_at.append(clock.now())
        clock.advance(5 * MINUTE)
        log.note(f"alive at {clock.now()}", ok=True)
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert len(asked_at) == MOST_ATTEMPTS - 1
    (given_up,) = [record for record in caplog.records if record.getMessage() == "redelivery_given_up"]
    assert (given_up.delivery_id, given_up.attempts) == ("poisoned", MOST_ATTEMPTS)  # type: ignore[attr-defined]  # `extra`


async def test_what_waits_for_its_next_time_holds_nobody_up(log: DeliveryLog, reconciler: Redelivery) -> None:
    for n in range(BUDGET):
        log.note(f"poisoned{n}", ok=False, ago=3 * MINUTE)
        log.note(f"poisoned{n}", ok=False, ago=MINUTE, again=True)
    missed = log.note("missed", ok=False)
    assert await reconciler.turn() == 1
    assert log.asked == [missed]


async def test_more_than_a_position_holds_is_read_again(
    log: DeliveryLog,
    reconciler: Redelivery,
    ledger: SqlLedger,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(missed_module, "KEPT", 3)
    monkeypatch.setattr(redelivery, "BUDGET", 2)
    for n in range(9):
        log.note(f"g{n}", ok=False, ago=(9 - n) * HOUR)
    for n in range(0, 9, 2):
        await reconciler.turn()
        for guid in (n, n + 1):
            await stored(ledger, clock, f"g{guid}")
    assert log.asked == list(range(1, 10))


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00+00:00", "{", '{"read_to": 5}'])
async def test_a_position_that_cannot_be_read_is_none(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger, text: str
) -> None:
    await ledger.set_cursor(f"redelivery|{KEY}", text)
    missed = log.note("a", ok=False, ago=HOUR)
    await reconciler.turn()
    assert log.asked == [missed]


async def test_a_long_outage_is_made_up_for_in_several_turns(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger, clock: FrozenClock
) -> None:
    for n in range(BUDGET + 5):
        log.note(f"g{n}", ok=False, ago=timedelta(hours=2) - n * timedelta(seconds=1))
    assert await reconciler.turn() == BUDGET
    for n in range(BUDGET):
        await stored(ledger, clock, f"g{n}")
    assert await reconciler.turn() == 5
    assert log.asked == list(range(1, BUDGET + 6))


async def test_one_that_github_refuses_to_repeat_does_not_keep_the_others_waiting(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger
) -> None:
    first = log.note("gone", ok=False, ago=2 * MINUTE)
    second = log.note("there", ok=False, ago=MINUTE)
    log.refused[first] = NotFound("github.not_found", "the delivery is gone")
    assert await reconciler.turn() == 1
    await reconciler.turn()
    assert log.asked == [first, second, second]
    assert await ledger.cursor(f"redelivery|{KEY}") is not None


async def test_trouble_with_github_leaves_the_position_where_it_was(
    log: DeliveryLog, reconciler: Redelivery, ledger: SqlLedger
) -> None:
    only = log.note("a", ok=False)
    log.refused[only] = TransientError("github.unavailable", "502")
    with pytest.raises(TransientError):
        await reconciler.turn()
    assert await ledger.cursor(f"redelivery|{KEY}") is None


async def test_the_ledger_is_asked_about_a_bounded_number_of_guids_at_once(
    log: DeliveryLog, ledger: SqlLedger, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redelivery, "ASKED_AT_ONCE", 2)
    sizes: list[int] = []

    class Counting:
        """The ledger, with a note of what it is asked."""

        cursor = ledger.cursor
        set_cursor = ledger.set_cursor

        async def settled(self, app_key: AppKey, guids: Sequence[DeliveryId]) -> frozenset[DeliveryId]:
            sizes.append(len(guids))
            return await ledger.settled(app_key, guids)

    for n in range(5):
        log.note(f"g{n}", ok=False, ago=n * MINUTE)
    await stored(ledger, clock, "g3")
    reconciler = Redelivery(KEY, log, Counting(), clock)  # type: ignore[arg-type]  # only what upkeep asks for
    assert await reconciler.turn() == 4
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize("attempts", [0, 3])
async def test_a_log_without_failures_asks_for_nothing(
    log: DeliveryLog, reconciler: Redelivery, attempts: int
) -> None:
    for n in range(attempts):
        log.note(f"g{n}", ok=True)
    assert await reconciler.turn() == 0
    assert log.asked == []
