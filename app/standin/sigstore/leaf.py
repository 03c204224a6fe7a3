"""Signing certificates: Fulcio's short-lived leaf for a workflow, and GitHub's long-lived one for release attestations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from app.standin.sigstore.authority import YEAR, Authority, authority_key_identifier, key_usage, name
from app.standin.sigstore.ctlog import CertificateLog
from app.standin.sigstore.identity import GitHubIdentity

LIFETIME = timedelta(minutes=10)
RELEASE_SIGNER = "https://dotcom.releases.github.com"


@dataclass(frozen=True, slots=True)
class Signer:
    """A fresh key and the certificate that says whose it is."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def sign(self, message: bytes) -> bytes:
        """A DER ECDSA signature over the message's hash: SHA-256, or SHA-384 with a P-384 key."""
        algorithm = hashes.SHA384() if isinstance(self.key.curve, ec.SECP384R1) else hashes.SHA256()
        return self.key.sign(message, ec.ECDSA(algorithm))


def issue(
    authority: Authority,
    identity: GitHubIdentity,
    issued_at: datetime,
    log: CertificateLog | None,
    curve: ec.EllipticCurve | None = None,
) -> Signer:
    """A ten-minute certificate for `identity`, with an embedded SCT where a certificate log is given.

    The SCT covers the certificate without it (RFC 6962 section 3.2): built once without, signed by the log, built again.
    """
    key = ec.generate_private_key(curve or ec.SECP256R1())
    builder = _leaf_builder(x509.Name([]), authority, key, issued_at, LIFETIME)
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity.san)]), critical=True
    )
    for extension in identity.extensions():
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(authority.key, hashes.SHA384())
    if log is not None:
        receipts = log.receipts(certificate.tbs_certificate_bytes, authority.certificate, issued_at)
        oid = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, receipts), critical=False)
        certificate = builder.sign(authority.key, hashes.SHA384())
    return Signer(key, certificate)


def issue_release_signer(authority: Authority, issued_at: datetime) -> Signer:
    """GitHub's signer of release attestations: one year, no OIDC claims, no SCT."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _leaf_builder(name("GitHub, Inc.", "Attester"), authority, key, issued_at, YEAR)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(RELEASE_SIGNER)]), critical=False
    )
    return Signer(key, builder.sign(authority.key, hashes.SHA384()))


def _leaf_builder(
    subject: x509.Name,
    authority: Authority,
    key: ec.EllipticCurvePrivateKey,
    issued_at: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    start = issued_at.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_key_identifier(authority.certificate), critical=False)
    )
