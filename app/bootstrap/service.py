"""The service: settings and a role become addresses that answer. `serve` is `web` and `worker` in one process."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from app.adapters.github import LIMITS
from app.bootstrap.parts import Parts, Role, open_parts
from app.bootstrap.working import Work, start_work
from app.errors import SettingsError, TransientError
from app.ports.app_admin import AppAdmin
from app.receiver.connections import Connections
from app.receiver.memory import UnverifiedBytes
from app.receiver.routes import Receiver, ReceivingApp
from app.receiver.unreadable import server_log
from app.settings import Settings
from app.settings_files import private_files
from app.telemetry import traces
from app.telemetry.logs import configure_logging
from app.telemetry.receiving import traced
from app.upkeep.loop import repeat
from app.web.health import Check, Health
from app.web.numbers import metrics_page

logger = logging.getLogger(__name__)
HTTP_GRACE_S = 2
BACKLOG = 128
"""Connections that the kernel holds until they are taken."""
ADMIN_CONNECTIONS = 64
COUNT_S = 1.0
"""Between two looks at how many deliveries nobody has parsed yet."""
BROKEN = 1
MAX_WEBHOOK = 26 * 1024 * 1024 + 1


@dataclass(frozen=True)
class Service:
    """The running service; the addresses are those really bound (a worker has no public one). `broken`: it must end."""

    url: str
    admin_url: str
    broken: asyncio.Event


@asynccontextmanager
async def running_service(settings: Settings, role: Role = Role.SERVE) -> AsyncIterator[Service]:
    """The service in this process. Leaving it answers 503 and drains for at most 24 s; the rest is found at the next start."""
    draining = asyncio.Event()
    async with AsyncExitStack() as stack:
        parts = await open_parts(stack, settings, role)
        addresses = await stack.enter_async_context(AsyncExitStack())  # closed after the work has drained
        work = None if role is Role.WEB else await start_work(stack, parts)
        stack.callback(draining.set)
        health = health_of(parts, work)
        url = ""
        if role is not Role.WORKER:
            parts.run(stack, "backlog", repeat("backlog", parts.ledger.count_waiting, COUNT_S))
            receiver = receiver_of(parts, work, draining)
            middlewares = (traced,) if traces.is_on() else ()
            public = web.Application(client_max_size=MAX_WEBHOOK, middlewares=middlewares)
            public.add_routes([*receiver.routes(), *health.routes()])
            url = await listen(
                addresses,
                public,
                (settings.host, settings.port),
                "HEPHAESTUS_HOST and HEPHAESTUS_PORT",
                Connections(parts.metrics.refused),
            )
        private = web.Application()
        private.add_routes(
            [web.get("/metrics", metrics_page(parts.metrics, parts.ledger.depth)), *health.routes()]
        )
        few = Connections(not_counted, most=ADMIN_CONNECTIONS)
        admin_url = await listen(addresses, private, settings.admin_bind, "HEPHAESTUS_ADMIN_BIND", few)
        facts = {"role": role.value, "apps": list(parts.clients.by_app), "url": url, "admin_url": admin_url}
        logger.info("ready", extra=facts)
        yield Service(url, admin_url, parts.broken)


async def run_service(settings: Settings, role: Role = Role.SERVE) -> None:
    """Runs until SIGTERM or SIGINT; exits with 1 where a part of it ended by itself."""
    configure_logging(settings.log_format, settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(private_files(settings.database_files))
        stack.enter_context(traces.tracing(settings.traces))
        service = await stack.enter_async_context(running_service(settings, role))
        where = f"listens at {service.url}/webhooks/github" if service.url else "works"
        print(f"hephaestus {where}; probes and metrics at {service.admin_url}", file=sys.stderr)  # noqa: T201 (for the operator)
        ends = [asyncio.create_task(event.wait()) for event in (stop, service.broken)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
    if service.broken.is_set():
        raise SystemExit(BROKEN)


def receiver_of(parts: Parts, work: Work | None, draining: asyncio.Event) -> Receiver:
    """The receiver; without work in this process, workers find the rows by looking."""
    return Receiver(
        apps=tuple(
            ReceivingApp(app.app_key, str(app.app_id), app.webhook_secret_bytes)
            for app in parts.settings.apps
        ),
        inbox=parts.ledger,
        clock=parts.clock,
        metrics=parts.metrics,
        accepted=work.wake if work else nobody,
        draining=draining.is_set,
        memory=UnverifiedBytes(),
    )


def health_of(parts: Parts, work: Work | None) -> Health:
    """The probes of what this role uses; of several Apps each has its own."""
    checks: dict[str, Check] = {"database": parts.ledger.ping}
    if work is not None:
        checks["engine"] = work.ping
    clients = parts.clients.by_app
    for app_key, client in clients.items():
        name = "credentials" if len(clients) == 1 else f"credentials {app_key}"
        checks[name] = credentials_of(client.admin())
    return Health(checks) if work is None else Health(checks, warnings=work.warnings)


def credentials_of(admin: AppAdmin) -> Check:
    """Passes where GitHub knows the App by its id and key, or has us wait: a limit says nothing against them."""

    async def check() -> None:
        try:
            await admin.identity()
        except TransientError as exc:
            if exc.code not in LIMITS:
                raise

    return check


def nobody() -> None:
    """There is nobody to wake in this process."""


def not_counted(_: str) -> None:
    """Who is refused at the operators' address brought no delivery."""


async def listen(
    stack: AsyncExitStack,
    application: web.Application,
    address: tuple[str, int],
    names: str,
    connections: Connections,
) -> str:
    """Binds an address and serves it until the stack closes; gives the URL really bound.

    Raises:
        SettingsError: it cannot be bound; `names` are the settings that say where.
    """
    host, port = address
    application.middlewares.append(connections.middleware())
    runner = web.AppRunner(
        application,
        access_log=None,
        logger=server_log(),
        shutdown_timeout=HTTP_GRACE_S,
        auto_decompress=False,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    if runner.server is None:
        raise RuntimeError("a runner that was set up has a server")
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(connections.guard(runner.server), host, port, backlog=BACKLOG)
    except (OSError, UnicodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "no name of a host"
        raise SettingsError(
            f"cannot listen on {in_url(host)}:{port}: {why}. Set {names} to a free address of this machine, "
            "or stop what listens there"
        ) from exc
    stack.callback(server.close)
    bound = server.sockets[0].getsockname()
    return f"http://{in_url(bound[0])}:{bound[1]}"


def in_url(host: str) -> str:
    """A host as addresses have it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
