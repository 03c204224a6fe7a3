"""Whose root a bundle belongs to, and whether we can decide it at all: what we cannot is *unsupported*, never *tampered*.

Measured on sigstore 4.5.1: RSA, P-384 and P-521 leaves leak TypeError and ValueError; managed keys are refused as if they
were broken.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from app.adapters.sigstore.certificate import organization
from app.adapters.sigstore.library import INTOTO, reads_intoto
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape
from app.adapters.sigstore.statement import PAYLOAD_TYPE
from app.domain.release import TrustDomain
from app.domain.release_codes import ReleaseCode

GITHUB = "GitHub, Inc."
MESSAGE_ENTRIES = frozenset({("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2")})
ENVELOPE_ENTRIES = frozenset({("dsse", "0.0.1"), ("hashedrekord", "0.0.2"), INTOTO})
KNOWN_ENTRIES = frozenset({"hashedrekord", "dsse", "intoto"})


def domain_of(shape: Shape) -> TrustDomain:
    """Whose root a bundle belongs to, by its own shape.

    Only GitHub's own authority issues without certificate and transparency logs; from anyone else the entry is missing.
    """
    certificate = shape.certificate
    is_github = (
        certificate is not None
        and shape.entry is None
        and organization(certificate.issuer) == GITHUB
        and not _has_receipts(certificate)
    )
    return TrustDomain.GITHUB if is_github else TrustDomain.PUBLIC_GOOD


def obstacle(shape: Shape, domain: TrustDomain) -> Refusal | None:
    """Why we cannot decide this bundle; None where we can.

    Raises:
        Refusal: INVALID_BUNDLE where a part is missing that every bundle of its kind has.
    """
    if shape.certificate is None:
        return Refusal(
            ReleaseCode.UNSUPPORTED_MANAGED_KEY, "signed with a managed key, not with a certificate"
        )
    if domain is TrustDomain.GITHUB:
        return _without_log(shape, shape.certificate)
    if shape.entry is None:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the bundle has no log entry")
    if not _is_p256(shape.certificate):
        return Refusal(ReleaseCode.UNSUPPORTED_KEY_TYPE, "the certificate's key is not ECDSA on P-256")
    kind, version = shape.kind
    if kind == "intoto" and not _is_readable_intoto(shape):
        reason = (
            f"a log entry of kind intoto {version[:20]} without proof and checkpoint, or of another version"
        )
        return Refusal(ReleaseCode.UNSUPPORTED_INTOTO_ENTRY, reason)
    if (kind, version) not in (ENVELOPE_ENTRIES if shape.is_envelope else MESSAGE_ENTRIES):
        code = ReleaseCode.UNSUPPORTED_LOG_ENTRY if kind in KNOWN_ENTRIES else ReleaseCode.INVALID_BUNDLE
        return Refusal(code, f"a log entry of kind {kind[:40]} {version[:20]} does not fit this bundle")
    return _content(shape)


def _without_log(shape: Shape, certificate: x509.Certificate) -> Refusal | None:
    if not shape.timestamps:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the bundle has neither a log entry nor a timestamp")
    if not _is_p256(certificate):
        return Refusal(ReleaseCode.UNSUPPORTED_KEY_TYPE, "the certificate's key is not ECDSA on P-256")
    if not shape.is_envelope:
        return Refusal(
            ReleaseCode.UNSUPPORTED_NO_TLOG_GITHUB_TSA,
            "a plain signature under GitHub's own root, which signs statements only",
        )
    return _content(shape)


def _is_readable_intoto(shape: Shape) -> bool:
    """Whether `library` can prove the entry: its version, with the proof and the checkpoint, which were once optional."""
    proof = (shape.entry or {}).get("inclusionProof")
    is_complete = isinstance(proof, dict) and bool(proof.get("checkpoint"))
    return shape.kind == INTOTO and shape.is_envelope and is_complete and reads_intoto()


def _content(shape: Shape) -> Refusal | None:
    if shape.is_envelope:
        envelope = shape.document["dsseEnvelope"]
        signatures = envelope.get("signatures") if isinstance(envelope, dict) else None
        if not isinstance(signatures, list) or not signatures:
            raise Refusal(ReleaseCode.INVALID_BUNDLE, "the envelope has no signature")
        if len(signatures) > 1:
            return Refusal(
                ReleaseCode.UNSUPPORTED_MULTIPLE_SIGNATURES, f"the envelope has {len(signatures)} signatures"
            )
        if envelope.get("payloadType") != PAYLOAD_TYPE:
            kind = str(envelope.get("payloadType"))[:80]
            return Refusal(
                ReleaseCode.UNSUPPORTED_PAYLOAD_TYPE, f"the envelope carries {kind!r}, not a statement"
            )
        return None
    message = shape.document["messageSignature"]
    digest = message.get("messageDigest") if isinstance(message, dict) else None
    algorithm = digest.get("algorithm", "SHA2_256") if isinstance(digest, dict) else "SHA2_256"
    if algorithm in ("SHA2_384", "SHA2_512", "SHA3_256", "SHA3_384"):
        return Refusal(ReleaseCode.UNSUPPORTED_DIGEST, f"the artifact was signed by its {algorithm}")
    return None


def _is_p256(certificate: x509.Certificate) -> bool:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _has_receipts(certificate: x509.Certificate) -> bool:
    oid = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
    return any(each.oid == oid for each in certificate.extensions)
