"""An effect ends once: who comes later, such as a process that was stopped and woke up, changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.domain.effects import Comment
from app.ports.ledger import EvaluationJob, Plan, PlannedEffect
from app.testing.clock import FrozenClock
from tests.contract.database.given import NOW, REPOSITORY, pair, received

HOUR = timedelta(hours=1)
PLAN = Plan(Verdict.PASS, (), b"{}", None, (Comment(REPOSITORY, 3, "marker", "hello"),))


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, FrozenClock(NOW))


async def planned(ledger: SqlLedger, guid: str) -> tuple[EvaluationJob, PlannedEffect]:
    await received(ledger, guid, [pair()])
    (job,) = await ledger.admit(NOW + HOUR, 10, 10)
    assert await ledger.start(job, NOW) is not None
    await ledger.commit_plan(job, PLAN)
    (effect,) = await ledger.pending_effects(job)
    return job, effect


async def test_the_first_word_on_an_effect_is_the_last(ledger: SqlLedger) -> None:
    job, effect = await planned(ledger, "first")
    await ledger.settle_effect(effect.id, applied=True, result={"id": 1}, reason=None)
    await ledger.settle_effect(effect.id, applied=False, result={}, reason="stale")
    await ledger.settle_effect(effect.id, applied=True, result={"id": 2}, reason=None)
    await ledger.finish(job, NOW)
    _, again = await planned(ledger, "second")
    assert again.previous == {"id": 1}


async def test_an_effect_that_has_ended_comes_no_further(ledger: SqlLedger) -> None:
    job, effect = await planned(ledger, "first")
    await ledger.settle_effect(effect.id, applied=False, result={}, reason="superseded")
    await ledger.save_cursor(effect.id, {"id": 1})
    await ledger.finish(job, NOW)
    _, again = await planned(ledger, "second")
    assert again.abandoned is None
