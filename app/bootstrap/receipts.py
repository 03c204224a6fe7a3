"""What `hephaestus release receipts` and `release verify --receipt` need: kept receipts, and how they are judged again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.database import receipts
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import offline_verifier
from app.adapters.sigstore.versions import versions
from app.bootstrap.operating import opened_database
from app.bootstrap.replaying import found
from app.domain.ids import AppKey, Sha256Hex
from app.domain.receipts import KeptReceipt, ReplayedReceipt
from app.errors import InvalidInput
from app.settings import Settings
from handlers.release_verification.receipts.document import MAX_BYTES, canonical, read, with_bundles
from handlers.release_verification.receipts.replaying import replayed

CAPABILITY = "release_verification"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 100
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Exported:
    """A receipt as canonical JSON, with its bundles, and a name for its file that no asset's name can lead elsewhere."""

    file_name: str
    content: bytes


async def receipts_of_tag(
    settings: Settings, repository: str, tag: str, app: str | None = None
) -> tuple[Exported, ...]:
    """The receipts of the releases of a tag; `repository` is `owner/name` as it was named then."""
    async with opened_database(settings) as database:
        kept = await database.read(lambda connection: receipts.of_tag(connection, repository, tag))
    return await asyncio.to_thread(_exported, [each for each in kept if app in {None, each.app_key}])


async def receipts_of_delivery(settings: Settings, guid: str, app: str | None = None) -> tuple[Exported, ...]:
    """The receipts of the releases that a delivery led to. Raises as `app.bootstrap.replaying.found`."""
    async with opened_database(settings) as database:
        _, delivery = await found(database, guid, app)
        kept = await database.read(lambda connection: receipts.of_delivery(connection, CAPABILITY, delivery))
    return await asyncio.to_thread(_exported, kept)


async def judge_receipts(
    path: Path, trusted_root: str | Path, artifact: Sha256Hex | None = None
) -> tuple[ReplayedReceipt, ...]:
    """The receipts in a file, one a line, judged again by these roots.

    Raises:
        InvalidInput: the file holds something else, or several receipts for one artifact, or a root cannot be used.
    """
    lines = await asyncio.to_thread(_lines, path)
    if artifact is not None and len(lines) > 1:
        raise InvalidInput(
            "receipt.several", f"{path} has {len(lines)} receipts: name the artifact of one alone"
        )
    sandbox = Sandbox(workers=1)
    try:
        verifier = await asyncio.to_thread(offline_verifier, trusted_root, compute=sandbox)
        documents = [await sandbox.run(read, line) for line in lines]
        return tuple(
            [
                await replayed(each, verifier, artifact=artifact, versions=dict(versions()))
                for each in documents
            ]
        )
    finally:
        await sandbox.close()


def _lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput("receipt.unreadable", f"cannot read {path}: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput("receipt.unreadable", f"{path} is larger than {MAX_BYTES >> 20} MiB")
    lines = [line for line in raw.splitlines() if line.strip()]
    if not lines:
        raise InvalidInput("receipt.unreadable", f"{path} holds no receipt")
    return lines


def _exported(kept: Sequence[KeptReceipt]) -> tuple[Exported, ...]:
    made: dict[str, Exported] = {}
    for each in kept:
        document = with_bundles(read(each.body), {one.sha256: one.content for one in each.attachments})
        asset = document.asset
        safe = UNSAFE.sub("_", asset.name).lstrip(".")[:LONGEST_NAME] or "asset"
        name = f"{safe}-{asset.id}-{asset.sha256[:DIGITS]}"
        name = name if f"{name}.receipt.json" not in made else f"{name}-{_host(document.app)}"
        made[f"{name}.receipt.json"] = Exported(f"{name}.receipt.json", canonical(document))
    return tuple(made.values())


def _host(app: AppKey) -> str:
    """An App's key as a part of a file's name, for where two Apps verified one release."""
    return UNSAFE.sub("_", app)
