"""What verified evidence proves; one kind is never taken for another. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.release import ExpectedIdentity, Grade
from handlers.release_verification.backfill.models import PREDICATE_TYPE
from handlers.release_verification.section.rules import GRADES
from handlers.release_verification.section.values import Kind

RELEASE = "https://in-toto.io/attestation/release/"


def kind_of(expected: ExpectedIdentity, predicate_type: str | None) -> Kind | None:
    """What a statement of this type proves that verified for this signer; None as its type is a signature of the file itself.

    The answer None is for what proves nothing of this kind: only GitHub can say that a file belongs to a release, and only the
    backfill workflow, of this very release, that it was attached.
    """
    if expected.release is not None:
        return Kind.RELEASE_ATTESTATION
    if predicate_type is not None and predicate_type.startswith(RELEASE):
        return None
    if predicate_type == PREDICATE_TYPE:
        return Kind.BACKFILL if expected.attached_to is not None else None
    return Kind.PROVENANCE


def grade_of(kinds: Iterable[Kind]) -> Grade:
    """The best of what was proven."""
    return max((GRADES[kind] for kind in kinds), key=lambda grade: grade.rank, default=Grade.UNSIGNED)
