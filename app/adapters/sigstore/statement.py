"""in-toto statements, v0.1 and v1, as they are really written.

The library's own class refuses v0.1 and subjects without a name, both of which genuine producers emit
(slsa-github-generator; cosign 3 and GitHub's release attestation). Source: https://github.com/in-toto/attestation/tree/main/spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.strict_json import JsonObject, parse_object
from app.domain.release import ClaimCheck, ExpectedIdentity, VerificationRequest
from app.domain.release_claims import PLAIN_SIGNATURE
from app.domain.release_codes import ReleaseCode

PAYLOAD_TYPE = "application/vnd.in-toto+json"
TYPES = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")
SHA256 = re.compile(r"[0-9a-f]{64}")
WEAK = frozenset({"sha1", "gitCommit", "gitTree", "gitBlob", "gitTag", "md5"})
"""Digests that identify what lies in git, or nothing at all, but never an artifact."""
SHOWN_SUBJECTS = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: its digests by algorithm, in hexadecimal digits, and a name or an address or neither."""

    name: str | None
    digests: Mapping[str, str]
    uri: str | None = None

    def is_of(self, known: Mapping[str, str]) -> bool:
        """Whether it has a digest that is known of the artifact, and no known one differs."""
        common = self.digests.keys() & known.keys()
        return bool(common) and all(self.digests[each] == known[each] for each in common)

    def is_undecidable(self, known: Mapping[str, str]) -> bool:
        """Whether it may be of the artifact, by a digest that is not known."""
        strong = self.digests.keys() - WEAK
        return bool(strong) and not strong & known.keys()


@dataclass(frozen=True, slots=True)
class Statement:
    """The parts of a statement that we judge. `predicate` is empty where it is no JSON object."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: JsonObject


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
    predicate = document.get("predicate")
    return Statement(
        tuple(_subject(each) for each in subjects),
        predicate_type,
        predicate if isinstance(predicate, dict) else {},
    )


def check_subject(statement: Statement, request: VerificationRequest) -> tuple[ClaimCheck, ...]:
    """Subject digest, and subject name where the request gives one.

    Raises:
        Refusal: UNSUPPORTED_DIGEST where no subject, or none but one that may be the artifact, has a digest that we know.
    """
    known = {"sha256": str(request.sha256), **({"sha512": request.sha512} if request.sha512 else {})}
    subjects = statement.subjects
    matching = [subject for subject in subjects if subject.is_of(known)]
    if not matching and (
        any(subject.is_undecidable(known) for subject in subjects)
        or not any(subject.digests.keys() & known.keys() for subject in subjects)
    ):
        kinds = ", ".join(sorted({kind for subject in subjects for kind in subject.digests}))
        raise Refusal(
            ReleaseCode.UNSUPPORTED_DIGEST, f"a subject of the statement has no SHA-256 digest: {kinds[:80]}"
        )
    # By which digest it was found, or was not, is shown as it is.
    kind = "sha256" if any("sha256" in subject.digests for subject in matching or subjects) else "sha512"
    found = known[kind] if matching else _shown(subject.digests.get(kind) for subject in subjects)
    checks = [ClaimCheck("subject_digest", known[kind], found, ok=bool(matching))]
    if request.artifact_name is not None:
        names = [_basename(subject.name) for subject in matching or subjects]
        ok = bool(matching) and request.artifact_name in names
        actual = request.artifact_name if request.artifact_name in names else _shown(names)
        checks.append(ClaimCheck("subject_name", request.artifact_name, actual, ok=ok))
    return tuple(checks)


def check_predicate(
    actual: str | None, expected: ExpectedIdentity, of_its_kind: tuple[str, ...] = ()
) -> tuple[ClaimCheck, ...]:
    """The predicate type, where the policy names some, or the kind of statement has only those; a plain signature has none."""
    named = expected.predicate_types or of_its_kind
    if not named:
        return ()
    accepted = tuple(each for each in named if not of_its_kind or each in of_its_kind)
    kind = PLAIN_SIGNATURE if actual is None else actual
    ok = kind in accepted and actual != PLAIN_SIGNATURE
    return (ClaimCheck("predicate_type", " or ".join(named), actual, ok=ok),)


def _subject(value: Any) -> Subject:  # noqa: ANN401 (JSON of a stranger)
    digests = value.get("digest") if isinstance(value, dict) else None
    if (
        not isinstance(digests, dict)
        or not digests
        or not all(isinstance(each, str) for each in digests.values())
    ):
        raise _invalid("a subject of the statement has no digest")
    if "sha256" in digests and not SHA256.fullmatch(digests["sha256"]):
        raise _invalid("a subject of the statement has a malformed SHA-256 digest")
    name, uri = value.get("name"), value.get("uri")
    if not all(each is None or isinstance(each, str) for each in (name, uri)):
        raise _invalid("a subject of the statement has a name or an address that is not text")
    return Subject(name, digests, uri)


def _basename(name: str | None) -> str | None:
    return None if name is None else name.rpartition("/")[2]


def _shown(values: Iterable[str | None]) -> str | None:
    present = [value for value in values if value]
    rest = f" and {len(present) - SHOWN_SUBJECTS} more" if len(present) > SHOWN_SUBJECTS else ""
    return ", ".join(present[:SHOWN_SUBJECTS]) + rest if present else None


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
