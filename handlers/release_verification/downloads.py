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

    Raises what the source raises. `kept` is what to remember: only what was asked for this time.
    """

    def __init__(self, source: Source, memory: Memory) -> None:
        self._source = source
        self._assets = {known.id: known for known in memory.assets}
        self._bundles = {known.address: known for known in memory.bundles}
        self._kept = replace(memory, assets=(), bundles=())

    @property
    def kept(self) -> Memory:
        """For the next evaluation, bounded in bytes; in the order of asking, so that the same is kept each time."""
        left, assets, bundles = MAX_KEPT_BYTES, [], []
        for asset in self._kept.assets:
            size = len(asset.content or b"")
            assets.append(asset if size <= left else replace(asset, content=None))
            left -= size if size <= left else 0
        for bundle in self._kept.bundles:
            if len(bundle.content) <= left:
                bundles.append(bundle)
                left -= len(bundle.content)
        return replace(self._kept, assets=tuple(assets), bundles=tuple(bundles))

    async def digest(self, asset: Asset, max_bytes: int) -> Sha256Hex:
        """The digest of an asset's bytes, as we computed it; one that is said to be too large is not asked for."""
        if asset.size_bytes > max_bytes:
            raise InvalidInput(TOO_LARGE, f"it has {asset.size_bytes} bytes; the limit is {max_bytes}")
        known = self._known(asset)
        if known is not None:
            self._keep(known)
            return known.sha256
        async with self._source.asset(asset, max_bytes) as download:
            self._learn(asset, download.sha256, None)
            return download.sha256

    async def content(self, asset: Asset, max_bytes: int) -> bytes:
        """The bytes of an asset that may be a bundle; the caller asks for none that is said to be larger."""
        known = self._known(asset)
        if known is not None and known.content is not None:
            self._keep(known)
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
        known = self._bundles.get(address)
        if known is None or len(known.content) > max_bytes:
            known = KnownBundle(address, await self._source.bundle(attestation, max_bytes))
            self._bundles[address] = known
        if known not in self._kept.bundles:
            self._kept = replace(self._kept, bundles=(*self._kept.bundles, known))
        return known.content

    def _known(self, asset: Asset) -> KnownAsset | None:
        known = self._assets.get(asset.id)
        return known if known is not None and known.is_still(asset) else None

    def _learn(self, asset: Asset, sha256: Sha256Hex, content: bytes | None) -> None:
        """Remembers what GitHub would name by the same digest; anything else is downloaded again."""
        if asset.sha256 == sha256:
            self._keep(KnownAsset(asset.id, asset.size_bytes, sha256, asset.updated_at, content))

    def _keep(self, known: KnownAsset) -> None:
        self._assets[known.id] = known
        others = tuple(asset for asset in self._kept.assets if asset.id != known.id)
        self._kept = replace(self._kept, assets=(*others, known))
