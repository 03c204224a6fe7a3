"""What operators' commands ask the ledger: which repositories it knows, and what a capability keeps for a subject."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.adapters.database.connection import Database
from app.adapters.database.known import kept_state, known_repositories
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.ports.ledger import Plan, Routed
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received, started

HOUR = timedelta(hours=1)


async def test_a_repository_is_known_by_the_name_that_it_had_last(database: Database) -> None:
    ledger = SqlLedger(database, FrozenClock(NOW))
    assert await database.read(known_repositories) == ()
    await received(ledger, "first", [pair()])
    await started(ledger)
    later = pair("b")
    renamed = replace(later.target, repository=replace(REPOSITORY, name="hammer"))
    await received(ledger, "second", [Routed(later.capability, later.lane, renamed)], NOW + HOUR)
    ((app_key, found),) = await database.read(known_repositories)
    assert (app_key, found.id, found.name) == (KEY, REPOSITORY.id, "hammer")


async def test_the_state_of_a_subject_is_read_and_that_of_another_is_not(database: Database) -> None:
    ledger = SqlLedger(database, FrozenClock(NOW))
    await received(ledger, "first", [pair()])
    (job,) = await started(ledger)
    await ledger.commit_plan(job, Plan(Verdict.PASS, (), None, b'{"kept": 1}', ()))
    subject = job.target.subject
    found = await database.read(lambda c: kept_state(c, job.capability, subject))
    assert found == b'{"kept": 1}'
    assert await database.read(lambda c: kept_state(c, "other", subject)) is None
