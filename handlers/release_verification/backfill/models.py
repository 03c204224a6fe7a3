"""Backfill: what is inventoried, planned, run and remembered. All of it can be written as JSON and read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.decision import SPARES_WORK
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import Grade
from app.domain.repo import Repository, Subject
from handlers.release_verification.memory import Memory
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind

PREDICATE_TYPE = "https://hephaestus.dev/backfill/v1"
"""What the workflow signs: these bytes were attached to the release on that day. Never provenance."""


class AssetClass(StrEnum):
    """How an asset of a past release stands, by the policy of now."""

    VERIFIED = "VERIFIED"
    PRESENT_INVALID = "PRESENT_INVALID"
    UNSUPPORTED = "UNSUPPORTED"
    MISSING = "MISSING"
    EXEMPT = "EXEMPT"


class Level(StrEnum):
    """How well it is known that the bytes of today are those of the release, the least first."""

    E0 = "E0"  # the bytes of today, and no more
    E1 = "E1"  # GitHub's digest, and no change since the publication
    E2 = "E2"  # a signed list of checksums, or GitHub's attestation of the release
    E3 = "E3"  # rebuilt, or the same in a registry: nothing here finds that out yet


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an asset must not be signed afterwards, by a stable code."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """An asset of a published release. `recorded` is GitHub's own digest, `sha256` the one that counts here.

    `kinds` are what verified evidence proves already; `signer` is who signed it. `doubts` are what speaks against signing.
    """

    release_id: int
    tag: str
    commit: CommitSha | None
    immutable: bool
    published_at: datetime | None
    asset_id: int
    name: str
    size_bytes: int
    recorded: Sha256Hex | None
    sha256: Sha256Hex | None
    updated_at: datetime | None
    uploader: str | None
    stands: AssetClass
    code: str
    reason: str
    grade: Grade = Grade.UNSIGNED
    kinds: tuple[Kind, ...] = ()
    signer: str = ""
    level: Level = Level.E0
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """The assets of all published releases. While it is not complete, `releases` are those that were read.

    `is_cut`: there are more assets than are inventoried.
    """

    began_at: datetime
    items: tuple[Item, ...] = ()
    releases: tuple[int, ...] = ()
    is_complete: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """The workflow that would sign: the file at the default branch, and its blob."""

    workflow: str
    branch: str
    blob_sha: str


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An asset that is to be signed."""

    release_id: int
    tag: str
    commit: CommitSha
    asset_id: int
    name: str
    size_bytes: int
    sha256: Sha256Hex
    published_at: datetime | None
    updated_at: datetime | None
    level: Level


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An asset that would need it and is not signed, by a stable code."""

    asset_id: int
    tag: str
    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be signed, by which workflow, on which evidence; its digest is what a person approves."""

    repository: str
    repository_id: int
    inventory_sha256: Sha256Hex
    pin: Pin
    least: Level
    items: tuple[PlannedItem, ...]
    refused: tuple[RefusedItem, ...]
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which plan: the named person, and the account of the operating system that said so."""

    plan_sha256: Sha256Hex
    by: str
    said_by: str
    at: datetime


class Stage(StrEnum):
    """How far a run is."""

    STARTED = "started"
    COLLECTED = "collected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the workflow for some items of an approved plan. `effect` is the key of its dispatch, `run_id` GitHub's number."""

    plan_id: str
    plan_sha256: Sha256Hex
    pin: Pin
    correlation: str
    items: tuple[PlannedItem, ...]
    effect: str
    asked_at: datetime
    stage: Stage = Stage.STARTED
    run_id: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A verified attestation of one digest, and by what it was verified. `facts` are its certificate's and its log entry's."""

    sha256: Sha256Hex
    run_uri: str
    commit: CommitSha
    bundle_sha256: Sha256Hex
    trusted_root_sha256: Sha256Hex | None
    signed_at: datetime | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A line of the ledger: an asset that a run of an approved plan attested. What is revoked counts nowhere any more."""

    plan_id: str
    run_id: int
    branch: str
    workflow: str
    item: PlannedItem
    signed: Signed
    attestation_id: int | None
    at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A plan that was rolled back: bundles of its runs are refused for good, whether or not they were collected."""

    plan_id: str
    run_ids: tuple[int, ...]
    by: str
    said_by: str
    at: datetime


class Progress(StrEnum):
    """What GitHub says of a run that was asked for."""

    WAITING = "waiting"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was read of a run. `signed` are the attestations that verified, one a digest; `problems` say what did not."""

    progress: Progress
    run_id: int | None = None
    why: str = ""
    signed: tuple[Signed, ...] = ()
    attestation_id: int | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the last command came to, for whoever gave it."""

    command: str
    is_done: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BackfillState:
    """What is remembered of a repository. `is_working`: a step goes on by itself."""

    answer: Answer
    inventory: Inventory | None = None
    plan: Plan | None = None
    approval: Approval | None = None
    runs: tuple[Run, ...] = ()
    added: tuple[Added, ...] = ()
    revoked: tuple[Revoked, ...] = ()
    is_working: bool = False
    memory: Memory | None = field(default=None, metadata=SPARES_WORK)


@dataclass(frozen=True, slots=True)
class BackfillEvidence:
    """All that a step rests on. `asked` are the commands, the oldest first; `problem` why none can be followed.

    `inventory` is as far as this sitting came, to go on at `again_at`. `why_not` says why nothing can be
    planned: the workflow is not there. `changed` are assets that are not as they were planned, `facts` of the run that goes on.
    """

    repository: Repository
    subject: Subject
    now: datetime
    asked: tuple[str, ...]
    state: BackfillState | None
    section: ReleaseVerification | None
    problem: str = ""
    inventory: Inventory | None = None
    memory: Memory | None = None
    again_at: datetime | None = None
    pin: Pin | None = None
    why_not: str = ""
    changed: tuple[str, ...] = ()
    facts: RunFacts | None = None


def open_run(state: BackfillState | None) -> Run | None:
    """The run that goes on; there is one at a time."""
    runs = state.runs if state else ()
    return next((run for run in runs if run.stage is Stage.STARTED), None)
