"""Receipts of verified releases: what was judged, by what, and how it came out; one for each asset and digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import AppKey, Sha256Hex
from app.domain.release import Outcome


@dataclass(frozen=True, slots=True)
class Attachment:
    """Bytes that receipts name by their digest: a bundle, which may speak of all assets of a release."""

    sha256: Sha256Hex
    content: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The verdict on one asset as a decision leaves it.

    `body` is canonical JSON that names `attachments` by their digests. `verdict_sha256` is of what the body says, without when:
    where that is the same, the receipt of before stands. `signer` is the identity that was verified, None where there was none.
    """

    release_id: int
    tag: str
    asset_id: int
    name: str
    sha256: Sha256Hex
    outcome: str
    code: str
    grade: str
    signer: str | None
    verdict_sha256: Sha256Hex
    body: bytes
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt as the ledger has it; `confirmed_at` is when it was last decided the same."""

    app_key: AppKey
    body: bytes
    attachments: tuple[Attachment, ...]
    decided_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedSigner:
    """An identity that signed an asset which counts as verified, and the release it was of."""

    identity: str
    release_id: int
    tag: str


@dataclass(frozen=True, slots=True)
class ReplayedReceipt:
    """A receipt, judged again. `undecided` says what could not be, `differences` what came out otherwise than it says.

    `roots` are the digests of trusted roots: those recorded, and those that were used now. `signers` are who must have signed.
    """

    repository: str
    tag: str
    commit: str
    asset: str
    sha256: str
    outcome: Outcome
    code: str
    grade: str
    signers: tuple[str, ...]
    differences: tuple[str, ...]
    undecided: tuple[str, ...]
    roots: tuple[tuple[str, ...], tuple[str, ...]]
    versions: tuple[tuple[str, str, str], ...]
    """Of each program its name, its version then and now."""

    @property
    def same(self) -> bool | None:
        """Whether it came out the same; None where that is not known."""
        if self.differences:
            return False
        return None if self.undecided else True
