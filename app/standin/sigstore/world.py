"""A whole Sigstore: authorities, logs and clocks, and the signing that uses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.standin.sigstore import entries, trust
from app.standin.sigstore.authority import YEAR, Authority
from app.standin.sigstore.bundle import Form, bundle, message_signature
from app.standin.sigstore.canonical import JsonValue
from app.standin.sigstore.ctlog import CertificateLog
from app.standin.sigstore.envelope import Envelope, pre_authentication_encoding, seal, statement
from app.standin.sigstore.github_root import GitHubRoot
from app.standin.sigstore.identity import GitHubIdentity
from app.standin.sigstore.leaf import Signer, issue
from app.standin.sigstore.rekor import RekorV1, RekorV2
from app.standin.sigstore.timestamp import TimestampAuthority

SIGNING_TIME = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class LocalSigstore:
    """Mints bundles that a stock verifier accepts under `trusted_root_json()`.

    Parts may be exchanged with `dataclasses.replace`, to mint what a verifier must refuse: another world's certificate
    log, for instance, gives certificates with an SCT that nobody trusts. `now` is when certificates are issued; logs and
    timestamps follow `delay` later. `curve` is that of the signers' keys; most verifiers accept P-256 only.
    """

    now: datetime
    since: datetime
    authority: Authority
    certificate_log: CertificateLog
    rekor_v1: RekorV1
    rekor_v2: RekorV2
    timestamps: TimestampAuthority
    github: GitHubRoot
    delay: timedelta = SIGNING_TIME
    curve: ec.EllipticCurve = field(default_factory=ec.SECP256R1)

    @classmethod
    def create(cls, now: datetime | None = None) -> LocalSigstore:
        """A new world with fresh keys, whose trust began a year before `now` (UTC-aware; default: the current time)."""
        now = (now or datetime.now(UTC)).replace(microsecond=0)
        since = now - YEAR
        root = Authority.root("sigstore.local", "sigstore", since, path_length=1)
        time_root = Authority.root("sigstore.local", "sigstore-tsa-selfsigned", since, path_length=0)
        return cls(
            now=now,
            since=since,
            authority=root.subordinate(
                "sigstore-intermediate", since, 0, usage=ExtendedKeyUsageOID.CODE_SIGNING
            ),
            certificate_log=CertificateLog(),
            rekor_v1=RekorV1(),
            rekor_v2=RekorV2(),
            timestamps=TimestampAuthority(
                "https://timestamp.sigstore.local/api/v1/timestamp",
                time_root.time_stamper("sigstore-tsa", since),
            ),
            github=GitHubRoot.create(since),
        )

    def at(self, now: datetime) -> LocalSigstore:
        """The same world at another moment."""
        return replace(self, now=now)

    def trusted_root_json(self) -> bytes:
        """The trusted root of the public-good part: authority, certificate log, both Rekors, timestamps."""
        v1, v2, certificates = self.rekor_v1, self.rekor_v2, self.certificate_log
        logs = [
            trust.transparency_log(
                f"https://{log.host}", log.public_key_der, log.key_details, log.log_id, self.since
            )
            for log in (v1, v2)
        ]
        certificate_log = trust.transparency_log(
            certificates.url, certificates.public_key_der, v1.key_details, certificates.log_id, self.since
        )
        return trust.trusted_root(
            tlogs=logs,
            ctlogs=[certificate_log],
            certificate_authorities=[
                trust.authority("https://fulcio.sigstore.local", self.authority.chain, self.since)
            ],
            timestamp_authorities=[
                trust.authority(self.timestamps.url, self.timestamps.unit.chain, self.since)
            ],
        )

    def github_trusted_root_json(self) -> bytes:
        """The trusted root of GitHub's own part, which has no logs."""
        return self.github.trusted_root_json(self.since)

    def sign_artifact(self, artifact: bytes, identity: GitHubIdentity, form: Form = Form.REKOR_V1) -> bytes:
        """A bundle with a plain signature over the artifact's bytes; the forms of Rekor only."""
        if form in {Form.GITHUB, Form.REKOR_V1_INTOTO}:
            raise ValueError(f"the form {form} has statements only: use attest")
        digest = sha256(artifact).digest()
        signer = self.signer(identity)
        signature = signer.sign(artifact)
        if form is Form.REKOR_V2:
            entry = self.rekor_v2.add(entries.hashedrekord_v2(digest, signature, signer.certificate))
        else:
            entry = self.rekor_v1.add(
                entries.hashedrekord_v1(digest, signature, signer.certificate), self.signed_at
            )
        return bundle(signer, message_signature(digest, signature), entry, self._stamps(form, signature))

    def attest(
        self,
        subjects: Sequence[tuple[str, str]],
        predicate_type: str,
        predicate: JsonValue,
        identity: GitHubIdentity,
        form: Form = Form.REKOR_V1,
    ) -> bytes:
        """A bundle with an in-toto v1 statement about (name, SHA-256 in hex) pairs."""
        return self.attest_payload(statement(subjects, predicate_type, predicate), identity, form)

    def attest_payload(self, payload: bytes, identity: GitHubIdentity, form: Form = Form.REKOR_V1) -> bytes:
        """A bundle whose envelope carries exactly these bytes as an in-toto payload."""
        if form is Form.GITHUB:
            return self.github.attest(payload, identity, self.now, self.signed_at)
        signer = self.signer(identity)
        envelope = seal(payload, signer)
        content: dict[str, JsonValue] = {"dsseEnvelope": envelope.as_json()}
        entry = self._log_envelope(form, envelope, signer)
        return bundle(signer, content, entry, self._stamps(form, envelope.signature))

    def attest_release(self, payload: bytes) -> bytes:
        """A bundle as GitHub attaches to an immutable release, around this statement."""
        return self.github.attest_release(payload, self.now, self.signed_at)

    def signer(self, identity: GitHubIdentity) -> Signer:
        """A key with a certificate of the public-good part."""
        return issue(self.authority, identity, self.now, self.certificate_log, self.curve)

    @property
    def signed_at(self) -> datetime:
        """When logs and timestamps see the signature."""
        return self.now + self.delay

    def _log_envelope(self, form: Form, envelope: Envelope, signer: Signer) -> JsonValue:
        if form is Form.REKOR_V2:
            encoded = pre_authentication_encoding(envelope.payload_type, envelope.payload)
            digest = sha256(encoded).digest()
            return self.rekor_v2.add(entries.hashedrekord_v2(digest, envelope.signature, signer.certificate))
        make = entries.intoto_v2 if form is Form.REKOR_V1_INTOTO else entries.dsse_v1
        return self.rekor_v1.add(make(envelope, signer.certificate), self.signed_at)

    def _stamps(self, form: Form, signature: bytes) -> Sequence[bytes]:
        return [self.timestamps.stamp(signature, self.signed_at)] if form.is_timestamped else []
