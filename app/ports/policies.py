"""The repository's file `.github/hephaestus.yml`, read from the default branch, and what it is composed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from app.domain.ids import CommitSha

SectionT = TypeVar("SectionT", bound=BaseModel)
UNJUDGED = "config.unjudged"
"""Code of the TransientError for a file whose readers were lost: a failure of ours, which says nothing of the file."""


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One thing wrong with a configuration file; line and column count from 1, `path` is dotted (`quality_gate.gates`)."""

    line: int
    column: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What is wrong with a configuration file, and what else should be known of it."""

    errors: tuple[ConfigError, ...]
    notes: tuple[ConfigError, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Where a policy was read: file, blob and the default branch's commit at that moment.

    `repository` is `owner/name` of another repository than the one that is judged, else empty.
    """

    path: str
    ref: str
    commit: CommitSha
    blob_sha: str
    repository: str = ""

    @property
    def label(self) -> str:
        """The file for people: with its repository where that is another one."""
        return f"{self.repository}/{self.path}" if self.repository else self.path


@dataclass(frozen=True, slots=True)
class Policy(Generic[SectionT]):
    """The section of one capability, as in force.

    `section` is None where the repository has no file, or has one without this section and without `use: default`.
    With `errors`, `section` and `source` are those of the last good version (None if there never was one) and `broken`
    names the file that has the errors. `lines` maps dotted paths to line numbers for annotations. `owner` is the organisation's
    file whose floor was applied, `shared` the one that `extends` names; `notes` say what else people should know of them.
    """

    configured: bool
    section: SectionT | None
    source: PolicySource | None
    errors: tuple[ConfigError, ...] = ()
    broken: PolicySource | None = None
    lines: tuple[tuple[str, int], ...] = ()
    owner: PolicySource | None = None
    shared: PolicySource | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed(Generic[SectionT]):
    """A section as a file would make it that is not in force; None where the file has errors, or no such section.

    `lines` are as in `Policy`.
    """

    section: SectionT | None
    errors: tuple[ConfigError, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedShared:
    """What is wrong with a file that is for other repositories; `is_organisation`: for all of the owner's."""

    is_organisation: bool
    errors: tuple[ConfigError, ...] = ()


WEAKER = "weaker than the floor in {place}; tighten it, or leave it out"
FINAL = "it cannot be changed: it is final by {place}; leave it out"
SHARING = (
    "it may share files with the group in {place}, and would count them apart; name files outside of that group, or none but "
    "its own, with a path that begins like it, or leave it out"
)


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a section is weaker than a floor: `path` inside the section, `floor` inside the organisation's section.

    `message` is what people are told, with the floor's file and line in `{place}`.
    """

    path: tuple[str | int, ...]
    floor: tuple[str, ...]
    message: str = WEAKER


@dataclass(frozen=True, slots=True)
class Remark:
    """What a capability says of a place in its section (`path`): a mistake that no single value shows, or a note."""

    path: tuple[str | int, ...]
    message: str
    is_wrong: bool = True


@runtime_checkable
class Reviewed(Protocol):
    """A section that knows more of itself than its values show; pure."""

    def review(self, held: Any) -> tuple[Remark, ...]:  # noqa: ANN401 (the capability's own model)
        """What to say of this section, where `held` is what of it is in force: itself, raised to the floors."""
        ...


class Floor(Protocol):
    """What a section of the organisation's file does to the same section of a repository's file; pure."""

    @property
    def is_stated(self) -> bool:
        """Whether anything is final or has a minimum: then the section holds in every repository of the owner."""
        ...

    def beneath(self, written: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        """What lies under a repository's own section, given what both files write."""
        ...

    def hold(self, section: Any) -> tuple[Any, tuple[Breach, ...]]:  # noqa: ANN401 (the capability's own model)
        """The section raised to the floor, and where it was less than that: a mistake where somebody wrote it so."""
        ...


@dataclass(frozen=True, slots=True)
class NeighbourFile:
    """A policy file of another repository of the same owner."""

    content: bytes
    source: PolicySource


class Neighbours(Protocol):
    """Other repositories of the same owner that the App is installed on, by name."""

    async def policy(self, name: str) -> NeighbourFile | None:
        """The file `hephaestus.yml` at its default branch; None where there is none, or the App may not read it."""
        ...

    async def visibility(self, name: str) -> str | None:
        """`public`, `internal` or `private`; None where the App may not know."""
        ...


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy's file of a repository at some commit; `content` None: so large that GitHub does not give it."""

    blob_sha: str
    content: bytes | None


class Policies(Protocol):
    """Loads policies; bound to one repository."""

    async def file(self, path: str, ref: str) -> PolicyFile | None:
        """A policy's file at a branch or commit, whether it is in force or not; never raises for what is in it."""
        ...

    async def load(self, name: str, section: type[SectionT]) -> Policy[SectionT]:
        """The section `name` in force now; may raise `TransientError` or `AccessDenied`, never for bad content."""
        ...

    async def propose(self, name: str, section: type[SectionT], raw: bytes | None) -> Proposed[SectionT]:
        """What the section would be with this `content` as the repository's file, under the same floor; changes nothing."""
        ...

    async def propose_shared(self, raw: bytes | None) -> ProposedShared:
        """Whether this `content` is good as this repository's file for others, to extend or be held to; changes nothing."""
        ...
