"""What every role of the service needs: settings become a database, a ledger and a GitHub client for each App."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp

from app.adapters.clock import SystemClock
from app.adapters.database.budgets import SqlBudgets
from app.adapters.database.connection import Database
from app.adapters.database.executors import SqlExecutors
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.adapters.database.ownership import sole_owner
from app.adapters.github import open_session
from app.bootstrap.clients import Clients, open_clients
from app.domain.ids import ExecutorId
from app.errors import LeaseLost, SettingsError
from app.settings import Settings
from app.telemetry.metrics import Metrics
from app.upkeep.leases import Lease

logger = logging.getLogger(__name__)
SAFE = frozenset({"GET", "HEAD"})
LEASE_LOST = 75
"""EX_TEMPFAIL of sysexits.h: whoever supervises the process starts it again."""


class Role(StrEnum):
    """What a process does: everything, only receive, or only work."""

    SERVE = "serve"
    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True)
class Parts:
    """Opened parts; `shared` says that other processes may work on the same database."""

    role: Role
    settings: Settings
    clock: SystemClock
    metrics: Metrics
    database: Database
    ledger: SqlLedger
    executors: SqlExecutors
    lease: Lease
    clients: Clients
    shared: bool
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    """A loop ended that must not: the process must end too, so that somebody notices."""

    def run(self, stack: AsyncExitStack, name: str, loop: Coroutine[None, None, None]) -> None:
        """Runs a loop until the stack closes; `broken` where it ends before."""
        keep_running(stack, name, loop, self.broken)


async def open_parts(stack: AsyncExitStack, settings: Settings, role: Role) -> Parts:
    """The parts, closed by the stack. Raises SettingsError where the role cannot have this database."""
    shared = not settings.database_url.startswith("sqlite")
    if not shared and role is not Role.SERVE:
        raise SettingsError(
            f"hephaestus {role} shares its database with other processes, and SQLite belongs to one: set "
            "HEPHAESTUS_DATABASE_URL to postgresql://..., or run hephaestus serve, which is web and worker in one"
        )
    if not shared:
        stack.enter_context(sole_owner(settings.database_url))
    await asyncio.to_thread(migrate, settings.database_url)
    clock, metrics = SystemClock(), Metrics()
    database = Database(settings.database_url)
    stack.push_async_callback(database.close)
    executors = SqlExecutors(database, clock)
    lease = Lease(ExecutorId(f"{settings.executor_id}-{secrets.token_hex(6)}"), executors, clock)
    middlewares = (fenced(lease),) if shared else ()
    session = await stack.enter_async_context(open_session(settings.ca_bundle, middlewares))
    clients = open_clients(stack, settings, session, clock, SqlBudgets(database), metrics)
    ledger = SqlLedger(database, clock, settings.max_waiting, metrics.closed)
    return Parts(role, settings, clock, metrics, database, ledger, executors, lease, clients, shared)


def fenced(lease: Lease) -> aiohttp.ClientMiddlewareType:
    """The last look at the lease: a token or a place in the queue may have taken long since the effect looked."""

    async def look(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if request.method not in SAFE:
            await lease.fence()
        return await handler(request)

    return look


async def keep_lease(lease: Lease) -> None:
    """Beats until it is cancelled; a process that was declared dead ends at once, without another word to anybody."""
    try:
        await lease.run()
    except LeaseLost:
        logger.critical("lease_lost", extra={"executor": lease.executor})
        logging.shutdown()
        os._exit(LEASE_LOST)


def keep_running(
    stack: AsyncExitStack, name: str, loop: Coroutine[None, None, None], broken: asyncio.Event
) -> None:
    """Runs a loop until the stack closes; one that ends before is logged, and sets `broken`."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            logger.critical("loop_ended", extra={"loop": name}, exc_info=task.exception())
            broken.set()

    task = asyncio.create_task(loop, name=name)
    task.add_done_callback(ended)
    stack.push_async_callback(cancelled, task)


async def cancelled(task: asyncio.Task[None]) -> None:
    """Ends a loop."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
