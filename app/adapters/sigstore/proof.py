"""What has been proven of a bundle, in one shape for every way of proving it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.adapters.sigstore import certificate as certificates
from app.domain.release import ClaimCheck, TrustDomain


@dataclass(frozen=True, slots=True)
class Proof:
    """A bundle whose signature, time, chain and, where it has one, log entry hold.

    `checks` are what its certificate and its statement say beside what was expected, good and bad: only if all are good is
    the bundle verified. `log_index` is its place in the transparency log, None without one.
    """

    certificate: x509.Certificate
    checks: tuple[ClaimCheck, ...]
    domain: TrustDomain
    predicate_type: str | None
    signed_at: datetime | None
    log_index: int | None

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the certificate says and where the log has it, as (name, value); names as in the policy's claims."""
        found = certificates.values(self.certificate)
        issuer = certificates.issuer(found)
        fingerprint = sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()
        return (
            *(("identity", name) for name in certificates.identities(self.certificate)),
            *((("issuer", issuer),) if issuer is not None else ()),
            *certificates.claims(found),
            *((("log_index", str(self.log_index)),) if self.log_index is not None else ()),
            ("certificate_sha256", fingerprint),
        )
