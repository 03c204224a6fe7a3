"""Judging Sigstore bundles."""

from __future__ import annotations

from typing import Protocol

from app.domain.release import VerificationOutcome, VerificationRequest


class BundleVerifier(Protocol):
    """Judges bundles against pinned trusted roots, offline."""

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:
        """The verdict; never raises for anything the bundle contains: the unexpected is a closed outcome."""
        ...
