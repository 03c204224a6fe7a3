"""Releases, assets and attestations as GitHub writes them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import AwareDatetime

from app.adapters.github.models import Lenient
from app.adapters.github.models.actions import sha256_of
from app.domain.release import Asset, Attestation, Release


class AssetBody(Lenient):
    """`release-asset`."""

    id: int
    name: str
    size: int
    digest: str | None = None
    state: str
    updated_at: AwareDatetime
    content_type: str = "application/octet-stream"

    def asset(self) -> Asset:
        """The asset."""
        return Asset(
            self.id,
            self.name,
            self.size,
            sha256_of(self.digest),
            self.state,
            self.updated_at,
            self.content_type,
        )


class ReleaseBody(Lenient):
    """`release`; older servers do not know `immutable`."""

    id: int
    tag_name: str
    name: str | None = None
    draft: bool
    prerelease: bool
    immutable: bool = False
    target_commitish: str
    html_url: str
    assets: tuple[AssetBody, ...] = ()

    def release(self, assets: tuple[Asset, ...] | None = None) -> Release:
        """The release, with the complete list of its assets where that was asked for apart."""
        return Release(
            id=self.id,
            tag=self.tag_name,
            name=self.name or "",
            draft=self.draft,
            prerelease=self.prerelease,
            immutable=self.immutable,
            target_commitish=self.target_commitish,
            assets=tuple(one.asset() for one in self.assets) if assets is None else assets,
            url=self.html_url,
        )


class AttestationBody(Lenient):
    """One of `attestations`; since 2026-07 the bundle is null and lies behind `bundle_url`."""

    bundle: dict[str, Any] | None = None
    bundle_url: str | None = None
    initiator: str | None = None

    def attestation(self) -> Attestation:
        """The attestation."""
        bundle = None if self.bundle is None else json.dumps(self.bundle).encode()
        return Attestation(bundle, self.bundle_url, self.initiator)
