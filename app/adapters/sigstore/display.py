"""Claims that are read for people only, from a bundle that was refused: they prove nothing, and are marked so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from app.adapters.sigstore import envelopes
from app.adapters.sigstore.content import check_statement
from app.adapters.sigstore.policy import check_certificate
from app.adapters.sigstore.shape import Shape
from app.adapters.sigstore.statement import parse
from app.adapters.sigstore.support import domain_of
from app.domain.release import ClaimCheck, VerificationRequest


def with_unverified(
    verified: tuple[ClaimCheck, ...], shape: Shape | None, request: VerificationRequest
) -> tuple[ClaimCheck, ...]:
    """The claims that were verified, then every other one that can be read, marked as not verified.

    `shape` is None where not even the outline of the bundle is sound. What cannot be read is left out.
    """
    if shape is None:
        return verified
    known = {check.claim for check in verified}
    return (
        *verified,
        *(replace(check, verified=False) for check in _readable(shape, request) if check.claim not in known),
    )


def _readable(shape: Shape, request: VerificationRequest) -> list[ClaimCheck]:
    found: list[ClaimCheck] = []
    with suppress(Exception):  # the refusal stands; there is nothing more to show
        if shape.certificate is not None:
            found += check_certificate(shape.certificate, request.expected)
        if shape.is_envelope:
            statement = parse(envelopes.read(shape).payload)
            found += check_statement(statement, request, domain_of(shape), is_pypi=shape.is_pypi)
    return found
