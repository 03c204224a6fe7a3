"""A capability with an opinion that tests choose, and what dispatch needs around it: a real ledger, a writer in memory."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from app.adapters.database.ledger import SqlLedger
from app.dispatch.apply import Applier
from app.dispatch.dispatcher import Dispatcher
from app.dispatch.runner import Runner
from app.domain.decision import Decision, Reason, Verdict
from app.domain.delivery import Delivery, Source, delivery_of
from app.domain.effects import CheckConclusion, CheckStatus, Effect, PublishCheckRun
from app.domain.events import CheckRunCompleted, Event
from app.domain.ids import AppKey, CommitSha, DeliveryId, ExecutorId, InstallationId, RepositoryId
from app.domain.modes import Modes
from app.domain.repo import Repository, Subject, SubjectKind, Target
from app.errors import LeaseLost
from app.ports.handler import AnyCapability, Lane, Reading
from app.ports.ledger import EvaluationJob
from app.telemetry.metrics import Metrics
from app.testing.clock import FrozenClock
from app.testing.writer import RecordingWriter

KEY = AppKey("api.github.com/1")
REPOSITORY = Repository(RepositoryId(7), "octo", "tool", InstallationId(5), owner_id=6)
SHA = CommitSha("a" * 40)


def check(sha: CommitSha = SHA, name: str = "gate", title: str = "good") -> PublishCheckRun:
    """An effect that every test may plan."""
    return PublishCheckRun(
        REPOSITORY, sha, name, CheckStatus.COMPLETED, CheckConclusion.SUCCESS, title, "summary"
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What the capability gathered."""

    names: tuple[str, ...]
    before: int


@dataclass(frozen=True, slots=True)
class Count:
    """What it remembers: how often it decided."""

    decided: int


async def nothing() -> None:
    """Gathering without trouble."""


@dataclass
class Opinion:
    """A capability; `trouble` happens while it gathers, `effects` are what it wants."""

    name: str = "gate"
    lane: Lane = Lane.GATE
    time_limit: timedelta = timedelta(seconds=5)
    evidence_type: type[Seen] = Seen
    state_type: type[Count] = Count
    trouble: Callable[[], Awaitable[None]] = nothing
    effects: tuple[Effect, ...] = (check(),)
    seen: list[Seen] = field(default_factory=list)

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        if not isinstance(event, CheckRunCompleted):
            return ()
        subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.head_sha)
        return (Target(subject, event.repository),)

    async def gather(self, reading: Reading[Count]) -> Seen:
        await self.trouble()
        names = tuple(event.name for event in reading.events if isinstance(event, CheckRunCompleted))
        return Seen(names, reading.state.decided if reading.state else 0)

    def decide(self, evidence: Seen) -> Decision[Count]:
        self.seen.append(evidence)
        reason = Reason("ok", "well done")
        return Decision(Verdict.PASS, (reason,), self.effects, Count(evidence.before + 1))

    def reopening(self, target: Target, state: Count, events: tuple[Event, ...]) -> tuple[Effect, ...]:
        new = [event for event in events if isinstance(event, CheckRunCompleted) and event.name == "anew"]
        words = f"open again after {state.decided}"
        open_again = replace(check(target.subject.sha, title=words), status=CheckStatus.IN_PROGRESS)
        return tuple(replace(open_again, conclusion=None) for _ in new)

    def retrying(
        self, target: Target, state: Count | None, reason: Reason, at: datetime
    ) -> tuple[Effect, ...]:
        words = f"retrying after {state.decided if state else 0}: {reason.code}, next at {at.isoformat()}"
        open_again = replace(check(target.subject.sha, title=words), status=CheckStatus.IN_PROGRESS)
        return (replace(open_again, conclusion=None),)

    def give_up(self, target: Target, state: Count | None, reason: Reason) -> tuple[Effect, ...]:
        decided = state.decided if state else 0
        return (check(target.subject.sha, title=f"gave up after {decided}: {reason.code}"),)


