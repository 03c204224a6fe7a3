"""What is said until there is a plan, and what of it the ledger remembers; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.domain.effects import CheckStatus
from app.ports.ledger import Plan
from tests.contract.database.test_ledger import NOW, check, pair, routed, started

GREEN = check()
OPEN = replace(GREEN, status=CheckStatus.IN_PROGRESS, conclusion=None)
PLAN = Plan(Verdict.PASS, (), b"{}", b"{}", (GREEN,))


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, SystemClock())


async def test_it_is_stored_once_an_evaluation(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    assert await ledger.commit_interim(job, (OPEN,))
    assert await ledger.commit_interim(job, (replace(OPEN, title="again"),))
    (effect,) = await ledger.pending_effects(job)
    assert (effect.effect, effect.previous, effect.abandoned) == (OPEN, None, None)
    await ledger.settle_effect(effect.id, applied=True, result={"run": 1}, reason=None)
    assert await ledger.commit_interim(job, (OPEN,))
    assert await ledger.pending_effects(job) == ()


async def test_a_plan_takes_its_place_and_knows_how_far_it_came(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.commit_interim(job, (OPEN,))
    (open_again,) = await ledger.pending_effects(job)
    await ledger.save_cursor(open_again.id, {"external_id": "x"})
    await ledger.commit_plan(job, PLAN)
    (green,) = await ledger.pending_effects(job)
    assert (green.effect, green.previous, green.abandoned) == (GREEN, None, {"external_id": "x"})
    assert not await ledger.commit_interim(job, (OPEN,))


async def test_what_came_true_later_lets_an_effect_that_never_ended_be_forgotten(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.commit_interim(job, (OPEN,))
    (open_again,) = await ledger.pending_effects(job)
    await ledger.save_cursor(open_again.id, {"external_id": "x"})
    await ledger.commit_plan(job, PLAN)
    (green,) = await ledger.pending_effects(job)
    await ledger.settle_effect(green.id, applied=True, result={"run": 2}, reason=None)
    await ledger.finish(job, NOW)
    await routed(ledger, "2", pair(), NOW + timedelta(hours=1))
    later = await started(ledger, NOW + timedelta(hours=1))
    await ledger.commit_plan(later, PLAN)
    (again,) = await ledger.pending_effects(later)
    assert (again.previous, again.abandoned) == ({"run": 2}, None)


async def test_an_attempt_that_is_over_says_nothing(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.retry(job, "502", NOW + timedelta(hours=1))
    assert not await ledger.commit_interim(job, (OPEN,))


async def test_a_newer_evaluation_is_admitted_beside_what_never_ended(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await routed(ledger, "2", pair())
    await ledger.commit_interim(job, (OPEN,))
    (open_again,) = await ledger.pending_effects(job)
    await ledger.save_cursor(open_again.id, {"external_id": "x"})
    await ledger.retry(job, "502", NOW + timedelta(hours=1))
    newer = await started(ledger, NOW + timedelta(seconds=3))
    assert newer.generation == job.generation + 1
    await ledger.commit_plan(newer, PLAN)
    (green,) = await ledger.pending_effects(newer)
    assert green.abandoned == {"external_id": "x"}
