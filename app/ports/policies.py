"""The repository's file `.github/hephaestus.yml`, read from the default branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from app.domain.ids import CommitSha

SectionT = TypeVar("SectionT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One thing wrong with a configuration file; line and column count from 1, `path` is dotted (`quality_gate.gates`)."""

    line: int
    column: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Where a policy was read: file, blob and the default branch's commit at that moment."""

    path: str
    ref: str
    commit: CommitSha
    blob_sha: str


@dataclass(frozen=True, slots=True)
class Policy(Generic[SectionT]):
    """The section of one capability, as in force.

    `section` is None where the repository has no file, or has one without this section and without `use: default`.
    With `errors`, `section` and `source` are those of the last good version (None if there never was one) and `broken`
    names the file that has the errors. `lines` maps dotted paths to line numbers for annotations.
    """

    configured: bool
    section: SectionT | None
    source: PolicySource | None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None
    lines: tuple[tuple[str, int], ...] = ()


class Policies(Protocol):
    """Loads policies; bound to one repository."""

    async def load(self, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """The section `name` in force now; may raise `TransientError` or `AccessDenied`, never for bad content."""
        ...
