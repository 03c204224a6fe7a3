"""Whether a signing certificate leads to an authority of the trusted root."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from app.adapters.sigstore.authorities import Authority, were_valid
from app.adapters.sigstore.refusal import Refusal
from app.domain.release_codes import ReleaseCode


def require_code_signing(certificate: x509.Certificate) -> None:
    """Return only for a certificate that is for signing code, and not for issuing others.

    Raises:
        Refusal: TRUST_ROOT.
    """
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not usage.digital_signature or usage.key_cert_sign:
        raise Refusal(ReleaseCode.TRUST_ROOT, "the certificate is not for signatures")
    if not _may_sign_code(certificate, unless_said=False):
        raise Refusal(ReleaseCode.TRUST_ROOT, "the certificate is not for signing code")


def leads_to(certificate: x509.Certificate, authority: Authority, at: datetime) -> bool:
    """Whether the authority issued the certificate, itself or through its intermediates, and all were valid at that time.

    The authority's window is another question.
    """
    # GitHub signs releases under the middle certificate of its chain, so the path is built and not assumed. A client's
    # certificate would have to be for authentication; here it is for signing code, which is checked beside it.
    ca_policy, ee_policy = (
        policy.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
        for policy in (ExtensionPolicy.webpki_defaults_ca(), ExtensionPolicy.webpki_defaults_ee())
    )
    verifier = (
        PolicyBuilder()
        .store(Store([authority.chain[-1]]))
        .time(at)
        .extension_policies(ca_policy=ca_policy, ee_policy=ee_policy)
        .build_client_verifier()
    )
    try:
        chain = verifier.verify(certificate, list(authority.chain[:-1])).chain
    except (VerificationError, x509.UnsupportedGeneralNameType):
        return False
    # The same root issues authorities of timestamps, which must not sign code.
    return were_valid(chain, at) and all(_may_sign_code(each, unless_said=True) for each in chain[1:])


def _may_sign_code(certificate: x509.Certificate, *, unless_said: bool) -> bool:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return unless_said
    return ExtendedKeyUsageOID.CODE_SIGNING in usages
