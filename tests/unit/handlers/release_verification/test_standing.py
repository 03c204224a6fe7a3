"""Where the tag's commit is, and whose branches it may be signed from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from app.domain.ids import CommitSha
from app.domain.pulls import Branch, Comparison
from app.errors import NotFound
from app.ports.github_reader import GitHubReader
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.standing import (
    MAX_BRANCHES,
    SourceBranch,
    TagStanding,
    source_branches,
    standing_of,
    unreachable,
)

COMMIT = CommitSha("1" * 40)


@dataclass
class Branches:
    """A repository's branches; `having` are those with the commit behind their heads, `apart` share nothing with it."""

    protected: tuple[str, ...] = ("main",)
    open: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    compared: list[str] = field(default_factory=list)

    async def default_branch(self) -> Branch:
        return Branch("main", CommitSha("main"), "main" in self.protected)

    async def branch(self, name: str) -> Branch | None:
        known = {*self.protected, *self.open}
        return Branch(name, CommitSha(name), name in self.protected) if name in known else None

    async def protected_branches(self, limit: int) -> tuple[Branch, ...]:
        return tuple(Branch(name, CommitSha(name), protected=True) for name in self.protected)[:limit]

    async def compare(self, base: str, head: str) -> Comparison:
        assert head == COMMIT
        self.compared.append(base)
        if base in self.apart:
            raise NotFound("github.not_found", "no common ancestor")
        ahead = 0 if base in self.having else 3
        return Comparison(COMMIT, ahead, 1, (), complete=True)


async def standing(branches: Branches, **section: Any) -> tuple[TagStanding, ReleaseVerification]:  # noqa: ANN401 (values of any key)
    policy = ReleaseVerification.model_validate(section)
    return await standing_of(cast("GitHubReader", branches), policy, COMMIT), policy


@pytest.mark.parametrize(
    ("branches", "found_in"),
    [
        (Branches(having=("main",)), "main"),
        (Branches(protected=(), having=("main",)), "main"),
        (Branches(protected=("main", "release/1"), having=("release/1",)), "release/1"),
        (Branches(protected=(str(COMMIT),)), COMMIT),
        (Branches(open=("feature",), having=("feature",)), None),
        (Branches(protected=("main", "other"), apart=("main", "other")), None),
        (Branches(protected=tuple(map(str, range(MAX_BRANCHES + 1))), having=(str(MAX_BRANCHES),)), None),
    ],
)
async def test_a_tag_must_be_in_a_branch_that_somebody_looks_after(
    branches: Branches, found_in: str | None
) -> None:
    found, policy = await standing(branches)
    assert found.found_in == found_in
    assert (unreachable(policy, found) is None) is (found_in is not None)


async def test_where_the_tag_may_be_anywhere_nothing_is_compared() -> None:
    branches = Branches()
    found, policy = await standing(branches, reachable_from="any")
    assert (found, unreachable(policy, found), branches.compared) == (TagStanding(), None, [])


async def test_a_source_branch_is_looked_at_as_it_is_now() -> None:
    branches = Branches(protected=("main", "stable"), open=("dev",), having=("main", "stable", "dev"))
    signers = [{"source_ref": f"refs/heads/{name}"} for name in ("stable", "dev", "gone", "stable")]
    found, policy = await standing(branches, signers=[*signers, {}])
    assert source_branches(policy) == ("stable", "dev", "gone")
    assert found.branches == (SourceBranch("stable", True, True), SourceBranch("dev", False, True))  # noqa: FBT003 (facts)
    assert [found.problem_of(name) for name in source_branches(policy)] == [
        "",
        "is not protected",
        "does not exist",
    ]


async def test_a_protected_branch_without_the_commit_is_no_source() -> None:
    found, _ = await standing(Branches(), signers=[{"source_ref": "refs/heads/main"}])
    assert found.problem_of("main") == "does not have the tag's commit"
