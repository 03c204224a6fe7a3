"""Asking a verifier about a file with bundles, and again by SHA-512 where a statement has no other digest."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from app.cli.release_requests import refusal
from app.domain.release import VerificationOutcome, VerificationRequest, closest
from app.domain.release_codes import ReleaseCode
from app.ports.bundles import BundleVerifier

MOST = 200
CHUNK = 1024 * 1024


async def verdict(
    verifier: BundleVerifier, request: VerificationRequest, artifact: Path | None
) -> VerificationOutcome:
    """The verdict on the bundle, or of several, one a line, that which comes closest.

    Where a subject is known by its SHA-512 only (npm's provenance), the artifact's file is read again for that.
    """
    outcome = await _verdict(verifier, request)
    if outcome.code != ReleaseCode.UNSUPPORTED_DIGEST or artifact is None:
        return outcome
    try:
        sha256, sha512 = await asyncio.to_thread(_digests, artifact)
    except OSError as error:
        return refusal(ReleaseCode.INVALID_REQUEST, f"cannot read {error.filename}: {error.strerror}")
    if sha256 != request.sha256:
        reason = "the artifact was changed while it was judged"
        return refusal(ReleaseCode.CHECKSUM_MISMATCH, reason, f"sha256:{sha256}")
    return await _verdict(verifier, replace(request, sha512=sha512))


async def _verdict(verifier: BundleVerifier, request: VerificationRequest) -> VerificationOutcome:
    return closest([await verifier.verify(replace(request, bundle=each)) for each in bundles(request.bundle)])


def bundles(raw: bytes) -> tuple[bytes, ...]:
    """The documents of a file with one JSON object a line, as `gh attestation download` writes; any other file as it is."""
    lines = [line for line in raw.splitlines() if line.strip()]
    if 1 < len(lines) <= MOST and all(_is_object(line) for line in lines):
        return tuple(lines)
    return (raw,)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _digests(path: Path) -> tuple[str, str]:
    found = hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            for each in found:
                each.update(chunk)
    return found[0].hexdigest(), found[1].hexdigest()
