"""What holds when several workers use one ledger at the same moment (PostgreSQL), or take turns on it (SQLite)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.domain.decision import Verdict
from app.domain.delivery import Delivery, DeliveryState, Source, delivery_of
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun, Reservation
from app.domain.ids import AppKey, CommitSha, DeliveryId, EffectId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import Plan, Routed

KEY = AppKey("api.github.com/1")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPOSITORY = Repository(RepositoryId(1), "forge", "anvil", InstallationId(1))


def delivery(guid: str) -> Delivery:
    return delivery_of(KEY, DeliveryId(guid), Source.GITHUB, "check_run", b"{}", NOW)


def pair(ident: str = "a", capability: str = "quality_gate") -> Routed:
    subject = Subject(KEY, REPOSITORY.id, SubjectKind.SHA, ident)
    return Routed(capability, Lane.GATE, Target(subject, REPOSITORY))


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, SystemClock())


async def test_deliveries_routed_at_once_share_one_evaluation_of_their_subject(ledger: SqlLedger) -> None:
    deliveries = [delivery(str(n)) for n in range(24)]
    await asyncio.gather(*(ledger.accept(one) for one in deliveries))
    await asyncio.gather(*(ledger.route(one, None, [pair("a"), pair("b")], NOW) for one in deliveries))
    jobs = await ledger.admit(NOW, 100, 100)
    assert sorted(job.target.subject.ident for job in jobs) == ["a", "b"]
    for job in jobs:
        started = await ledger.start(job, NOW)
        assert started is not None
        assert len(started.deliveries) == 24


async def test_a_delivery_routed_by_two_workers_is_routed_once(ledger: SqlLedger) -> None:
    await ledger.accept(delivery("1"))
    await asyncio.gather(*(ledger.route(delivery("1"), None, [pair()], NOW) for _ in range(8)))
    (row,) = await ledger.deliveries()
    assert (row.state, row.attempts) == (DeliveryState.RUNNING, 1)


async def test_workers_that_admit_at_once_never_pass_the_bounds(ledger: SqlLedger) -> None:
    for n in range(20):
        await ledger.accept(delivery(str(n)))
        await ledger.route(delivery(str(n)), None, [pair(str(n))], NOW)
    admitted = await asyncio.gather(*(ledger.admit(NOW, 100, 4) for _ in range(8)))
    jobs = [job.id for some in admitted for job in some]
    assert len(jobs) == len(set(jobs)) == 4


async def test_a_delivery_closes_when_its_evaluations_end_at_the_same_moment(ledger: SqlLedger) -> None:
    for n in range(10):
        await ledger.accept(delivery(str(n)))
        await ledger.route(delivery(str(n)), None, [pair(str(n), "one"), pair(str(n), "two")], NOW)
    jobs = await ledger.admit(NOW, 100, 100)
    assert len(jobs) == 20
    await asyncio.gather(*(ledger.start(job, NOW) for job in jobs))
    await asyncio.gather(*(ledger.finish(job, NOW) for job in jobs))
    assert {row.state for row in await ledger.deliveries()} == {DeliveryState.DONE}


async def test_a_budget_holds_against_all_at_once(ledger: SqlLedger) -> None:
    budget = [Reservation("k|repo", timedelta(hours=1), 3), Reservation("k|org", timedelta(hours=1), 50)]
    answers = await asyncio.gather(*(ledger.reserve(EffectId(f"e{n}"), budget, NOW) for n in range(16)))
    assert answers.count(None) == 3


async def test_a_timer_fires_once_and_one_that_was_set_again_is_not_lost(ledger: SqlLedger) -> None:
    for n in range(20):
        await ledger.set_timer(str(n), KEY, b"{}", NOW)
    later = NOW + timedelta(hours=1)
    firing = [asyncio.create_task(ledger.fire_timers(NOW, 10)) for _ in range(6)]
    await asyncio.gather(*(ledger.set_timer(str(n), KEY, b"{}", later) for n in range(20)))
    early = sum(await asyncio.gather(*firing)) + await ledger.fire_timers(NOW, 100)
    assert len(await ledger.deliveries()) == early
    assert await ledger.fire_timers(later, 100) == 20


async def test_a_position_put_by_many_at_once_is_there(ledger: SqlLedger) -> None:
    await asyncio.gather(
        *(ledger.set_cursor("k", str(n)) for n in range(16)), *(ledger.ping() for _ in range(8))
    )
    assert await ledger.cursor("k") in {str(n) for n in range(16)}


async def test_an_attempt_that_was_taken_over_can_neither_plan_nor_write_nor_end(ledger: SqlLedger) -> None:
    await ledger.accept(delivery("1"))
    await ledger.route(delivery("1"), None, [pair()], NOW)
    (old,) = await ledger.admit(NOW, 10, 4)
    await ledger.start(old, NOW)
    check = PublishCheckRun(
        REPOSITORY, CommitSha("a" * 40), "n", CheckStatus.COMPLETED, CheckConclusion.SUCCESS, "t", "s"
    )
    plan = Plan(Verdict.PASS, (), b"{}", None, (check,))
    await ledger.retry(old, "its executor is gone", NOW)
    await ledger.commit_plan(old, plan)
    assert await ledger.pending_effects(old) == ()
    (new,) = await ledger.admit(NOW, 10, 4)
    assert new.attempt == old.attempt + 1
    assert await ledger.start(new, NOW) is not None
    await ledger.commit_plan(old, replace(plan, verdict=Verdict.FAIL))
    await ledger.commit_plan(new, plan)
    assert await ledger.pending_effects(old) == ()
    assert len(await ledger.pending_effects(new)) == 1
    await ledger.finish(old, NOW)
    await ledger.fail(old, "no", quarantine=False, now=NOW)
    (row,) = await ledger.deliveries()
    assert (row.state, row.handlers[0].verdict) == (DeliveryState.RUNNING, "pass")
