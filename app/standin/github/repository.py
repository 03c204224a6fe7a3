"""A repository as GitHub keeps it: git, and beside it issues, checks, releases; with the API that seeds it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.standin.github import copies, pulling, pushes
from app.standin.github.git import GitStore
from app.standin.github.records import (
    Account,
    CheckRun,
    CheckSuite,
    Comment,
    Issue,
    Label,
    PullRequest,
    Status,
)

if TYPE_CHECKING:
    from app.standin.github.state import GitHub


@dataclass(slots=True, eq=False)
class Repository:
    """A repository: a bare git repository plus what GitHub keeps beside it, in containers keyed by id or number."""

    id: int
    owner: Account
    name: str
    private: bool
    default_branch: str
    git: GitStore
    github: GitHub = field(repr=False)
    created_at: datetime
    parent: Repository | None = field(default=None, repr=False)
    description: str | None = None
    collaborators: dict[int, str] = field(default_factory=dict)
    """Account id → permission (admin, maintain, write, triage, read); the owner is always admin."""
    required_checks: dict[str, list[tuple[str, int | None]]] = field(default_factory=dict)
    """Branch → (check name, App id that must have made it; None: anybody's will do)."""
    labels: dict[str, Label] = field(default_factory=dict)
    """By name in lower case."""
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    issues: dict[int, Issue] = field(default_factory=dict)
    """By number; a pull request's issue is here too."""
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    """By number."""
    comments: dict[int, Comment] = field(default_factory=dict)
    runs: dict[int, Any] = field(default_factory=dict)
    jobs: dict[int, Any] = field(default_factory=dict)
    artifacts: dict[int, Any] = field(default_factory=dict)
    releases: dict[int, Any] = field(default_factory=dict)
    attestations: dict[str, list[Any]] = field(default_factory=dict)
    """By subject digest, `sha256:…`."""
    signed: set[str] = field(default_factory=set)
    """Commits that GitHub signed: those written through its API in a bot's name."""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    pushed_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """`owner/name` as it is now."""
        return f"{self.owner.login}/{self.name}"

    def commit(
        self,
        branch: str,
        files: Mapping[str, bytes | str | None],
        message: str,
        author: Account | None = None,
    ) -> str:
        """Commits files (None deletes one) on a branch, made from the default branch if new, and pushes it as GitHub sees it.

        Returns the new commit's sha. The events `push` and `check_suite` go out as for a push by a person.
        """
        return pushes.commit_files(self, branch, files, message, author or self.owner)

    def open_pull(
        self,
        title: str,
        head: str,
        *,
        base: str | None = None,
        body: str | None = None,
        author: Account | None = None,
        draft: bool = False,
    ) -> PullRequest:
        """Opens a pull request from a branch (`owner:branch` for one of a fork) and tells about it."""
        asked = pulling.Proposal(title, head, base or self.default_branch, body, draft=draft)
        return pulling.open_pull(self, asked, author or self.owner)

    def fork(self, owner: str, name: str | None = None) -> Repository:
        """A fork under another account, with all the branches of this repository."""
        twin = self.github.add_repository(
            f"{owner}/{name or self.name}",
            private=self.private,
            default_branch=self.default_branch,
            parent=self,
        )
        copies.copy_branches(twin.git, self.git)
        return twin

    def permission_of(self, account: Account) -> str:
        """The permission of an account: admin, maintain, write, triage, read or none."""
        if account.id == self.owner.id:
            return "admin"
        return self.collaborators.get(account.id, "none" if self.private else "read")
