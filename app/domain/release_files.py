"""A release on disk: what the command line asks about a folder, and what is said about each file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.ids import CommitSha
from app.domain.release import VerificationOutcome

Hashed = Callable[[int], None]
"""Told how many bytes of a folder were hashed since, from any thread."""


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """A policy's file, what it extends, and the organisation's, to whose floor it is raised."""

    own: Path
    shared: Path | None = None
    organisation: Path | None = None


@dataclass(frozen=True, slots=True)
class ReleaseFolder:
    """A folder that holds the assets of a release, and what the release claims to be.

    `repository` is `owner/name`; `repository_id` None leaves the number out of the comparison. `trusted_root` is
    `production`, `staging` or a file. `shared` and `organisation` are what the policy lies on.
    """

    policy: Path
    directory: Path
    repository: str
    repository_id: int | None
    tag: str
    commit: CommitSha
    trusted_root: str | Path
    shared: Path | None = None
    organisation: Path | None = None

    @property
    def policy_files(self) -> PolicyFiles:
        """The policy with what it lies on."""
        return PolicyFiles(self.policy, self.shared, self.organisation)


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """The verdict on one file. `bundle` names what it rests on; `outcome` is None for a file that the policy exempts."""

    artifact: str
    bundle: str | None
    outcome: VerificationOutcome | None
