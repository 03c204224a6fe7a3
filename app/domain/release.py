"""Releases, their assets, and what verifying a bundle says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.identity_patterns import IdentityPattern
from app.domain.ids import CommitSha, Sha256Hex


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset of a release; `sha256` is GitHub's own digest where it gives one, `uploader` an account's name."""

    id: int
    name: str
    size_bytes: int
    sha256: Sha256Hex | None
    state: str
    updated_at: datetime
    content_type: str = "application/octet-stream"
    uploader: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A release as the API gives it now."""

    id: int
    tag: str
    name: str
    draft: bool
    prerelease: bool
    immutable: bool
    target_commitish: str
    assets: tuple[Asset, ...]
    url: str
    updated_at: datetime | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation of a digest; the bundle is fetched from `bundle_url` where `bundle` is None."""

    bundle: bytes | None
    bundle_url: str | None
    initiator: str | None = None


@dataclass(frozen=True, slots=True)
class AttestationList:
    """The attestations of a subject; `is_cut` says that GitHub has more than were asked for."""

    found: tuple[Attestation, ...] = ()
    is_cut: bool = False


class TrustDomain(StrEnum):
    """Whose root a bundle was verified under: `github` has no transparency log."""

    PUBLIC_GOOD = "public-good"
    GITHUB = "github"


class Grade(StrEnum):
    """What is proven of an asset, the least first; a grade is never taken for another."""

    UNSIGNED = "unsigned"
    CHECKSUM_ONLY = "checksum-only"
    RELEASE_ATTESTED = "release-attested"
    BACKFILLED = "backfilled"
    PROVENANCE_VERIFIED = "provenance-verified"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return tuple(Grade).index(self)


class Outcome(StrEnum):
    """What a verification can say; there is no fourth answer, and an exception is never a pass."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """One claim of a certificate or a statement: what the policy expects beside what it says.

    Not `verified`: read for display only, from something whose signature does not hold; it proves nothing, even where `ok`.
    """

    claim: str
    expected: str
    actual: str | None
    ok: bool
    verified: bool = True


@dataclass(frozen=True, slots=True)
class ExpectedRelease:
    """The release that GitHub's own attestation must be about; ids are numbers in decimal digits. None is not compared.

    `tag_object`: the object that an annotated tag is, under which GitHub's own tools look such an attestation up.
    """

    repository: str
    tag: str
    commit: CommitSha
    repository_id: str | None = None
    owner_id: str | None = None
    release_id: str | None = None
    tag_object: CommitSha | None = None


@dataclass(frozen=True, slots=True)
class ExpectedAttachment:
    """The release, and the commit of its tag, of which a backfill attestation must say that the bytes were attached to it."""

    release_id: int
    commit: CommitSha


@dataclass(frozen=True, slots=True)
class ExpectedIdentity:
    """Who must have signed.

    `claims` maps claim names of cli.md (`source_repository_uri`, `build_trigger`, ...) to exact values, `one_of` to the values of
    which one must be there. `identity` is exact; with `pattern` it only says in words what the pattern admits.
    `issuer` None means a certificate without an issuer claim is expected (GitHub's release attestation, of which `release` says
    what it must be about). `predicate_types`: one of them must be the statement's; none means that it does not matter.
    `attached_to` is for attestations of assets after their release.
    """

    identity: str
    issuer: str | None
    claims: tuple[tuple[str, str], ...] = ()
    predicate_types: tuple[str, ...] = ()
    pattern: IdentityPattern | None = None
    one_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    release: ExpectedRelease | None = None
    attached_to: ExpectedAttachment | None = None


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """A bundle to judge against an artifact's digest and an identity.

    `artifact_name` (the asset's file name) is compared with the statement's subject names where given. `sha512` (hexadecimal, of
    the same bytes) is needed only for statements whose subjects have no other digest.
    """

    bundle: bytes
    sha256: Sha256Hex
    expected: ExpectedIdentity
    artifact_name: str | None = None
    sha512: str | None = None


@dataclass(frozen=True, slots=True)
class VerificationOutcome:
    """The verdict on one bundle; `code` is one of docs/reference/release-codes.md.

    What follows the root is of a bundle that verified, else None or empty. `transparency` False: no transparency log has it.
    `signed_at` is the trusted time of the signature. `facts` are what its certificate and its log entry say, as (name, value):
    the claim names of cli.md, `log_index`, `certificate_sha256`.
    """

    outcome: Outcome
    code: str
    reason: str
    claims: tuple[ClaimCheck, ...]
    digest: str
    trusted_root_sha256: Sha256Hex | None
    trust_domain: TrustDomain | None = None
    transparency: bool | None = None
    predicate_type: str | None = None
    signed_at: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()


def closest(outcomes: Iterable[VerificationOutcome]) -> VerificationOutcome:
    """Of several bundles about one artifact, at least one: what is verified, else what has the fewest wrong claims."""
    return min(outcomes, key=_distance)


def _distance(outcome: VerificationOutcome) -> tuple[bool, bool, int]:
    wrong = sum(not (check.ok and check.verified) for check in outcome.claims)
    return outcome.outcome is not Outcome.VERIFIED, not outcome.claims, wrong


@dataclass(frozen=True, slots=True)
class TagTarget:
    """A tag and the commit it points to, through annotated tag objects; `object_sha` is what the tag itself names."""

    tag: str
    commit: CommitSha
    object_sha: CommitSha | None = None
