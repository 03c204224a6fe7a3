"""The bytes of a release: remembered where GitHub says that nothing changed, else downloaded."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from app.domain.ids import Sha256Hex
from app.domain.release import Asset, Attestation
from app.errors import InvalidInput
from app.ports.artifacts import Download
from handlers.release_verification.memory import KnownAsset, KnownBundle, Memory

TOO_LARGE = "download.too_large"
MAX_KEPT_BYTES = 1024 * 1024
"""Of all bundles of a release together, about a hundred; the rest is downloaded each time."""
MAX_PARTIAL_BYTES = 16 * 1024 * 1024
"""Between two sittings, so that each of them gets further."""


class Source(Protocol):
    """Where the bytes come from: the part of the port `artifacts` that this needs."""

    def asset(self, asset: Asset, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """The bytes of an asset."""
        ...

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        """The JSON of an attestation's bundle."""
        ...


class KnownBytes:
    """Bytes of a release: remembered ones where GitHub says that nothing changed, else downloaded.

    Raises what the source raises. Several may ask at once.
    """

    def __init__(self, source: Source, memory: Memory) -> None:
        self._source = source
        self._installation_id = memory.installation_id
        # What GitHub gives no digest of may have changed since, but for what one sitting after the other reads.
        self._assets = {
            known.id: known for known in memory.assets if memory.is_partial or not known.is_unnamed
        }
        self._bundles = {known.address: known for known in memory.bundles}
        self._asked: set[int] = set()
        self._asked_bundles: set[str] = set()
        self._fetching: dict[str, asyncio.Lock] = {}
        self.downloads = 0

    def kept(self, *, is_partial: bool = False) -> Memory:
        """What to remember: only what was asked for this time, bounded in bytes.

        Where the sitting did not end (`is_partial`), all that it read, so that the next one goes on from there.
        """
        left = MAX_PARTIAL_BYTES if is_partial else MAX_KEPT_BYTES
        assets, bundles = [], []
        for asset in (self._assets[ident] for ident in sorted(self._asked)):
            if asset.is_unnamed and not is_partial:
                continue
            size = len(asset.content or b"")
            assets.append(asset if size <= left else replace(asset, content=None))
            left -= size if size <= left else 0
        for bundle in (self._bundles[address] for address in sorted(self._asked_bundles)):
            if len(bundle.content) <= left:
                bundles.append(bundle)
                left -= len(bundle.content)
        return Memory(self._installation_id, tuple(assets), tuple(bundles), is_partial)

    def knows(self, asset: Asset) -> bool:
        """Whether nothing has to be downloaded to tell its digest."""
        return self._known(asset) is not None

    async def digest(self, asset: Asset, max_bytes: int) -> Sha256Hex:
        """The digest of an asset's bytes, as we computed it; one that is said to be too large is not asked for."""
        if asset.size_bytes > max_bytes:
            raise InvalidInput(TOO_LARGE, f"it has {asset.size_bytes} bytes; the limit is {max_bytes}")
        known = self._known(asset)
        if known is not None:
            self._asked.add(asset.id)
            return known.sha256
        async with self._source.asset(asset, max_bytes) as download:
            self._learn(asset, download.sha256, None)
            return download.sha256

    async def content(self, asset: Asset, max_bytes: int) -> bytes:
        """The bytes of an asset that may be a bundle; the caller asks for none that is said to be larger."""
        known = self._known(asset)
        if known is not None and known.content is not None:
            self._asked.add(asset.id)
            return known.content
        async with self._source.asset(asset, max_bytes) as download:
            raw = await asyncio.to_thread(download.path.read_bytes)
        self._learn(asset, download.sha256, raw)
        return raw

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        """The bundle of an attestation; whatever it is, it proves nothing but what is verified of it."""
        if attestation.bundle is not None or attestation.bundle_url is None:
            return await self._source.bundle(attestation, max_bytes)
        address = urlsplit(attestation.bundle_url)._replace(query="", fragment="").geturl()
        async with self._fetching.setdefault(address, asyncio.Lock()):
            known = self._bundles.get(address)
            if known is None or len(known.content) > max_bytes:
                known = KnownBundle(address, await self._source.bundle(attestation, max_bytes))
                self._bundles[address] = known
                self.downloads += 1
        self._asked_bundles.add(address)
        return known.content

    def _known(self, asset: Asset) -> KnownAsset | None:
        known = self._assets.get(asset.id)
        return known if known is not None and known.is_still(asset) else None

    def _learn(self, asset: Asset, sha256: Sha256Hex, content: bytes | None) -> None:
        """Remembers what GitHub names by the same digest, or by none; what it names by another one is downloaded again."""
        self.downloads += 1
        if asset.sha256 in {sha256, None}:
            self._asked.add(asset.id)
            self._assets[asset.id] = KnownAsset(
                asset.id, asset.size_bytes, sha256, asset.updated_at, content, is_unnamed=asset.sha256 is None
            )
