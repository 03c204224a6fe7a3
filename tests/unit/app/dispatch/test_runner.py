"""One evaluation from start to end; whatever happens, the ledger says how it went."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import PlainSerializer

from app.dispatch import runner
from app.dispatch.runner import (
    BUG,
    LONGEST_BACKOFF_S,
    LONGEST_PACED_S,
    MAX_ATTEMPTS,
    PATIENCE,
    TOO_SLOW,
    may_retry,
    retry_time,
)
from app.domain.decision import Decision
from app.domain.delivery import DeliveryState
from app.errors import HephaestusError, LeaseLost, NotFound, TransientError
from app.ports.github_writer import CheckRunDraft
from app.ports.ledger import EvaluationJob, Routed
from app.ports.policies import UNJUDGED
from app.testing.writer import RecordingWriter
from tests.unit.app.dispatch.world import SHA, Count, Opinion, Seen, World, check

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
OUTAGE = TransientError("github.unavailable", "502")
DAY = timedelta(days=1)


def raising(error: Exception) -> Callable[[], Awaitable[None]]:
    async def trouble() -> None:
        raise error

    return trouble


async def state_of(world: World, guid: str = "1") -> tuple[DeliveryState, str | None]:
    (row,) = await world.ledger.deliveries(guid=guid)
    return row.state, row.error


async def exhaust(world: World) -> list[str]:
    """Runs attempt after attempt as they come due, until none is left."""
    words: list[str] = []
    while (due := await world.ledger.next_due(LONG_AGO)) is not None or await world.ledger.received(1, 1):
        if due is not None and due > world.clock.now():
            world.clock.advance(due - world.clock.now())
        words += await world.run()
    return words


class Stuck(RecordingWriter):
    """A writer whose first request arrives, and whose answer does not."""

    async def create_check_run(self, draft: CheckRunDraft) -> int:
        made = await super().create_check_run(draft)
        if len(self.check_runs) == 1:
            await asyncio.Event().wait()
        return made


async def test_writing_has_a_time_limit_and_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "APPLY_LIMIT", timedelta(seconds=0.05))
    world.writer = Stuck()
    await world.receive("1")
    assert await world.run() == ["retry"]
    monkeypatch.undo()  # a busy machine may take longer than that for a write that is not stuck
    assert await exhaust(world) == ["planned"]
    assert world.writer.writes == ["create_check_run"]
    assert await state_of(world) == (DeliveryState.DONE, None)


async def test_what_is_said_meanwhile_has_a_time_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.receive("1")
    await world.run()
    monkeypatch.setattr(runner, "APPLY_LIMIT", timedelta(seconds=0.05))
    world.writer = Stuck()
    world.capabilities["gate"].trouble = raising(NotFound("github.not_found", "gone"))
    await world.receive("2")
    assert await exhaust(world) == ["failed"]
    assert (await state_of(world, "2"))[0] is DeliveryState.FAILED


async def test_a_delivery_becomes_a_check_run(world: World) -> None:
    await world.receive("1", "ci")
    assert await world.run() == ["pass"]
    (run,) = world.writer.check_runs
    assert (run.last.head_sha, run.last.title) == (SHA, "good")
    assert world.capabilities["gate"].seen == [Seen(("ci",), 0)]
    assert await state_of(world) == (DeliveryState.DONE, None)
    assert (world.woken, world.fences) == (1, 1)


async def test_the_state_of_a_decision_is_there_at_the_next(world: World) -> None:
    await world.receive("1")
    await world.run()
    world.clock.advance(DAY)
    await world.receive("2", "lint")
    await world.run()
    assert world.capabilities["gate"].seen == [Seen(("ci",), 0), Seen(("lint",), 1)]


async def test_an_unchanged_verdict_writes_nothing(world: World) -> None:
    await world.receive("1")
    await world.run()
    world.clock.advance(DAY)
    await world.receive("2")
    assert await world.run() == ["pass"]
    assert world.writer.writes == ["create_check_run"]


async def test_an_attempt_that_may_not_run_is_skipped(world: World) -> None:
    await world.receive("1")
    (job,) = await world.admitted()
    assert await world.runner.run("gate|nobody|1", 1) == "skipped"
    assert await world.runner.run(job.id, job.attempt + 1) == "skipped"
    assert await world.runner.run(job.id, job.attempt) == "pass"
    assert await world.runner.run(job.id, job.attempt) == "skipped"
    assert len(world.writer.check_runs) == 1


async def test_after_a_crash_the_plan_is_finished_and_nothing_is_decided_twice(world: World) -> None:
    await world.receive("1")
    (job,) = await world.admitted()
    world.lease_lost = True
    with pytest.raises(LeaseLost):
        await world.runner.run(job.id, job.attempt)
    assert (world.writer.check_runs, len(world.capabilities["gate"].seen)) == ([], 1)
    world.lease_lost = False
    assert await world.runner.run(job.id, job.attempt) == "planned"
    assert (len(world.writer.check_runs), len(world.capabilities["gate"].seen)) == (1, 1)
    assert await state_of(world) == (DeliveryState.DONE, None)


async def test_a_permanent_error_is_recorded_at_once(world: World) -> None:
    world.capabilities["gate"].trouble = raising(NotFound("github.not_found", "no such repository"))
    await world.receive("1")
    assert await exhaust(world) == ["failed"]
    assert await state_of(world) == (DeliveryState.FAILED, "no such repository [github.not_found]")


async def test_a_failed_delivery_that_is_redelivered_has_its_effect(world: World) -> None:
    world.capabilities["gate"].trouble = raising(NotFound("github.not_found", "no such repository"))
    await world.receive("1")
    await exhaust(world)
    world.capabilities["gate"] = Opinion()
    await world.receive("1")
    assert await exhaust(world) == ["pass"]
    assert await state_of(world) == (DeliveryState.DONE, None)
    assert len(world.writer.check_runs) == 1


async def test_a_transient_error_is_tried_again_and_the_effect_appears_once(world: World) -> None:
    world.capabilities["gate"].trouble = raising(OUTAGE)
    await world.receive("1")
    assert await world.run() == ["retry"]
    assert await world.run() == []
    world.capabilities["gate"] = Opinion()
    assert await exhaust(world) == ["pass"]
    assert len(world.writer.check_runs) == 1


async def test_an_outage_of_an_hour_loses_nothing(world: World) -> None:
    world.capabilities["gate"].trouble = raising(OUTAGE)
    await world.receive("1")
    began = world.clock.now()
    while world.clock.now() - began < timedelta(hours=1):
        assert await world.run() == ["retry"]
        due = await world.ledger.next_due(LONG_AGO)
        assert due is not None
        world.clock.advance(due - world.clock.now())
    world.capabilities["gate"] = Opinion()
    assert await world.run() == ["pass"]


async def test_an_outage_without_end_is_quarantined_with_its_reason(world: World) -> None:
    world.capabilities["gate"].trouble = raising(OUTAGE)
    await world.receive("1")
    words = await exhaust(world)
    assert words[-1] == "failed"
    assert set(words[:-1]) == {"retry"}
    assert await state_of(world) == (DeliveryState.QUARANTINED, str(OUTAGE))


async def test_a_bug_is_tried_a_few_times_and_then_quarantined(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.capabilities["gate"].trouble = raising(KeyError("secret words of a stranger"))
    await world.receive("1")
    with caplog.at_level(logging.ERROR):
        assert await exhaust(world) == ["retry"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert await state_of(world) == (DeliveryState.QUARANTINED, "KeyError in gate [internal.error]")
    assert [record.message for record in caplog.records].count("evaluation_failed") == 1


async def test_a_capability_that_takes_too_long_is_stopped(world: World) -> None:
    gate = world.capabilities["gate"]
    gate.time_limit = timedelta(milliseconds=10)
    gate.trouble = asyncio.Event().wait  # type: ignore[assignment]  # waits for ever
    await world.receive("1")
    assert await world.run() == ["retry"]
    (row,) = await world.ledger.deliveries()
    assert row.state is DeliveryState.RUNNING
    assert world.writer.requests == []


@dataclass
class Endless(Opinion):
    """A capability that decides when it is let go, which may be never."""

    let_go: threading.Event = field(default_factory=threading.Event)

    def decide(self, evidence: Seen) -> Decision[Count]:
        self.let_go.wait(20)
        return super().decide(evidence)


async def test_a_capability_that_never_decides_is_tried_a_few_times_and_then_quarantined(
    world: World,
) -> None:
    endless = Endless(time_limit=timedelta(milliseconds=20))
    world.capabilities["gate"] = endless
    await world.receive("1")
    assert await exhaust(world) == ["retry"] * (MAX_ATTEMPTS - 1) + ["failed"]
    state, error = await state_of(world)
    assert state is DeliveryState.QUARANTINED
    assert error is not None
    assert TOO_SLOW in error
    assert world.writer.requests == []
    endless.let_go.set()


WRITTEN = threading.Event()


def written_late(count: int) -> int:
    WRITTEN.wait(20)
    return count


@dataclass(frozen=True, slots=True)
class SlowCount(Count):
    """What takes long to be written down."""

    decided: Annotated[int, PlainSerializer(written_late)]


async def test_a_plan_that_takes_too_long_to_be_written_down_is_tried_again(world: World) -> None:
    world.capabilities["gate"] = Opinion(time_limit=timedelta(milliseconds=20), state_type=SlowCount)
    await world.receive("1")
    assert await world.run() == ["retry"]
    WRITTEN.set()
    assert await exhaust(world) == ["pass"]
    assert len(world.writer.check_runs) == 1


async def test_what_was_decided_after_the_time_limit_counts_for_nothing(world: World) -> None:
    endless = Endless(time_limit=timedelta(milliseconds=20))
    world.capabilities["gate"] = endless
    await world.receive("1")
    assert await world.run() == ["retry"]
    endless.let_go.set()
    world.capabilities["gate"] = Opinion(effects=(check(title="newer"),))
    assert await exhaust(world) == ["pass"]
    assert [run.last.title for run in world.writer.check_runs] == ["newer"]


async def test_one_capability_that_fails_does_not_stop_another(world: World) -> None:
    world.capabilities["lint"] = Opinion("lint", trouble=raising(NotFound("x", "gone")))
    await world.receive("1")
    assert sorted(await exhaust(world)) == ["failed", "pass"]
    assert len(world.writer.check_runs) == 1
    assert await state_of(world) == (DeliveryState.FAILED, "gone [x]")


async def test_events_that_this_version_cannot_read_are_left_out(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.receive("1", "ci")
    (job,) = await world.admitted()
    unreadable = await world.store("2", "check_run", b'{"action": "completed"}')
    await world.ledger.finish(job, world.clock.now())
    world.clock.advance(DAY)
    await world.receive("3", "lint")
    await world.ledger.route(unreadable, None, _same(world, job), world.clock.now())
    with caplog.at_level(logging.WARNING):
        assert await world.run() == ["pass"]
    assert world.capabilities["gate"].seen == [Seen(("lint",), 0)]
    assert [r.__dict__["delivery_id"] for r in caplog.records if r.message == "event_unreadable"] == ["2"]


def _same(world: World, job: EvaluationJob) -> list[Routed]:
    assert job.capability in world.capabilities
    return [Routed(job.capability, job.lane, job.target)]


@given(st.integers(1, 5000), st.none() | st.integers(-10_000, 10_000))
def test_a_retry_is_never_before_the_time_that_was_named(attempt: int, named_s: int | None) -> None:
    retry_at = None if named_s is None else NOW + timedelta(seconds=named_s)
    at = retry_time(TransientError("x", "y", retry_at), attempt, NOW)
    longest = LONGEST_BACKOFF_S if retry_at is None else max(LONGEST_PACED_S, float(named_s or 0))
    assert timedelta(seconds=1) <= at - NOW <= timedelta(seconds=longest)
    assert retry_at is None or at >= retry_at


def test_pauses_grow() -> None:
    pauses = [retry_time(OUTAGE, attempt, NOW) - NOW for attempt in (1, 3, 5, 7, 12)]
    assert pauses == sorted(pauses)


@pytest.mark.parametrize(
    ("code", "attempt", "age", "again"),
    [
        ("github.paced", MAX_ATTEMPTS - 1, 10 * PATIENCE, True),
        ("github.paced", 1000, PATIENCE - timedelta(seconds=1), True),
        ("github.paced", MAX_ATTEMPTS, PATIENCE, False),
        (BUG, MAX_ATTEMPTS - 1, timedelta(), True),
        (BUG, MAX_ATTEMPTS, timedelta(), False),
        (TOO_SLOW, MAX_ATTEMPTS, timedelta(), False),
        (UNJUDGED, MAX_ATTEMPTS, timedelta(), False),
    ],
)
def test_others_faults_are_waited_out_and_ours_are_not(
    code: str, attempt: int, age: timedelta, again: object
) -> None:
    assert may_retry(TransientError(code, "x"), attempt, age) is again


async def test_what_is_raised_to_the_engine_is_only_the_lost_lease(world: World) -> None:
    class Odd(HephaestusError):
        """An error of ours of no known branch."""

    world.capabilities["gate"].trouble = raising(Odd())
    await world.receive("1")
    assert await world.run() == ["failed"]
    assert (await state_of(world))[0] is DeliveryState.QUARANTINED
