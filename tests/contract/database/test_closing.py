"""What becomes of a delivery whose evaluations end differently, and what its redelivery runs again."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.delivery import Acceptance, DeliveryState
from app.ports.ledger import DeliveryRow, EvaluationJob
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, delivery, pair, received, started

LATER = NOW + timedelta(minutes=1)
NAMES = ("one", "two", "three")


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, FrozenClock())


async def end(ledger: SqlLedger, job: EvaluationJob, word: str) -> None:
    if word == "done":
        await ledger.finish(job, NOW)
    else:
        await ledger.fail(job, f"{word} {job.capability}", quarantine=word == "quarantined", now=NOW)


async def row_of(ledger: SqlLedger, guid: str = "1") -> DeliveryRow:
    (row,) = await ledger.deliveries(guid=guid)
    return row


async def given_ended(ledger: SqlLedger, words: dict[str, str], guid: str = "1") -> None:
    """A delivery whose evaluations ended so, by the name of the capability."""
    await received(ledger, guid, [pair(guid, name) for name in words])
    for job in await started(ledger):
        await end(ledger, job, words[job.capability])


@pytest.mark.parametrize("order", list(permutations(("done", "failed", "quarantined"))))
async def test_a_delivery_that_can_be_tried_again_is_failed_whatever_closes_last(
    ledger: SqlLedger, order: tuple[str, ...]
) -> None:
    await received(ledger, "1", [pair("a", name) for name in NAMES])
    for job, word in zip(await started(ledger), order, strict=True):
        await end(ledger, job, word)
    row = await row_of(ledger)
    assert (row.state, row.error) == (DeliveryState.FAILED, f"failed {sorted(NAMES)[order.index('failed')]}")


@pytest.mark.parametrize("order", [("done", "quarantined"), ("quarantined", "done")])
async def test_a_delivery_that_cannot_be_mended_is_quarantined_whatever_closes_last(
    ledger: SqlLedger, order: tuple[str, ...]
) -> None:
    await received(ledger, "1", [pair("a", name) for name in NAMES[:2]])
    for job, word in zip(await started(ledger), order, strict=True):
        await end(ledger, job, word)
    row = await row_of(ledger)
    assert row.state is DeliveryState.QUARANTINED
    assert {handler.state for handler in row.handlers} == {"done", "quarantined"}


@pytest.mark.parametrize(
    ("word", "state", "error"),
    [
        ("done", DeliveryState.QUARANTINED, "nobody knows"),
        ("quarantined", DeliveryState.QUARANTINED, "nobody knows"),
        ("failed", DeliveryState.FAILED, "failed one"),
    ],
)
async def test_a_delivery_that_was_routed_in_part_never_reads_as_done(
    ledger: SqlLedger, word: str, state: DeliveryState, error: str
) -> None:
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair("1", "one")], NOW, problem="nobody knows")
    running = await row_of(ledger)
    assert (running.state, running.error) == (DeliveryState.RUNNING, "nobody knows")
    (job,) = await started(ledger)
    await end(ledger, job, word)
    row = await row_of(ledger)
    assert (row.state, row.error) == (state, error)


async def test_a_redelivery_that_is_routed_whole_is_done(ledger: SqlLedger) -> None:
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair("1", "one")], NOW, problem="nobody knows")
    (job,) = await started(ledger)
    await end(ledger, job, "failed")
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair("1", "one")], LATER)
    (again,) = await started(ledger, LATER + timedelta(seconds=3))
    await end(ledger, again, "done")
    row = await row_of(ledger)
    assert (row.state, row.error) == (DeliveryState.DONE, None)


async def test_every_end_of_a_delivery_is_told_once_it_is_committed(database: Database) -> None:
    told: list[tuple[str, str]] = []
    ledger = SqlLedger(database, FrozenClock(), closed=lambda app, state: told.append((app, state)))
    for guid in ("ignored", "unreadable"):
        await ledger.accept(delivery(guid))
    for _ in range(2):  # the second time it is closed already
        await ledger.ignore(delivery("ignored"), None, None, "nothing for us")
        await ledger.quarantine(delivery("unreadable"), "no JSON")
    for guid, word in (("1", "done"), ("2", "failed"), ("3", "quarantined")):
        await given_ended(ledger, {"one": word}, guid)
    await given_ended(ledger, {"one": "done", "two": "failed"}, "4")
    await ledger.accept(delivery("4"))
    await ledger.route(delivery("4"), None, [pair("4", "one")], LATER)
    states = ["ignored", "quarantined", "done", "failed", "quarantined", "failed", "done"]
    assert told == [(KEY, state) for state in states]


async def test_a_redelivery_runs_only_what_failed(ledger: SqlLedger) -> None:
    await given_ended(ledger, {"one": "done", "two": "failed", "three": "quarantined"})
    assert await ledger.accept(delivery("1")) is Acceptance.RESUMED
    await ledger.route(delivery("1"), None, [pair("1", name) for name in NAMES], LATER)
    (again,) = await started(ledger, LATER + timedelta(seconds=3))
    assert again.capability == "two"
    await ledger.finish(again, LATER)
    row = await row_of(ledger)
    assert (row.state, row.error) == (DeliveryState.QUARANTINED, "quarantined three")


async def test_a_redelivery_runs_what_it_had_not_led_to_before(ledger: SqlLedger) -> None:
    await given_ended(ledger, {"one": "failed"})
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair("1", name) for name in NAMES], LATER)
    jobs = await started(ledger, LATER + timedelta(seconds=3))
    assert [job.capability for job in jobs] == sorted(NAMES)


async def test_a_redelivery_that_leaves_nothing_to_do_is_closed(ledger: SqlLedger) -> None:
    await given_ended(ledger, {"one": "done", "two": "failed"})
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair("1", "one")], LATER)
    row = await row_of(ledger)
    assert (row.state, row.attempts, row.error) == (DeliveryState.DONE, 2, None)
    assert await started(ledger, LATER) == []


async def test_another_delivery_of_the_same_subject_runs_everything(ledger: SqlLedger) -> None:
    await given_ended(ledger, {"one": "done"})
    await received(ledger, "2", [pair("1", "one")], LATER)
    assert len(await started(ledger, LATER)) == 1


async def test_the_newest_evaluation_counts_also_after_many(ledger: SqlLedger) -> None:
    await given_ended(ledger, {"one": "failed"})
    for n in range(1, 11):
        at = NOW + n * timedelta(minutes=1)
        await received(ledger, "1", [pair("1", "one")], at)
        (job,) = await started(ledger, at)
        await end(ledger, job, "done" if n == 10 else "failed")
    row = await row_of(ledger)
    assert (row.state, row.attempts) == (DeliveryState.DONE, 11)
