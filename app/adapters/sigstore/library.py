"""The library's verifier, and beside it what it can nearly do: entries of Rekor v1 of kind `intoto`.

npm's provenance and the builders of before 2024 have such entries. The library verifies certificate, time, receipt, proof,
checkpoint and promise of any entry of Rekor v1, but stops at this kind twice: it takes its time from others only, and it does
not look into its body. The promise signs body, time and index of every kind alike; the body is compared in `intoto`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sigstore
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore.errors import VerificationError
from sigstore.verify import Verifier

if TYPE_CHECKING:
    from sigstore.models import Bundle
    from sigstore.verify.policy import VerificationPolicy

INTOTO = ("intoto", "0.0.2")
REVIEWED = frozenset({"4.5.1"})
"""The versions of the library of which we have read that the steps below are all but the last two of its own `verify_dsse`."""


def reads_intoto() -> bool:
    """Whether the installed library is one that `verify_signer` was reviewed with."""
    return sigstore.__version__ in REVIEWED


class LibraryVerifier(Verifier):
    """As `Verifier`; its public methods refuse entries of kind `intoto` as they always did."""

    def verify_signer(self, bundle: Bundle, policy: VerificationPolicy) -> None:
        """Return only if certificate, policy, time and log entry of an `intoto` bundle hold.

        Neither the envelope's signature nor whether the entry is about this envelope is checked: the caller must.

        Raises:
            VerificationError: or any other exception, if anything does not hold.
        """
        if not reads_intoto() or _kind(bundle) != INTOTO:
            raise VerificationError(f"cannot verify log entries of kind {_kind(bundle)}")
        self._verify_common_signing_cert(bundle, policy)

    def _establish_time(self, bundle: Bundle) -> list[TimestampVerificationResult]:
        """The time that the log promises, of which the promise is verified afterwards, as for other kinds."""
        if _kind(bundle) != INTOTO:
            return super()._establish_time(bundle)
        entry = bundle.log_entry._inner  # noqa: SLF001 (the library has no public question for it)
        if entry.inclusion_promise is None or not entry.integrated_time:
            raise VerificationError("not enough sources of verified time")
        at = datetime.fromtimestamp(entry.integrated_time, UTC)
        return [TimestampVerificationResult(TimestampSource.TRANSPARENCY_SERVICE, at)]


def _kind(bundle: Bundle) -> tuple[str, str]:
    label = bundle.log_entry._inner.kind_version  # noqa: SLF001 (likewise)
    return label.kind, label.version
