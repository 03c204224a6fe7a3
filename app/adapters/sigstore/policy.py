"""The identity policy: every expected value beside the actual one, compared exactly, all of them."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from sigstore.errors import VerificationError

from app.adapters.sigstore import certificate as certificates
from app.adapters.sigstore.certificate import Values
from app.domain.release import ClaimCheck, ExpectedIdentity
from app.domain.release_codes import ReleaseCode

NO_ISSUER = "-"
"""How an expected absence of the issuer is written."""

CODES = {
    "identity": ReleaseCode.IDENTITY,
    "issuer": ReleaseCode.ISSUER,
    "source_repository_uri": ReleaseCode.SOURCE_REPO,
    "source_repository_id": ReleaseCode.SOURCE_REPO,
    "source_repository_owner_uri": ReleaseCode.SOURCE_REPO,
    "source_repository_owner_id": ReleaseCode.SOURCE_REPO,
    "repository": ReleaseCode.SOURCE_REPO,
    "source_repository_ref": ReleaseCode.REF,
    "ref": ReleaseCode.REF,
    "source_repository_digest": ReleaseCode.SOURCE_DIGEST,
    "sha": ReleaseCode.SOURCE_DIGEST,
    "build_trigger": ReleaseCode.TRIGGER,
    "trigger": ReleaseCode.TRIGGER,
    "build_signer_uri": ReleaseCode.IDENTITY,
    "build_signer_digest": ReleaseCode.IDENTITY,
    "build_config_uri": ReleaseCode.IDENTITY,
    "release_repository": ReleaseCode.SOURCE_REPO,
    "release_repository_id": ReleaseCode.SOURCE_REPO,
    "release_owner_id": ReleaseCode.SOURCE_REPO,
    "release_tag": ReleaseCode.REF,
    "release_commit": ReleaseCode.SOURCE_DIGEST,
    "trust_domain": ReleaseCode.TRUST_ROOT,
    "subject_count": ReleaseCode.SUBJECT_MISMATCH,
    "subject_digest": ReleaseCode.SUBJECT_MISMATCH,
    "subject_name": ReleaseCode.SUBJECT_MISMATCH,
    "predicate_type": ReleaseCode.PREDICATE,
    "backfilled_release": ReleaseCode.PREDICATE,
}


def check_certificate(certificate: x509.Certificate, expected: ExpectedIdentity) -> tuple[ClaimCheck, ...]:
    """Identity, issuer and every named claim, in that order. A claim that we do not know is never satisfied."""
    found = certificates.values(certificate)
    return (
        _identity(certificate, expected),
        _issuer(found, expected.issuer),
        *(_claim(found, name, (value,)) for name, value in expected.claims),
        *(_claim(found, name, values) for name, values in expected.one_of),
    )


def code_of(checks: Iterable[ClaimCheck]) -> ReleaseCode:
    """The code for the first claim that is not satisfied; VERIFIED where all are.

    A tag that is right while its commit is not has been moved since the signature.
    """
    checks = tuple(checks)
    for check in checks:
        if check.ok:
            continue
        code = CODES.get(check.claim, ReleaseCode.CLAIM)
        return ReleaseCode.TAG_MOVED if code is ReleaseCode.SOURCE_DIGEST and _tag_is_right(checks) else code
    return ReleaseCode.VERIFIED


def describe(checks: Iterable[ClaimCheck]) -> str:
    """One sentence that names every mismatch."""
    wrong = [
        f"{check.claim}: expected {check.expected!r}, found "
        + ("nothing" if check.actual is None else repr(check.actual))
        for check in checks
        if not check.ok
    ]
    return "; ".join(wrong)


class MismatchedClaimsError(VerificationError):
    """Raised inside the library's verification, so that no later step can overlook it."""

    def __init__(self, checks: tuple[ClaimCheck, ...]) -> None:
        super().__init__(describe(checks))
        self.checks = checks


class ExactPolicy:
    """A policy for `sigstore.verify.Verifier` that compares everything before it refuses."""

    def __init__(self, expected: ExpectedIdentity) -> None:
        self._expected = expected
        self.checks: tuple[ClaimCheck, ...] = ()
        """What was compared, once the library has asked."""

    def verify(self, cert: x509.Certificate) -> None:
        """Return only if every claim is as expected."""
        self.checks = check_certificate(cert, self._expected)
        if not all(check.ok for check in self.checks):
            raise MismatchedClaimsError(self.checks)


class ReportOnlyPolicy:
    """Accepts any certificate: used after a refusal only, to learn what else is wrong; never to verify."""

    def verify(self, cert: x509.Certificate) -> None:
        """Return."""


def _identity(certificate: x509.Certificate, expected: ExpectedIdentity) -> ClaimCheck:
    found = certificates.identities(certificate)
    # Fulcio writes exactly one name; with several, which of them signed would be a matter of reading order.
    if expected.pattern is not None:
        fits = len(found) == 1 and expected.pattern.admits(found[0])
        return ClaimCheck("identity", expected.pattern.text, ", ".join(found) or None, ok=fits)
    fits = bool(expected.identity) and found == [expected.identity]
    return ClaimCheck("identity", expected.identity, ", ".join(found) or None, ok=fits)


def _issuer(found: Values, expected: str | None) -> ClaimCheck:
    actual = certificates.issuer(found)
    if expected is None:
        return ClaimCheck("issuer", NO_ISSUER, actual, ok=not certificates.has_issuer(found))
    return ClaimCheck("issuer", expected, actual, ok=bool(expected) and actual == expected)


def _claim(found: Values, name: str, accepted: tuple[str, ...]) -> ClaimCheck:
    actual = certificates.claim(found, name) if name in certificates.CLAIMS else None
    return ClaimCheck(name, " or ".join(accepted), actual, ok=actual is not None and actual in accepted)


def _tag_is_right(checks: tuple[ClaimCheck, ...]) -> bool:
    refs = [check for check in checks if CODES.get(check.claim) is ReleaseCode.REF]
    return bool(refs) and all(check.ok and _is_tag(check) for check in refs)


def _is_tag(check: ClaimCheck) -> bool:
    return check.claim == "release_tag" or check.expected.startswith("refs/tags/")
