"""How far evidence can be relied on: who could have written the workflow that made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion
from app.domain.ids import CommitSha, RepositoryId
from app.domain.pulls import ChangedFile
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.gathering.changes import read_changes
from handlers.quality_gate.gathering.trusting import TrustReader
from handlers.quality_gate.proposals import Proposal, covered_after
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import TrustLevel
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, DECLARED, MAIN, NOW, OPENED, REPOSITORY, SHA, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided

CALLING = """on: pull_request
jobs:
  a: {uses: ./.github/workflows/reused.yml}
  b:
    steps:
      - uses: actions/checkout@v4
      - uses: "./.github/actions/setup"
"""
REUSED = ".github/workflows/reused.yml"
ACTION = ".github/actions/setup/action.yml"
TRUSTED = Producer(workflow=CI, trusted=True)


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    at = AtGitHub(tmp_path, pulls=(OPENED,))
    at.everywhere |= {CI: CALLING, REUSED: "on: workflow_call\n", ACTION: "runs: {using: composite}\n"}
    return at


def edited(*paths: str) -> tuple[ChangedFile, ...]:
    return tuple(ChangedFile(path, None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x") for path in paths)


async def trust(
    github: AtGitHub,
    producer: Producer | None = None,
    *,
    trigger: str = "pull_request",
    branch: str = "topic",
    repository: RepositoryId = REPOSITORY.id,
    proposed: tuple[str, ...] = (),
) -> tuple[TrustLevel, str]:
    (first,) = await github.workflow_runs(SHA)
    run = replace(first, trigger=trigger, head_branch=branch, head_repository_id=repository)
    reader = cast("GitHubReader", github)
    changes = await read_changes(reader, SHA, github.pulls, ())
    found = await TrustReader(reader, SHA, changes, proposed).of(run, producer)
    return found.level, found.why


async def test_a_workflow_that_is_the_bases_own_gives_t1(github: AtGitHub) -> None:
    level, why = await trust(github)
    assert level is TrustLevel.T1
    assert "the commit's own code" in why


@pytest.mark.parametrize("path", [CI, REUSED, ACTION])
async def test_a_change_of_the_workflow_or_of_what_it_calls_gives_t0(github: AtGitHub, path: str) -> None:
    github.files[path, SHA] = github.everywhere[path] + "# softer\n"
    github.changed = edited(path)
    assert await trust(github) == (TrustLevel.T0, f"this change edits {path}")


async def test_a_change_of_what_a_link_leads_to_gives_t0(github: AtGitHub) -> None:
    github.blobs[ACTION] = "1" * 40
    github.files[ACTION, SHA] = "runs: {using: node24, main: other.js}\n"
    level, why = await trust(github)
    assert (level, ACTION in why) == (TrustLevel.T0, True)


async def test_what_is_too_large_to_be_read_gives_t0_and_ends_no_evaluation(github: AtGitHub) -> None:
    github.everywhere[REUSED] = "#" * (1024 * 1024 + 1)
    assert await trust(github) == (TrustLevel.T0, f"{REUSED} is a link, or larger than GitHub gives")


async def test_a_change_of_an_actions_other_files_gives_t0(github: AtGitHub) -> None:
    github.changed = edited(".github/actions/setup/install.sh")
    level, why = await trust(github)
    assert (level, "install.sh" in why) == (TrustLevel.T0, True)


async def test_a_workflow_that_the_change_brings_or_renames_gives_t0(github: AtGitHub) -> None:
    github.files[CI, MAIN] = None
    github.changed = edited(CI)
    assert await trust(github) == (TrustLevel.T0, f"{CI} does not exist on main")


async def test_a_base_that_went_on_gives_t0_and_says_what_to_do(github: AtGitHub) -> None:
    github.files[CI, MAIN] = CALLING + "# newer\n"
    level, why = await trust(github)
    assert level is TrustLevel.T0
    assert why.endswith("by now; update the branch")


async def test_differences_that_github_does_not_list_give_t0_where_an_action_could_be_among_them(
    github: AtGitHub,
) -> None:
    github.complete = False
    assert (await trust(github))[0] is TrustLevel.T0
    github.everywhere[CI] = "on: pull_request\n"
    assert (await trust(github))[0] is TrustLevel.T1


async def test_a_run_of_the_default_branch_gives_t1_and_t2_where_its_producer_is_trusted(
    github: AtGitHub,
) -> None:
    github.ahead = 0
    assert (await trust(github, trigger="push", branch="main"))[0] is TrustLevel.T1
    assert (await trust(github, TRUSTED, trigger="push", branch="main"))[0] is TrustLevel.T2
    github.files[CI, MAIN] = CALLING + "# newer\n"
    assert (await trust(github, TRUSTED, trigger="push", branch="main"))[0] is TrustLevel.T1
    github.files[CI, SHA] = "on: push\n"
    foreign = await trust(github, TRUSTED, trigger="push", branch="main", repository=RepositoryId(9))
    assert foreign[0] is TrustLevel.T0


async def test_pull_request_target_runs_the_default_branchs_file_whatever_the_change_edits(
    github: AtGitHub,
) -> None:
    github.files[CI, SHA] = "on: pull_request_target\n"
    github.changed = edited(CI)
    assert (await trust(github, TRUSTED, trigger="pull_request_target"))[0] is TrustLevel.T2
    assert (await trust(github, trigger="pull_request_target"))[0] is TrustLevel.T1
    fork = await trust(github, TRUSTED, trigger="pull_request_target", repository=RepositoryId(9))
    assert fork == (TrustLevel.T1, "it ran the default branch's workflow, for a fork")


@pytest.mark.parametrize("path", [ACTION, ".github/actions/setup/install.sh"])
@pytest.mark.parametrize("repository", [REPOSITORY.id, RepositoryId(9)])
async def test_pull_request_target_gives_t0_where_the_change_edits_an_action_that_it_uses(
    github: AtGitHub, path: str, repository: RepositoryId
) -> None:
    github.files[path, SHA] = "runs: {using: composite}  # softer\n"
    github.changed = edited(path)
    level, why = await trust(github, TRUSTED, trigger="pull_request_target", repository=repository)
    assert (level, why.startswith(f"this change edits {path}")) == (TrustLevel.T0, True)


async def test_pull_request_target_calls_the_default_branchs_workflows_whatever_the_change_edits(
    github: AtGitHub,
) -> None:
    github.files[REUSED, SHA] = "on: workflow_call  # softer\n"
    github.changed = edited(REUSED)
    assert (await trust(github, TRUSTED, trigger="pull_request_target"))[0] is TrustLevel.T2


@pytest.mark.parametrize("trigger", ["workflow_run", "issue_comment", "status", "an_event_of_next_year"])
async def test_a_run_that_github_does_not_bind_to_the_commit_gives_t0(github: AtGitHub, trigger: str) -> None:
    level, why = await trust(github, TRUSTED, trigger=trigger)
    assert (level, why) == (TrustLevel.T0, f"GitHub does not say which commit a run of {trigger} is about")


async def test_a_tag_that_is_called_like_the_default_branch_is_not_that_branch(github: AtGitHub) -> None:
    github.files[CI, SHA] = "on: push\n"
    github.changed = edited(CI)
    assert (await trust(github, TRUSTED, trigger="push", branch="main"))[0] is TrustLevel.T0


async def test_a_commit_that_was_proposed_to_a_lax_branch_first_is_held_against_that_too(
    github: AtGitHub,
) -> None:
    lax = CommitSha("c" * 40)
    github.heads["lax"] = lax
    github.files[CI, lax] = CALLING + "# softer\n"
    level, why = await trust(github, proposed=("main", "lax"))
    assert (level, why.startswith("the commit was proposed to lax, too, and there")) == (TrustLevel.T0, True)
    assert (await trust(github, TRUSTED, trigger="pull_request_target", proposed=("lax",)))[
        0
    ] is TrustLevel.T0
    assert (await trust(github, trigger="push", proposed=("main", "lax")))[0] is TrustLevel.T1
    github.files[CI, lax] = CALLING
    assert (await trust(github, proposed=("main", "lax")))[0] is TrustLevel.T1


async def test_a_branch_that_is_gone_cannot_be_compared(github: AtGitHub) -> None:
    github.gone = ("lax",)
    assert await trust(github, proposed=("lax",)) == (
        TrustLevel.T0,
        "the commit was proposed to lax, too, which is gone; push a new commit",
    )


async def test_branches_that_may_be_forgotten_by_now_are_not_taken_for_harmless(github: AtGitHub) -> None:
    lax = CommitSha("c" * 40)
    github.heads["lax"] = lax
    github.files[CI, lax] = CALLING + "# softer\n"
    first, others = replace(OPENED, base_ref="lax"), [replace(OPENED, number=each) for each in range(4, 99)]
    proposals = covered_after((first, *others, OPENED), ())
    level, why = await trust(github, proposed=tuple(each.base_ref for each in proposals))
    assert (level, why.endswith("not all branches are known any more; push a new commit")) == (
        TrustLevel.T0,
        True,
    )


async def test_a_link_in_place_of_a_workflow_gives_t0(github: AtGitHub) -> None:
    github.links = (REUSED,)
    assert await trust(github) == (TrustLevel.T0, f"{REUSED} is a link, or larger than GitHub gives")


@pytest.mark.parametrize("path", ["src/.github/actions/setup", "../other"])
async def test_an_action_that_cannot_be_found_gives_t0(github: AtGitHub, path: str) -> None:
    github.everywhere[CI] = f"jobs: {{a: {{steps: [{{uses: ./{path}}}]}}}}\n"
    level, why = await trust(github)
    assert (level, why.endswith("which is no workflow or action of this repository")) == (TrustLevel.T0, True)


async def test_of_an_action_in_the_root_only_its_description_counts(github: AtGitHub) -> None:
    github.everywhere |= {CI: "jobs: {a: {steps: [{uses: ./}]}}\n", "action.yml": "runs: {using: node24}\n"}
    github.changed = edited("src/main.js")
    assert (await trust(github))[0] is TrustLevel.T1
    github.files["action.yml", SHA] = "runs: {using: docker}\n"
    github.changed = edited("action.yml")
    assert await trust(github) == (TrustLevel.T0, "this change edits action.yml")


@pytest.mark.parametrize("trigger", ["merge_group", "pull_request"])
async def test_a_trusted_producer_is_no_more_than_t1_where_it_runs_the_commits_file(
    github: AtGitHub, trigger: str
) -> None:
    assert (await trust(github, TRUSTED, trigger=trigger))[0] is TrustLevel.T1


async def test_without_a_pull_request_the_default_branch_is_held_against(github: AtGitHub) -> None:
    github.pulls = ()
    assert (await trust(github, trigger="push", branch="topic"))[0] is TrustLevel.T1
    github.files[CI, SHA] = "on: push\n"
    github.changed = edited(CI)
    assert (await trust(github, trigger="push", branch="topic"))[0] is TrustLevel.T0


async def test_good_reports_of_an_edited_workflow_do_not_pass_and_a_person_may_decide(
    github: AtGitHub,
) -> None:
    github.files[CI, SHA] = CALLING + "# softer\n"
    github.changed = edited(CI)
    decision = await decided(github, OPENED)
    check = check_of(decision)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert "this change edits" in check.summary


async def test_a_policy_may_ask_for_less(github: AtGitHub) -> None:
    github.config = DECLARED + "  defaults: {trust: T0}\n"
    github.files[CI, SHA] = CALLING + "# softer\n"
    github.changed = edited(CI)
    assert (await decided(github, OPENED)).verdict is Verdict.PASS


async def test_failing_evidence_needs_no_trust(github: AtGitHub) -> None:
    github.config = DECLARED.replace("85%", "95%")
    github.files[CI, SHA] = CALLING + "# softer\n"
    assert (await decided(github, OPENED)).verdict is Verdict.FAIL


async def test_a_retargeted_pull_request_does_not_bring_the_lax_branchs_evidence(github: AtGitHub) -> None:
    lax = CommitSha("c" * 40)
    github.heads["lax"], github.files[CI, lax] = lax, CALLING + "# softer\n"
    before = GateState(NOW, proposals=(Proposal(3, "lax"),))
    check = check_of(await decided(github, replace(OPENED, action="edited"), state=before))
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert "was proposed to lax, too" in check.summary
