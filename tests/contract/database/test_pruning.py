"""What the ledger forgets of a subject that has no state left, and when; `test_kept_states.py` is about the others."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Select, func, select, text

from app.adapters.database.connection import Database
from app.adapters.database.evaluations import evaluation, subject_table
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.adapters.database.pruning import AFTER_THE_ENGINE, BATCH, OLD
from app.adapters.database.timers import BETWEEN, woken
from app.domain.decision import Verdict
from app.domain.effects import WakeAt
from app.ports.ledger import Plan, StartedEvaluation
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, pair, received, started
from tests.integration.postgres import Server

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
FORGOTTEN = NOW + AFTER_THE_ENGINE + SECOND
LATER = NOW + timedelta(days=40)


class Remembering:
    """A ledger with subjects that were decided once, at `NOW`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ledger = SqlLedger(database, FrozenClock(NOW))

    async def decided(self, *subjects: str) -> None:
        for subject in subjects:
            await received(self.ledger, f"first-{subject}", [pair(subject)])
        for job in await started(self.ledger):
            await self.ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, ()))
            await self.ledger.finish(job, NOW)

    async def again(self, subject: str = "a", at: datetime = LATER) -> StartedEvaluation:
        await received(self.ledger, f"again-{subject}-{at}", [pair(subject)], at)
        (job,) = await self.ledger.admit(at, 10, 10)
        found = await self.ledger.start(job, at)
        assert found is not None
        return found

    async def subjects(self) -> int:
        def count(connection: Connection) -> int:
            found: int = connection.execute(select(func.count()).select_from(subject_table)).scalar_one()
            return found

        return await self.database.write(count)


@pytest.fixture
def remembering(database: Database) -> Remembering:
    return Remembering(database)


async def test_a_subject_is_forgotten_with_its_last_evaluation(remembering: Remembering) -> None:
    await remembering.decided("a")
    await remembering.ledger.prune(FORGOTTEN)
    assert await remembering.subjects() == 0
    again = await remembering.again()
    assert (again.job.generation, again.state_json) == (1, None)


async def test_a_subject_is_kept_longer_than_the_engine_keeps_its_workflows(
    remembering: Remembering,
) -> None:
    await remembering.decided("a")
    await remembering.ledger.prune(FORGOTTEN - 2 * SECOND)
    assert (await remembering.again()).job.generation == 2


async def test_a_subject_whose_evaluation_is_open_is_kept(remembering: Remembering) -> None:
    await remembering.decided("a")
    await remembering.again(at=NOW + HOUR)
    await remembering.ledger.prune(LATER)
    assert await remembering.subjects() == 1


async def test_a_subject_with_a_newer_evaluation_is_kept(remembering: Remembering) -> None:
    await remembering.decided("a")
    newer = await remembering.again(at=NOW + 40 * HOUR)
    await remembering.ledger.finish(newer.job, NOW + 40 * HOUR)
    await remembering.ledger.prune(NOW + 39 * HOUR)
    assert (await remembering.again()).job.generation == 3


async def test_a_subject_that_a_timer_is_to_wake_is_kept(remembering: Remembering) -> None:
    await remembering.decided("a", "ab")
    wake = WakeAt(REPOSITORY, "quality_gate", pair("a").target.subject, LATER, "reports")
    await remembering.ledger.set_timer(f"{KEY}|{wake.key}", KEY, b"{}", LATER)
    await remembering.ledger.prune(FORGOTTEN)
    assert await remembering.subjects() == 1
    assert (await remembering.again()).job.generation == 2


async def test_old_evaluations_and_a_subjects_timers_are_looked_up_and_not_searched_for(
    database: Database,
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads a table of few rows as a whole")

    def steps(connection: Connection, question: Select[Any], **values: object) -> str:
        asked = question.params(values).compile(connection, compile_kwargs={"literal_binds": True})
        return " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")))

    old = await database.read(lambda c: steps(c, OLD, before=NOW))
    assert "ix_evaluation_finished_at" in old
    timers = await database.read(lambda c: steps(c, BETWEEN, begin="a", end="b"))
    assert timers.startswith("SEARCH timer")


@pytest.mark.postgres
async def test_a_timer_is_found_whatever_the_order_of_the_databases_language(postgres: Server) -> None:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'".encode()
        )
    await asyncio.to_thread(migrate, postgres.url(name))
    database = Database(postgres.url(name))
    subjects = [
        (capability, f"{KEY}|1|sha|{n}")
        for capability in ("quality_gate", "qualitygate")
        for n in ("a", "A", "a-b")
    ]
    ledger = SqlLedger(database, FrozenClock(NOW))
    for capability, subject in subjects[::2]:
        await ledger.set_timer(f"{KEY}|wake|{capability}|{subject}|reports", KEY, b"{}", LATER)
    assert await database.read(lambda c: woken(c, set(subjects))) == set(subjects[::2])
    await database.close()


async def test_more_than_a_batch_is_forgotten_at_once(remembering: Remembering) -> None:
    names = [f"{n:04d}" for n in range(BATCH + 7)]
    for first in range(0, len(names), 100):
        await remembering.decided(*names[first : first + 100])
    await remembering.ledger.prune(FORGOTTEN)
    assert await remembering.subjects() == 0


async def test_a_subject_that_is_asked_for_while_it_is_forgotten_is_whole(remembering: Remembering) -> None:
    names = [f"{n:04d}" for n in range(60)]
    await remembering.decided(*names)
    await asyncio.gather(
        *(remembering.ledger.prune(FORGOTTEN) for _ in range(2)),
        *(received(remembering.ledger, f"new-{name}", [pair(name)], LATER) for name in names),
    )

    def newest(connection: Connection) -> list[tuple[int, int]]:
        same = (
            evaluation.c.capability == subject_table.c.capability,
            evaluation.c.subject_key == subject_table.c.subject_key,
        )
        rows = connection.execute(
            select(subject_table.c.generation, func.max(evaluation.c.generation))
            .join(evaluation, same[0] & same[1])
            .group_by(subject_table.c.subject_key, subject_table.c.generation)
        )
        return [(row[0], row[1]) for row in rows]

    found = await remembering.database.write(newest)
    assert len(found) == len(names)
    assert [kept for kept, newest in found if kept != newest] == []
