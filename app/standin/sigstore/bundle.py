"""Bundles: everything a verifier needs in one JSON document.

Source: https://github.com/sigstore/protobuf-specs `protos/sigstore_bundle.proto`, written by protobuf's JSON rules (64-bit
numbers are strings, bytes are base64).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cryptography.hazmat.primitives.serialization import Encoding

from app.standin.sigstore.canonical import JsonValue, b64, compact
from app.standin.sigstore.leaf import Signer

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


class Form(StrEnum):
    """Where the trusted time and the transparency come from."""

    REKOR_V1 = "rekor_v1"
    REKOR_V1_TIMESTAMPED = "rekor_v1_timestamped"
    REKOR_V2 = "rekor_v2"
    REKOR_V1_INTOTO = "rekor_v1_intoto"
    GITHUB = "github"

    @property
    def is_timestamped(self) -> bool:
        """Whether the bundle carries an RFC 3161 timestamp."""
        return self in {Form.REKOR_V1_TIMESTAMPED, Form.REKOR_V2, Form.GITHUB}


def bundle(
    signer: Signer,
    content: dict[str, JsonValue],
    log_entry: JsonValue = None,
    timestamps: Sequence[bytes] = (),
) -> bytes:
    """A v0.3 bundle; `content` is its `messageSignature` or `dsseEnvelope` member.

    Without a log entry the member `tlogEntries` is absent, as in the bundles GitHub signs under its own root.
    """
    material: dict[str, JsonValue] = {
        "certificate": {"rawBytes": b64(signer.certificate.public_bytes(Encoding.DER))}
    }
    if log_entry is not None:
        material["tlogEntries"] = [log_entry]
    tokens: list[JsonValue] = [{"signedTimestamp": b64(token)} for token in timestamps]
    material["timestampVerificationData"] = {"rfc3161Timestamps": tokens} if tokens else {}
    return compact({"mediaType": MEDIA_TYPE, "verificationMaterial": material, **content})


def message_signature(digest: bytes, signature: bytes) -> dict[str, JsonValue]:
    """The `messageSignature` member for an artifact with this SHA-256."""
    message: dict[str, JsonValue] = {
        "messageDigest": {"algorithm": "SHA2_256", "digest": b64(digest)},
        "signature": b64(signature),
    }
    return {"messageSignature": message}
