"""The library's refusals as stable codes.

The library has few classes and many messages; a message that is not listed is TAMPERED when it comes from verification
and INVALID_BUNDLE when it comes from reading, so a changed wording can make a code coarser, never a refusal a pass.
"""

from __future__ import annotations

from sigstore.errors import CertValidationError, VerificationError
from sigstore.models import InvalidBundle

from app.domain.release_codes import ReleaseCode

TIME = (
    "cert is not valid at validation time",
    "expired at time of signing",
    "not enough sources of verified time",
    "must contain an inclusion promise or signed timestamp",
    "must contain an inclusion promise",
    "no Timestamp Authorities",
    "duplicate timestamp",
    "too many signed timestamp",
    "Invalid Timestamp Response",
)
TRUST_ROOT = ("failed to verify SCT",)


def code_for(error: Exception) -> ReleaseCode:
    """The code for an exception of the library."""
    message = str(error)
    if any(part in message for part in TIME):
        return ReleaseCode.TIME
    if isinstance(error, CertValidationError) or any(part in message for part in TRUST_ROOT):
        return ReleaseCode.TRUST_ROOT
    if isinstance(error, InvalidBundle):
        return ReleaseCode.INVALID_BUNDLE
    if isinstance(error, VerificationError):
        return ReleaseCode.TAMPERED
    # TypeError, ValueError and ExtensionNotFound leak from malformed certificates and numbers (measured).
    return ReleaseCode.INVALID_BUNDLE
