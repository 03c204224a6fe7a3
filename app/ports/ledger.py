"""The ledger: every delivery, every evaluation, every effect, and what each capability remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.domain.decision import Reason, Verdict
from app.domain.delivery import Acceptance, Delivery, DeliveryState, Source
from app.domain.effects import Effect, PublishCheckRun, Reservation
from app.domain.events import PullRequestChanged
from app.domain.ids import AppKey, DeliveryId, EffectId, EvaluationId
from app.domain.receipts import Receipt
from app.domain.repo import Target
from app.ports.handler import Lane


class Inbox(Protocol):
    """Where the receiver puts verified deliveries."""

    async def accept(self, delivery: Delivery) -> Acceptance:
        """What became of it, after the commit that makes it durable.

        A known id that failed is `resumed`: it is received again; any other known id is a `duplicate`.

        Raises:
            TransientError: `ledger.full` or `ledger.unavailable`; nothing was stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class Routed:
    """A (capability, target) pair that a delivery leads to, and how long its evaluation may wait for others."""

    capability: str
    lane: Lane
    target: Target


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """One attempt of one evaluation: all that the engine has to carry is `id` and `attempt`.

    `lost` counts the attempts right before this one whose process ended before they did.
    """

    id: EvaluationId
    attempt: int
    capability: str
    lane: Lane
    target: Target
    generation: int
    lost: int = 0

    @property
    def workflow_id(self) -> str:
        """A new attempt is a new workflow: the engine would answer a known id with its old result (design.md 1)."""
        return f"{self.id}|{self.attempt}"

    @property
    def app_key(self) -> AppKey:
        """The App it belongs to: only with that App's client may it read and write."""
        return self.target.subject.app_key


