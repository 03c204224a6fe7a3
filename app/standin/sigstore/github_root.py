"""GitHub's own Sigstore: for private repositories and for releases; no certificate log, no Rekor, timestamps only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509.oid import ExtendedKeyUsageOID

from app.standin.sigstore import trust
from app.standin.sigstore.authority import Authority
from app.standin.sigstore.bundle import bundle
from app.standin.sigstore.envelope import seal
from app.standin.sigstore.identity import GitHubIdentity
from app.standin.sigstore.leaf import Signer, issue, issue_release_signer
from app.standin.sigstore.timestamp import TimestampAuthority


@dataclass(frozen=True, slots=True)
class GitHubRoot:
    """Two issuing authorities below one root: `workflows` signs provenance, `releases` signs release attestations."""

    workflows: Authority
    releases: Authority
    timestamps: TimestampAuthority

    @classmethod
    def create(cls, since: datetime) -> GitHubRoot:
        """Fresh keys, valid from `since`."""
        root = Authority.root("GitHub, Inc.", "Internal Services Root", since, path_length=2)
        first = root.subordinate("Fulcio Intermediate l1", since, 1, usage=ExtendedKeyUsageOID.CODE_SIGNING)
        second = first.subordinate("Fulcio Intermediate l2", since, 0, usage=ExtendedKeyUsageOID.CODE_SIGNING)
        time = root.subordinate("TSA intermediate", since, 0, usage=ExtendedKeyUsageOID.TIME_STAMPING)
        unit = time.time_stamper("TSA Timestamping", since)
        return cls(second, first, TimestampAuthority("timestamp.github.local", unit))

    def trusted_root_json(self, since: datetime) -> bytes:
        """A trusted root that names authorities only."""
        return trust.trusted_root(
            certificate_authorities=[trust.authority("fulcio.github.local", self.workflows.chain, since)],
            timestamp_authorities=[trust.authority(self.timestamps.url, self.timestamps.unit.chain, since)],
        )

    def attest(
        self, payload: bytes, identity: GitHubIdentity, issued_at: datetime, signed_at: datetime
    ) -> bytes:
        """Provenance of a private repository."""
        return self._bundle(payload, issue(self.workflows, identity, issued_at, log=None), signed_at)

    def attest_release(self, payload: bytes, issued_at: datetime, signed_at: datetime) -> bytes:
        """The attestation of an immutable release."""
        return self._bundle(payload, issue_release_signer(self.releases, issued_at), signed_at)

    def _bundle(self, payload: bytes, signer: Signer, signed_at: datetime) -> bytes:
        envelope = seal(payload, signer)
        stamp = self.timestamps.stamp(envelope.signature, signed_at)
        return bundle(signer, {"dsseEnvelope": envelope.as_json()}, timestamps=[stamp])
