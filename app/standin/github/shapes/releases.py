"""Releases and their assets as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from app.standin.github.answers import stamp, stamp_or_none
from app.standin.github.records import Json
from app.standin.github.shapes import accounts
from app.standin.github.shapes.repositories import page_of, url_of

if TYPE_CHECKING:
    from app.standin.github.releasing import Asset, Release
    from app.standin.github.state import Repository


def shown_tag(one: Release) -> str:
    """The tag in addresses for people; a draft has none yet and is `untagged-…` there, as at GitHub."""
    return f"untagged-{one.id:020x}" if one.draft else one.tag_name


def asset(repository: Repository, one: Release, file: Asset) -> Json:
    """GitHub's `release-asset`."""
    tag, name = quote(shown_tag(one)), quote(file.name)
    return {
        "url": f"{url_of(repository)}/releases/assets/{file.id}",
        "id": file.id,
        "node_id": accounts.node_id("RA", file.id),
        "name": file.name,
        "label": file.label,
        "uploader": accounts.account(repository.github, file.uploader),
        "content_type": file.content_type,
        "state": "uploaded",
        "size": len(file.data),
        "digest": file.digest,
        "download_count": file.download_count,
        "created_at": stamp(file.created_at),
        "updated_at": stamp(file.updated_at),
        "browser_download_url": f"{page_of(repository)}/releases/download/{tag}/{name}",
    }


def release(repository: Repository, one: Release) -> Json:
    """GitHub's `release`, in answers and in webhook payloads alike."""
    github, url, tag = repository.github, f"{url_of(repository)}/releases/{one.id}", quote(one.tag_name)
    uploads = f"{github.uploads_url}/repos/{repository.full_name}/releases/{one.id}/assets"
    archive = None if one.draft else f"{url_of(repository)}/{{kind}}/{tag}"
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{uploads}{{?name,label}}",
        "html_url": f"{page_of(repository)}/releases/tag/{quote(shown_tag(one))}",
        "id": one.id,
        "author": accounts.account(github, one.author),
        "node_id": accounts.node_id("RE", one.id),
        "tag_name": one.tag_name,
        "target_commitish": one.target_commitish,
        "name": one.name,
        "draft": one.draft,
        "immutable": one.immutable,
        "prerelease": one.prerelease,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "published_at": stamp_or_none(one.published_at),
        "assets": [asset(repository, one, file) for file in one.assets.values()],
        "tarball_url": archive and archive.format(kind="tarball"),
        "zipball_url": archive and archive.format(kind="zipball"),
        "body": one.body,
    }
