"""Release verification: the evidence, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain.decision import SPARES_WORK
from app.domain.ids import CommitSha, Sha256Hex
from app.domain.receipts import Attachment
from app.domain.release import ClaimCheck, ExpectedIdentity, TrustDomain
from app.domain.repo import Repository, Subject
from app.ports.policies import ConfigError, PolicySource
from handlers.release_verification.memory import Memory
from handlers.release_verification.quarantine_state import Quarantine, QuarantineFacts
from handlers.release_verification.receipts.asked import Asked
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.standing import TagStanding
from handlers.release_verification.watching import Watch


@dataclass(frozen=True, slots=True)
class BundleFinding:
    """The verdict on one bundle for one asset. `source` says where it lay; `by_name` that only its name fits the asset.

    What follows the root is of a bundle that verified: `kind` is what it proves, `signer` the identity in its certificate,
    `is_by_pattern` that no signer of the policy names that identity exactly.
    """

    source: str
    by_name: bool
    outcome: str
    code: str
    reason: str
    claims: tuple[ClaimCheck, ...]
    trusted_root_sha256: str | None
    kind: Kind | None = None
    signer: str = ""
    is_by_pattern: bool = False
    predicate_type: str | None = None
    trust_domain: TrustDomain | None = None
    transparency: bool | None = None
    signed_at: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a checksum file among the assets says of another one."""

    file: str
    sha256: Sha256Hex


@dataclass(frozen=True, slots=True)
class AssetFinding:
    """One asset: its bytes as downloaded, and every bundle tried.

    `problem` is a code where the bytes could not be judged; `sha256` is then None. `attestations` counts those GitHub has,
    `is_cut` that there are more. `recorded` is GitHub's own digest. `unread` says what in a checksum file counts for nothing.
    """

    name: str
    size_bytes: int
    sha256: Sha256Hex | None
    exempt: bool
    bundles: tuple[BundleFinding, ...] = ()
    problem: str | None = None
    problem_text: str = ""
    attestations: int = 0
    is_cut: bool = False
    id: int = 0
    recorded: Sha256Hex | None = None
    updated_at: datetime | None = None
    listings: tuple[Listing, ...] = ()
    unread: tuple[str, ...] = ()


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
    section: ReleaseVerification | None = None
    is_informational: bool = False
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check run of a release lies; the tag is part of its name."""

    commit: CommitSha
    tag: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A sitting that ended before everything was read: how many assets are left, why, and when to go on."""

    left: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedSigner:
    """A workflow that had never signed a verified release, and the person who let it; `signer` is without its ref."""

    signer: str
    by: str
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Click:
    """A button of the check run, pressed by somebody with this role on the repository at that moment."""

    identifier: str
    by: str
    by_id: int
    role: str


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """What is remembered between evaluations: since when the release has been waited for, where its check run is, its bytes.

    `is_over` says that there was nothing to verify any more: what comes back is waited for anew; `is_deleted`: GitHub told
    that the release was deleted. `watch` is what the last verdict rested on.
    """

    since: datetime
    commit: CommitSha | None = None
    tag: str = ""
    memory: Memory | None = field(default=None, metadata=SPARES_WORK)
    is_over: bool = False
    is_deleted: bool = False
    watch: Watch | None = None
    accepted: tuple[AcceptedSigner, ...] = ()
    quarantine: Quarantine | None = None

    @property
    def place(self) -> Place | None:
        """Where its check run lies, if there is one."""
        return None if self.commit is None else Place(self.commit, self.tag)


@dataclass(frozen=True, slots=True)
class ReleaseEvidence:
    """All that the decision rests on; `assets` leaves out the bundles themselves, which `bundle_files` names.

    `asked` says that somebody pressed *Re-run*. Of a commit, `passed_on` are the releases whose check runs lie on it, each with
    what it is woken for. `memory` spares the next evaluation downloads; no judgement rests on it, so it is stored with the
    state only. `previous` is where our check run lies, on whatever the release was then. `watch` is what the last verdict
    rested on, `fingerprint` what GitHub shows of the release now; `is_unchanged` says that nothing else was read.
    `known_signers` signed verified releases before, without their refs; None where nobody asks. `standing` is where the tag's
    commit is. `bundles` are the bytes of those that were judged: they are kept with the receipts. `versions` are of the programs
    that judged.
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
    passed_on: tuple[tuple[Subject, str], ...] = ()
    memory: Annotated[Memory | None, Field(exclude=True)] = None
    previous: Place | None = None
    fingerprint: str = ""
    is_unchanged: bool = False
    unfinished: Unfinished | None = None
    watch: Watch | None = None
    known_signers: tuple[str, ...] | None = None
    accepted: tuple[AcceptedSigner, ...] = ()
    clicks: tuple[Click, ...] = ()
    standing: TagStanding | None = None
    quarantine: QuarantineFacts | None = None
    is_deleted: bool = False
    versions: tuple[tuple[str, str], ...] = ()
    bundles: Annotated[tuple[Attachment, ...], Field(exclude=True)] = ()
