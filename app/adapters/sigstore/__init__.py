"""The port `bundles` over sigstore-python: offline, against a pinned trusted root."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from app.adapters.sigstore.trust import TrustedRoots
from app.domain.release import Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from app.ports.compute import Compute

SHA256, SHA512 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


def offline_verifier(
    trusted_root: str | Path = "production", *, compute: Compute | None = None
) -> BundleVerifier:
    """A verifier for `production`, `staging`, or a file with trusted roots: see `app.adapters.sigstore.roots.given_roots`.

    With `compute`, bundles are judged in its processes, which can be killed; without, in a thread. Imports the library, which
    takes about a second.

    Raises:
        InvalidInput: a root cannot be read, or is not the one that was reviewed.
    """
    from app.adapters.sigstore.roots import given_roots

    roots = given_roots(trusted_root)
    return SigstoreVerifier(lambda: roots, compute)


class SigstoreVerifier:
    """Judges bundles; see `app.adapters.sigstore.judge` for the order of checks.

    `roots` is asked at each verification, so that who refreshes them need not stop what is running.
    """

    def __init__(self, roots: Callable[[], TrustedRoots], compute: Compute | None = None) -> None:
        self._roots = roots
        self._compute = compute

    async def verify(self, request: VerificationRequest) -> VerificationOutcome:
        """The verdict; a killed or crashed judgement is a refusal."""
        from app.adapters.sigstore.judge import judge

        roots = self._roots()
        if not SHA256.fullmatch(request.sha256):
            reason = "the artifact's digest is not a SHA-256"
            return _refused(roots, request, ReleaseCode.INVALID_REQUEST, reason)
        if request.sha512 is not None and not SHA512.fullmatch(request.sha512):
            reason = "the artifact's second digest is not a SHA-512"
            return _refused(roots, request, ReleaseCode.INVALID_REQUEST, reason)
        if self._compute is None:
            return await asyncio.to_thread(judge, roots, request)
        try:
            return await self._compute.run(judge, roots, request)
        except InvalidInput as error:
            return _refused(roots, request, ReleaseCode.VERIFIER_ERROR, str(error))


def _refused(
    roots: TrustedRoots, request: VerificationRequest, code: ReleaseCode, reason: str
) -> VerificationOutcome:
    digest = f"sha256:{request.sha256}"
    return VerificationOutcome(Outcome.REJECTED, code.value, reason, (), digest, roots.public_good.sha256)
