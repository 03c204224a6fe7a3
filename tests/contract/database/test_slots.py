"""A slot of a budget is used up by what wrote, or may have written; everything else gives it back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from app.adapters.database.connection import Database, open_engine
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import configuration, migrate
from app.domain.decision import Verdict
from app.domain.effects import Comment, Reservation
from app.domain.ids import EffectId
from app.ports.ledger import EvaluationJob, Plan
from app.testing.clock import FrozenClock
from tests.contract.database.given import NOW, REPOSITORY, pair, received, started

HOUR = timedelta(hours=1)
BUDGET = (Reservation("k|one", HOUR, 1), Reservation("k|other", HOUR, 1))
EFFECT = Comment(REPOSITORY, 3, "marker", "hello")


class Spending:
    """A ledger with one evaluation, whose one effect has taken the only slot of two budgets."""

    def __init__(self, ledger: SqlLedger, job: EvaluationJob, effect: EffectId) -> None:
        self.ledger, self.job, self.effect = ledger, job, effect

    async def settled(self, *, applied: bool) -> None:
        await self.ledger.settle_effect(self.effect, applied=applied, result={}, reason=None)

    async def is_free(self) -> bool:
        """Whether another effect gets both slots."""
        return await self.ledger.reserve(EffectId("another"), BUDGET, NOW) is None


@pytest.fixture
async def spending(database: Database) -> Spending:
    ledger = SqlLedger(database, FrozenClock(NOW))
    await received(ledger, "1", [pair()])
    (job,) = await started(ledger)
    await ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, (EFFECT,)))
    (effect,) = await ledger.pending_effects(job)
    assert await ledger.reserve(effect.id, BUDGET, NOW) is None
    return Spending(ledger, job, effect.id)


@pytest.mark.parametrize("applied", [True, False])
async def test_what_wrote_nothing_gives_its_slots_back_when_it_is_settled(
    spending: Spending, applied: object
) -> None:
    await spending.settled(applied=bool(applied))
    assert await spending.is_free()


@pytest.mark.parametrize("applied", [True, False])
async def test_what_may_have_written_keeps_its_slots(spending: Spending, applied: object) -> None:
    assert await spending.ledger.spend(spending.effect)
    await spending.settled(applied=bool(applied))
    assert not await spending.is_free()


async def test_until_it_is_settled_nobody_else_gets_the_slots(spending: Spending) -> None:
    await spending.ledger.retry(spending.job, "paced", NOW)
    assert not await spending.is_free()


async def test_a_write_that_an_attempt_before_a_crash_may_have_made_is_paid_for(spending: Spending) -> None:
    await spending.ledger.spend(spending.effect)
    await spending.ledger.retry(spending.job, "its process ended before it did", NOW, lost=True)
    (job,) = await started(spending.ledger)
    (effect,) = await spending.ledger.pending_effects(job)
    assert await spending.ledger.reserve(effect.id, BUDGET, NOW) is None
    await spending.settled(applied=True)
    assert not await spending.is_free()


async def test_who_was_overtaken_learns_that_it_may_not_write(spending: Spending) -> None:
    await spending.settled(applied=False)
    assert not await spending.ledger.spend(spending.effect)


@pytest.mark.parametrize("wrote", [True, False])
async def test_a_superseded_evaluation_gives_back_what_it_did_not_spend(
    spending: Spending, wrote: object
) -> None:
    if wrote:
        await spending.ledger.spend(spending.effect)
    await spending.ledger.retry(spending.job, "paced", NOW + HOUR)
    await received(spending.ledger, "2", [pair()], NOW + HOUR / 2)
    await started(spending.ledger, NOW + HOUR / 2)
    assert await spending.is_free() is not bool(wrote)


@pytest.mark.parametrize("wrote", [True, False])
async def test_a_failed_evaluation_gives_back_what_it_did_not_spend(
    spending: Spending, wrote: object
) -> None:
    if wrote:
        await spending.ledger.spend(spending.effect)
    await spending.ledger.fail(spending.job, "no", quarantine=True, now=NOW)
    assert await spending.is_free() is not bool(wrote)


async def test_a_spent_slot_of_a_forgotten_effect_counts_and_pays_for_no_new_one(spending: Spending) -> None:
    await spending.ledger.spend(spending.effect)
    await spending.settled(applied=True)
    await spending.ledger.finish(spending.job, NOW)
    later = NOW + timedelta(days=6)
    await spending.ledger.prune(later)
    await received(spending.ledger, "again", [pair()], later)
    (job,) = await started(spending.ledger, later)
    await spending.ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, (EFFECT,)))
    (effect,) = await spending.ledger.pending_effects(job)
    assert effect.id == spending.effect
    week = [replace(budget, window=timedelta(days=7)) for budget in BUDGET]
    assert await spending.ledger.reserve(effect.id, week, later) == "k|one"
    assert await spending.ledger.reserve(effect.id, BUDGET, later) is None


async def test_slots_taken_by_an_older_version_count_as_spent(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)
    await asyncio.to_thread(back_to, database_url, "0005")
    await asyncio.to_thread(migrate, database_url)
    database = Database(database_url)
    ledger = SqlLedger(database, FrozenClock(NOW))
    await ledger.settle_effect(EffectId("old"), applied=True, result={}, reason=None)
    assert await ledger.reserve(EffectId("new"), BUDGET[:1], NOW) == "k|one"
    await database.close()


def back_to(url: str, revision: str) -> None:
    """The schema of then, with a slot that was taken then."""
    engine = open_engine(url)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), revision)
        connection.execute(
            text("INSERT INTO reservation (effect_id, scope, taken_at) VALUES ('old', 'k|one', :at)"),
            {"at": NOW},
        )
    engine.dispose()
