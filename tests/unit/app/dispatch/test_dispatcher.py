"""New rows are parsed and routed, due evaluations are admitted; everything is safe to repeat and nothing blocks the rest."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta

import pytest

from app.adapters.database.memories import SqlRecords
from app.dispatch import dispatcher as module
from app.dispatch.payloads import Parsed, parse
from app.domain.delivery import Delivery, DeliveryState, Source
from app.domain.events import Event, PullRequestChanged
from app.domain.ids import AppKey, CommitSha
from app.domain.modes import Mode, Modes
from app.domain.repo import Subject, SubjectKind, Target
from app.errors import TransientError
from app.ports.handler import Lane
from app.ports.ledger import DeliveryRow
from app.testing.clock import FrozenClock
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.test_router import Broken
from tests.unit.app.dispatch.world import KEY, REPOSITORY, SHA, Opinion, World, check, payload

SECOND = timedelta(seconds=1)
OTHER = CommitSha("b" * 40)


class Curious(Opinion):
    """A capability that wants pull requests."""

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        if not isinstance(event, PullRequestChanged):
            return ()
        subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.head_sha)
        return (Target(subject, event.repository),)


async def row_of(world: World, guid: str) -> DeliveryRow:
    (row,) = await world.ledger.deliveries(guid=guid)
    return row


async def test_a_routed_row_is_enqueued_by_ids_alone(world: World) -> None:
    await world.receive("1")
    await world.dispatcher.turn()
    ((workflow, (lane, partition, evaluation, attempt)),) = world.queue.enqueued.items()
    assert (lane, attempt) == (Lane.GATE, 1)
    assert workflow == f"{evaluation}|1"
    assert evaluation == f"{partition}|1"
    row = await row_of(world, "1")
    assert (row.state, row.action, row.repository) == (DeliveryState.RUNNING, "completed", "octo/tool")


async def test_what_nobody_handles_is_ignored_with_the_reason(world: World) -> None:
    await world.store("1", "star", b'{"action": "created"}')
    world.capabilities.clear()
    await world.receive("2")
    await world.dispatcher.turn()
    star, check_run = await row_of(world, "1"), await row_of(world, "2")
    assert (star.state, star.error) == (DeliveryState.IGNORED, "star is not handled")
    assert (check_run.state, check_run.action) == (DeliveryState.IGNORED, "completed")
    assert check_run.error == "no capability concerns itself with this check_run"
    assert world.queue.enqueued == {}


@pytest.mark.parametrize(("capability", "state"), [(Curious(), "running"), (Opinion(), "ignored")])
async def test_what_an_event_tells_of_a_pull_request_is_remembered(
    world: World, clock: FrozenClock, capability: Opinion, state: str
) -> None:
    world.capabilities["gate"] = capability
    head, base = {"ref": "fix", "sha": OTHER}, {"ref": "main", "sha": SHA}
    pull = {"number": 3, "head": head, "base": base, "merged": False}
    body = json.dumps({"action": "opened", "pull_request": pull} | payload()).encode()
    await world.store("1", "pull_request", body)
    await world.dispatcher.turn()
    records = SqlRecords(world.ledger._database, clock, KEY, REPOSITORY)
    (found,) = await records.pulls_with_head_sha(OTHER)
    assert (found.number, found.base_ref, (await row_of(world, "1")).state) == (3, "main", state)


async def test_what_cannot_be_read_is_quarantined_and_the_next_row_goes_on(world: World) -> None:
    await world.store("bad", "check_run", b"\xff\xfe")
    await world.receive("good")
    await world.dispatcher.turn()
    bad = await row_of(world, "bad")
    assert bad.state is DeliveryState.QUARANTINED
    assert bad.error == "the body is not a JSON object in UTF-8 [payload.unreadable]"
    assert (await row_of(world, "good")).state is DeliveryState.RUNNING


async def test_a_row_that_crashes_us_is_quarantined_and_the_next_row_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = parse

    def crashes(delivery: Delivery) -> Parsed:
        return read(delivery) if delivery.id != "bad" else 1 / 0  # type: ignore[return-value]  # it never returns

    monkeypatch.setattr(module, "parse", crashes)
    await world.receive("bad")
    await world.store("ignored", "star", b"{}")
    await world.dispatcher.turn()
    bad = await row_of(world, "bad")
    assert (bad.state, bad.error) == (
        DeliveryState.QUARANTINED,
        "ZeroDivisionError in dispatch [internal.error]",
    )
    assert (await row_of(world, "ignored")).state is DeliveryState.IGNORED


@pytest.mark.parametrize("broken_first", [True, False])
async def test_a_capability_that_cannot_be_asked_stops_no_other_and_is_not_forgotten(
    world: World, caplog: pytest.LogCaptureFixture, *, broken_first: bool
) -> None:
    table = {"broken": Broken("broken"), "gate": Opinion()}
    world.capabilities = table if broken_first else dict(reversed(table.items()))
    await world.receive("1")
    assert await world.run() == ["pass"]
    row = await row_of(world, "1")
    assert [handler.handler for handler in row.handlers] == ["gate"]
    problem = "not everyone could be asked: ZeroDivisionError in broken [internal.error]"
    assert (row.state, row.error) == (DeliveryState.QUARANTINED, problem)
    assert [each.getMessage() for each in caplog.records if each.exc_info] == ["capability_not_asked"]
    asked = f'hephaestus_capability_not_asked_total{{app="{KEY}",capability="broken"}} 1.0'
    assert asked in world.metrics.render().decode()


async def test_a_delivery_of_which_nobody_could_be_asked_is_quarantined(world: World) -> None:
    world.capabilities["gate"] = Broken()
    await world.receive("1")
    await world.dispatcher.turn()
    row = await row_of(world, "1")
    problem = "not everyone could be asked: ZeroDivisionError in gate [internal.error]"
    assert (row.state, row.error) == (DeliveryState.QUARANTINED, problem)


async def test_a_wake_up_of_ours_takes_the_same_way(world: World) -> None:
    await world.store("timer:1", "hephaestus.wake", b"{}", Source.TIMER)
    await world.dispatcher.turn()
    assert (await row_of(world, "timer:1")).state is DeliveryState.QUARANTINED


async def test_admission_does_not_wait_until_a_storm_is_parsed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    parsed_at_first_admission: list[int] = []
    enqueue = world.queue.enqueue

    async def note(workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int) -> None:
        rows = await world.ledger.deliveries(state=DeliveryState.RUNNING)
        parsed_at_first_admission.append(len(rows))
        await enqueue(workflow_id, lane, partition, evaluation, attempt)

    world.queue.enqueue = note  # type: ignore[method-assign]  # watched, not replaced
    for n in range(7):
        await world.receive(str(n), sha=CommitSha(f"{n:040d}"))
    await world.dispatcher.turn()
    assert parsed_at_first_admission[0] == 2
    assert await world.ledger.received(10, 10) == ()


async def test_a_backlog_of_large_bodies_is_worked_off_a_few_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1_000)
    received, batches = world.ledger.received, []

    async def note(limit: int, size_bytes: int) -> tuple[Delivery, ...]:
        batches.append(await received(limit, size_bytes))
        return batches[-1]

    monkeypatch.setattr(world.ledger, "received", note)
    for n in range(5):
        await world.store(str(n), "star", b'{"x": "' + b"y" * 600 + b'"}')
    await world.dispatcher.turn()
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row.state for row in await world.ledger.deliveries()] == [DeliveryState.IGNORED] * 5


async def test_no_more_than_four_of_one_installation_run_at_once(world: World) -> None:
    for n in range(6):
        await world.receive(str(n), sha=CommitSha(f"{n:040d}"))
    assert len(await world.admitted()) == module.PER_INSTALLATION


async def test_a_burst_on_one_commit_is_one_evaluation(world: World) -> None:
    for n in range(5):
        await world.receive(str(n), f"job {n}")
    (job,) = await world.admitted()
    assert await world.runner.run(job.id, job.attempt) == "pass"
    assert world.capabilities["gate"].seen[0].names == tuple(f"job {n}" for n in range(5))


@pytest.mark.parametrize("error", [TransientError("engine.unavailable", "away"), ZeroDivisionError("a bug")])
async def test_trouble_does_not_end_the_loop(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(module, "ERROR_PAUSE_S", 0.01)
    failed, again, calls = asyncio.Event(), asyncio.Event(), iter([error])

    async def enqueue(*_: object) -> None:
        for failure in calls:
            failed.set()
            raise failure
        again.set()

    world.queue.enqueue = enqueue  # type: ignore[method-assign,assignment]  # fails once
    await world.receive("1")
    task = asyncio.ensure_future(world.dispatcher.run())
    async with asyncio.timeout(5):
        await failed.wait()
        await world.receive("2", sha=OTHER)
        await again.wait()
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_loop_sleeps_until_the_next_evaluation_is_due(world: World) -> None:
    dispatcher = world.dispatcher
    await world.receive("1")
    looked_at = await dispatcher.turn()
    assert await dispatcher._pause(looked_at) == module.IDLE_S
    (job,) = await world.ledger.unfinished()
    await world.ledger.retry(job, "later", world.clock.now() + SECOND / 4)
    assert await dispatcher._pause(looked_at) == 0.25


async def test_an_evaluation_that_is_held_back_is_not_looked_for_all_the_time(world: World) -> None:
    for n in range(module.PER_INSTALLATION + 1):
        await world.receive(str(n), sha=CommitSha(f"{n:040d}"))
    dispatcher = world.dispatcher
    assert await dispatcher._pause(await dispatcher.turn()) == module.IDLE_S


async def test_behind_one_that_is_held_back_the_next_is_admitted_when_it_is_due(world: World) -> None:
    dispatcher = world.dispatcher
    await world.receive("1", sha=OTHER)
    await dispatcher.turn()
    (job,) = await world.ledger.unfinished()
    for n in range(module.PER_INSTALLATION + 1):
        await world.receive(str(n + 2), sha=CommitSha(f"{n:040d}"))
    looked_at = await dispatcher.turn()
    await world.ledger.retry(job, "later", world.clock.now() + 0.3 * SECOND)
    assert await dispatcher._pause(looked_at) == 0.3


async def test_whoever_wakes_the_loop_is_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 3600.0)
    enqueued = asyncio.Event()
    enqueue = world.queue.enqueue

    async def note(workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int) -> None:
        await enqueue(workflow_id, lane, partition, evaluation, attempt)
        enqueued.set()

    world.queue.enqueue = note  # type: ignore[method-assign]  # watched, not replaced
    dispatcher = world.dispatcher
    task = asyncio.ensure_future(dispatcher.run())
    await asyncio.sleep(0.05)
    await world.receive("1")
    assert not enqueued.is_set()
    dispatcher.wake()
    async with asyncio.timeout(5):
        await enqueued.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_only_concerns_something_switched_off_is_ignored_with_the_setting(world: World) -> None:
    world.modes = Modes(each={"gate": Mode.OFF})
    await world.receive("1")
    assert await world.run() == []
    row = await row_of(world, "1")
    assert (row.state, row.error) == (
        DeliveryState.IGNORED,
        "switched off: gate (HEPHAESTUS_MODE_GATE=off)",
    )
    assert (row.action, row.repository) == ("completed", "octo/tool")


async def test_a_delivery_that_concerns_others_too_says_who_was_switched_off(world: World) -> None:
    world.capabilities["other"] = Opinion("other")
    world.modes = Modes(each={"gate": Mode.OFF})
    await world.receive("1")
    assert await world.run() == ["pass"]
    row = await row_of(world, "1")
    assert [handler.handler for handler in row.handlers] == ["other"]
    assert (row.state, row.error) == (DeliveryState.DONE, None)
    assert row.note == "switched off: gate (HEPHAESTUS_MODE_GATE=off)"


async def test_what_was_queued_before_the_switch_is_neither_judged_nor_forgotten(world: World) -> None:
    world.capabilities["gate"].effects = (check(),)
    await world.receive("1")
    await world.run()
    world.clock.advance(timedelta(minutes=1))
    await world.receive("2")
    jobs = await world.admitted()
    world.modes = Modes(each={"gate": Mode.OFF})
    requests = list(world.writer.requests)
    assert [await world.runner.run(job.id, job.attempt) for job in jobs] == ["not_applicable"]
    (handler,) = (await row_of(world, "2")).handlers
    (reason,) = handler.reasons
    assert (reason.code, reason.text) == ("mode.off", "switched off: HEPHAESTUS_MODE_GATE=off")
    assert world.writer.requests == requests
    world.modes = Modes()
    world.clock.advance(timedelta(minutes=1))
    await world.receive("3")
    assert await world.run() == ["pass"]
    assert [seen.before for seen in world.capabilities["gate"].seen] == [0, 1]


async def test_what_was_planned_before_the_switch_is_not_written_after_it(world: World) -> None:
    world.writer.interruption = Interruption(1, TransientError("github.unavailable", "502"), lost=True)
    await world.receive("1")
    assert await world.run() == ["retry"]
    world.modes = Modes(each={"gate": Mode.OFF})
    requests = list(world.writer.requests)
    world.clock.advance(timedelta(hours=1))
    assert await world.run() == ["planned"]
    ((effect,),) = [handler.effects for handler in (await row_of(world, "1")).handlers]
    assert effect.reason == "mode.off: HEPHAESTUS_MODE_GATE=off: recorded, not written"
    assert world.writer.requests == requests
