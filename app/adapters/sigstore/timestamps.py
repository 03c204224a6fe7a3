"""RFC 3161 timestamps: when a signature existed, as an authority of the trusted root swears.

Source: RFC 3161 and the client specification of Sigstore, section 4.3
(https://github.com/sigstore/architecture-docs/blob/main/client-spec.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

from app.adapters.sigstore.authorities import Authority, were_valid
from app.adapters.sigstore.refusal import Refusal
from app.domain.release_codes import ReleaseCode

MOST = 32
"""As many as the library takes; each costs a signature check for each authority."""


def decode(raw: Sequence[bytes]) -> list[TimeStampResponse]:
    """The responses of a bundle, unverified.

    Raises:
        Refusal: INVALID_BUNDLE for one that cannot be read; TIME for none, too many, or the same one twice.
    """
    if not 0 < len(raw) <= MOST or len(set(raw)) != len(raw):
        raise Refusal(ReleaseCode.TIME, f"expected 1 to {MOST} different timestamps, found {len(raw)}")
    try:
        responses = [decode_timestamp_response(each) for each in raw]
        # Parsed on first use: what is malformed must be noticed here.
        _ = [each.tst_info.gen_time for each in responses]
    except (ValueError, TypeError, OverflowError) as error:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "a timestamp cannot be read") from error
    return responses


def trusted_times(
    responses: Sequence[TimeStampResponse], signature: bytes, trusted: Sequence[Authority]
) -> tuple[datetime, ...]:
    """The times of those that one of the authorities made over this signature; empty where there is none."""
    found = (_time_of(response, signature, trusted) for response in responses)
    return tuple(at for at in found if at is not None)


def _time_of(response: TimeStampResponse, signature: bytes, trusted: Sequence[Authority]) -> datetime | None:
    at = response.tst_info.gen_time
    for authority in trusted:
        if authority.covers(at) and were_valid(authority.chain, at) and _made(authority, response, signature):
            return at
    return None


def _made(authority: Authority, response: TimeStampResponse, signature: bytes) -> bool:
    signer, *between, root = authority.chain
    builder = VerifierBuilder().tsa_certificate(signer).add_root_certificate(root)
    for certificate in between:
        builder = builder.add_intermediate_certificate(certificate)
    try:
        return builder.build().verify_message(response, signature)
    except (
        VerificationError,
        ValueError,
    ):  # the latter from what it embeds, which is parsed on first use too
        return False
