"""A person accepts evidence whose trust is too low: who may, and what exactly a click is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.decision import Decision, Verdict
from app.domain.effects import CheckConclusion
from app.domain.events import Actor, ButtonClicked, Event, MergeGroupRequested
from app.domain.ids import AppKey, CommitSha
from app.domain.pulls import ChangedFile
from app.domain.repo import Target
from handlers.builtin import QUALITY_GATE
from handlers.quality_gate.evidence.changes import MergeGroup
from handlers.quality_gate.people.acceptance import identifier
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import (
    APP,
    CI,
    DEFAULT,
    MAIN,
    NOW,
    OPENED,
    REPOSITORY,
    SHA,
    SUBJECT,
    AtGitHub,
    Run,
)
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import GOOD, cobertura

AUTHOR, KEEPER, WRITER, STARTER = (
    Actor(number, name, is_bot=False)
    for number, name in enumerate(("author", "keeper", "writer", "starter"), 1)
)
BOT = Actor(5, "robot", is_bot=True)
ADMIN = Actor(6, "owner", is_bot=False)


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """Good reports of a workflow that the change edits."""
    return AtGitHub(
        tmp_path,
        runs=[Run(actor_id=STARTER.id)],
        pulls=(replace(OPENED, author=AUTHOR),),
        roles={
            AUTHOR.id: "admin",
            KEEPER.id: "maintain",
            WRITER.id: "write",
            STARTER.id: "admin",
            5: "admin",
            ADMIN.id: "admin",
        },
        files={(CI, SHA): "on: pull_request\n"},
        changed=(ChangedFile(CI, None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),),
    )


def click(
    what: str, by: Actor | None = KEEPER, app_id: int = 7, name: str = "hephaestus/quality-gate"
) -> ButtonClicked:
    return ButtonClicked(REPOSITORY, SHA, app_id, 4, name, "", what, by)


def offered(decision: Decision[GateState]) -> str:
    """The identifier of the button that accepts."""
    (found,) = [each for each in check_of(decision).buttons if each.label == "Accept evidence"]
    return found.identifier


async def after(github: AtGitHub, *events: Event, before: Decision[GateState]) -> Decision[GateState]:
    return await decided(github, *events, state=before.next_state, now=NOW + timedelta(minutes=5))


def test_only_a_click_on_our_own_check_is_heard() -> None:
    assert QUALITY_GATE.targets(APP, click("x")) == (Target(SUBJECT, REPOSITORY),)
    assert QUALITY_GATE.targets(APP, click("x", app_id=8)) == ()
    assert QUALITY_GATE.targets(APP, click("x", name="other")) == ()
    assert QUALITY_GATE.targets(AppKey("api.github.com/8"), click("x")) == ()


async def test_a_maintainer_accepts_and_the_commit_passes(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    assert check_of(shown).conclusion is CheckConclusion.ACTION_REQUIRED
    decision = await after(github, click(offered(shown)), before=shown)
    assert decision.verdict is Verdict.PASS
    assert check_of(decision).conclusion is CheckConclusion.SUCCESS
    assert r"keeper accepted the evidence of run 1 \(attempt 1\) on 2026\-11\-01 at 12:05 UTC" in (
        check_of(decision).summary
    )
    assert decision.next_state is not None
    (accepted,) = decision.next_state.acceptances
    assert (accepted.runs, accepted.by_id) == (((1, 1),), KEEPER.id)


async def test_an_acceptance_holds_without_another_click_and_says_the_same(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    first = await after(github, click(offered(shown)), before=shown)
    later = await after(github, OPENED, before=first)
    assert check_of(later) == check_of(first)
    repeated = await after(github, click(offered(shown)), before=first)
    assert check_of(repeated) == check_of(first)


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (WRITER, "it takes the role admin or maintain"),
        (Actor(99, "reader", is_bot=False), "it takes the role admin or maintain"),
        (AUTHOR, "nobody may for a change of their own"),
        (STARTER, "nobody may for a run of their own"),
        (BOT, "only a person may"),
    ],
)
async def test_who_may_not_accept_changes_nothing_and_is_told_why(
    github: AtGitHub, by: Actor, why: str
) -> None:
    shown = await decided(github, OPENED)
    decision = await after(github, click(offered(shown), by), before=shown)
    assert check_of(decision).conclusion is CheckConclusion.ACTION_REQUIRED
    assert f"{by.login} may not accept the evidence: {why}" in check_of(decision).summary
    assert decision.next_state is not None
    assert decision.next_state.acceptances == ()


@pytest.mark.parametrize(
    ("roles", "by", "accepts"),
    [
        ("write", WRITER, False),
        ("write", KEEPER, True),
        ("write, maintain", WRITER, False),
        ("write, maintain", KEEPER, True),
        ("admin", KEEPER, False),
        ("admin", ADMIN, True),
    ],
)
async def test_a_policy_can_let_fewer_people_accept_and_nobody_else(
    github: AtGitHub, roles: str, by: Actor, *, accepts: bool
) -> None:
    github.config = (github.config or "") + f"  waive_roles: [{roles}]\n"
    shown = await decided(github, OPENED)
    decision = await after(github, click(offered(shown), by), before=shown)
    assert (decision.verdict is Verdict.PASS) == accepts


async def test_the_check_names_only_roles_that_may_accept(github: AtGitHub) -> None:
    github.config = (github.config or "") + "  waive_roles: [write, maintain]\n"
    assert "It takes the role maintain, and" in check_of(await decided(github, OPENED)).summary


async def test_what_was_accepted_before_a_pull_request_counts_no_longer_for_its_author(
    github: AtGitHub,
) -> None:
    proposed, github.pulls = github.pulls, ()
    shown = await decided(github, OPENED)
    first = await after(github, click(offered(shown)), before=shown)
    assert first.verdict is Verdict.PASS
    github.pulls = tuple(replace(pull, author=KEEPER) for pull in proposed)
    later = await after(github, OPENED, before=first)
    assert later.verdict is not Verdict.PASS
    assert "what keeper accepted counts no longer" in check_of(later).summary
    assert later.next_state is not None
    assert later.next_state.acceptances == ()


async def test_a_click_of_nobody_changes_nothing(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    decision = await after(github, click(offered(shown), None), before=shown)
    assert check_of(decision).conclusion is CheckConclusion.ACTION_REQUIRED


async def test_another_attempt_needs_another_acceptance(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    accepted = await after(github, click(offered(shown)), before=shown)
    github.runs = [replace(github.runs[0], attempt=2)]
    again = await after(github, OPENED, before=accepted)
    assert check_of(again).conclusion is CheckConclusion.ACTION_REQUIRED
    assert offered(again) != offered(shown)
    late = await after(github, click(offered(shown)), before=replace(again, next_state=shown.next_state))
    assert check_of(late).conclusion is CheckConclusion.ACTION_REQUIRED
    assert "what the button was shown for is not what there is now" in check_of(late).summary


async def test_a_forged_identifier_accepts_nothing(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    for forged in ("accept-", "accept-0000000000000", identifier(SHA, ())):
        decision = await after(github, click(forged), before=shown)
        assert check_of(decision).conclusion is CheckConclusion.ACTION_REQUIRED


async def test_nothing_is_to_be_accepted_where_trust_is_not_the_only_obstacle(github: AtGitHub) -> None:
    github.runs = [Run(GOOD | {"coverage": {"c.xml": cobertura(1, 10)}})]
    shown = await decided(github, OPENED)
    assert check_of(shown).conclusion is CheckConclusion.FAILURE
    assert "Accept evidence" not in [each.label for each in check_of(shown).buttons]
    decision = await after(github, click(identifier(SHA, ((1, 1),))), before=shown)
    assert check_of(decision).conclusion is CheckConclusion.FAILURE


async def test_an_accepted_run_that_fails_afterwards_is_red(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    accepted = await after(github, click(offered(shown)), before=shown)
    github.config = (github.config or "").replace("85%", "95%")
    assert (await after(github, OPENED, before=accepted)).verdict is Verdict.FAIL


async def test_a_click_does_not_push_the_deadline_away(github: AtGitHub) -> None:
    shown = await decided(github, OPENED)
    decision = await after(github, click("re-evaluate"), before=shown)
    assert decision.next_state is not None
    assert decision.next_state.last_activity_at == NOW


async def test_only_the_runs_that_lack_trust_are_named_and_accepted(github: AtGitHub) -> None:
    github.config = DEFAULT
    github.runs = [Run(), Run(id=2, path=".github/workflows/other.yml", first_id=200)]
    shown = await decided(github, OPENED)
    block = check_of(shown).summary.partition("**Accept evidence**")[2].partition("Look at")[0]
    assert ("- run 1, attempt 1" in block, "- run 2" in block) == (True, False)
    assert offered(shown) == identifier(SHA, ((1, 1),))


QUEUE = f"refs/heads/gh-readonly-queue/main/pr-3-{MAIN}"
GROUP = MergeGroupRequested(REPOSITORY, SHA, MAIN, "refs/heads/main", QUEUE)


@pytest.fixture
def queued(github: AtGitHub) -> AtGitHub:
    """The same as a merge group, whose commit is no pull request's head."""
    github.runs = [Run(actor_id=STARTER.id, trigger="merge_group")]
    github.queued, github.pulls = github.pulls, ()
    return github


