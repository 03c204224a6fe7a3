"""Repositories, and the subjects that verdicts are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as an event named it; `id` identifies it, the names are for people and for URLs."""

    id: RepositoryId
    owner: str
    name: str
    installation_id: InstallationId
    owner_id: int = 0
    private: bool = False

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


class SubjectKind(StrEnum):
    """What a verdict can be about."""

    SHA = "sha"
    RELEASE = "release"
    RUN = "run"
    PULL = "pull"
    INSTALLATION = "installation"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verdict is about; one capability has at most one running evaluation of it (design.md 1)."""

    app_key: AppKey
    repository_id: RepositoryId
    kind: SubjectKind
    ident: str

    @property
    def key(self) -> str:
        """The subject as one string, beginning with the app key."""
        return f"{self.app_key}|{self.repository_id}|{self.kind}|{self.ident}"

    @property
    def sha(self) -> CommitSha:
        """The commit, for subjects of kind `sha`."""
        return CommitSha(self.ident)

    @classmethod
    def from_key(cls, key: str) -> Subject:
        """Read back what `key` wrote; raises ValueError on anything else."""
        app_key, repository_id, kind, ident = key.split("|", 3)
        return cls(AppKey(app_key), RepositoryId(int(repository_id)), SubjectKind(kind), ident)


@dataclass(frozen=True, slots=True)
class Target:
    """A subject together with the repository under whose installation it is reached."""

    subject: Subject
    repository: Repository
