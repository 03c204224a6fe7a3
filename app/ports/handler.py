"""A capability: what it listens to, what it reads, what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import Event
from app.domain.ids import AppKey
from app.domain.repo import Repository, Subject, Target
from app.ports.artifacts import Downloads
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from app.ports.policies import Policies
from app.ports.records import Records


class Lane(StrEnum):
    """The four queues, in order of precedence (design.md 3)."""

    INTERACTIVE = "interactive"
    GATE = "gate"
    REMEDIATION = "remediation"
    SWEEP = "sweep"


StateT = TypeVar("StateT")
EvidenceT = TypeVar("EvidenceT")


@dataclass(frozen=True, slots=True)
class Reading(Generic[StateT]):
    """All that `gather` may use: read ports bound to the subject's repository, and what is already known.

    `events` are those this evaluation covers, oldest first; they are hints, never evidence. `state` is what the capability's
    last decision left. `own_app_id` tells our own check runs from others'. `versions` are those of the programs that judge
    bundles, by name.
    """

    app_key: AppKey
    own_app_id: int
    subject: Subject
    repository: Repository
    events: tuple[Event, ...]
    state: StateT | None
    now: datetime
    github: GitHubReader
    downloads: Downloads
    policies: Policies
    bundles: BundleVerifier
    compute: Compute
    records: Records
    versions: tuple[tuple[str, str], ...] = ()


class Capability(Protocol[EvidenceT, StateT]):
    """An opinion. `gather` reads and may await; `decide` is pure: no I/O, no clock, no randomness, no logging.

    Evidence and state are frozen dataclasses that pydantic can write as JSON and read back without loss: the stored evidence
    replays to the same bytes. Of the evidence a field may be left out (`Field(exclude=True)`) on which only the next state rests.
    """

    @property
    def name(self) -> str:
        """`quality_gate`: the key in BUILTIN, the ledger and the metrics."""
        ...

    @property
    def lane(self) -> Lane:
        """Where its evaluations queue."""
        ...

    @property
    def time_limit(self) -> timedelta:
        """How long each of these may take: `gather`, `decide`, and writing down what was decided."""
        ...

    @property
    def evidence_type(self) -> type[EvidenceT]:
        """The class of its evidence."""
        ...

    @property
    def state_type(self) -> type[StateT]:
        """The class of its state."""
        ...

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The subjects that an event concerns; pure, empty for most events."""
        ...

    async def gather(self, reading: Reading[StateT]) -> EvidenceT:
        """All that the decision rests on, including `now` where it matters; reads only."""
        ...

    def decide(self, evidence: EvidenceT) -> Decision[StateT]:
        """The judgement; pure."""
        ...

    def reopening(self, target: Target, state: StateT, events: tuple[Event, ...]) -> tuple[Effect, ...]:
        """What must be said before anything is gathered, where `events` make an old verdict speak of something new; pure.

        Only asked where an earlier decision left a state; empty for almost all events (design.md 4).
        """
        ...

    def retrying(
        self,
        target: Target,
        state: Any,  # noqa: ANN401 (StateT or None; said so, each capability would have to take both)
        reason: Reason,
        at: datetime,
    ) -> tuple[Effect, ...]:
        """What must be said while a failure of our own is tried again, next at `at`: nobody should believe an old verdict; pure.

        Not asked for a wait of seconds. `state` is what an earlier decision left, or None where there is none and the policy, as
        it was good last, has the capability's section for the repository: for any other one it is not asked (design.md 5).
        """
        ...

    def give_up(
        self,
        target: Target,
        state: Any,  # noqa: ANN401 (likewise)
        reason: Reason,
    ) -> tuple[Effect, ...]:
        """What must be said when trying has ended in a failure of our own, so that an old verdict does not stand; pure.

        Asked where `retrying` is.
        """
        ...


AnyCapability = Capability[Any, Any]
"""A capability whose evidence and state the machine only carries."""
