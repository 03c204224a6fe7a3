"""The receipt as a document: canonical JSON, which is the same bytes whoever writes it.

Canonical as RFC 8785 has it for what is in here: keys sorted, no blanks, UTF-8, whole numbers and texts only.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.domain.ids import AppKey, CommitSha, Sha256Hex
from app.domain.release import ClaimCheck, Grade, Outcome, TrustDomain
from app.errors import InvalidInput
from handlers.release_verification.receipts.asked import Asked
from handlers.release_verification.section.values import Kind

MAX_BYTES = 32 * 1024 * 1024
NOT_SAID = frozenset({"decided_at", "bundles"})
"""What a verdict does not rest on."""
Digest = Annotated[Sha256Hex, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Time = Annotated[str, StringConstraints(max_length=40)]


class Part(BaseModel):
    """A part of a receipt; keys that are not known are refused: they would look as if they had been checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RepositoryPart(Part):
    """The repository of the release, by number; its name then."""

    id: int
    name: str
    owner_id: int


class ReleasePart(Part):
    """The release, and the verdict on it as a whole."""

    id: int
    tag: str
    commit: CommitSha
    immutable: bool
    verdict: str
    reasons: tuple[tuple[str, str], ...]


class AssetPart(Part):
    """The asset as GitHub showed it (`recorded` is the digest that GitHub gave), and the digest of its bytes as downloaded."""

    id: int
    name: str
    size_bytes: int
    sha256: Digest
    recorded: Digest | None
    updated_at: Time | None


class PolicyPart(Part):
    """The file that was in force, `repository` where it is another one's, and the line that asked for the evidence."""

    path: str
    repository: str
    ref: str
    commit: CommitSha
    blob_sha: str
    line: int | None


class VerdictPart(Part):
    """What it came to. `listed_in` is the signed list that says the same of the asset, `rests_on` a place in `evidence`."""

    outcome: Outcome
    code: str
    grade: Grade
    reason: str
    rests_on: int | None
    listed_in: str


class Item(Part):
    """One bundle that was tried: where it lay, what it was held against, and what came of it.

    `counts` is False where it verified and the policy let it count for nothing, as `reason` says.
    """

    source: str
    by_name: bool
    asked: Asked
    outcome: Outcome
    code: str
    reason: str
    claims: tuple[ClaimCheck, ...]
    trusted_root_sha256: Digest | None
    trust_domain: TrustDomain | None
    transparency: bool | None
    predicate_type: str | None
    signed_at: Time | None
    signer: str
    facts: tuple[tuple[str, str], ...]
    kind: Kind | None
    counts: bool


class ListPart(Part):
    """A signed checksum file that names the asset with `says`; `evidence` is about the file itself."""

    file: str
    says: Digest
    sha256: Digest | None
    evidence: tuple[Item, ...]


class Document(Part):
    """A receipt. `bundles` maps digests to bytes in base64; `left_out` counts bundles that were tried and are not told of."""

    kind: Literal["hephaestus/release-receipt"] = "hephaestus/release-receipt"
    version: Literal[1] = 1
    app: AppKey
    repository: RepositoryPart
    release: ReleasePart
    asset: AssetPart
    policy: PolicyPart | None
    verdict: VerdictPart
    evidence: tuple[Item, ...]
    left_out: int
    lists: tuple[ListPart, ...]
    versions: dict[str, str]
    decided_at: Time
    bundles: Annotated[dict[Digest, str], Field(default_factory=dict)]


def canonical(document: Document) -> bytes:
    """The document as canonical JSON."""
    return written(document.model_dump(mode="json"))


def verdict_sha256(document: Document) -> Sha256Hex:
    """The digest of what the receipt says; when it was decided, and at which commit the same policy lay, are no part of it."""
    content: dict[str, Any] = document.model_dump(mode="json", exclude=set(NOT_SAID))
    if content["policy"] is not None:
        del content["policy"]["commit"]
    return Sha256Hex(sha256(written(content)).hexdigest())


def written(content: Mapping[str, Any]) -> bytes:
    """JSON in the one form."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def read(raw: bytes) -> Document:
    """The receipt in these bytes. Raises InvalidInput (`receipt.unreadable`) for anything else."""
    if len(raw) > MAX_BYTES:
        raise InvalidInput("receipt.unreadable", f"a receipt has at most {MAX_BYTES >> 20} MiB")
    try:
        content = json.loads(raw, object_pairs_hook=_unique)
        return Document.model_validate_json(written(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "as a whole"
        raise InvalidInput(
            "receipt.unreadable", f"this is no receipt of a release: {place}: {first['msg']}"
        ) from error
    except (ValueError, RecursionError, TypeError) as error:
        raise InvalidInput("receipt.unreadable", f"this is no receipt of a release: {error}") from error


def with_bundles(document: Document, contents: Mapping[str, bytes]) -> Document:
    """The receipt with the bytes of those bundles that it names."""
    named = {each.asked.bundle_sha256 for each in items_of(document)}
    bundles = {digest: b64encode(raw).decode() for digest, raw in contents.items() if digest in named}
    return document.model_copy(update={"bundles": bundles})


def bundle_of(document: Document, digest: str) -> bytes | None:
    """The bytes of a bundle, as the receipt carries them; None where it does not. They are what the digest says, or refused.

    Raises:
        InvalidInput: they are not.
    """
    text = document.bundles.get(Sha256Hex(digest))
    if text is None:
        return None
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidInput("receipt.bundle", f"the bundle {digest} is not base64") from error
    if sha256(raw).hexdigest() != digest:
        raise InvalidInput("receipt.bundle", f"the bundle {digest} is not the one that the receipt names")
    return raw


def items_of(document: Document) -> tuple[Item, ...]:
    """All bundles that the receipt tells of."""
    return (*document.evidence, *(item for each in document.lists for item in each.evidence))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has a key twice")
    return found
