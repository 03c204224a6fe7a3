"""The service in one process: receiver, dispatcher, engine and upkeep, from settings to a bound address."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from aiohttp import web

from app.adapters.clock import SystemClock
from app.adapters.database.budgets import SqlBudgets
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.adapters.engine.dbos_engine import DbosEngine
from app.adapters.github import GitHubClient, RequestSeen
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.bootstrap.readings import Readings
from app.dispatch.apply import Applier
from app.dispatch.dispatcher import Dispatcher
from app.dispatch.runner import Runner
from app.errors import SettingsError
from app.receiver.memory import UnverifiedBytes
from app.receiver.routes import Receiver, ReceivingApp
from app.settings import Settings
from app.telemetry.logs import configure_logging
from app.telemetry.metrics import Metrics
from app.upkeep.pruning import Pruning
from app.upkeep.redelivery import Redelivery
from app.upkeep.timers import Timers
from app.web.health import Health
from handlers import BUILTIN

logger = logging.getLogger(__name__)
GRACE_S = 25
MAX_WEBHOOK = 26 * 1024 * 1024 + 1
CAPABILITIES = {name: builtin.capability for name, builtin in BUILTIN.items()}


@dataclass(frozen=True)
class Service:
    """The running service; the addresses are those really bound."""

    url: str
    admin_url: str


@asynccontextmanager
async def running_service(settings: Settings) -> AsyncIterator[Service]:
    """Everything in one process: receiver, dispatcher, engine, upkeep. Leaving it drains for at most 25 s."""
    clock, metrics = SystemClock(), Metrics()
    await asyncio.to_thread(migrate, settings.database_url)
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        ledger = SqlLedger(database, clock)
        sandbox = Sandbox()
        stack.push_async_callback(sandbox.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        github = GitHubClient(
            session,
            settings.github_url,
            settings.app_id,
            settings.private_key.get_secret_value(),
            clock,
            data_dir=settings.data_dir,
            store=SqlBudgets(database),
            on_request=lambda seen: note_request(metrics, seen),
        )
        stack.push_async_callback(github.aclose)
        verifier = await asyncio.to_thread(offline_verifier, settings.trusted_root, compute=sandbox)
        engine = DbosEngine(settings.engine_url, settings.executor_id)
        dispatcher = Dispatcher(ledger, engine, CAPABILITIES, clock)
        readings = Readings(settings, github, database, clock, verifier, sandbox)
        applier = Applier(
            app_key=settings.app_key,
            app_id=settings.app_id,
            ledger=ledger,
            writers=github.writer,
            clock=clock,
            fence=alive,
            metrics=metrics,
            details_url=readings.details_url,
            observe=settings.mode == "observe",
        )
        runner = Runner(ledger, CAPABILITIES, readings, applier, clock, metrics, dispatcher.wake)
        await engine.launch(runner.run)
        stack.push_async_callback(engine.close, GRACE_S)
        await dispatcher.recover()

        draining = asyncio.Event()
        admin = github.admin()
        tasks = [
            dispatcher.run(),
            Timers(ledger, clock, dispatcher.wake).run(),
            Pruning(ledger, clock, timedelta(days=settings.retention_days)).run(),
            Redelivery(settings.app_key, admin, ledger, clock).run(),
        ]
        upkeep = asyncio.gather(*tasks)
        stack.push_async_callback(cancelled, upkeep)

        receiver = Receiver(
            apps=(ReceivingApp(settings.app_key, str(settings.app_id), settings.webhook_secret_bytes),),
            inbox=ledger,
            clock=clock,
            metrics=metrics,
            accepted=dispatcher.wake,
            draining=draining.is_set,
            memory=UnverifiedBytes(),
        )

        async def credentials() -> None:
            await admin.identity()

        health = Health({"database": ledger.ping, "engine": engine.ping, "credentials": credentials})
        public = web.Application(client_max_size=MAX_WEBHOOK)
        public.add_routes([*receiver.routes(), *health.routes()])
        url = await listen(stack, public, settings.host, settings.port)
        private = web.Application()
        private.add_routes([web.get("/metrics", metrics_page(metrics, ledger))])
        admin_host, _, admin_port = settings.admin_bind.rpartition(":")
        admin_url = await listen(stack, private, admin_host, int(admin_port))
        logger.info("ready", extra={"url": url, "admin_url": admin_url})
        yield Service(url, admin_url)
        draining.set()


async def run_service(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    configure_logging(settings.log_format, settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_service(settings) as service:
        print(f"hephaestus listens at {service.url}/webhooks/github", file=sys.stderr)  # noqa: T201 (for the operator)
        await stop.wait()


async def alive() -> None:
    """One process owns SQLite, so nobody can have declared it dead."""


async def cancelled(upkeep: asyncio.Future[list[None]]) -> None:
    """Ends the loops."""
    upkeep.cancel()
    await asyncio.gather(upkeep, return_exceptions=True)


def note_request(metrics: Metrics, seen: RequestSeen) -> None:
    """Counts a request to GitHub."""
    metrics.github_request(seen.status, cached=seen.cached)
    if seen.remaining is not None:
        metrics.rate_limit(str(seen.installation_id or "app"), seen.resource, seen.remaining)


def metrics_page(
    metrics: Metrics, ledger: SqlLedger
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of `/metrics`."""

    async def page(_: web.Request) -> web.StreamResponse:
        metrics.queue_depth(await ledger.depth())
        return web.Response(body=metrics.render(), headers={"Content-Type": metrics.content_type})

    return page


async def listen(stack: AsyncExitStack, application: web.Application, host: str, port: int) -> str:
    """Binds an address and serves it until the stack closes; gives the URL really bound."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE_S, auto_decompress=False)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as exc:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {exc.strerror}. Set HEPHAESTUS_PORT or HEPHAESTUS_ADMIN_BIND "
            "to a free address, or stop what listens there"
        ) from exc
    bound = runner.addresses[0]
    return f"http://{bound[0]}:{bound[1]}"
