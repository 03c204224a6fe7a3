"""Releases and what happens to them: publishing makes the tag, tells about it and, where switched on, locks the assets.

Changing an asset of a published release tells nobody, as at GitHub: only digest and `updated_at` give it away.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.standin.github import answers, pushes
from app.standin.github.git import RefRefused
from app.standin.github.records import Account, Json
from app.standin.github.shapes import releases as shapes

if TYPE_CHECKING:
    from app.standin.github.state import Repository

_RENAMED = re.compile(r"[^A-Za-z0-9._+@~-]+")


@dataclass(slots=True)
class Asset:
    """A file of a release, with its bytes."""

    id: int
    name: str
    data: bytes
    content_type: str
    uploader: Account
    created_at: datetime
    updated_at: datetime
    label: str | None = None
    download_count: int = 0

    @property
    def digest(self) -> str:
        """`sha256:…` of the bytes, which GitHub computes when it takes them."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"


@dataclass(slots=True)
class Release:
    """A release; a draft has no tag yet."""

    id: int
    tag_name: str
    target_commitish: str
    author: Account
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    body: str | None = None
    draft: bool = True
    prerelease: bool = False
    immutable: bool = False
    make_latest: str = "true"
    """`true`, `false` or `legacy` (by date), as the API takes it."""
    published_at: datetime | None = None
    assets: dict[int, Asset] = field(default_factory=dict)
    """By id."""


@dataclass(slots=True)
class Immutability:
    """Which repositories lock their releases at publication, and the tags that such releases have used up."""

    repositories: set[int] = field(default_factory=set)
    spent_tags: set[tuple[int, str]] = field(default_factory=set)


def all_of(repository: Repository) -> list[Release]:
    """The releases, newest first."""
    found: list[Release] = list(repository.releases.values())
    return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)


def latest(repository: Repository) -> Release | None:
    """The release that counts as latest: the one last marked so, else the newest; never a draft or prerelease."""
    full = [r for r in all_of(repository) if not (r.draft or r.prerelease or r.make_latest == "false")]
    marked = [r for r in full if r.make_latest == "true"]
    return (
        max(marked, key=lambda r: (r.published_at or r.created_at, r.id))
        if marked
        else next(iter(full), None)
    )


def tell(repository: Repository, one: Release, action: str, sender: Account, **more: Json) -> None:
    """Emits `release` with that action."""
    payload: Json = {**more, "release": shapes.release(repository, one)}
    repository.github.emit("release", action, payload, repository, sender=sender)


def check_tag(repository: Repository, one: Release, tag: str) -> None:
    """Raises: Refusal 422 when the tag is another release's, or was an immutable one's."""
    if any(other is not one and not other.draft and other.tag_name == tag for other in all_of(repository)):
        raise answers.field_error("Release", "tag_name", "already_exists")
    if (repository.id, tag) in repository.github.part(Immutability).spent_tags:
        message = "tag_name was used by an immutable release"
        raise answers.field_error("Release", "tag_name", "custom", message=message)


def publish(repository: Repository, one: Release, sender: Account) -> None:
    """Makes the tag if it is new, and publishes. Raises: Refusal 422 for a target or a tag that cannot be."""
    check_tag(repository, one, one.tag_name)
    commit = _tagged(repository, one, sender)
    immutability = repository.github.part(Immutability)
    one.draft, one.immutable = False, repository.id in immutability.repositories
    one.created_at = datetime.fromtimestamp(repository.git.commit(commit).commit_time, UTC)
    one.published_at = one.updated_at = repository.github.now()
    if one.immutable:
        immutability.spent_tags.add((repository.id, one.tag_name))
    tell(repository, one, "published", sender)
    tell(repository, one, "prereleased" if one.prerelease else "released", sender)


def _tagged(repository: Repository, one: Release, sender: Account) -> str:
    """The commit under the release's tag, which is made at the target when it is new."""
    git, ref = repository.git, f"refs/tags/{one.tag_name}"
    if (tag := git.ref(ref)) is not None and (commit := git.peel(tag)) is not None:
        return commit
    target = git.resolve(one.target_commitish)
    if target is None:
        raise answers.field_error("Release", "target_commitish", "invalid")
    try:
        git.set_ref(ref, target, None)
    except RefRefused as exc:
        message = "tag_name is not a valid tag"
        raise answers.field_error("Release", "tag_name", "custom", message=message) from exc
    pushes.ref_moved(repository, ref, None, target, sender)
    return target


def clean_name(name: str) -> str:
    """An asset's name as GitHub keeps it: anything unusual becomes a dot, and no dots at the ends."""
    return _RENAMED.sub(".", name).strip(".") or "default"


def add_asset(
    repository: Repository,
    one: Release,
    name: str,
    data: bytes,
    uploader: Account,
    *,
    content_type: str = "application/octet-stream",
    label: str | None = None,
) -> Asset:
    """Adds a file. Raises: Refusal 422 for a locked release, an empty file, or a name that is taken."""
    check_unlocked(one)
    kept = clean_name(name)
    if not data:
        message = "size must be greater than or equal to 1"
        raise answers.field_error("ReleaseAsset", "size", "custom", message=message)
    if any(known.name == kept for known in one.assets.values()):
        raise answers.field_error("ReleaseAsset", "name", "already_exists")
    now = repository.github.now()
    file = Asset(repository.github.next_id(), kept, data, content_type, uploader, now, now, label)
    one.assets[file.id] = file
    one.updated_at = now
    return file


def remove_asset(repository: Repository, one: Release, file: Asset) -> None:
    """Deletes a file for good. Raises: Refusal 422 for a locked release."""
    check_unlocked(one)
    del one.assets[file.id]
    one.updated_at = repository.github.now()


def check_unlocked(one: Release) -> None:
    """Raises: Refusal 422 when the release's assets may not change any more."""
    if one.immutable:
        raise answers.custom_error("ReleaseAsset", "Cannot change the assets of an immutable release.")
