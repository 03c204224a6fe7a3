"""Each value of a receipt changed in turn: what can be computed is found out, and the rest is listed as somebody's word."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.adapters.sigstore import offline_verifier
from app.errors import InvalidInput
from app.standin.sigstore import Form, LocalSigstore
from handlers.release_verification.receipts.document import canonical, read, with_bundles, written
from handlers.release_verification.receipts.replaying import replayed
from tests.unit.handlers.release_verification.published import (
    IDENTITY,
    NOW,
    SLSA,
    TOOL,
    Outcome,
    Published,
    hexdigest,
)

Way = tuple[str | int, ...]
WORD = {
    "app",
    "asset.id",
    "asset.recorded",
    "asset.size_bytes",
    "asset.updated_at",
    "decided_at",
    "evidence.*.by_name",
    "evidence.*.reason",
    "evidence.*.source",
    "evidence.*.trusted_root_sha256",
    "left_out",
    "policy.blob_sha",
    "policy.commit",
    "policy.path",
    "policy.ref",
    "policy.repository",
    "release.id",
    "release.immutable",
    "release.verdict",
    "repository.id",
    "repository.name",
    "repository.owner_id",
    "verdict.listed_in",
    "verdict.reason",
    "verdict.rests_on",
    "versions.hephaestus",
    "versions.sigstore",
    "versions.verifier",
}
"""What no signature covers: docs/reference/receipts.md says that it is the word of whoever gave the receipt."""


def leaves(value: object, way: Way = ()) -> Iterator[Way]:
    """The way to each text, number and truth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*way, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*way, place))
    elif value is not None:
        yield way


def changed(content: dict[str, Any], way: Way) -> dict[str, Any]:
    """The receipt with another value there; a digest stays one."""
    content = copy.deepcopy(content)
    parent: Any = content
    for step in way[:-1]:
        parent = parent[step]
    value = parent[way[-1]]
    if isinstance(value, bool):
        parent[way[-1]] = not value
    elif isinstance(value, int):
        parent[way[-1]] = value + 1
    else:
        parent[way[-1]] = ("1" if value[:1] == "0" else "0") + value[1:]
    return content


async def test_whatever_can_be_computed_cannot_be_changed(tmp_path: Path) -> None:
    sigstore = LocalSigstore.create(NOW - timedelta(minutes=5))
    (tmp_path / "root.json").write_bytes(sigstore.trusted_root_json())
    verifier = offline_verifier(tmp_path / "root.json")
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY, Form.REKOR_V1)
    published = Published({"tool": TOOL, "tool.intoto.jsonl": bundle})
    (receipt,) = (await Outcome(verifier, tmp_path).of(published)).receipts
    document = with_bundles(read(receipt.body), {each.sha256: each.content for each in receipt.attachments})
    content = json.loads(canonical(document))
    accepted = set()
    for way in leaves(content):
        try:
            other = read(written(changed(content, way)))
        except InvalidInput:
            continue
        if (await replayed(other, verifier, versions={})).same:
            accepted.add(".".join("*" if isinstance(step, int) else step for step in way))
    assert accepted == WORD
