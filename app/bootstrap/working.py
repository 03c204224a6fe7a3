"""The working half of the service: dispatcher, engine and upkeep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app.adapters.engine.dbos_engine import DbosEngine
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import SigstoreVerifier
from app.bootstrap.parts import Parts, keep_lease
from app.bootstrap.readings import Readings
from app.bootstrap.trust import open_roots
from app.bootstrap.warming import warm
from app.config.parsed import ParsedFiles
from app.dispatch.apply import Applier
from app.dispatch.dispatcher import IDLE_S, Dispatcher
from app.dispatch.payloads import wake_body
from app.dispatch.runner import Runner
from app.settings_modes import require_known
from app.upkeep.left_open import OpenChecks
from app.upkeep.loop import repeat
from app.upkeep.pruning import Pruning
from app.upkeep.redelivery import Redelivery
from app.upkeep.roots import RootWatch
from app.upkeep.sweep import Sweep
from app.upkeep.timers import Timers
from handlers.builtin import CAPABILITIES, ORGANISATIONS, SECTIONS

GRACE_S = 24
SHARED_IDLE_S = 0.15
"""Who shares a database is not woken by what others put into it, so it looks often."""
NOT_YET_S = 10.0


@dataclass(frozen=True)
class Work:
    """What the rest of the service needs of the working half."""

    wake: Callable[[], None]
    ping: Callable[[], Awaitable[None]]
    warnings: Callable[[], tuple[str, ...]]


async def start_work(stack: AsyncExitStack, parts: Parts) -> Work:
    """Starts it. The stack ends it: first upkeep, then the engine, which drains under a living lease.

    Raises:
        SettingsError: a mode names no capability, or no bundle could be judged with the trusted root.
    """
    settings, clients = parts.settings, parts.clients
    clock, ledger, lease = parts.clock, parts.ledger, parts.lease
    require_known(settings.modes, CAPABILITIES)
    sandbox = Sandbox()
    stack.push_async_callback(sandbox.close)
    roots = await asyncio.to_thread(open_roots, settings, clock)
    watch = RootWatch(roots, clock, parts.metrics)
    verifier = SigstoreVerifier(roots.current, sandbox)
    engine = DbosEngine(settings.engine_url, lease.executor)
    dispatcher = Dispatcher(
        ledger,
        engine,
        CAPABILITIES,
        clock,
        parts.metrics,
        modes=settings.modes,
        idle_s=SHARED_IDLE_S if parts.shared else IDLE_S,
    )
    files = ParsedFiles(SECTIONS, sandbox, ORGANISATIONS)
    readings = Readings(clients, parts.database, clock, verifier, sandbox, files)
    applier = Applier(
        ledger=ledger,
        writers=lambda app_key, repository, permissions, lane: clients.of(app_key).writer(
            repository, permissions, lane
        ),
        clock=clock,
        fence=lease.fence if parts.shared else sole,
        metrics=parts.metrics,
        modes=settings.modes,
    )
    runner = Runner(
        ledger, CAPABILITIES, readings, applier, clock, parts.metrics, dispatcher.wake, readings.opted_in
    )
    sweep = Sweep(lease, parts.executors, engine, ledger, clock, dispatcher.wake)

    if not parts.shared:
        await parts.executors.leave_all()
    await lease.enter(parts.role)
    stack.push_async_callback(parts.executors.leave, lease.executor)
    if parts.shared:
        parts.run(stack, "lease", keep_lease(lease))
    await engine.launch(runner.run)
    stack.push_async_callback(engine.close, GRACE_S)
    await warm(files, CAPABILITIES.values())
    if not parts.shared:
        await sweep.at_start()
    parts.run(stack, "dispatcher", dispatcher.run())
    parts.run(stack, "timers", Timers(ledger, clock, dispatcher.wake).run())
    parts.run(stack, "sweep", sweep.run())
    run_for_all(stack, parts, engine, dispatcher.wake)
    parts.run(stack, "roots", repeat("roots", watch.turn, watch.every_s))
    return Work(dispatcher.wake, engine.ping, lambda: watch.warnings)


def run_for_all(stack: AsyncExitStack, parts: Parts, engine: DbosEngine, wake: Callable[[], None]) -> None:
    """What one process does for all. It would do no harm if two did it: the oldest one that lives saves the others the work."""
    settings, clock = parts.settings, parts.clock
    retention = timedelta(days=settings.retention_days)
    pruning = Pruning(parts.ledger, clock, retention, timedelta(days=settings.receipt_days))
    reconcilers = [
        Redelivery(app_key, client.admin(), parts.ledger, clock)
        for app_key, client in parts.clients.by_app.items()
    ]
    sweeps = [
        OpenChecks(app_key, parts.ledger, clock, wake_body, wake, settings.modes)
        for app_key in parts.clients.by_app
    ]

    async def prune_engine() -> None:
        await engine.prune(clock.now() - retention)

    for name, turn, every_s in (
        ("pruning", pruning.turn, pruning.every_s),
        ("engine pruning", prune_engine, pruning.every_s),
        *((f"redelivery {each.app_key}", each.turn, each.every_s) for each in reconcilers),
        *((f"open checks {each.app_key}", each.turn, each.every_s) for each in sweeps),
    ):
        parts.run(stack, name, repeat(name, partial(when_oldest, parts, turn), every_s))


async def when_oldest(parts: Parts, turn: Callable[[], Awaitable[object]]) -> None:
    """Waits until this process is the oldest, then takes the turn."""
    while (await parts.executors.roll()).alive[:1] != (parts.lease.executor,):  # noqa: ASYNC110 (others' deaths raise no event)
        await asyncio.sleep(NOT_YET_S)
    await turn()


async def sole() -> None:
    """The fence of a process that has its database alone: nobody can have declared it dead."""
