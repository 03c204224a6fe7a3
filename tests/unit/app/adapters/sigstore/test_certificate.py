from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.sigstore.certificate import (
    ARC,
    CLAIMS,
    Values,
    claim,
    has_issuer,
    identities,
    issuer,
    values,
)
from app.domain.release_claims import CLAIM_NAMES

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def certificate(
    extensions: dict[int, bytes], names: list[x509.GeneralName] | None = None
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(minutes=10))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    for arc, value in extensions.items():
        oid = x509.ObjectIdentifier(f"{ARC}.{arc}")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(key, hashes.SHA256())


def values_of(extensions: dict[int, bytes]) -> Values:
    return values(certificate(extensions))


def test_the_claims_that_policies_may_name_are_those_that_can_be_read() -> None:
    assert CLAIMS.keys() == CLAIM_NAMES


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"\x0c\x03abc", "abc"),
        (b"\x0c\x81\x80" + b"a" * 128, "a" * 128),
        (b"\x0c\x82\x01\x00" + b"a" * 256, "a" * 256),
        (b"abc", None),
        (b"\x0c\x04abc", None),
        (b"\x0c\x02abc", None),
        (b"\x0c\x02\xff\xff", None),
        (b"\x0c", None),
        (b"\x13\x03abc", None),
    ],
)
def test_a_claim_is_a_utf8_string_that_fills_its_extension(raw: bytes, value: str | None) -> None:
    assert claim(values_of({14: raw}), "source_repository_ref") == value


def test_a_deprecated_claim_is_bare_text() -> None:
    assert claim(values_of({6: b"refs/heads/main"}), "ref") == "refs/heads/main"
    assert claim(values_of({6: b"\xff"}), "ref") is None
    assert claim(values_of({}), "ref") is None


@pytest.mark.parametrize(
    ("extensions", "value"),
    [
        ({}, None),
        ({1: b"a"}, "a"),
        ({8: b"\x0c\x01a"}, "a"),
        ({1: b"a", 8: b"\x0c\x01a"}, "a"),
        ({1: b"a", 8: b"\x0c\x01b"}, "a and b"),
    ],
)
def test_both_issuers_must_agree(extensions: dict[int, bytes], value: str | None) -> None:
    found = certificate(extensions)
    assert issuer(values(found)) == value
    assert has_issuer(values(found)) == bool(extensions)


def test_identities_are_uris_addresses_and_user_names() -> None:
    names = [
        x509.UniformResourceIdentifier("https://example.org/x"),
        x509.RFC822Name("a@example.org"),
        x509.OtherName(x509.ObjectIdentifier(f"{ARC}.7"), b"\x0c\x04name"),
        x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x0c\x04nope"),
        x509.DNSName("example.org"),
    ]
    assert identities(certificate({}, names)) == ["https://example.org/x", "a@example.org", "name"]
    assert identities(certificate({})) == []
