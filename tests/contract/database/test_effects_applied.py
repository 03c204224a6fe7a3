"""Whether an effect came true is asked by its exact key; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.adapters.database.plans import APPLIED_OF
from app.domain.decision import Verdict
from app.domain.effects import RerunFailedJobs
from app.domain.ids import AppKey, CommitSha
from app.ports.ledger import Plan
from app.ports.records import EffectOutcome
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received, started

DAY = timedelta(days=1)
TENTH = RerunFailedJobs(REPOSITORY, 5, 10, "main", CommitSha("a" * 40))
SUBJECT, OTHER = pair("5").target.subject, pair("6").target.subject


@pytest.fixture
async def records(database: Database) -> SqlRecords:
    """The tenth attempt of run 5 was run again, a day ago; what was planned for run 6 was refused."""
    clock = FrozenClock(NOW)
    ledger = SqlLedger(database, clock)
    for ident, applied in (("5", True), ("6", False)):
        await received(ledger, ident, [pair(ident)])
        (job,) = await started(ledger)
        await ledger.commit_plan(job, Plan(Verdict.ACTED, (), None, None, (TENTH,)))
        (effect,) = await ledger.pending_effects(job)
        reason = None if applied else "stale: it has moved on: again"
        await ledger.settle_effect(effect.id, applied=applied, result={"run_id": int(ident)}, reason=reason)
        await ledger.finish(job, NOW)
    clock.advance(DAY)
    return SqlRecords(database, clock, KEY, REPOSITORY)


async def test_what_was_applied_for_a_subject_is_known(records: SqlRecords) -> None:
    assert await records.was_applied(SUBJECT, TENTH.key)


async def test_what_another_subject_led_to_is_not_its_own(records: SqlRecords) -> None:
    assert not await records.was_applied(OTHER, TENTH.key)


async def test_a_key_that_only_begins_so_is_another(records: SqlRecords) -> None:
    first = TENTH.key.removesuffix("0")
    assert not await records.was_applied(SUBJECT, first)
    assert await records.effects_applied(first, 2 * DAY) == 0


async def test_what_became_of_an_effect_is_known_with_its_result(records: SqlRecords) -> None:
    outcome = await records.effect_outcome(SUBJECT, TENTH.key)
    assert outcome == EffectOutcome(is_applied=True, result={"run_id": 5})


async def test_why_an_effect_was_refused_is_known(records: SqlRecords) -> None:
    outcome = await records.effect_outcome(OTHER, TENTH.key)
    assert outcome is not None
    assert (outcome.is_applied, outcome.code, outcome.reason) == (
        False,
        "stale",
        "stale: it has moved on: again",
    )


async def test_an_effect_that_was_never_settled_has_no_outcome(records: SqlRecords) -> None:
    assert await records.effect_outcome(SUBJECT, f"{TENTH.key}0") is None


async def test_effects_are_counted_in_their_window_whoever_led_to_them(records: SqlRecords) -> None:
    assert await records.effects_applied(TENTH.key, 2 * DAY) == 1
    assert await records.effects_applied(TENTH.key, DAY / 2) == 0


@pytest.mark.usefixtures("records")
async def test_another_app_knows_nothing_of_it(database: Database) -> None:
    other = SqlRecords(database, FrozenClock(NOW), AppKey("api.github.com/11"), REPOSITORY)
    assert not await other.was_applied(SUBJECT, TENTH.key)
    assert await other.effect_outcome(SUBJECT, TENTH.key) is None
    assert await other.effects_applied(TENTH.key, 2 * DAY) == 0


async def test_the_key_is_looked_up_and_not_searched_for(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads a table of few rows as a whole")

    def steps(connection: Connection) -> list[str]:
        question = APPLIED_OF.params(key="k", of_subject="s")
        asked = question.compile(connection, compile_kwargs={"literal_binds": True})
        return [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]

    assert any("ix_effect_key" in step for step in await database.read(steps))
