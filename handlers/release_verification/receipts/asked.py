"""What a bundle was held against: with the bundle's bytes, all that it takes to ask again."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, VerificationRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request without the bytes of its bundle, which `bundle_sha256` names."""

    bundle_sha256: Sha256Hex
    sha256: Sha256Hex
    expected: ExpectedIdentity
    artifact_name: str | None = None
    sha512: str | None = None

    @classmethod
    def of(cls, request: VerificationRequest, bundle_sha256: Sha256Hex) -> Asked:
        """What this request asks; the digest is that of its bundle."""
        return cls(bundle_sha256, request.sha256, request.expected, request.artifact_name, request.sha512)

    def of_bundle(self, bundle: bytes) -> VerificationRequest:
        """The request again."""
        return VerificationRequest(bundle, self.sha256, self.expected, self.artifact_name, self.sha512)
