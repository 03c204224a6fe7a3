"""Release verification: the evidence, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain.decision import SPARES_WORK
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.release import ClaimCheck, ExpectedIdentity
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource
from handlers.release_verification.memory import Memory


@dataclass(frozen=True, slots=True)
class BundleFinding:
    """The verdict on one bundle for one asset. `source` says where it lay; `by_name` that only its name fits the asset."""

    source: str
    by_name: bool
    outcome: str
    code: str
    reason: str
    claims: tuple[ClaimCheck, ...]
    trusted_root_sha256: str | None


@dataclass(frozen=True, slots=True)
class AssetFinding:
    """One asset: its bytes as downloaded, and every bundle tried.

    `problem` is a code where the bytes could not be judged; `sha256` is then None. `attestations` counts those GitHub has.
    """

    name: str
    size_bytes: int
    sha256: Sha256Hex | None
    exempt: bool
    bundles: tuple[BundleFinding, ...] = ()
    problem: str | None = None
    problem_text: str = ""
    attestations: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The release as the API gave it."""

    id: int
    tag: str
    draft: bool
    immutable: bool
    commit: CommitSha | None


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What was in force: `signers` as exact identities for this tag and commit."""

    configured: bool
    signers: tuple[ExpectedIdentity, ...] = ()
    wait_minutes: int = 0
    source: PolicySource | None = None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check run of a release lies; the tag is part of its name."""

    commit: CommitSha
    tag: str


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """What is remembered between evaluations: since when the release has been waited for, where its check run is, its bytes.

    `is_over` says that there was nothing to verify any more: what comes back is waited for anew.
    """

    since: datetime
    commit: CommitSha | None = None
    tag: str = ""
    memory: Memory | None = field(default=None, metadata=SPARES_WORK)
    is_over: bool = False

    @property
    def place(self) -> Place | None:
        """Where its check run lies, if there is one."""
        return None if self.commit is None else Place(self.commit, self.tag)


@dataclass(frozen=True, slots=True)
class ReleaseEvidence:
    """All that the decision rests on; `assets` leaves out the bundles themselves, which `bundle_files` names.

    `asked` says that somebody pressed *Re-run*. Of a commit, `releases` are those whose check runs lie on it. `memory` spares the
    next evaluation downloads; no judgement rests on it, so it is stored with the state only. `previous` is where
    our check run lies, on whatever the release was then.
    """

    repository: Repository
    subject: Subject
    now: datetime
    since: datetime
    policy: PolicyFacts
    release: ReleaseFacts | None
    assets: tuple[AssetFinding, ...] = ()
    bundle_files: tuple[str, ...] = ()
    asked: bool = False
    releases: tuple[Subject, ...] = ()
    memory: Annotated[Memory | None, Field(exclude=True)] = None
    previous: Place | None = None
