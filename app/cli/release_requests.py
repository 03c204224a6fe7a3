"""What `hephaestus release verify` was asked to judge: options and lines of a batch, made into requests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_claims import CLAIM_NAMES
from app.domain.release_codes import ReleaseCode

NO_ISSUER = "-"
EMBEDDED_ROOTS = frozenset({"production", "staging"})
MAX_BUNDLE_BYTES = 1024 * 1024
SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
OTHER_DIGEST = re.compile(r"(sha1|sha224|sha384|sha512|sha3-256|sha3-512|blake2b):[0-9a-f]+")

Text = Annotated[str | None, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class Line(BaseModel):
    """One line of a batch; `base` of `read_batch` is where its paths begin. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    artifact: str | None = None
    digest: str | None = None
    bundle: str
    identity: str | None = None
    issuer: str | None = None
    claims: dict[str, Text] | None = None
    predicate_type: str | None = None
    trusted_root: str = "production"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to judge: a request, or the outcome already where the question itself is wrong (`exit_code` 2 or 1).

    `file` is the artifact where there is one.
    """

    artifact: str | None
    bundle: str | None
    trusted_root: str | Path
    question: VerificationRequest | VerificationOutcome
    is_unusable: bool = False
    file: Path | None = None


def read_batch(file: Path) -> Iterator[Asked]:
    """What each line of a batch asks; a line that cannot be understood asks for a refusal of itself."""
    with file.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if raw.strip():
                yield _from_line(raw, number, file.parent)


def _from_line(raw: bytes, number: int, base: Path) -> Asked:
    try:
        content = json.loads(raw, object_pairs_hook=_unique)
        if not isinstance(content, dict):
            return _unusable(None, None, f"line {number} is not a JSON object, {{...}}")
        line = Line.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return _unusable(None, None, f"line {number}: {place}: {first['msg']}")
    except (ValueError, RecursionError) as error:
        return _unusable(None, None, f"line {number} is not a JSON object: {error}")
    return ask(line, base)


def ask(line: Line, base: Path = Path()) -> Asked:
    """Read the files that a line names."""
    claims = dict(line.claims or {})
    predicate_type = line.predicate_type or claims.pop("predicate_type", None)
    if unknown := sorted(set(claims) - CLAIM_NAMES):
        known = ", ".join(sorted(CLAIM_NAMES))
        return _unusable(
            line.artifact, line.bundle, f"unknown claim {unknown[0][:64]!r}; the claims are: {known}"
        )
    if empty := [name for name, value in claims.items() if value is None]:
        return _unusable(line.artifact, line.bundle, f"the claim {empty[0]!r} has no value")
    try:
        bundle = _read_bundle(base / line.bundle)
        measured = None if line.artifact is None else _sha256_of(base / line.artifact)
    except OSError as error:
        reason = f"cannot read {error.filename}: {error.strerror}"
        return _unusable(line.artifact, line.bundle, reason)
    root: str | Path = line.trusted_root
    root = root if root in EMBEDDED_ROOTS else base / root
    digest = _digest(line, measured)
    if not isinstance(digest, str):
        return Asked(
            line.artifact, line.bundle, root, digest, is_unusable=digest.code == ReleaseCode.INVALID_REQUEST
        )
    expected = ExpectedIdentity(
        identity=line.identity or "",
        issuer=None if line.issuer == NO_ISSUER else line.issuer or "",
        claims=tuple((name, value or "") for name, value in claims.items()),
        predicate_types=() if predicate_type is None else (predicate_type,),
    )
    request = VerificationRequest(bundle, Sha256Hex(digest), expected)
    file = None if line.artifact is None else base / line.artifact
    return Asked(line.artifact, line.bundle, root, request, file=file)


def refusal(code: ReleaseCode, reason: str, digest: str = "") -> VerificationOutcome:
    """An outcome that needs no verifier."""
    outcome = Outcome.UNSUPPORTED if code.is_unsupported else Outcome.REJECTED
    return VerificationOutcome(outcome, code.value, reason, (), digest, None)


def _digest(line: Line, measured: str | None) -> str | VerificationOutcome:
    """The SHA-256 to judge by: of the file's bytes where there is a file, which must then have the stated digest."""
    if line.digest is None:
        if measured is None:
            return refusal(ReleaseCode.INVALID_REQUEST, "neither an artifact nor a digest was given")
        return measured
    stated = SHA256.fullmatch(line.digest.lower())
    if stated is None:
        if OTHER_DIGEST.fullmatch(line.digest.lower()):
            reason = f"only SHA-256 digests can be judged, not {line.digest.partition(':')[0]}"
            return refusal(ReleaseCode.UNSUPPORTED_DIGEST, reason, line.digest)
        return refusal(
            ReleaseCode.INVALID_REQUEST, "the digest is not of the form sha256:<64 hexadecimal digits>"
        )
    if measured is not None and measured != stated[1]:
        reason = f"the artifact has the SHA-256 {measured}, not the stated {stated[1]}"
        return refusal(ReleaseCode.CHECKSUM_MISMATCH, reason, f"sha256:{measured}")
    return stated[1]


def _read_bundle(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BUNDLE_BYTES + 1)  # one more than the verifier takes, so that it can say so


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unusable(artifact: str | None, bundle: str | None, reason: str) -> Asked:
    outcome = refusal(ReleaseCode.INVALID_REQUEST, reason)
    return Asked(artifact, bundle, "production", outcome, is_unusable=True)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)
