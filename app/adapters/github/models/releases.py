"""Releases, assets and attestations as GitHub writes them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import AwareDatetime

from app.adapters.github.models import Lenient
from app.adapters.github.models.actions import sha256_of
from app.domain.release import Asset, Attestation, Release
from app.domain.release_marks import ReleaseMarks
from app.ports.github_writer import EditableRelease


class UploaderBody(Lenient):
    """The account that uploaded an asset; null where it is gone."""

    login: str


class AssetBody(Lenient):
    """`release-asset`."""

    id: int
    name: str
    size: int
    digest: str | None = None
    state: str
    updated_at: AwareDatetime
    content_type: str = "application/octet-stream"
    uploader: UploaderBody | None = None

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
            self.uploader.login if self.uploader else None,
        )


class ReleaseBody(Lenient):
    """`release`; older servers know neither `immutable` nor `updated_at`."""

    id: int
    tag_name: str
    name: str | None = None
    draft: bool
    prerelease: bool
    immutable: bool = False
    target_commitish: str
    html_url: str
    body: str | None = None
    updated_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None
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
            updated_at=self.updated_at,
            published_at=self.published_at,
        )

    def editable(self) -> EditableRelease:
        """The release for those who change it."""
        marks = ReleaseMarks(self.tag_name, self.draft, self.prerelease, self.updated_at)
        return EditableRelease(marks, self.immutable, self.body or "")


class AttestationBody(Lenient):
    """One of `attestations`; since 2026-07 the bundle is null and lies behind `bundle_url`."""

    bundle: dict[str, Any] | None = None
    bundle_url: str | None = None
    initiator: str | None = None
    repository_id: int | None = None

    def attestation(self) -> Attestation:
        """The attestation."""
        bundle = None if self.bundle is None else json.dumps(self.bundle).encode()
        return Attestation(bundle, self.bundle_url, self.initiator)


class PageInfo(Lenient):
    """Where the next page begins."""

    has_next: bool = False
    next: str | None = None


class BulkBody(Lenient):
    """Attestations by subject digest; null for one that has none."""

    attestations_subject_digests: dict[str, tuple[AttestationBody, ...] | None]
    page_info: PageInfo = PageInfo()
