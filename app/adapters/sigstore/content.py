"""What a verified statement must say: the artifact, the predicate type, and what belongs to its kind."""

from __future__ import annotations

from app.adapters.sigstore.backfill_statement import check_attachment
from app.adapters.sigstore.release_statement import TYPES as RELEASE_PREDICATES
from app.adapters.sigstore.release_statement import check_release
from app.adapters.sigstore.statement import Statement, check_predicate, check_subject
from app.domain.release import ClaimCheck, TrustDomain, VerificationRequest

PYPI_PREDICATES = ("https://docs.pypi.org/attestations/publish/v1", "https://slsa.dev/provenance/v1")


def check_statement(
    statement: Statement, request: VerificationRequest, domain: TrustDomain, *, is_pypi: bool = False
) -> tuple[ClaimCheck, ...]:
    """Every check on a statement, good and bad; `is_pypi` for an attestation in PyPI's form.

    Raises:
        Refusal: UNSUPPORTED_DIGEST where the artifact cannot be found among the subjects.
    """
    expected, actual = request.expected, statement.predicate_type
    checks = check_subject(statement, request)
    kind = PYPI_PREDICATES if is_pypi else RELEASE_PREDICATES if expected.release is not None else ()
    checks += check_predicate(actual, expected, kind)
    if is_pypi:
        checks += _check_pypi(statement)
    if expected.attached_to is not None:
        checks += (check_attachment(statement, expected.attached_to, request.sha256),)
    if expected.release is not None:
        # GitHub states releases under its own root only.
        checks += (ClaimCheck("trust_domain", TrustDomain.GITHUB, domain, ok=domain is TrustDomain.GITHUB),)
        checks += check_release(statement, expected.release)
    return checks


def _check_pypi(statement: Statement) -> tuple[ClaimCheck, ...]:
    """PyPI's rules (https://docs.pypi.org/attestations/publish/v1/): one subject, with a name.

    With several, an attestation could be offered for another file than the one it was made for.
    """
    number, name = len(statement.subjects), statement.subjects[0].name
    checks = (ClaimCheck("subject_count", "1", str(number), ok=number == 1),)
    return checks if name else (*checks, ClaimCheck("subject_name", "a file name", None, ok=False))
