"""All that a verdict rests on, as facts: read once, stored, and judged again to the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.ci import CheckRun
from app.domain.ids import CommitSha
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource
from handlers.quality_gate.declarations.declared import Declarations
from handlers.quality_gate.evidence.changes import (
    Change,
    MergeGroup,
    Recorded,
)
from handlers.quality_gate.evidence.people import (
    Acceptance,
    Click,
    Conversation,
    Fixing,
    GrantedWaiver,
)
from handlers.quality_gate.evidence.runs import ProducerReading, Suite
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.section import QualityGate


@dataclass(frozen=True, slots=True)
class Beside:
    """What a protected branch's own file asks by itself: gates that are judged by it, too, and those `alone` by nothing else."""

    branch: str
    section: QualityGate
    alone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchFile:
    """A protected branch's own file: `rules` are the dotted paths, below `quality_gate`, of what it makes stricter.

    `lines` are as in `PolicyFacts`.
    """

    source: PolicySource
    lines: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What was in force, as the decision needs it; `section` is that of the last good version.

    `lines` maps dotted paths of the file to its lines, so that every rule can be shown with its place. `owner` names the
    organisation's file whose floor was applied, `shared` the file that is extended. `section` has what protected branches add,
    too; `beside` is what of theirs must hold beside it, `branches` are the files of both.
    """

    configured: bool
    section: QualityGate | None = None
    source: PolicySource | None = None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None
    lines: tuple[tuple[str, int], ...] = ()
    owner: PolicySource | None = None
    shared: PolicySource | None = None
    beside: tuple[Beside, ...] = ()
    branches: tuple[BranchFile, ...] = ()

    @property
    def sections(self) -> tuple[QualityGate, ...]:
        """All sections that gates are judged by."""
        own = () if self.section is None else (self.section,)
        return (*own, *(each.section for each in self.beside))


@dataclass(frozen=True, slots=True)
class PastCommit:
    """What was said of a commit, and what a proposed policy would have said: None where its evidence does not hold that."""

    sha: CommitSha
    numbers: tuple[int, ...]
    then: str
    now: str | None
    passed: bool
    passes: bool


@dataclass(frozen=True, slots=True)
class ProposedPolicy:
    """The policy's file as the commit would make it, and the evidence that it asks for; never in force (design.md 4).

    `blob_sha` empty: the commit deletes the file. `section` None with `errors`: it is invalid; with `untried`: it names so many
    more producers that it is not tried; without either: it has no such section. `past` are commits of closed pull requests, the
    newest first; of `unreadable` more the evidence is another version's. `trouble` is why it could not be tried: without a
    section not at all, with one not on them.
    """

    path: str
    blob_sha: str
    section: QualityGate | None = None
    errors: tuple[ConfigError, ...] = ()
    untried: int = 0
    producers: tuple[ProducerReading, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    suites: tuple[Suite, ...] = ()
    declared: Declarations | None = None
    changes: tuple[Change, ...] = ()
    past: tuple[PastCommit, ...] = ()
    unreadable: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ProposedForOthers:
    """The file that this repository has for others, as the commit would make it; `blob_sha` empty: the commit deletes it.

    `trouble` is why it could not be judged.
    """

    path: str
    blob_sha: str
    is_organisation: bool
    errors: tuple[ConfigError, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """All that the decision rests on. `announce` says that the repository was never told how to configure the gate.

    `asked` says that somebody pressed *Re-run*, who waits for an answer also where nothing changed; `shown` that a check run of
    ours lies on the commit, which must not stay as it is; `proposals` is what a verdict of now is about, `told` which ends of
    runs and checks were told. `checks` are the check runs of others, read where a gate asks for them; `suites` are the check
    suites of the workflows whose checks those are, `of_workflows` the ids of those of all workflow runs of the commit.
    `recorded` is what the commit was found to have before: evidence expires, and its descendants are still held against it.
    `merge_groups` are those that asked for the commit's checks, `joined` the pull requests that they hold and that were not told
    of it yet.
    `clicks` are presses on our buttons. `proposed` is the policy as the commit would make it, `for_others` what it makes of the
    file that other repositories extend or are held to, `reader` the digest of the program
    that read the reports. `offline`: the reports lie on disk, and nobody asked GitHub. With `conversation` it is about what is
    asked for on a pull request, and not a commit.
    """

    repository: Repository
    subject: Subject
    head_sha: CommitSha
    now: datetime
    last_activity_at: datetime
    policy: PolicyFacts
    producers: tuple[ProducerReading, ...] = ()
    changes: tuple[Change, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    suites: tuple[Suite, ...] = ()
    of_workflows: tuple[int, ...] = ()
    declared: Declarations | None = None
    waivers: tuple[GrantedWaiver, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    clicks: tuple[Click, ...] = ()
    fixing: Fixing | None = None
    conversation: Conversation | None = None
    announce: bool = False
    asked: bool = False
    shown: bool = False
    proposals: tuple[Proposal, ...] = ()
    told: tuple[str, ...] = ()
    merge_groups: tuple[MergeGroup, ...] = ()
    joined: tuple[int, ...] = ()
    recorded: Recorded | None = None
    proposed: ProposedPolicy | None = None
    for_others: ProposedForOthers | None = None
    reader: str = ""
    offline: bool = False
    notes: tuple[str, ...] = field(default=())
