"""Bundles under GitHub's own root: timestamped, and in no transparency log. The library cannot read them.

GitHub signs so for private repositories and for every immutable release. Order of checks: 1 the envelope was signed by the
certificate's key; 2 an authority of timestamps of the root swore to that signature; 3 the certificate leads to an authority
of the root that was to be trusted at that time, and is for signing code; 4 the policy; 5 the statement.
Source: the client specification of Sigstore, sections 4.3 and 4.4, without the parts that need a log
(https://github.com/sigstore/architecture-docs/blob/main/client-spec.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from rfc3161_client import TimeStampResponse

from app.adapters.sigstore import envelopes, timestamps
from app.adapters.sigstore.authorities import Authorities, Authority, authorities, were_valid
from app.adapters.sigstore.chains import leads_to, require_code_signing
from app.adapters.sigstore.content import check_statement
from app.adapters.sigstore.policy import check_certificate
from app.adapters.sigstore.proof import Proof
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape, require_known_members
from app.adapters.sigstore.statement import parse
from app.adapters.sigstore.trust import PinnedRoot
from app.domain.release import TrustDomain, VerificationRequest
from app.domain.release_codes import ReleaseCode

UNKNOWN_AUTHORITY = (
    "no authority of GitHub's trusted root issued the certificate; GitHub renews its authorities every few months, "
    "so refresh the root where it is older than the signature"
)


def verify(root: PinnedRoot, shape: Shape, request: VerificationRequest) -> Proof:
    """What the bundle proves.

    Raises:
        Refusal: TAMPERED, TIME, TRUST_ROOT or INVALID_BUNDLE where it proves nothing.
    """
    certificate = shape.certificate
    if certificate is None:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the bundle has no certificate")
    require_known_members(shape)
    trusted = authorities(root)
    envelope = envelopes.read(shape)
    signature = envelopes.require_signed(envelope, certificate)
    signed_at = _signed_at(trusted, timestamps.decode(shape.timestamps), signature, certificate)
    require_code_signing(certificate)
    checks = check_certificate(certificate, request.expected)
    try:
        statement = parse(envelope.payload)
        checks += check_statement(statement, request, TrustDomain.GITHUB)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.reason, checks) from refusal
    return Proof(certificate, checks, TrustDomain.GITHUB, statement.predicate_type, signed_at, None)


def _signed_at(
    trusted: Authorities,
    responses: Sequence[TimeStampResponse],
    signature: bytes,
    certificate: x509.Certificate,
) -> datetime:
    """The earliest trusted time; what untrusted timestamps claim serves only to say better what is wrong."""
    proven = timestamps.trusted_times(responses, signature, trusted.timestamping)
    for at in proven or tuple(each.tst_info.gen_time for each in responses):
        _require_issued(trusted.signing, certificate, at)
    if not proven:
        raise Refusal(ReleaseCode.TIME, "no authority of GitHub's trusted root timestamped this signature")
    return min(proven)


def _require_issued(trusted: Sequence[Authority], certificate: x509.Certificate, at: datetime) -> None:
    said = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    if not were_valid([certificate], at):
        raise Refusal(ReleaseCode.TIME, f"signed at {said}, outside the certificate's validity")
    if any(leads_to(certificate, each, at) for each in trusted if each.covers(at)):
        return
    if any(leads_to(certificate, each, at) for each in trusted):
        raise Refusal(
            ReleaseCode.TIME, f"the authority that issued the certificate was not to be trusted at {said}"
        )
    raise Refusal(ReleaseCode.TRUST_ROOT, UNKNOWN_AUTHORITY)
