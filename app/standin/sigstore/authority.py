"""Certificate authorities: chains of P-384 certificates, and what they issue to log-keepers of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority; `chain` begins with its own certificate and ends with the root."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The authority's own certificate."""
        return self.chain[0]

    @classmethod
    def root(cls, organization: str, common_name: str, since: datetime, path_length: int) -> Authority:
        """A self-signed root, valid from `since` for ten years."""
        key = ec.generate_private_key(ec.SECP384R1())
        subject = name(organization, common_name)
        builder = _authority_builder(subject, subject, key.public_key(), since, path_length)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        return cls(key, (builder.sign(key, hashes.SHA384()),))

    def subordinate(
        self, common_name: str, since: datetime, path_length: int, usage: x509.ObjectIdentifier | None = None
    ) -> Authority:
        """An intermediate below this authority; `usage` is its only extended key usage."""
        key = ec.generate_private_key(ec.SECP384R1())
        organization = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        subject = name(str(organization), common_name)
        builder = _authority_builder(subject, self.certificate.subject, key.public_key(), since, path_length)
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(authority_key_identifier(self.certificate), critical=False)
        return Authority(key, (builder.sign(self.key, hashes.SHA384()), *self.chain))

    def time_stamper(self, common_name: str, since: datetime) -> Authority:
        """A time-stamping unit below this authority (RFC 3161 section 2.3: that usage only, and critical)."""
        key = ec.generate_private_key(ec.SECP384R1())
        organization = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        builder = (
            _builder(name(str(organization), common_name), self.certificate.subject, key.public_key())
            .not_valid_before(since)
            .not_valid_after(since + 9 * YEAR)
            .add_extension(key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(authority_key_identifier(self.certificate), critical=False)
        )
        return Authority(key, (builder.sign(self.key, hashes.SHA384()), *self.chain))


def name(organization: str, common_name: str) -> x509.Name:
    """A distinguished name of organisation and common name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """Points to the issuer by its subject key identifier."""
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def key_usage(*, digital_signature: bool = False, signs_certificates: bool = False) -> x509.KeyUsage:
    """A KeyUsage with only the named bits set."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
    )


def _authority_builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    since: datetime,
    path_length: int,
) -> x509.CertificateBuilder:
    return (
        _builder(subject, issuer, public_key)
        .not_valid_before(since)
        .not_valid_after(since + 10 * YEAR)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
