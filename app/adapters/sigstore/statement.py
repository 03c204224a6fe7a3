"""in-toto statements, v0.1 and v1, as they are really written.

The library's own class refuses v0.1 and subjects without a name, both of which genuine producers emit
(slsa-github-generator; cosign 3 and GitHub's release attestation). Source: https://github.com/in-toto/attestation/tree/main/spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.strict_json import parse_object
from app.domain.release import ClaimCheck, ExpectedIdentity, VerificationRequest
from app.domain.release_codes import ReleaseCode

PAYLOAD_TYPE = "application/vnd.in-toto+json"
TYPES = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")
SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN_SUBJECTS = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about; `sha256` is None where it is identified by other digests only."""

    name: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The parts of a statement that we judge."""

    subjects: tuple[Subject, ...]
    predicate_type: str


def parse(payload: bytes) -> Statement:
    """Read a statement.

    Raises:
        Refusal: INVALID_BUNDLE or DUPLICATE_JSON_KEY.
    """
    document = parse_object(payload, "the statement", fold_names=False)
    if document.get("_type") not in TYPES:
        raise _invalid(f"unknown statement type {str(document.get('_type'))[:80]!r}")
    predicate_type, subjects = document.get("predicateType"), document.get("subject")
    if not isinstance(predicate_type, str) or not predicate_type:
        raise _invalid("the statement has no predicateType")
    if not isinstance(subjects, list) or not subjects:
        raise _invalid("the statement has no subject")
    return Statement(tuple(_subject(each) for each in subjects), predicate_type)


def check_statement(statement: Statement, request: VerificationRequest) -> tuple[ClaimCheck, ...]:
    """Subject digest, subject name where the request gives one, predicate type where the policy gives one.

    Raises:
        Refusal: UNSUPPORTED_DIGEST where no subject has a SHA-256.
    """
    if all(subject.sha256 is None for subject in statement.subjects):
        raise Refusal(ReleaseCode.UNSUPPORTED_DIGEST, "the statement's subjects have no SHA-256 digest")
    matching = [subject for subject in statement.subjects if subject.sha256 == request.sha256]
    found = request.sha256 if matching else _shown(subject.sha256 for subject in statement.subjects)
    checks = [ClaimCheck("subject_digest", request.sha256, found, ok=bool(matching))]
    if request.artifact_name is not None:
        names = [_basename(subject.name) for subject in matching or statement.subjects]
        ok = bool(matching) and request.artifact_name in names
        actual = request.artifact_name if request.artifact_name in names else _shown(names)
        checks.append(ClaimCheck("subject_name", request.artifact_name, actual, ok=ok))
    return (*checks, *check_predicate(statement.predicate_type, request.expected))


def check_predicate(actual: str | None, expected: ExpectedIdentity) -> tuple[ClaimCheck, ...]:
    """The predicate type, where the policy names some; a plain signature has none."""
    accepted = expected.predicate_types
    if not accepted:
        return ()
    return (ClaimCheck("predicate_type", " or ".join(accepted), actual, ok=actual in accepted),)


def _subject(value: Any) -> Subject:  # noqa: ANN401 (JSON of a stranger)
    digest = value.get("digest") if isinstance(value, dict) else None
    if (
        not isinstance(digest, dict)
        or not digest
        or not all(isinstance(each, str) for each in digest.values())
    ):
        raise _invalid("a subject of the statement has no digest")
    name, sha256 = value.get("name"), digest.get("sha256")
    if name is not None and not isinstance(name, str):
        raise _invalid("a subject of the statement has a name that is not text")
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise _invalid("a subject of the statement has a malformed SHA-256 digest")
    return Subject(name, sha256)


def _basename(name: str | None) -> str | None:
    return None if name is None else name.rpartition("/")[2]


def _shown(values: Iterable[str | None]) -> str | None:
    present = [value for value in values if value]
    rest = f" and {len(present) - SHOWN_SUBJECTS} more" if len(present) > SHOWN_SUBJECTS else ""
    return ", ".join(present[:SHOWN_SUBJECTS]) + rest if present else None


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
