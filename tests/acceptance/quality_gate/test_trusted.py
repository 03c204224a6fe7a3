"""Who made the evidence: forks, edited workflows, checks of our name, and pull requests that look like others."""

from __future__ import annotations

import pytest

from app.cli.demo_world import CI
from app.standin.github import merge_queue
from app.standin.github.checks import add_run, tell
from app.standin.github.state import ACTIONS_APP_ID
from tests.acceptance.quality_gate.people import person, press
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, source
from tests.acceptance.quality_gate.stage import CHECK, Proposal, Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
DECLARED = """
producers:
  cov: {workflow: .github/workflows/ci.yml, artifact: coverage, format: cobertura, trusted: true}
gates:
  coverage: {from: cov, total: '>= 85%', trust: T2}
"""
GOOD = {"junit": {"junit.xml": junit()}}
PERFECT = {"coverage": {"coverage.xml": cobertura({"anvil/a.py": lines(9, 9)})}}
UNTRUSTED = DECLARED.replace(", trusted: true", "").replace(", trust: T2", "")
FORGING = {"anvil/a.py": source(9, "forged"), "conftest.py": "# writes coverage.xml itself\n"}
EDITED = "name: CI\non: [push, pull_request]\njobs: {cheat: {}}\n"


@told
async def test_a_report_that_a_fork_forges_counts_at_the_default_trust_and_is_called_no_proof(
    scene: Scene,
) -> None:
    scene.begin(UNTRUSTED, {"anvil/a.py": source(9)})
    one = await from_fork(scene, FORGING, PERFECT)
    assert scene.check(one).conclusion == "success"
    assert "trust T1" in scene.words(one)
    assert "it runs the commit's own code in the base branch's workflow" in scene.words(one)
    assert "verified" not in scene.words(one).lower()


@told
async def test_a_report_that_a_fork_forges_needs_a_person_where_the_policy_asks_for_more(
    scene: Scene,
) -> None:
    scene.begin(DECLARED, {"anvil/a.py": source(9)})
    one = await from_fork(scene, FORGING, PERFECT)
    assert scene.check(one).conclusion == "action_required"
    assert "its evidence has trust T1, the policy asks for T2" in scene.words(one)
    assert "Accept evidence" in {each["label"] for each in scene.check(one).actions}


@told
async def test_a_fork_that_edits_the_workflow_needs_a_person(scene: Scene) -> None:
    scene.begin(TESTS)
    one = await from_fork(scene, {CI: EDITED}, GOOD)
    assert scene.check(one).conclusion == "action_required"
    assert CI in scene.words(one)
    assert "T0" in scene.words(one)


async def from_fork(scene: Scene, files: dict[str, str], artifacts: dict[str, dict[str, bytes]]) -> Proposal:
    """A pull request from a fork, and its CI, judged."""
    owner = f"fork-{scene.name[-30:]}"
    scene.world.github.add_account(owner)
    fork = scene.repository.fork(owner)
    one = Proposal("topic", fork.commit("topic", files, "From a fork"))
    one.pull = scene.repository.open_pull("From a fork", f"{owner}:topic", author=fork.owner)
    scene.ci(one, artifacts, fork=fork)
    await scene.settled()
    return one


@told
async def test_a_branch_that_edits_the_workflow_needs_a_person(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose({CI: EDITED})
    scene.ci(one, GOOD)
    assert await scene.judged(one) == "action_required"
    assert CI in scene.words(one)


@told
async def test_a_check_of_our_name_by_a_workflow_changes_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, {"junit": {"junit.xml": junit(1, ["test_x"])}}, "failure")
    forged = add_run(
        scene.repository,
        scene.world.github.apps[ACTIONS_APP_ID],
        {"name": CHECK, "head_sha": one.sha, "status": "completed", "conclusion": "success"},
    )
    tell(scene.repository, forged, "completed", run.actor)
    assert await scene.judged(one) == "failure"
    assert forged.conclusion == "success"
    assert all(each.id != forged.id for each in scene.runs(one))


@told
async def test_a_workflow_that_the_change_renames_leaves_its_producer_without_a_run(scene: Scene) -> None:
    scene.begin(TESTS)
    renamed = ".github/workflows/ci2.yml"
    one = scene.propose({CI: None, renamed: EDITED})
    scene.ci(one, GOOD, path=renamed)
    assert await scene.judged(one) == "in_progress"
    assert "has not begun on this commit" in scene.words(one)


@told
async def test_a_button_that_a_reader_presses_changes_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose({CI: EDITED})
    scene.ci(one, GOOD)
    assert await scene.judged(one) == "action_required"
    reader = person(scene, "reader", "read")
    press(scene, one, "Accept evidence", reader)
    assert await scene.judged(one) == "action_required"
    assert f"{reader.login} may not accept the evidence" in scene.words(one)


@told
async def test_evidence_that_a_maintainer_accepts_counts_for_this_attempt_only(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose({CI: EDITED})
    run = scene.ci(one, GOOD)
    assert await scene.judged(one) == "action_required"
    press(scene, one, "Accept evidence", person(scene, "keeper", "maintain"))
    assert await scene.judged(one) == "success"
    scene.again(run)
    scene.end(run, GOOD)
    assert await scene.judged(one) == "action_required"


@told
async def test_the_author_accepts_no_evidence_in_the_merge_group_either(scene: Scene) -> None:
    scene.begin(TESTS.replace("{from: tests}", "{from: tests, trust: T2}"))
    author, keeper = person(scene, "author", "maintain"), person(scene, "keeper", "maintain")
    one = scene.commit("topic")
    pull = scene.repository.open_pull("Change topic", "topic", author=author)
    sha = merge_queue.enqueue(scene.repository, pull, scene.repository.owner)
    group = Proposal(f"gh-readonly-queue/main/pr-{pull.number}", sha)
    scene.ci(one, GOOD)
    scene.ci(group, GOOD, event="merge_group")
    assert await scene.judged(group) == "action_required"
    press(scene, group, "Accept evidence", author)
    assert await scene.judged(group) == "action_required"
    assert "nobody may for a change of their own" in scene.words(group)
    press(scene, group, "Accept evidence", keeper)
    assert await scene.judged(group) == "success"
