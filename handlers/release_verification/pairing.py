"""Which bundle speaks about which asset: by the digest that it names, never by its file name alone.

What is read here is a hint; the verifier reads every bundle again, strictly.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from app.domain.ids import Sha256Hex

SUFFIXES = (".sigstore.json", ".sigstore.jsonl", ".sigstore", ".intoto.jsonl", ".publish.attestation")
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_BUNDLES = 200
SHA256_BYTES = 32
BUNDLE_KEYS = {"mediaType", "verificationMaterial", "verification_material", "payloadType", "rekorBundle"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document that may be a bundle: its bytes, and the SHA-256 digests it claims to be about."""

    raw: bytes
    digests: tuple[Sha256Hex, ...]


def artifact_name(name: str) -> str | None:
    """The asset that a bundle's file name points to; None where the name is not that of a bundle."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return None


def candidates(raw: bytes) -> tuple[Candidate, ...]:
    """The bundles in a file: one JSON document, or one a line; empty where it holds anything else.

    A file that only looks like a bundle by its name is an asset like any other and needs a signature itself.
    """
    documents = [raw] if _object(raw) is not None else [line for line in raw.splitlines() if line.strip()]
    found = [(document, _object(document)) for document in documents[: MAX_BUNDLES + 1]]
    if len(found) > MAX_BUNDLES:
        return ()
    if not found or any(parsed is None or not parsed.keys() & BUNDLE_KEYS for _, parsed in found):
        return ()
    return tuple(Candidate(document, _digests(parsed)) for document, parsed in found if parsed is not None)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _digests(bundle: dict[str, Any]) -> tuple[Sha256Hex, ...]:
    try:
        if "messageSignature" in bundle:
            digest = b64decode(bundle["messageSignature"]["messageDigest"]["digest"])
            return (Sha256Hex(digest.hex()),) if len(digest) == SHA256_BYTES else ()
        envelope = bundle.get("dsseEnvelope") or bundle.get("envelope") or bundle
        payload = envelope["payload"] if "payload" in envelope else envelope["statement"]
        subjects = json.loads(b64decode(payload))["subject"]
        digests = [subject["digest"].get("sha256") for subject in subjects]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(Sha256Hex(digest) for digest in digests if isinstance(digest, str))
