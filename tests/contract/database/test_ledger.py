"""The ledger's promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.pruning import BATCH
from app.domain.decision import Reason, Verdict
from app.domain.delivery import Acceptance, Delivery, DeliveryState, Source, delivery_of
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun, Reservation
from app.domain.ids import AppKey, CommitSha, DeliveryId, EffectId, InstallationId, RepositoryId
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.errors import TransientError
from app.ports.handler import Lane
from app.ports.ledger import EffectRow, EvaluationJob, Plan, Routed

KEY = AppKey("api.github.com/1")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def delivery(guid: str, at: datetime = NOW) -> Delivery:
    return delivery_of(KEY, DeliveryId(guid), Source.GITHUB, "check_run", b"{}", at)


def pair(ident: str = "a", installation: int = 1) -> Routed:
    repository = Repository(RepositoryId(installation), "forge", "anvil", InstallationId(installation))
    subject = Subject(KEY, repository.id, SubjectKind.SHA, ident)
    return Routed("quality_gate", Lane.GATE, Target(subject, repository))


def check(sha: str = "a" * 40) -> PublishCheckRun:
    repository = pair().target.repository
    conclusion = CheckConclusion.SUCCESS
    return PublishCheckRun(repository, CommitSha(sha), "n", CheckStatus.COMPLETED, conclusion, "t", "s")


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database, SystemClock(), max_waiting=100)


async def routed(ledger: SqlLedger, guid: str, to: Routed, at: datetime = NOW) -> None:
    one = delivery(guid, at)
    await ledger.accept(one)
    await ledger.route(one, "completed", [to], at)


async def started(ledger: SqlLedger, at: datetime = NOW) -> EvaluationJob:
    (job,) = await ledger.admit(at, 10, 4)
    assert await ledger.start(job, at) is not None
    return job


async def test_a_known_delivery_is_a_duplicate_until_it_has_failed(ledger: SqlLedger) -> None:
    assert await ledger.accept(delivery("1")) is Acceptance.ACCEPTED
    assert await ledger.accept(delivery("1")) is Acceptance.DUPLICATE
    await ledger.route(delivery("1"), None, [pair()], NOW)
    job = await started(ledger)
    await ledger.fail(job, "no", quarantine=False, now=NOW)
    (row,) = await ledger.deliveries()
    assert (row.state, row.error) == (DeliveryState.FAILED, "no")
    assert await ledger.accept(delivery("1")) is Acceptance.RESUMED
    await ledger.route(delivery("1"), None, [pair()], NOW)
    again = await started(ledger, NOW + timedelta(seconds=3))
    assert again.generation == job.generation + 1
    await ledger.finish(again, NOW)
    (row,) = await ledger.deliveries()
    assert (row.state, row.attempts, row.error) == (DeliveryState.DONE, 2, None)


async def test_a_hundred_at_once_are_each_answered_once(ledger: SqlLedger) -> None:
    answers = await asyncio.gather(*(ledger.accept(delivery(str(n % 50))) for n in range(100)))
    assert answers.count(Acceptance.ACCEPTED) == 50
    assert answers.count(Acceptance.DUPLICATE) == 50
    with pytest.raises(TransientError):
        await asyncio.gather(*(ledger.accept(delivery(str(n))) for n in range(1000, 1200)))


async def test_a_burst_leads_to_two_evaluations_and_the_last_covers_the_last_event(
    ledger: SqlLedger,
) -> None:
    await routed(ledger, "0", pair())
    first = await started(ledger)
    for n in range(1, 50):
        await routed(ledger, str(n), pair(), NOW + timedelta(milliseconds=n))
    assert await ledger.admit(NOW + timedelta(seconds=3), 10, 4) == ()
    await ledger.finish(first, NOW)
    assert await ledger.admit(NOW + timedelta(seconds=1), 10, 4) == ()
    (second,) = await ledger.admit(NOW + timedelta(seconds=3), 10, 4)
    covered = await ledger.start(second, NOW + timedelta(seconds=3))
    assert covered is not None
    assert [d.id for d in covered.deliveries] == [str(n) for n in range(1, 50)]


async def test_one_tenant_cannot_fill_the_engine(ledger: SqlLedger) -> None:
    for n in range(30):
        await routed(ledger, f"storm-{n}", pair(f"s{n}", 1))
    await routed(ledger, "quiet", pair("q", 2))
    jobs = await ledger.admit(NOW, 10, 4)
    assert sorted(job.target.repository.installation_id for job in jobs) == [1, 1, 1, 1, 2]
    assert await ledger.admit(NOW, 10, 4) == ()


async def test_an_old_attempt_may_not_start(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.retry(job, "later", NOW)
    (second,) = await ledger.admit(NOW, 10, 4)
    assert await ledger.start(job, NOW) is None
    assert await ledger.start(second, NOW) is not None


async def test_news_make_a_waiting_evaluation_try_again_sooner_but_once_a_minute_at_most(
    ledger: SqlLedger,
) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.retry(job, "an outage", NOW + timedelta(hours=1))
    for seconds, due in ((5, 60), (30, 60), (90, 60)):  # what is earlier already stays as it is
        now = NOW + timedelta(seconds=seconds)
        await ledger.accept(delivery(f"news {seconds}", now))
        await ledger.route(delivery(f"news {seconds}", now), "completed", [pair()], now)
        assert await ledger.next_due(NOW) == NOW + timedelta(seconds=due)
    (again,) = await ledger.admit(NOW + timedelta(seconds=61), 100, 4)
    assert (again.id, again.attempt) == (job.id, 2)


async def test_news_leave_an_evaluation_alone_whose_process_ended(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.retry(job, "its process ended", NOW + timedelta(hours=1), lost=True)
    later = NOW + timedelta(minutes=5)
    await ledger.accept(delivery("news", later))
    await ledger.route(delivery("news", later), "completed", [pair()], later)
    assert await ledger.next_due(NOW) == NOW + timedelta(hours=1)


async def test_a_plan_is_committed_once(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    plan = Plan(Verdict.PASS, (Reason("ok", "well"),), b"{}", b'{"n": 1}', (check(),))
    await ledger.commit_plan(job, plan)
    await ledger.commit_plan(job, Plan(Verdict.FAIL, (), b"{}", None, ()))
    (effect,) = await ledger.pending_effects(job)
    assert effect.effect == check()
    await ledger.save_cursor(effect.id, {"check_run_id": 5})
    await ledger.settle_effect(effect.id, applied=True, result={"check_run_id": 5}, reason=None)
    await ledger.finish(job, NOW)
    (row,) = await ledger.deliveries(guid="1")
    assert row.handlers[0].verdict == "pass"
    assert row.handlers[0].effects == (EffectRow("publish_check_run", "applied"),)
    await routed(ledger, "2", pair(), NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=1)
    (second,) = await ledger.admit(later, 10, 4)
    again = await ledger.start(second, later)
    assert again is not None
    assert again.state_json == b'{"n": 1}'
    await ledger.commit_plan(second, plan)
    (effect,) = await ledger.pending_effects(second)
    assert effect.previous == {"check_run_id": 5}


async def test_a_newer_evaluation_supersedes_one_that_waits_with_its_plan(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, (check(),)))
    await ledger.retry(job, "rate limit", NOW + timedelta(hours=1))
    later = NOW + timedelta(minutes=1)
    await routed(ledger, "2", pair(), later)
    (second,) = await ledger.admit(later, 10, 4)
    covered = await ledger.start(second, later)
    assert covered is not None
    assert [d.id for d in covered.deliveries] == ["1", "2"]
    assert await ledger.pending_effects(job) == ()
    await ledger.finish(second, later)
    assert {row.state for row in await ledger.deliveries()} == {DeliveryState.DONE}


async def test_budgets_are_taken_together_or_not_at_all(ledger: SqlLedger) -> None:
    hour = timedelta(hours=1)
    one, two = Reservation("k|repo", hour, 1), Reservation("k|org", hour, 5)
    assert await ledger.reserve(EffectId("e1"), [one, two], NOW) is None
    assert await ledger.reserve(EffectId("e1"), [one, two], NOW) is None
    assert await ledger.reserve(EffectId("e2"), [two, one], NOW) == "k|repo"
    assert await ledger.reserve(EffectId("e2"), [two, one], NOW + hour + timedelta(seconds=1)) is None


async def test_a_due_timer_becomes_a_delivery(ledger: SqlLedger) -> None:
    await ledger.set_timer("k", KEY, b"{}", NOW)
    await ledger.set_timer("k", KEY, b'{"later": true}', NOW + timedelta(minutes=1))
    assert await ledger.fire_timers(NOW, 10) == 0
    assert await ledger.fire_timers(NOW + timedelta(minutes=2), 10) == 1
    (row,) = await ledger.deliveries()
    assert (row.source, row.event) == (Source.TIMER, "hephaestus.wake")


async def test_closed_deliveries_are_forgotten_after_their_time(ledger: SqlLedger) -> None:
    await routed(ledger, "1", pair())
    job = await started(ledger)
    await ledger.finish(job, NOW)
    await ledger.accept(delivery("open"))
    assert await ledger.prune(NOW + timedelta(days=1)) == 1
    assert [row.id for row in await ledger.deliveries()] == ["open"]
    assert await ledger.settled(KEY, [DeliveryId("open"), DeliveryId("1")]) == {"open"}


async def test_failed_deliveries_are_forgotten_too_and_more_than_a_batch_at_once(ledger: SqlLedger) -> None:
    await routed(ledger, "failed", pair())
    job = await started(ledger)
    await ledger.fail(job, "no", quarantine=False, now=NOW)
    count = BATCH + 7
    for first in range(0, count, 50):
        await asyncio.gather(*(ledger.accept(delivery(str(n))) for n in range(first, min(first + 50, count))))
    await asyncio.gather(*(ledger.ignore(delivery(str(n)), None, None, "no") for n in range(count)))
    assert await ledger.prune(NOW + timedelta(days=1)) == count + 1
    assert await ledger.deliveries() == ()


async def test_a_timer_set_again_for_a_time_at_which_it_has_fired_fires_again(ledger: SqlLedger) -> None:
    later = NOW + timedelta(seconds=1)
    await ledger.set_timer("k", KEY, b"{}", NOW)
    assert await ledger.fire_timers(NOW, 10) == 1
    await ledger.set_timer("k", KEY, b"{}", NOW)
    assert await ledger.fire_timers(later, 10) == 1
    assert len(await ledger.deliveries()) == 2
