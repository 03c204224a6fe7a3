"""Releases, their assets, and what verifying a bundle says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.ids import CommitSha, Sha256Hex


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset of a release; `sha256` is GitHub's own digest where it gives one."""

    id: int
    name: str
    size_bytes: int
    sha256: Sha256Hex | None
    state: str
    updated_at: datetime
    content_type: str = "application/octet-stream"


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


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation of a digest; the bundle is fetched from `bundle_url` where `bundle` is None."""

    bundle: bytes | None
    bundle_url: str | None
    initiator: str | None = None


class Outcome(StrEnum):
    """What a verification can say; there is no fourth answer, and an exception is never a pass."""

    VERIFIED = "verified"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """One claim of a certificate: what the policy expects beside what the certificate says."""

    claim: str
    expected: str
    actual: str | None
    ok: bool


@dataclass(frozen=True, slots=True)
class ExpectedIdentity:
    """Who must have signed: exact values only.

    `claims` maps claim names of cli.md (`source_repository_uri`, `build_trigger`, ...) to exact values.
    `issuer` None means a certificate without an issuer claim is expected (GitHub's release attestation).
    """

    identity: str
    issuer: str | None
    claims: tuple[tuple[str, str], ...] = ()
    predicate_type: str | None = None


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """A bundle to judge against an artifact's digest and an identity.

    `artifact_name` (the asset's file name) is compared with the statement's subject names where given.
    """

    bundle: bytes
    sha256: Sha256Hex
    expected: ExpectedIdentity
    artifact_name: str | None = None


@dataclass(frozen=True, slots=True)
class VerificationOutcome:
    """The verdict on one bundle; `code` is one of docs/reference/release-codes.md."""

    outcome: Outcome
    code: str
    reason: str
    claims: tuple[ClaimCheck, ...]
    digest: str
    trusted_root_sha256: Sha256Hex | None


@dataclass(frozen=True, slots=True)
class TagTarget:
    """A tag and the commit it points to, through annotated tag objects."""

    tag: str
    commit: CommitSha
