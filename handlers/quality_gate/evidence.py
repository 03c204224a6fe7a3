"""All that a verdict rests on, as facts: read once, stored, and judged again to the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from app.domain.ci import CheckRun
from app.domain.ids import CommitSha
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource
from handlers.quality_gate.declarations.declared import Declarations
from handlers.quality_gate.measures import CoverageSums, Measured
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel

Ranges = tuple[tuple[int, int], ...]
"""Lines as (first, last), ascending and apart from each other."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """How far a run's evidence can be relied on, and the sentence that says why not further."""

    level: TrustLevel
    why: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """An artifact that was read, as GitHub names it. `attempt` None: GitHub does not say which attempt left it."""

    name: str
    sha256: str | None
    size_bytes: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class RunReading:
    """One run and what its artifacts hold for one producer; `reports` is None while it has not ended.

    `known_as` identifies the artifacts that were read, where they were all read without trouble. `accepted` says that a person
    accepted this attempt as evidence although its trust is too low. `shown_to_fail`: some report of this
    attempt shows what it failed for, which may be another producer's, or be waived.
    """

    run_id: int
    attempt: int
    path: str
    trigger: str
    status: str
    conclusion: str | None
    trust: Trusted = Trusted(TrustLevel.T0)
    artifacts: tuple[ArtifactFacts, ...] = ()
    reports: Reports | None = None
    known_as: str = ""
    accepted: bool = False
    shown_to_fail: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the newest attempt has ended."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class ProducerReading:
    """The runs of one producer, the newest of each trigger; `name` None stands for every workflow of the commit.

    `problem` is a sentence that says why they do not speak for the commit, whatever they report; empty where they do.
    """

    name: str | None
    runs: tuple[RunReading, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The check suite of a workflow's newest run on the commit; trust and acceptance are those of that run's attempt."""

    id: int
    path: str
    run_id: int
    attempt: int
    trust: Trusted = Trusted(TrustLevel.T0)
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """A file that a change touches: `added` are lines of the new file, `removed` how many lines of the old one went.

    `known` False: GitHub does not show the lines (binary, or too large), so nothing may be said of them.
    """

    path: str
    previous_path: str | None = None
    added: Ranges = ()
    removed: int = 0
    is_new: bool = False
    is_deleted: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Baseline:
    """The measure that a change is held against: of the base itself (`distance` 0) or of its nearest recorded ancestor.

    `vanished` are files that the base's coverage has lines of and this commit's has not, although they are still there.
    """

    sha: CommitSha
    distance: int
    measured: Measured
    measured_at: datetime
    vanished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a commit was found to have at an earlier evaluation, as far as it is kept; `at` is its last activity then."""

    measured: Measured
    at: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """What an ancestor's reports cover of a group of paths that no report of the commit names.

    `changed` are files of the group that changed since, None where GitHub does not list all changes.
    """

    group: str
    sha: CommitSha
    distance: int
    measured_at: datetime
    sums: CoverageSums
    changed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal of the commit: a pull request, a merge group, or a push (`number` None), and what it changes.

    Of a push without any pull request the base is the commit's first parent.

    `files` are the differences to the merge base, in the order of their paths; `complete` False where GitHub did not list them
    all. `base_moved` are files that the base changed since, too: line numbers of a report of the merged state may be off there.
    """

    number: int | None
    base_ref: str
    base_sha: CommitSha
    merge_base_sha: CommitSha
    files: tuple[ChangedLines, ...] = ()
    complete: bool = True
    is_fork: bool = False
    is_merge_group: bool = False
    baseline: Baseline | None = None
    base_moved: tuple[str, ...] = ()
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """A merge group that asked for the commit's checks."""

    base_ref: str
    base_sha: CommitSha


@dataclass(frozen=True, slots=True)
class GrantedWaiver:
    """A waiver that a person gave by a command on a pull request: of a whole gate, for that pull request only.

    `until` is the last day (UTC) on which it holds; `by` is the name of the account `by_id`, `why` a person's own words.
    """

    gate: str
    until: date
    by: str
    by_id: int
    why: str
    number: int
    comment_id: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a person with the role for it accepted runs as evidence for this commit, although their trust is too low."""

    runs: tuple[tuple[int, int], ...]
    by: str
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who asked for something, with the role on the repository at that moment, in GitHub's word.

    `is_author`: of a pull request that it is about.
    """

    login: str
    id: int
    is_bot: bool
    role: str
    is_author: bool


@dataclass(frozen=True, slots=True)
class Click:
    """A press on a button of our check run; `started` are the commit's runs that the same person started."""

    identifier: str
    by: Person
    started: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the repository as it is at the commit; the mode is git's."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    path: str
    content: bytes
    mode: str


@dataclass(frozen=True, slots=True)
class Fixing:
    """Where the tools' fixes would go, and the files that they change; `problem` says why nowhere."""

    number: int = 0
    branch: str = ""
    files: tuple[SourceFile, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for in a comment: the words after `/hephaestus`."""

    comment_id: int
    text: str
    by: Person


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is asked for on a pull request; `head_sha` None: it is closed or gone.

    `waivers` are those granted before, `heard` the comments that were answered before.
    """

    number: int
    head_sha: CommitSha | None
    commands: tuple[Command, ...] = ()
    waivers: tuple[GrantedWaiver, ...] = ()
    heard: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What was in force, as the decision needs it; `section` is that of the last good version.

    `lines` maps dotted paths of the file to its lines, so that every rule can be shown with its place. `owner` names the
    organisation's file whose floor was applied, `shared` the file that is extended.
    """

    configured: bool
    section: QualityGate | None = None
    source: PolicySource | None = None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None
    lines: tuple[tuple[str, int], ...] = ()
    owner: PolicySource | None = None
    shared: PolicySource | None = None


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
    newest first; of `unreadable` more the evidence is another version's.
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


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """All that the decision rests on. `announce` says that the repository was never told how to configure the gate.

    `asked` says that somebody pressed *Re-run*, who waits for an answer also where nothing changed; `shown` that a check run of
    ours lies on the commit, which must not stay as it is; `proposals` is what a verdict of now is about. `checks` are the check
    runs of others, read where a gate asks for them; `suites` are the check suites of the workflows whose checks those are.
    `recorded` is what the commit was found to have before: evidence expires, and its descendants are still held against it.
    `clicks` are presses on our buttons. `proposed` is the policy as the commit would make it, `reader` the digest of the program
    that read the reports. With `conversation` it is about what is asked for on a pull request, and not a commit.
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
    merge_group: MergeGroup | None = None
    recorded: Recorded | None = None
    proposed: ProposedPolicy | None = None
    reader: str = ""
    notes: tuple[str, ...] = field(default=())
