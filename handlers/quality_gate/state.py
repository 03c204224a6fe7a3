"""What the gate remembers of a commit between evaluations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.decision import SPARES_WORK
from app.domain.ids import CommitSha
from handlers.quality_gate.evidence import ProposedPolicy
from handlers.quality_gate.evidence.changes import MergeGroup
from handlers.quality_gate.evidence.people import Acceptance, GrantedWaiver
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.reports.readings import Reports


@dataclass(frozen=True, slots=True)
class KnownReports:
    """What some artifacts report, and what identifies them (`identity.identity_of`)."""

    known_as: str
    reports: Reports


@dataclass(frozen=True, slots=True)
class GateState:
    """When something last happened on the commit, what its check run says, and what it was found to have.

    `passing` says that the check run lets a merge pass; `proposals` are those that it is about; `known` spares downloads;
    `measured` are the numbers that descendants are held against, as of `measured_at`; `in_full` also has what is too large to be
    kept for long (`Measured.lasting`). Of a pull request only `waivers` are kept, those that were granted by commands,
    `heard`, the comments that were answered, and `groups`, the commits of the merge groups that hold it. `proposed` is what a
    change of the policy says of commits before, `told` the ends of runs and checks that were told (`activity`).
    """

    last_activity_at: datetime
    passing: bool = False
    proposals: tuple[Proposal, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    merge_groups: tuple[MergeGroup, ...] = ()
    measured: Measured | None = None
    measured_at: datetime | None = None
    waivers: tuple[GrantedWaiver, ...] = ()
    heard: tuple[int, ...] = ()
    groups: tuple[CommitSha, ...] = ()
    in_full: Measured | None = field(default=None, metadata=SPARES_WORK)
    proposed: ProposedPolicy | None = field(default=None, metadata=SPARES_WORK)
    known: tuple[KnownReports, ...] = field(default=(), metadata=SPARES_WORK)
    told: tuple[str, ...] = field(default=(), metadata=SPARES_WORK)
