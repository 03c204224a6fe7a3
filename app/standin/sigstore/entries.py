"""Bodies of log entries: what the log swears it has seen.

Source: the JSON schemas of sigstore/rekor `pkg/types` (hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.2) and
sigstore/rekor-tiles `api/proto` (hashedrekord 0.0.2).
"""

from __future__ import annotations

from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.standin.sigstore.canonical import JsonValue, b64, compact
from app.standin.sigstore.envelope import Envelope

Entry = dict[str, JsonValue]


def hashedrekord_v1(digest: bytes, signature: bytes, certificate: x509.Certificate) -> Entry:
    """A signature over an artifact with this SHA-256, for Rekor v1."""
    spec: Entry = {
        "data": {"hash": {"algorithm": "sha256", "value": digest.hex()}},
        "signature": {"content": b64(signature), "publicKey": {"content": _pem(certificate)}},
    }
    return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}


def dsse_v1(envelope: Envelope, certificate: x509.Certificate) -> Entry:
    """A signed envelope, for Rekor v1."""
    spec: Entry = {
        "envelopeHash": _digest(compact(envelope.as_json())),
        "payloadHash": _digest(envelope.payload),
        "signatures": [{"signature": b64(envelope.signature), "verifier": _pem(certificate)}],
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def intoto_v2(envelope: Envelope, certificate: x509.Certificate) -> Entry:
    """A signed envelope in the form that npm and older builders use; payload and signature are encoded twice."""
    inner: Entry = {
        "payloadType": envelope.payload_type,
        "signatures": [{"publicKey": _pem(certificate), "sig": b64(b64(envelope.signature).encode())}],
    }
    content: Entry = {
        "envelope": inner,
        "hash": _digest(compact(envelope.as_json())),
        "payloadHash": _digest(envelope.payload),
    }
    return {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}}


def hashedrekord_v2(digest: bytes, signature: bytes, certificate: x509.Certificate) -> Entry:
    """A signature over bytes with this SHA-256 (for an envelope: its pre-authentication encoding), for Rekor v2."""
    verifier: Entry = {
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "x509Certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
    }
    spec: Entry = {
        "hashedRekordV002": {
            "data": {"algorithm": "SHA2_256", "digest": b64(digest)},
            "signature": {"content": b64(signature), "verifier": verifier},
        }
    }
    return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec}


def _digest(body: bytes) -> Entry:
    return {"algorithm": "sha256", "value": sha256(body).hexdigest()}


def _pem(certificate: x509.Certificate) -> str:
    return b64(certificate.public_bytes(Encoding.PEM))
