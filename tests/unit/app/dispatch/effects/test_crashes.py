from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.effects import Applied, GitHubEffect
from app.domain.effects import CheckStatus, FileChange
from app.testing.progress import MemoryProgress
from app.testing.writer import RecordingWriter
from app.testing.writer_rules import Interruption
from tests.unit.app.dispatch.effects.samples import (
    CURED,
    FIXES,
    HIDE,
    ISSUE,
    RERUN,
    PowerCut,
    applied,
    check,
    github,
    note,
    perform,
    pull,
    through_a_cut,
)

EXECUTABLE = FileChange("bin/run", b"#!/bin/sh\n", "100755")

effects = st.one_of(
    st.integers(0, 170).map(check),
    st.just(pull()),
    st.just(pull(EXECUTABLE)),
    st.just(note()),
    st.just(RERUN),
    st.just(FIXES),
    st.just(HIDE),
    st.just(ISSUE),
)
earlier_checks = st.builds(
    check, st.integers(0, 120), status=st.sampled_from(CheckStatus), first=st.integers(1, 2)
)


def visible(writer: RecordingWriter) -> object:
    """What a person sees at GitHub, without the numbers that GitHub gives."""
    commits = [writer.commits.get(sha, sha) for sha in writer.branches.values()]
    checks = [
        (run.last.status, run.last.conclusion, run.last.title, run.last.summary, run.annotations)
        for run in writer.check_runs
    ]
    pulls = [(pull.state, pull.title, pull.body, pull.head_ref, pull.labels) for pull in writer.pulls]
    comments = [[said.body for said in thread] for thread in writer.threads.values()]
    issues = [(found.is_open, found.title, found.body) for found in writer.issues]
    releases = (writer.releases, writer.latest, issues)
    return (list(writer.branches), commits, checks, pulls, comments, writer.attempts, releases)


@given(effect=effects, request=st.integers(1, 12), lost=st.booleans())
def test_a_crash_at_any_request_and_another_attempt_is_applying_once(
    effect: GitHubEffect, request: int, *, lost: bool
) -> None:
    async def run() -> None:
        undisturbed, disturbed = github(), github()
        await applied(effect, undisturbed)
        outcome = await through_a_cut(effect, disturbed, Interruption(request, PowerCut(), lost=lost))
        assert isinstance(outcome, Applied), outcome
        assert visible(disturbed) == visible(undisturbed)

    asyncio.run(run())


@given(effect=effects)
def test_an_effect_applied_again_asks_github_for_nothing(effect: GitHubEffect) -> None:
    async def run() -> None:
        writer = github()
        result = await applied(effect, writer)
        asked = len(writer.requests)
        assert await applied(effect, writer, result) == result
        assert len(writer.requests) == asked

    asyncio.run(run())


@given(before=earlier_checks, after=earlier_checks, request=st.integers(1, 8), lost=st.booleans())
def test_a_crash_while_a_check_run_changes_is_changing_it_once(
    before: GitHubEffect, after: GitHubEffect, request: int, *, lost: bool
) -> None:
    async def run() -> None:
        undisturbed, disturbed = github(), github()
        await applied(after, undisturbed, await applied(before, undisturbed))
        row = MemoryProgress(await applied(before, disturbed))
        cut = Interruption(len(disturbed.requests) + request, PowerCut(), lost=lost)
        outcome = await through_a_cut(after, disturbed, cut, row)
        assert isinstance(outcome, Applied), outcome
        assert visible(disturbed) == visible(undisturbed)

    asyncio.run(run())


@given(request=st.integers(1, 9), lost=st.booleans())
def test_a_crash_while_a_pull_request_follows_its_base_keeps_it_open(request: int, *, lost: bool) -> None:
    async def run() -> None:
        writer = github()
        row = MemoryProgress(await applied(pull(), writer))
        moved = await writer.commit_verified("main", writer.branches["main"], "More", "", ())
        cut = Interruption(len(writer.requests) + request, PowerCut(), lost=lost)
        outcome = await through_a_cut(pull(base_sha=moved), writer, cut, row)
        assert isinstance(outcome, Applied), outcome
        assert [(found.state, found.head_sha) for found in writer.pulls] == [
            ("open", writer.branches["hephaestus/runner-1f"])
        ]
        assert writer.commits[writer.pulls[0].head_sha].parent == moved

    asyncio.run(run())


@given(request=st.integers(1, 5), lost=st.booleans())
def test_a_crash_while_an_issue_is_closed_says_the_last_word_once(request: int, *, lost: bool) -> None:
    async def run() -> None:
        writer = github()
        row = MemoryProgress(await applied(ISSUE, writer))
        cut = Interruption(len(writer.requests) + request, PowerCut(), lost=lost)
        outcome = await through_a_cut(CURED, writer, cut, row)
        assert isinstance(outcome, Applied), outcome
        assert outcome.result["state"] == "cured"
        (issue,) = writer.issues
        assert not issue.is_open
        assert len(writer.threads[issue.number]) == 1

    asyncio.run(run())


async def test_two_crashes_in_a_row_still_leave_one_commit_and_one_pull_request() -> None:
    writer, row = github(), MemoryProgress()
    for request in (4, 9):
        writer.interruption = Interruption(request, PowerCut())
        try:
            await perform(pull(), writer, row)
        except PowerCut:
            row = row.restarted()
    writer.interruption = None
    assert isinstance(await perform(pull(), writer, row), Applied)
    assert len(writer.pulls) == 1
    assert writer.commits[writer.pulls[0].head_sha].parent == writer.branches["main"]
