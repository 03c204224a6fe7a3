"""Applying twice is applying once, at a GitHub that we do not hold in our hands, whatever request the power goes at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dispatch.effects import Applied, GitHubEffect
from app.domain.effects import FileChange
from app.domain.ids import CommitSha
from app.domain.release_marks import ReleaseMarks
from app.standin.github.actions import PlannedJob, complete_run
from app.standin.github.attestations import add_attestation
from app.standin.github.releases import repository_release
from app.testing.progress import MemoryProgress
from tests.contract.effects.conftest import Place, PowerCut, Site, Wire, visible
from tests.contract.github.seeds import CI
from tests.unit.app.dispatch.effects.samples import (
    CURED,
    DISPATCH,
    FIXES,
    FORGET,
    HIDE,
    ISSUE,
    NOTES,
    RERUN,
    check,
    note,
    pull,
)

BRANCH = "hephaestus/runner-1f"
BY_HAND = """
name: Sign
run-name: Sign ${{ inputs.correlation }}
on: {workflow_dispatch: {inputs: {correlation: {required: true}}}}
jobs: {sign: {}}
"""
DIGEST = "sha256:" + "d" * 64
PLAIN = FileChange("tools/run.sh", b"#!/bin/sh\n")

Case = Callable[[Site, Place], Awaitable[tuple[GitHubEffect, MemoryProgress]]]


async def applied(site: Site, effect: GitHubEffect) -> dict[str, int | str]:
    """The result of an effect that nothing disturbs."""
    outcome = await site.attempt(effect, MemoryProgress())
    assert isinstance(outcome, Applied), outcome
    return outcome.result


async def a_check_run(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    return replace(check(120), repository=place.ours, head_sha=place.main), MemoryProgress()


async def a_check_run_that_grows(site: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    first, second = (replace(check(count), repository=place.ours, head_sha=place.main) for count in (10, 120))
    return second, MemoryProgress(await applied(site, first))


async def a_pull_request_with_a_mode(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    executable = replace(PLAIN, mode="100755")
    return replace(pull(executable, base_sha=place.main), repository=place.ours), MemoryProgress()


async def a_pull_request(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    return replace(pull(base_sha=place.main), repository=place.ours), MemoryProgress()


async def a_pull_request_that_follows_its_base(
    site: Site, place: Place
) -> tuple[GitHubEffect, MemoryProgress]:
    effect = replace(pull(PLAIN, base_sha=place.main), repository=place.ours)
    row = MemoryProgress(await applied(site, effect))
    place.at.commit("main", {"b.txt": "b\n"}, "More")
    return replace(effect, base_sha=place.main, body="Other words."), row


async def a_comment(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    place.at.commit("topic", {"a.txt": "a\n"}, "Change")
    number = place.at.open_pull("Topic", "topic").number
    return replace(note(), repository=place.ours, number=number), MemoryProgress()


async def another_word_in_a_comment(site: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    effect, _ = await a_comment(site, place)
    row = MemoryProgress(await applied(site, effect))
    return replace(note("It runs again."), repository=place.ours, number=1), row


async def a_rerun(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    run = complete_run(place.at, CI, place.main, (PlannedJob("test", "failure"),), head_branch="main")
    return replace(RERUN, repository=place.ours, run_id=run.id, head_sha=place.main), MemoryProgress()


async def fixes(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    head = place.at.commit("topic", {"a.txt": "a\n"}, "Change")
    effect = replace(FIXES, repository=place.ours, branch="topic", head_sha=CommitSha(head))
    return effect, MemoryProgress()


async def a_release(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    one = repository_release(place.at, "v1", {"anvil.whl": "a wheel"})
    seen = ReleaseMarks("v1", draft=False, prerelease=False, updated_at=one.updated_at.replace(microsecond=0))
    return replace(HIDE, repository=place.ours, release_id=one.id, seen=seen), MemoryProgress()


async def an_issue(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    return replace(ISSUE, repository=place.ours), MemoryProgress()


async def a_cured_issue(site: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    row = MemoryProgress(await applied(site, replace(ISSUE, repository=place.ours)))
    return replace(CURED, repository=place.ours), row


async def notes(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    one = repository_release(place.at, "v1", {"anvil.whl": "a wheel"}, body="What is new.")
    return replace(NOTES, repository=place.ours, release_id=one.id), MemoryProgress()


async def a_dispatch(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    sha = place.at.commit("main", {DISPATCH.workflow: BY_HAND}, "Sign by hand")
    file = place.at.git.entry(sha, DISPATCH.workflow)
    assert file is not None
    return replace(DISPATCH, repository=place.ours, blob_sha=file.sha), MemoryProgress()


async def a_deletion(_: Site, place: Place) -> tuple[GitHubEffect, MemoryProgress]:
    _other, one = (
        add_attestation(place.at, {"n": number}, digests=[DIGEST], predicate_type="https://p.example")
        for number in range(2)
    )
    return replace(FORGET, repository=place.ours, attestation_id=one.id), MemoryProgress()


CASES: list[Case] = [
    a_check_run,
    a_check_run_that_grows,
    a_pull_request,
    a_pull_request_with_a_mode,
    a_pull_request_that_follows_its_base,
    a_comment,
    another_word_in_a_comment,
    a_rerun,
    fixes,
    a_release,
    an_issue,
    a_cured_issue,
    notes,
    a_dispatch,
    a_deletion,
]


async def test_every_kind_of_effect_that_is_applied_at_github_is_among_these(site: Site) -> None:
    kinds = {type((await case(site, site.place()))[0]) for case in CASES}
    assert kinds == {*get_args(GitHubEffect)}


async def undisturbed(site: Site, case: Case) -> tuple[dict[str, object], int]:
    """What people see after the effect, and how many requests that took."""
    place, wire = site.place(), Wire()
    effect, row = await case(site, place)
    before = visible(place, site.world.app.id)
    assert isinstance(await site.through(effect, row, wire), Applied)
    after = visible(place, site.world.app.id)
    assert after != before
    return after, wire.requests


@pytest.mark.parametrize("lost", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.__name__))
async def test_a_cut_at_each_request_and_two_more_attempts_are_applying_once(
    site: Site, case: Case, *, lost: bool
) -> None:
    wanted, requests = await undisturbed(site, case)
    for number in range(1, requests + 1):
        place = site.place()
        effect, row = await case(site, place)
        with pytest.raises(PowerCut):
            await site.through(effect, row, Wire(number, lost))
        row = row.restarted()
        assert isinstance(await site.attempt(effect, row), Applied)
        assert visible(place, site.world.app.id) == wanted, f"cut at request {number}"
        # The process may also end after the last answer and before the ledger knows.
        assert isinstance(await site.attempt(effect, row.restarted()), Applied)
        assert visible(place, site.world.app.id) == wanted, f"applied again after a cut at {number}"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    case=st.sampled_from(CASES),
    cuts=st.lists(st.tuples(st.integers(1, 14), st.booleans()), min_size=2, max_size=4),
)
async def test_several_cuts_one_after_the_other_are_applying_once(
    site: Site, case: Case, cuts: list[tuple[int, bool]]
) -> None:
    wanted, _ = await undisturbed(site, case)
    place = site.place()
    effect, row = await case(site, place)
    for number, lost in cuts:
        try:
            await site.through(effect, row, Wire(number, lost))
        except PowerCut:
            row = row.restarted()
    assert isinstance(await site.attempt(effect, row.restarted()), Applied)
    assert visible(place, site.world.app.id) == wanted
