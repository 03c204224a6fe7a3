"""The composition root: settings become adapters, adapters become services. Alone imports adapters and capabilities."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlPolicyMemory, SqlRecords
from app.adapters.database.migrate import migrate
from app.adapters.engine.dbos_engine import DbosEngine
from app.adapters.github import GitHubClient, RequestSeen
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.config.loader import parse_sections
from app.config.policies import RepositoryPolicies
from app.config.schema import file_schema
from app.dispatch.apply import Applier
from app.dispatch.dispatcher import Dispatcher
from app.dispatch.payloads import parse
from app.dispatch.runner import Runner
from app.domain.events import Event
from app.domain.gates import GateOutcome
from app.domain.ids import AppKey
from app.domain.release_files import JudgedFile, ReleaseFolder
from app.domain.remediation import Classification, Signature, SignatureCheck
from app.domain.reports import Report
from app.errors import InvalidInput, SettingsError
from app.ports.bundles import BundleVerifier
from app.ports.handler import Reading
from app.ports.ledger import DeliveryRow, EvaluationJob
from app.ports.policies import ConfigError
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
from handlers.quality_gate import formats
from handlers.quality_gate.directory import evaluate_directory
from handlers.quality_gate.models import QualityGate
from handlers.release_verification.directory import judge_folder
from handlers.release_verification.models import ReleaseVerification
from handlers.remediation.checks import check as check_playbooks
from handlers.remediation.matcher import classify_file
from handlers.remediation.playbooks import signatures as shipped_signatures

logger = logging.getLogger(__name__)
GRACE_S = 25
MAX_WEBHOOK = 26 * 1024 * 1024 + 1
SECTIONS = {name: builtin.section for name, builtin in BUILTIN.items()}
CAPABILITIES = {name: builtin.capability for name, builtin in BUILTIN.items()}


def load_settings(env_file: Path | None = None, *, credentials: bool = True) -> Settings:
    """Settings from the environment and `.env`; raises SettingsError with what to do."""
    return Settings.load(os.environ, env_file, credentials=credentials)


def migrate_database(settings: Settings) -> None:
    """Brings the application's database to the newest schema."""
    migrate(settings.database_url)


def offline_bundle_verifier(trusted_root: str | Path = "production") -> BundleVerifier:
    """For `hephaestus release verify`: no credentials, no network."""
    return offline_verifier(trusted_root)


def read_report(name: str, raw: bytes, report_format: str | None) -> Report:
    """For `hephaestus reports read`: one report, counted; raises InvalidInput for what cannot be trusted."""
    return formats.read_report(name, raw, report_format)


def check_configuration(raw: bytes) -> tuple[ConfigError, ...]:
    """For `hephaestus config check`: what is wrong with a file, with its place."""
    return parse_sections(raw, SECTIONS).errors


def evaluate_gate(policy: bytes, reports: Path) -> GateOutcome:
    """For `hephaestus gate evaluate`: the gate over reports on disk; raises InvalidInput for a policy that has none."""
    parsed = parse_sections(policy, SECTIONS)
    if parsed.errors:
        first = parsed.errors[0]
        place = f"line {first.line}, column {first.column}"
        raise InvalidInput("config.invalid", f"the policy is invalid: {place}: {first.path}: {first.message}")
    section = parsed.section("quality_gate")
    if not isinstance(section, QualityGate):
        raise InvalidInput("config.no_gate", "the policy has no section quality_gate and no use: default")
    return evaluate_directory(section, reports)


def configuration_schema() -> dict[str, Any]:
    """For `hephaestus config schema`: the JSON Schema of the whole file."""
    return file_schema(SECTIONS)


def classify_log(path: Path) -> Classification:
    """Which known failure a log shows (text, .gz, .zip); raises InvalidInput."""
    return classify_file(path)


def known_signatures() -> tuple[Signature, ...]:
    """The failure signatures that the package carries, by id."""
    return shipped_signatures()


def check_signatures(directory: Path | None = None) -> tuple[SignatureCheck, ...]:
    """Whether the playbooks of a folder, or the shipped ones, are in order."""
    return check_playbooks(directory)


async def judge_release_folder(folder: ReleaseFolder) -> tuple[JudgedFile, ...]:
    """Every file of a release on disk, judged by the section of the policy file that is named."""
    parsed = parse_sections(await asyncio.to_thread(folder.policy.read_bytes), SECTIONS)
    section = parsed.section("release_verification")
    if parsed.errors:
        first = parsed.errors[0]
        raise InvalidInput("config.invalid", f"{folder.policy}:{first.line}:{first.column}: {first.message}")
    if not isinstance(section, ReleaseVerification):
        raise InvalidInput("config.section", f"{folder.policy} has no section release_verification")
    verifier = await asyncio.to_thread(offline_verifier, folder.trusted_root)
    return await judge_folder(folder, section, verifier)


async def read_deliveries(
    settings: Settings,
    *,
    state: str | None = None,
    event: str | None = None,
    guid: str | None = None,
    limit: int = 100,
) -> tuple[DeliveryRow, ...]:
    """Rows of the ledger, newest first, for the command line."""
    database = Database(settings.database_url)
    try:
        ledger = SqlLedger(database, SystemClock())
        return await ledger.deliveries(state=state, event=event, guid=guid, limit=limit)
    finally:
        await database.close()


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


@dataclass(frozen=True)
class Readings:
    """Makes the read ports of one evaluation, bound to its repository."""

    settings: Settings
    github: GitHubClient
    database: Database
    clock: SystemClock
    verifier: BundleVerifier
    sandbox: Sandbox

    def __call__(
        self, job: EvaluationJob, events: tuple[Event, ...], state: object, now: datetime
    ) -> Reading[object]:
        """What `gather` may use."""
        repository, app_key = job.target.repository, AppKey(self.settings.app_key)
        reader = self.github.reader(repository, job.lane)
        memory = SqlPolicyMemory(self.database, app_key, repository)
        return Reading(
            app_key=app_key,
            own_app_id=self.settings.app_id,
            subject=job.target.subject,
            repository=repository,
            events=events,
            state=state,
            now=now,
            github=reader,
            downloads=self.github.downloads(repository, job.lane),
            policies=RepositoryPolicies(reader, SECTIONS, memory, self.sandbox),
            bundles=self.verifier,
            compute=self.sandbox,
            records=SqlRecords(self.database, self.clock, app_key, repository, lambda d: parse(d).event),
            details_url=self.details_url(job),
        )

    def details_url(self, job: EvaluationJob) -> str:
        """Where a check run's link leads: empty where no public address is set."""
        if not self.settings.public_url:
            return ""
        return f"{self.settings.public_url.rstrip('/')}/runs/{job.capability}/{job.generation}"


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
