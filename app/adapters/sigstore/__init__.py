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

SHA256 = re.compile(r"[0-9a-f]{64}")


def offline_verifier(
    trusted_root: str | Path = "production",
    *,
    pin: str | None = None,
    github_root: Path | None = None,
    github_pin: str | None = None,
    compute: Compute | None = None,
) -> BundleVerifier:
    """A verifier for `production`, `staging` or a trusted root file, which must have the SHA-256 `pin` where given.

    `github_root` is the file of GitHub's own root; without it, what was signed under that root is unsupported. With
    `compute`, bundles are judged in its processes, which can be killed; without, in a thread. Imports the library, which
    takes about a second.

    Raises:
        InvalidInput: the root cannot be read, or is not the one that was pinned.
    """
    from app.adapters.sigstore.trusted_root import load

    roots = TrustedRoots(load(trusted_root, pin), load(github_root, github_pin) if github_root else None)
    return SigstoreVerifier(lambda: roots, compute)


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
