"""Where the commit of a release's tag is: in a branch that people look after, or only behind a tag that anybody may push."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import CommitSha
from app.domain.pulls import Branch
from app.errors import NotFound
from app.ports.github_reader import GitHubReader
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import BRANCH, TAG

MAX_BRANCHES = 30
"""Protected branches that are looked into; a commit that is only in others counts as in none."""


@dataclass(frozen=True, slots=True)
class SourceBranch:
    """A branch that a signer names as its source, as it is now; `has_commit`: the tag's."""

    name: str
    is_protected: bool
    has_commit: bool

    @property
    def problem(self) -> str:
        """Why nobody may sign from it; empty where somebody may."""
        if not self.is_protected:
            return "is not protected"
        return "" if self.has_commit else "does not have the tag's commit"


@dataclass(frozen=True, slots=True)
class TagStanding:
    """What the repository's branches say of a tag. `found_in` is the default branch, or a protected one, that has its commit."""

    found_in: str | None = None
    branches: tuple[SourceBranch, ...] = ()

    def problem_of(self, name: str) -> str:
        """Why nobody may sign from a branch; empty where somebody may."""
        found = next((each for each in self.branches if each.name == name), None)
        return "does not exist" if found is None else found.problem


def source_branches(section: ReleaseVerification) -> tuple[str, ...]:
    """The branches that signers name as their source, each once."""
    named = (signer.source_ref.removeprefix(BRANCH) for signer in section.signers if signer.source_ref != TAG)
    return tuple(dict.fromkeys(named))


def unreachable(section: ReleaseVerification, standing: TagStanding) -> str | None:
    """What is wrong with where the tag's commit is; None where nothing is."""
    if section.reachable_from == "any" or standing.found_in is not None:
        return None
    return "the tag's commit is in neither the default branch nor a protected one: anybody who may push a tag could release it"


async def standing_of(github: GitHubReader, section: ReleaseVerification, commit: CommitSha) -> TagStanding:
    """What the branches say now, as far as the section asks."""
    found_in = await _found_in(github, commit) if section.reachable_from == "protected" else None
    branches = []
    for name in source_branches(section):
        if (branch := await github.branch(name)) is not None:
            has_commit = await _has(github, branch, commit)
            branches.append(SourceBranch(name, branch.protected, has_commit))
    return TagStanding(found_in, tuple(branches))


async def _found_in(github: GitHubReader, commit: CommitSha) -> str | None:
    default = await github.default_branch()
    if await _has(github, default, commit):
        return default.name
    for branch in await github.protected_branches(MAX_BRANCHES):
        if branch.name != default.name and await _has(github, branch, commit):
            return branch.name
    return None


async def _has(github: GitHubReader, branch: Branch, commit: CommitSha) -> bool:
    """Whether a branch has the commit among its own; without a common ancestor GitHub answers 404."""
    if branch.sha == commit:
        return True
    try:
        return (await github.compare(branch.sha, commit)).ahead_by == 0
    except NotFound:
        return False
