"""What a capability keeps for other subjects is read with one question; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.decision import Verdict
from app.domain.ids import AppKey, RepositoryId
from app.domain.repo import Subject
from app.ports.ledger import Plan
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received, started

GATE = "quality_gate"
FIRST, SECOND, SILENT, UNKNOWN = (pair(ident).target.subject for ident in ("a", "b", "c", "d"))


async def kept(ledger: SqlLedger, subject: Subject, state: bytes | None, capability: str = GATE) -> None:
    """An evaluation of the subject that left this state."""
    await received(ledger, f"{capability}-{subject.ident}", [pair(subject.ident, capability)])
    (job,) = await started(ledger)
    await ledger.commit_plan(job, Plan(Verdict.PASS, (), None, state, ()))
    await ledger.finish(job, NOW)


@pytest.fixture
async def records(database: Database) -> SqlRecords:
    """Two subjects with a state, one without, and another capability's state of the first."""
    ledger = SqlLedger(database, FrozenClock(NOW))
    await kept(ledger, FIRST, b'{"n": 1}')
    await kept(ledger, SECOND, b'{"n": 2}')
    await kept(ledger, SILENT, None)
    await kept(ledger, FIRST, b'{"n": 3}', "release")
    return SqlRecords(database, FrozenClock(NOW), KEY, REPOSITORY)


async def test_the_states_that_exist_are_given_in_the_order_of_their_subjects(records: SqlRecords) -> None:
    found = await records.states(GATE, (SECOND, UNKNOWN, SILENT, FIRST))
    assert found == ((SECOND, b'{"n": 2}'), (FIRST, b'{"n": 1}'))


async def test_each_capability_has_its_own(records: SqlRecords) -> None:
    assert await records.states("release", (FIRST, SECOND)) == ((FIRST, b'{"n": 3}'),)


async def test_nobody_has_none(records: SqlRecords) -> None:
    assert await records.states(GATE, ()) == ()


async def test_subjects_of_another_app_or_repository_are_not_answered(
    database: Database, records: SqlRecords
) -> None:
    foreign = (
        replace(FIRST, app_key=AppKey("api.github.com/11")),
        replace(FIRST, repository_id=RepositoryId(2)),
    )
    assert await records.states(GATE, foreign) == ()
    other = SqlRecords(database, FrozenClock(NOW), KEY, replace(REPOSITORY, id=RepositoryId(2)))
    assert await other.states(GATE, (FIRST,)) == ()