@dataclass(frozen=True, slots=True)
class StartedEvaluation:
    """What an evaluation knows when it starts: the deliveries it covers and the state its predecessor left.

    `failures` are the check runs that tell of failures of our own where no decision ever left a state: nobody else would take
    them back.
    """

    job: EvaluationJob
    deliveries: tuple[Delivery, ...]
    state_json: bytes | None
    planned: bool
    oldest_received_at: datetime
    failures: tuple[PublishCheckRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is committed in one transaction before anything is written; no evidence where nothing was decided.

    `lasting_json` is what is left of the state when the subject's last evaluation is forgotten; None leaves all of it.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    evidence_json: bytes | None
    state_json: bytes | None
    effects: tuple[Effect, ...]
    lasting_json: bytes | None = None
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """An effect of a plan that is not settled yet, with what an earlier attempt saved.

    `previous` is the result of the last applied effect with the same key; `abandoned` the cursor of a later one that began and
    never ended, so that nobody knows whether it came true.
    """

    id: EffectId
    effect: Effect
    cursor: Mapping[str, int | str] = field(default_factory=dict)
    previous: Mapping[str, int | str] | None = None
    abandoned: Mapping[str, int | str] | None = None


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A subject of a capability whose check run is in progress at GitHub while nobody works on it."""

    capability: str
    target: Target


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What became of one effect, for people and the API; `reason` begins with a stable code, and only a refused one has it."""

    kind: str
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HandlerRow:
    """What one capability made of a delivery, for people and the API (cli.md)."""

    handler: str
    verdict: str | None
    state: str
    reasons: tuple[Reason, ...]
    effects: tuple[EffectRow, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as the ledger tells it (cli.md)."""

    app_key: AppKey
    id: DeliveryId
    source: Source
    event: str
    action: str | None
    repository: str | None
    state: DeliveryState
    attempts: int
    received_at: datetime
    handlers: tuple[HandlerRow, ...]
    error: str | None
    note: str | None = None


class Ledger(Inbox, Protocol):
    """The whole ledger, as dispatch and upkeep use it; all methods commit before they return."""

    async def received(self, limit: int, size_bytes: int) -> tuple[Delivery, ...]:
        """The oldest deliveries that nobody has parsed yet, at least one: none after the one whose body makes it so many bytes.

        Fewer than `limit` with fewer bytes are all there are.
        """
        ...

    async def ignore(
        self,
        delivery: Delivery,
        action: str | None,
        repository: str | None,
        reason: str,
        pull: PullRequestChanged | None = None,
    ) -> None:
        """Closes a delivery that leads to nothing; what it told of a pull request is remembered all the same."""
        ...

    async def quarantine(self, delivery: Delivery, reason: str) -> None:
        """Closes a delivery that cannot be read; it is kept for replay."""
        ...

    async def route(
        self,
        delivery: Delivery,
        action: str | None,
        routed: Sequence[Routed],
        now: datetime,
        pull: PullRequestChanged | None = None,
        problem: str | None = None,
        note: str | None = None,
    ) -> None:
        """Points the delivery to one queued evaluation of each subject, made where none is queued.

        A delivery that failed and came again leads only to what failed, or what it did not lead to before. `pull` is what the
        delivery told of a pull request; it is remembered for `Records`, until the retention time is over. With a `problem` it is
        only known in part whom it concerns: it comes to `quarantined` for this reason where it would else be `done`.
        `note` is told with the delivery and changes nothing.
        """
        ...

    async def admit(self, now: datetime, limit: int, per_installation: int) -> tuple[EvaluationJob, ...]:
        """Due evaluations, fair between installations, now admitted to the engine; one per subject at a time."""
        ...

    async def next_due(self, after: datetime) -> datetime | None:
        """When the next queued evaluation becomes due that was not due at `after`: then it was admitted or held back."""
        ...

    async def unfinished(self) -> tuple[EvaluationJob, ...]:
        """Evaluations admitted or running, for the sweep."""
        ...

    async def job(self, identity: str, attempt: int) -> EvaluationJob | None:
        """The job that the engine carried as an id and an attempt."""
        ...

    async def start(self, job: EvaluationJob, now: datetime) -> StartedEvaluation | None:
        """Marks it running; None where this attempt is not the one that may run."""
        ...

    async def commit_plan(self, job: EvaluationJob, plan: Plan) -> None:
        """The decision, its evidence, effects and state in one transaction; a second time changes nothing."""
        ...

    async def commit_interim(self, job: EvaluationJob, effects: Sequence[Effect]) -> bool:
        """What is said until there is a plan, once an evaluation; False where there is one, which says more.

        The plan refuses what of it is not settled, and so does a newer evaluation of the subject.
        """
        ...

    async def pending_effects(self, job: EvaluationJob) -> tuple[PlannedEffect, ...]:
        """The effects of the plan, or those until there is one, that are not settled, in order."""
        ...

    async def save_cursor(self, effect: EffectId, cursor: Mapping[str, int | str]) -> None:
        """Remembers how far an effect of several requests has come, unless it is settled."""
        ...

    async def reserve(
        self, effect: EffectId, reservations: Sequence[Reservation], now: datetime
    ) -> str | None:
        """Takes all reservations in one transaction (once per effect), or none and names the exhausted scope."""
        ...

    async def spend(self, effect: EffectId) -> bool:
        """Keeps the effect's slots for good, called before its first write; False where it has none, or has none any more."""
        ...

    async def settle_effect(
        self, effect: EffectId, *, applied: bool, result: Mapping[str, int | str], reason: str | None
    ) -> None:
        """Closes an effect as applied or refused, once, and frees the slots that it took and did not spend."""
        ...

    async def finish(self, job: EvaluationJob, now: datetime) -> None:
        """Closes the evaluation and the deliveries that have no other open."""
        ...

    async def retry(self, job: EvaluationJob, error: str, at: datetime, *, lost: bool = False) -> None:
        """Queues the evaluation again for a later attempt; `lost` where this one's process ended before it did."""
        ...

    async def fail(self, job: EvaluationJob, error: str, *, quarantine: bool, now: datetime) -> None:
        """Closes the evaluation as failed, or as quarantined where trying again cannot help.

        A delivery whose evaluations have all ended is `failed` if one of them failed, else `quarantined` if one was.
        """
        ...

    async def set_timer(self, key: str, app_key: AppKey, body: bytes, at: datetime) -> None:
        """Sets or replaces a timer; when it comes due, `body` becomes a delivery of source `timer`."""
        ...

    async def fire_timers(self, now: datetime, limit: int) -> int:
        """Turns due timers into deliveries; how many."""
        ...

    async def left_open(self, app_key: AppKey, since: datetime, until: datetime) -> tuple[LeftOpen, ...]:
        """What of an App nothing will bring to an end: no evaluation waits or runs, no timer is set.

        Only what last ended between the times, the longest ago first.
        """
        ...

    async def deliveries(
        self, *, state: str | None = None, event: str | None = None, guid: str | None = None, limit: int = 100
    ) -> tuple[DeliveryRow, ...]:
        """Deliveries, newest first."""
        ...

    async def delivery(self, app_key: AppKey, guid: DeliveryId) -> Delivery | None:
        """One stored delivery of an App with its body."""
        ...

    async def settled(self, app_key: AppKey, guids: Sequence[DeliveryId]) -> frozenset[DeliveryId]:
        """Those of an App's guids that need no redelivery: received, running, done, ignored or quarantined."""
        ...

    async def cursor(self, name: str) -> str | None:
        """A kept position."""
        ...

    async def set_cursor(self, name: str, value: str) -> None:
        """Keeps a position."""
        ...

    async def prune(self, before: datetime) -> int:
        """Deletes closed deliveries received earlier, and what was decided and ended earlier; how many deliveries.

        A subject that has a state keeps it, and its generation, as long as GitHub shows what was said of it.
        """
        ...

    async def prune_receipts(self, before: datetime) -> int:
        """Deletes receipts that were last decided earlier; how many."""
        ...

    async def depth(self) -> int:
        """How many deliveries and evaluations wait."""
        ...

    async def ping(self) -> None:
        """Raises `TransientError` where the database does not answer or cannot be written."""
        ...
