"""The port `bundles` over sigstore-python: offline, against a pinned trusted root."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.ids import Sha256Hex
from app.domain.release import Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute

if TYPE_CHECKING:
    from app.adapters.sigstore.trusted_root import PinnedRoot  # imports the library

SHA256 = re.compile(r"[0-9a-f]{64}")


def offline_verifier(
    trusted_root: str | Path = "production", *, pin: str | None = None, compute: Compute | None = None
) -> BundleVerifier:
    """A verifier for `production`, `staging` or a trusted root file, which must have the SHA-256 `pin` where given.

    With `compute`, bundles are judged in its processes, which can be killed; without, in a thread. Imports the library,
    which takes about a second.

    Raises:
        InvalidInput: the root cannot be read, or is not the one that was pinned.
    """
    from app.adapters.sigstore.trusted_root import load

    return SigstoreVerifier(load(trusted_root, pin), compute)


def require_usable(trusted_root: str | Path) -> None:
    """Raises InvalidInput where the library cannot judge any bundle with this root, or it cannot be read."""
    from app.adapters.sigstore.refusal import Refusal
    from app.adapters.sigstore.trusted_root import load, verifier

    try:
        verifier(load(trusted_root))
    except Refusal as refusal:
        said = " ".join(refusal.reason.split())
        raise InvalidInput("trust_root.unusable", said) from refusal


class SigstoreVerifier:
    """Judges bundles; see `app.adapters.sigstore.judge` for the order of checks."""

    def __init__(self, root: PinnedRoot, compute: Compute | None) -> None:
        self._root = root
        self._compute = compute

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:
        """The verdict; a killed or crashed judgement is a refusal."""
        from app.adapters.sigstore.judge import judge

        if not SHA256.fullmatch(request.sha256):
            return self._refused(
                request, ReleaseCode.INVALID_REQUEST, "the artifact's digest is not a SHA-256"
            )
        if self._compute is None:
            return await asyncio.to_thread(judge, self._root, request)
        try:
            return await self._compute.run(judge, self._root, request)
        except InvalidInput as error:
            return self._refused(request, ReleaseCode.INVALID_BUNDLE, str(error))

    def _refused(self, request: VerificationRequest, code: ReleaseCode, reason: str) -> VerificationOutcome:
        digest = f"sha256:{request.sha256}"
        return VerificationOutcome(
            Outcome.REJECTED, code.value, reason, (), digest, Sha256Hex(self._root.sha256)
        )
