"""The bytes of a release's assets: bundles are read, everything else is hashed, within the policy's budget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256 as hash_of

from app.domain.ids import Sha256Hex
from app.domain.release import Asset
from app.domain.release_codes import ReleaseCode
from app.errors import Gone, InvalidInput, NotFound
from app.ports.compute import Compute
from handlers.release_verification import checksums
from handlers.release_verification.bundles import Found
from handlers.release_verification.downloads import TOO_LARGE, KnownBytes
from handlers.release_verification.models import AssetFinding, Listing
from handlers.release_verification.pairing import MAX_FILE_BYTES, artifact_name, candidates
from handlers.release_verification.section import ReleaseVerification

UPLOADED = "uploaded"
LARGE_BYTES = 64 * 1024 * 1024
GIB, MIB = 1024**3, 1024**2


@dataclass(frozen=True, slots=True)
class AssetReader:
    """Reads the assets of one release; `beyond` are the ids of those that the budget leaves out."""

    known: KnownBytes
    compute: Compute
    section: ReleaseVerification
    beyond: frozenset[int]
    one_large: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def bundles_in(self, asset: Asset) -> list[Found]:
        """The bundles in an asset; empty for one that is an asset like any other."""
        name = artifact_name(asset.name)
        is_beyond = asset.id in self.beyond or asset.size_bytes > MAX_FILE_BYTES
        if name is None or is_beyond or asset.state != UPLOADED:
            return []
        try:
            raw = await self.known.content(asset, MAX_FILE_BYTES)
            inside = await self.compute.run(candidates, raw)
        except (InvalidInput, NotFound, Gone):
            return []  # then it needs evidence itself, and will be named
        return [Found(asset.name, name, candidate) for candidate in inside]

    async def hashed(self, asset: Asset) -> AssetFinding:
        """What is known of an asset before any evidence."""
        finding = AssetFinding(
            name=asset.name,
            size_bytes=asset.size_bytes,
            sha256=None,
            exempt=self.section.is_exempt(asset.name),
            id=asset.id,
            recorded=asset.sha256,
            updated_at=asset.updated_at,
        )
        if finding.exempt:
            return finding
        if (unread := self._unread(asset)) is not None:
            return _problem(finding, *unread)
        try:
            sha256 = await self._digest(asset)
        except InvalidInput as error:
            code = ReleaseCode.TOO_LARGE if error.code == TOO_LARGE else ReleaseCode.TAMPERED
            return _problem(finding, code, error.message)
        except (NotFound, Gone) as error:
            return _problem(finding, ReleaseCode.PENDING, error.message)
        finding = replace(finding, sha256=sha256)
        if asset.sha256 not in {sha256, None}:
            other = f"GitHub recorded the digest {asset.sha256}, the bytes have {sha256}"
            return _problem(finding, ReleaseCode.TAMPERED, other)
        return finding

    def _unread(self, asset: Asset) -> tuple[ReleaseCode, str] | None:
        """Why the bytes of an asset are not even asked for."""
        if asset.state != UPLOADED:
            return ReleaseCode.PENDING, f"its upload is {asset.state}"
        if asset.id in self.beyond:
            limits = self.section.limits
            most = f"the policy reads {limits.assets} assets and {limits.total_gib} GiB of a release"
            return ReleaseCode.TOO_LARGE, most
        return None

    async def listed(
        self, findings: Sequence[AssetFinding], assets: Sequence[Asset]
    ) -> tuple[AssetFinding, ...]:
        """The findings with what the checksum files among the assets say of each."""
        said: dict[str, list[Listing]] = {}
        unread: dict[str, tuple[str, ...]] = {}
        hashed = {finding.id for finding in findings if finding.sha256 is not None}
        for asset in assets:
            if not _is_list(asset) or asset.id not in hashed:
                continue
            try:
                raw = await self.known.content(asset, checksums.MAX_BYTES)
                read = await self.compute.run(checksums.read_checksums, asset.name, raw)
            except (InvalidInput, NotFound, Gone) as error:
                unread[asset.name] = (error.message,)
                continue
            unread[asset.name] = read.problems
            for name, sha256 in read.listed:
                said.setdefault(name, []).append(Listing(asset.name, sha256))
        return tuple(
            replace(each, listings=tuple(said.get(each.name, ())), unread=unread.get(each.name, ()))
            for each in findings
        )

    async def _digest(self, asset: Asset) -> Sha256Hex:
        if _is_list(asset):  # its content is needed, too
            return Sha256Hex(hash_of(await self.known.content(asset, checksums.MAX_BYTES)).hexdigest())
        most = self.section.limits.asset_mib * MIB
        if asset.size_bytes < LARGE_BYTES:
            return await self.known.digest(asset, most)
        async with self.one_large:  # each lies on the disk until it is hashed
            return await self.known.digest(asset, most)


def beyond_budget(assets: Sequence[Asset], section: ReleaseVerification) -> frozenset[int]:
    """The assets that are not read, in GitHub's order: too many, or too many bytes in all."""
    beyond, number, total = set(), 0, 0
    for asset in assets:
        if section.is_exempt(asset.name):
            continue
        number, total = number + 1, total + asset.size_bytes
        if number > section.limits.assets or total > section.limits.total_gib * GIB:
            beyond.add(asset.id)
    return frozenset(beyond)


def _is_list(asset: Asset) -> bool:
    return checksums.is_checksum_file(asset.name) and asset.size_bytes <= checksums.MAX_BYTES


def _problem(finding: AssetFinding, code: ReleaseCode, text: str) -> AssetFinding:
    return replace(finding, problem=code, problem_text=text)
