"""Pull requests, branches and differences between commits, as read."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.events import Actor
from app.domain.ids import CommitSha, RepositoryId


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and the commit it points to.

    `from_anybody` are names of checks that its branch protection requires and takes from any source; what rulesets require is not
    among them.
    """

    name: str
    sha: CommitSha
    protected: bool = False
    from_anybody: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; `head_repository_id` is None when the fork was deleted."""

    number: int
    state: str
    draft: bool
    merged: bool
    title: str
    body: str
    head_sha: CommitSha
    head_ref: str
    head_repository_id: RepositoryId | None
    base_ref: str
    base_sha: CommitSha
    author: Actor | None
    labels: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file at a commit."""

    path: str
    blob_sha: str
    content: bytes
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a comparison; `patch` is None where GitHub leaves it out (binary or too large)."""

    path: str
    previous_path: str | None
    status: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`base...head`: what the head adds since the merge base."""

    merge_base_sha: CommitSha
    ahead_by: int
    behind_by: int
    files: tuple[ChangedFile, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit's authorship as GitHub attributes it."""

    sha: CommitSha
    message: str
    author: Actor | None
    parents: tuple[CommitSha, ...]
