"""What a release remembers of its bytes, so that what a digest names is downloaded once (design.md 2). Pure.

Only bytes are remembered, never a verdict: each evaluation verifies again, under the policy and the trusted root of now. They are
kept in the state of the release, not in a cache of the process: they survive a restart, every worker has them, and they are
forgotten with the release. What they are about is compared each time, since a repository may move to another installation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.domain.ids import InstallationId, Sha256Hex
from app.domain.release import Asset

BASE64 = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """An asset whose bytes, as downloaded, had the digest that GitHub gives; `content` where they may be a bundle.

    `is_unnamed`: GitHub gives none (older Enterprise Servers); then it serves only to go on with what one sitting did not end.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = BASE64

    id: int
    size_bytes: int
    sha256: Sha256Hex
    updated_at: datetime
    content: bytes | None = None
    is_unnamed: bool = False

    def is_still(self, asset: Asset) -> bool:
        """Whether GitHub says the same of it as then."""
        facts = (asset.id, asset.size_bytes, asset.sha256, asset.updated_at)
        recorded = None if self.is_unnamed else self.sha256
        return facts == (self.id, self.size_bytes, recorded, self.updated_at)


@dataclass(frozen=True, slots=True)
class KnownBundle:
    """The bundle of an attestation. `address` is its own, without the signature that lets us read it for some hours."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = BASE64

    address: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """What an installation downloaded for a release; `is_partial` says that the sitting ended before all of it was read."""

    installation_id: InstallationId
    assets: tuple[KnownAsset, ...] = ()
    bundles: tuple[KnownBundle, ...] = ()
    is_partial: bool = False
