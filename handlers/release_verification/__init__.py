"""The capability `release_verification`: release -> verdict on the Sigstore bundles of every asset."""

from __future__ import annotations

from handlers.release_verification.handler import ReleaseVerificationCapability
from handlers.release_verification.models import ReleaseVerification

CAPABILITY = ReleaseVerificationCapability()
SECTION = ReleaseVerification

__all__ = ["CAPABILITY", "SECTION", "ReleaseVerificationCapability"]
