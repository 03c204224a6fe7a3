"""A commit that passed and is proposed anew is open before its reports are read; nothing else costs a write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion, CheckStatus, PublishCheckRun
from app.domain.events import CheckRunCompleted, Event, MergeGroupRequested, WokenUp
from app.domain.repo import Target
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.proposals import REMEMBERED, Proposal
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import MAIN, NOW, OPENED, REPOSITORY, SHA, SUBJECT, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided

TARGET = Target(SUBJECT, REPOSITORY)
LAX = replace(OPENED, number=2, base_ref="lax")
PASSED = GateState(NOW, passing=True, proposals=(Proposal(2, "lax"),))


async def left(github: AtGitHub, *events: Event, state: GateState | None = None) -> GateState:
    """What a decision remembers, but for the reports and what they measure."""
    after = (await decided(github, *events, state=state)).next_state
    assert after is not None
    return replace(after, known=(), measured=None, measured_at=None, in_full=None)


OPENS = {
    "opened": OPENED,
    "opened by another for the same base": replace(LAX, number=4),
    "retargeted": replace(LAX, action="edited", base_ref="main"),
    "reopened": replace(LAX, action="reopened"),
    "a branch moved to the commit": replace(OPENED, action="synchronize"),
}


@pytest.mark.parametrize("event", OPENS.values(), ids=OPENS)
def test_what_is_proposed_anew_is_open_first(event: Event) -> None:
    (check,) = QUALITY_GATE.reopening(TARGET, PASSED, (LAX, event))
    assert isinstance(check, PublishCheckRun)
    assert (check.name, check.head_sha) == ("hephaestus/quality-gate", SHA)
    assert (check.status, check.conclusion) == (CheckStatus.IN_PROGRESS, None)
    assert check.title == "Judging again: the commit was proposed anew"


STAYS = {
    "the same event again": LAX,
    "a new title": replace(LAX, action="edited"),
    "another App's check": CheckRunCompleted(REPOSITORY, 1, "x", SHA, 15368, "success"),
    "a merge queue": MergeGroupRequested(REPOSITORY, SHA, MAIN, "main"),
    "a timer": WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports"),
}


@pytest.mark.parametrize("event", STAYS.values(), ids=STAYS)
def test_what_says_nothing_new_costs_no_write(event: Event) -> None:
    assert QUALITY_GATE.reopening(TARGET, PASSED, (event,)) == ()


def test_a_check_that_passes_nothing_is_left_as_it_is() -> None:
    assert QUALITY_GATE.reopening(TARGET, replace(PASSED, passing=False), (OPENED,)) == ()


async def test_a_verdict_remembers_what_it_is_about(github: AtGitHub) -> None:
    first = await left(github, LAX)
    assert first == PASSED
    second = await left(github, OPENED, LAX, state=first)
    assert second == replace(PASSED, proposals=(Proposal(3, "main"), Proposal(2, "lax")))
    assert QUALITY_GATE.reopening(TARGET, second, (OPENED, LAX)) == ()


@pytest.mark.parametrize("run", [Run(status="in_progress"), Run({}, conclusion="failure")])
async def test_waiting_and_red_are_not_remembered_as_passing(github: AtGitHub, run: Run) -> None:
    github.runs = [run]
    assert not (await left(github, LAX)).passing


async def test_only_the_newest_proposals_are_remembered(github: AtGitHub) -> None:
    many = [replace(OPENED, number=number) for number in range(REMEMBERED + 1)]
    state = await left(github, *many)
    assert [each.number for each in state.proposals] == list(range(1, REMEMBERED + 1))


@pytest.mark.parametrize("config", [None, "version: 1\n"])
async def test_a_check_that_was_opened_is_closed_also_where_nothing_is_judged_any_more(
    github: AtGitHub, config: str | None
) -> None:
    github.config, github.said = config, ("quality_gate.not_configured",)
    decision = await decided(github, OPENED, state=PASSED)
    assert decision.verdict is Verdict.NOT_CONFIGURED
    assert check_of(decision).conclusion is CheckConclusion.NEUTRAL
    assert check_of(decision).once == ""
    assert decision.next_state == replace(
        PASSED, proposals=(Proposal(2, "lax"), Proposal(3, "main")), last_activity_at=NOW
    )


async def test_a_state_of_an_older_version_counts_as_not_passing(github: AtGitHub) -> None:
    assert QUALITY_GATE.reopening(TARGET, GateState(NOW), (OPENED,)) == ()
    state = await left(github, OPENED, state=GateState(NOW))
    assert state == GateState(NOW, passing=True, proposals=(Proposal(3, "main"),))


async def test_a_commit_that_was_only_told_how_to_configure_is_open_first_too(github: AtGitHub) -> None:
    config, github.config = github.config, None
    told = await left(github, LAX)
    assert told == PASSED
    github.config, github.said = config, ("quality_gate.not_configured",)
    (check,) = QUALITY_GATE.reopening(TARGET, told, (OPENED,))
    assert isinstance(check, PublishCheckRun)
    assert check.status is CheckStatus.IN_PROGRESS
    assert check_of(await decided(github, OPENED, state=told)).conclusion is CheckConclusion.SUCCESS


async def test_where_nothing_is_said_nothing_is_remembered(github: AtGitHub) -> None:
    github.config, github.said = None, ("quality_gate.not_configured",)
    assert (await decided(github, OPENED)).next_state is None
