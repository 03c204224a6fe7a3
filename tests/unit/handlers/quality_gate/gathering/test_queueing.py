"""Merge groups: which pull requests they hold, and what was granted on those."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.decision import Decision, Verdict
from app.domain.effects import WakeAt
from app.domain.events import MergeGroupRequested, WokenUp
from app.domain.ids import CommitSha
from app.domain.repo import SubjectKind
from handlers.quality_gate.evidence.changes import MergeGroup
from handlers.quality_gate.evidence.people import GrantedWaiver
from handlers.quality_gate.gathering.queueing import groups_of
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import MAIN, NOW, REPOSITORY, SHA, SUBJECT, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura

BELOW, TIP = CommitSha("d" * 40), CommitSha("e" * 40)
QUEUE = "refs/heads/gh-readonly-queue/main/pr-3-" + MAIN
GROUP = MergeGroupRequested(REPOSITORY, SHA, MAIN, "refs/heads/main", QUEUE)
STACKED = replace(GROUP, base_sha=BELOW)
GRANTED = GrantedWaiver(
    "coverage", date(2026, 11, 1), date(2026, 11, 10), "keeper", 9, "the forge is being rebuilt", 3, 1
)
OTHERS = replace(GRANTED, number=2, by="smith")


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}}, trigger="merge_group")]
    return AtGitHub(tmp_path, runs, kept=(granted(GRANTED),))


def granted(waiver: GrantedWaiver) -> tuple[str, GateState]:
    return str(waiver.number), GateState(NOW, waivers=(waiver,))


def group(*numbers: int) -> tuple[str, GateState]:
    """The state of the group that another one is stacked on."""
    return BELOW, GateState(NOW, merge_groups=(MergeGroup("refs/heads/main", MAIN, numbers[-1], numbers),))


@pytest.mark.parametrize(
    ("base", "head", "number"),
    [
        ("refs/heads/main", QUEUE, 3),
        ("main", QUEUE.removeprefix("refs/heads/"), 3),
        ("refs/heads/release/1", f"refs/heads/gh-readonly-queue/release/1/pr-77-{MAIN}", 77),
        ("refs/heads/main", f"refs/heads/gh-readonly-queue/main/pr-4-{MAIN}/pr-5-{MAIN}", None),
        ("refs/heads/main", f"refs/heads/gh-readonly-queue/other/pr-3-{MAIN}", None),
        ("refs/heads/main", f"refs/heads/topic/gh-readonly-queue/main/pr-3-{MAIN}", None),
        ("refs/heads/main", "refs/heads/gh-readonly-queue/main/pr-3", None),
        ("refs/heads/main", "", None),
    ],
)
def test_whose_a_group_is_only_the_name_that_its_queue_gives_it_says(
    base: str, head: str, number: int | None
) -> None:
    told = MergeGroupRequested(REPOSITORY, SHA, MAIN, base, head)
    assert groups_of((told,), ()) == (MergeGroup(base, MAIN, number),)


def test_what_was_told_of_a_group_stays_known() -> None:
    before = (MergeGroup("refs/heads/main", MAIN, 3, (2, 3)),)
    assert groups_of((GROUP,), before) == before
    assert groups_of((WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports"),), before) == before


async def test_what_was_granted_on_the_pull_request_counts_in_its_group(github: AtGitHub) -> None:
    decision = await decided(github, GROUP)
    assert decision.verdict is Verdict.WAIVED
    assert "pull request 3, until 2026-11-10, by keeper: the forge is being rebuilt" in (
        check_of(decision).summary
    )
    assert decision.next_state is not None
    assert decision.next_state.merge_groups == (MergeGroup("refs/heads/main", MAIN, 3, (3,)),)


STABLE = CommitSha("5" * 40)
OTHER = MergeGroupRequested(
    REPOSITORY, SHA, STABLE, "refs/heads/stable", f"refs/heads/gh-readonly-queue/stable/pr-2-{STABLE}"
)


async def test_two_groups_of_one_commit_must_both_hold_in_whatever_order_they_are_told(
    github: AtGitHub,
) -> None:
    github.heads, github.kept = {"stable": STABLE}, (granted(GRANTED),)
    for first, second in ((GROUP, OTHER), (OTHER, GROUP)):
        told = await decided(github, first)
        assert (await decided(github, second, state=told.next_state)).verdict is Verdict.FAIL
    github.kept = (granted(GRANTED), granted(OTHERS))
    decision = await decided(github, GROUP, OTHER)
    assert decision.verdict is Verdict.WAIVED
    assert decision.next_state is not None
    assert [each.numbers for each in decision.next_state.merge_groups] == [(3,), (2,)]
    assert [each.subject.ident for each in timers(decision) if each.subject.kind is SubjectKind.PULL] == [
        "3",
        "2",
    ]


async def test_another_group_of_the_commit_has_its_own_time(github: AtGitHub) -> None:
    github.heads = {"stable": STABLE}
    first = await decided(github, GROUP)
    later = await decided(github, OTHER, now=NOW + timedelta(minutes=5), state=first.next_state)
    again = await decided(github, OTHER, now=NOW + timedelta(minutes=9), state=later.next_state)
    assert later.next_state is not None
    assert again.next_state is not None
    assert later.next_state.last_activity_at == NOW + timedelta(minutes=5)
    assert again.next_state.last_activity_at == NOW + timedelta(minutes=5)


async def test_more_groups_than_are_judged_are_no_pass(github: AtGitHub) -> None:
    github.runs = [Run(trigger="merge_group")]
    assert (await decided(github, GROUP)).verdict is Verdict.PASS
    many = [replace(GROUP, head_ref=f"{QUEUE[: -len(MAIN) - 2]}{each}-{MAIN}") for each in range(1, 12)]
    decision = await decided(github, *many)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "more than 10 merge groups ask about this commit" in check_of(decision).summary


async def test_a_group_without_a_waiver_is_red(github: AtGitHub) -> None:
    github.kept = (granted(OTHERS),)
    assert (await decided(github, GROUP)).verdict is Verdict.FAIL


async def test_a_branch_that_is_only_named_like_a_queue_waives_nothing(github: AtGitHub) -> None:
    github.heads = {QUEUE.removeprefix("refs/heads/"): SHA}
    assert (await decided(github, WokenUp(REPOSITORY, "quality_gate", SUBJECT, "reports"))).verdict is (
        Verdict.FAIL
    )


async def test_a_group_that_is_stacked_on_another_needs_the_waivers_of_both(github: AtGitHub) -> None:
    github.heads = {"queue": BELOW}
    github.kept = (granted(GRANTED), group(2))
    assert (await decided(github, STACKED)).verdict is Verdict.FAIL
    github.kept = (granted(GRANTED), granted(OTHERS), group(2))
    decision = await decided(github, STACKED)
    assert decision.verdict is Verdict.WAIVED
    assert "pull request 2" in check_of(decision).summary


@pytest.mark.parametrize("below", [(), ((BELOW, GateState(NOW)),)])
async def test_a_group_on_something_unknown_is_not_waived(
    github: AtGitHub, below: tuple[tuple[str, GateState], ...]
) -> None:
    github.heads = {"queue": BELOW}
    github.kept = (granted(GRANTED), *below)
    assert (await decided(github, STACKED)).verdict is Verdict.FAIL


async def test_a_group_whose_base_was_merged_meanwhile_holds_its_own_pull_request_alone(
    github: AtGitHub,
) -> None:
    github.heads = {"queue": BELOW, "main": TIP}
    github.branched = ((BELOW, TIP, BELOW),)
    github.kept = (granted(GRANTED), group(2))
    assert (await decided(github, STACKED)).verdict is Verdict.WAIVED
    github.branched = ((BELOW, TIP, MAIN),)
    assert (await decided(github, STACKED)).verdict is Verdict.FAIL


async def test_a_group_whose_base_branch_is_gone_is_not_waived(github: AtGitHub) -> None:
    github.gone = ("main",)
    assert (await decided(github, GROUP)).verdict is Verdict.FAIL


def timers(decision: Decision[GateState]) -> list[WakeAt]:
    return [effect for effect in decision.effects if isinstance(effect, WakeAt)]


async def test_the_pull_requests_of_a_group_are_told_of_it_once(github: AtGitHub) -> None:
    github.heads, github.kept = {"queue": BELOW}, (group(2),)
    first = await decided(github, STACKED)
    assert [(each.subject.kind, each.subject.ident, each.at) for each in timers(first)] == [
        (SubjectKind.PULL, "2", NOW),
        (SubjectKind.PULL, "3", NOW),
    ]
    assert {each.what for each in timers(first)} == {f"held by the merge group {SHA}"}
    assert timers(await decided(github, state=first.next_state)) == []


@pytest.mark.parametrize(("until", "ends"), [(date(2026, 11, 2), True), (date(2026, 11, 3), False)])
async def test_a_waiver_that_ends_soon_has_its_group_judged_again(
    github: AtGitHub, until: date, *, ends: bool
) -> None:
    github.kept = (granted(replace(GRANTED, until=until)),)
    told = await decided(github, GROUP)
    again = await decided(github, state=told.next_state)
    found = [(each.subject, each.at) for each in timers(again)]
    assert found == ([(SUBJECT, datetime(2026, 11, 3, tzinfo=UTC))] if ends else [])