async def test_the_author_of_a_pull_request_accepts_nothing_in_its_merge_group(queued: AtGitHub) -> None:
    shown = await decided(queued, GROUP)
    refused = await after(queued, click(offered(shown), AUTHOR), before=shown)
    assert check_of(refused).conclusion is CheckConclusion.ACTION_REQUIRED
    assert "author may not accept the evidence: nobody may for a change of their own" in (
        check_of(refused).summary
    )
    assert (await after(queued, click(offered(shown)), before=refused)).verdict is Verdict.PASS


@pytest.mark.parametrize("told", [replace(GROUP, head_ref=""), GROUP])
async def test_nobody_accepts_in_a_merge_group_whose_pull_requests_are_not_known(
    queued: AtGitHub, told: MergeGroupRequested
) -> None:
    queued.queued = ()
    shown = await decided(queued, told)
    refused = await after(queued, click(offered(shown)), before=shown)
    assert check_of(refused).conclusion is CheckConclusion.ACTION_REQUIRED
    assert "not all pull requests of the merge group are known" in check_of(refused).summary


async def test_the_author_below_accepts_nothing_in_a_group_that_is_stacked_on_theirs(
    queued: AtGitHub,
) -> None:
    below = CommitSha("d" * 40)
    queued.heads = {"queue": below}
    state = GateState(NOW, merge_groups=(MergeGroup("refs/heads/main", MAIN, 2, (2,)),))
    queued.kept = ((below, state),)
    queued.queued = (replace(OPENED, author=ADMIN), replace(OPENED, number=2, author=AUTHOR))
    shown = await decided(queued, replace(GROUP, base_sha=below))
    refused = await after(queued, click(offered(shown), AUTHOR), before=shown)
    assert "a change of their own" in check_of(refused).summary
    assert (await after(queued, click(offered(shown)), before=refused)).verdict is Verdict.PASS