@dataclass
class Queue:
    """The engine's part of dispatch: what was enqueued, in order; a known workflow id changes nothing."""

    enqueued: dict[str, tuple[Lane, str, str, int]] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    broken: Exception | None = None

    async def enqueue(
        self, workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int
    ) -> None:
        if self.broken is not None:
            raise self.broken
        if self.enqueued.setdefault(workflow_id, (lane, partition, evaluation, attempt)):
            self.live.add(workflow_id)

    async def held(self) -> Mapping[str, ExecutorId | None]:
        return dict.fromkeys(self.live)

    async def cancel(self, workflow_ids: Sequence[str]) -> None:
        self.live.difference_update(workflow_ids)

    async def prune(self, before: datetime) -> int:  # noqa: ARG002 -- the port's signature
        return 0

    async def ping(self) -> None:
        return None


@dataclass
class World:
    """Everything from the ledger's row to the effect, driven by hand."""

    ledger: SqlLedger
    clock: FrozenClock
    capabilities: dict[str, Opinion]
    writer: RecordingWriter = field(default_factory=RecordingWriter)
    queue: Queue = field(default_factory=Queue)
    metrics: Metrics = field(default_factory=Metrics)
    permissions: list[Mapping[str, str]] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    fences: int = 0
    lease_lost: bool = False
    woken: int = 0
    modes: Modes = field(default_factory=Modes)
    opted_in: bool = False

    @property
    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.ledger, self.queue, self._table, self.clock, self.metrics, modes=self.modes)

    @property
    def runner(self) -> Runner:
        applier = Applier(
            ledger=self.ledger,
            writers=self._writer,
            clock=self.clock,
            fence=self._fence,
            metrics=self.metrics,
            modes=self.modes,
        )
        return Runner(
            self.ledger,
            self._table,
            self._reading,
            applier,
            self.clock,
            self.metrics,
            self._woken,
            self._opted_in,
        )

    async def receive(self, guid: str, name: str = "ci", sha: CommitSha = SHA) -> Delivery:
        """A signed `check_run.completed` as it lies in the ledger."""
        body = {"action": "completed", "check_run": {"id": 1, "name": name, "head_sha": sha}} | payload()
        return await self.store(guid, "check_run", json.dumps(body).encode())

    async def store(self, guid: str, event: str, body: bytes, source: Source = Source.GITHUB) -> Delivery:
        """Any row in the ledger."""
        delivery = delivery_of(KEY, DeliveryId(guid), source, event, body, self.clock.now())
        await self.ledger.accept(delivery)
        return delivery

    async def admitted(self) -> list[EvaluationJob]:
        """Parses, routes and admits; what is then to be run."""
        before = set(self.queue.enqueued)
        await self.dispatcher.turn()
        return [job for job in await self.ledger.unfinished() if job.workflow_id not in before]

    async def run(self) -> list[str]:
        """Everything that is due, once; the words for how it ended."""
        return [await self.runner.run(job.id, job.attempt) for job in await self.admitted()]

    @property
    def _table(self) -> dict[str, AnyCapability]:
        return dict(self.capabilities)

    def _writer(
        self, app_key: AppKey, repository: Repository, permissions: Mapping[str, str], lane: Lane
    ) -> RecordingWriter:
        assert (app_key, repository.id) == (KEY, REPOSITORY.id)
        self.lanes.append(lane)
        self.permissions.append(permissions)
        return self.writer

    def _reading(
        self, job: EvaluationJob, events: tuple[Event, ...], state: object, now: datetime
    ) -> Reading[object]:
        unused = cast("Any", None)  # this capability reads nothing but events and state
        return Reading(
            app_key=KEY,
            own_app_id=1,
            subject=job.target.subject,
            repository=job.target.repository,
            events=events,
            state=state,
            now=now,
            github=unused,
            downloads=unused,
            policies=unused,
            bundles=unused,
            compute=unused,
            records=unused,
        )

    async def _fence(self) -> None:
        self.fences += 1
        if self.lease_lost:
            raise LeaseLost

    async def _opted_in(self, job: EvaluationJob) -> bool:
        assert job.target.repository == REPOSITORY
        return self.opted_in

    def _woken(self) -> None:
        self.woken += 1


def payload() -> dict[str, object]:
    """The parts that every event of a repository has."""
    return {
        "repository": {"id": 7, "name": "tool", "owner": {"id": 6, "login": "octo"}},
        "installation": {"id": 5},
    }
