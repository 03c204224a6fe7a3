"""GitHub's attestation of an immutable release: which release it is about, field by field.

Its first subject is the tag (an address and a Git object, no name), the others are the assets. Source:
https://github.com/in-toto/attestation/blob/main/spec/predicates/release.md and the attestations that GitHub publishes, in
which the predicate also has `repository`, `tag` and numbers as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from app.adapters.sigstore.statement import Statement
from app.domain.release import ClaimCheck, ExpectedRelease

V01, V02 = (f"https://in-toto.io/attestation/release/v0.{minor}" for minor in (1, 2))
TYPES = (V01, V02)
PURL = "pkg:github/"
ID_FIELDS = {V01: "releaseId", V02: "databaseId"}
SHA1 = "sha1"


def check_release(statement: Statement, expected: ExpectedRelease) -> tuple[ClaimCheck, ...]:
    """Every field of the predicate and the tag's subject beside what is expected; what is not expected is not compared."""
    field = {name: _text(value) for name, value in statement.predicate.items()}
    pairs = (
        ("release_repository", expected.repository, field.get("repository")),
        ("release_repository_id", expected.repository_id, field.get("repositoryId")),
        ("release_owner_id", expected.owner_id, field.get("ownerId")),
        ("release_tag", expected.tag, field.get("tag")),
        ("release_id", expected.release_id, field.get(ID_FIELDS.get(statement.predicate_type, V02))),
    )
    return (
        *(
            ClaimCheck(claim, value, actual, ok=actual == value)
            for claim, value, actual in pairs
            if value is not None
        ),
        _address("release_purl", expected, field.get("purl")),
        *_subject(statement, expected),
    )


def _subject(statement: Statement, expected: ExpectedRelease) -> Iterator[ClaimCheck]:
    """The Git object that the release is of. Of an annotated tag it is the tag's own object or the commit."""
    tags = [subject for subject in statement.subjects if subject.uri is not None and SHA1 in subject.digests]
    accepted = [expected.commit, *([expected.tag_object] if expected.tag_object else [])]
    found = [subject.digests[SHA1] for subject in tags]
    yield _address("release_uri", expected, tags[0].uri if len(tags) == 1 else None)
    yield ClaimCheck(
        "release_commit",
        " or ".join(accepted),
        ", ".join(found) or None,
        ok=len(found) == 1 and found[0] in accepted,
    )


def _address(claim: str, expected: ExpectedRelease, actual: str | None) -> ClaimCheck:
    """A package URL; in one of GitHub, upper and lower case of owner and name mean the same, and the tag may be escaped."""
    shown = f"{PURL}{expected.repository}@{expected.tag}"
    repository, _, tag = (actual or "").removeprefix(PURL).partition("@")
    ok = (
        (actual or "").startswith(PURL)
        and repository.casefold() == expected.repository.casefold()
        and expected.tag in {tag, unquote(tag)}
    )
    return ClaimCheck(claim, shown, actual, ok=ok)


def _text(value: object) -> str | None:
    """Numbers are text in what GitHub writes; a number proper means the same."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)
