"""Events that come twice, late, or in another order than they happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.standin.github import merge_queue, pulling, pushes, workflows
from app.standin.github.comments import add_comment
from app.standin.github.runs import Outcome, PlannedJob
from app.standin.github.shapes.checks import suite_in_event
from tests.acceptance.process import until
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, source
from tests.acceptance.quality_gate.stage import Proposal, Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
LEGS = TESTS.replace("format: junit}", "format: junit, min_reports: 2}")
DIFF = "gates:\n  coverage: {total: '>= 0%', diff: '>= 100%'}\n"
GOOD = {"junit": {"junit.xml": junit()}}
BAD = {"junit": {"junit.xml": junit(2, ["test_x"])}}


@told
async def test_reports_that_come_before_the_check_suite_count(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, GOOD)
    assert await scene.judged(one) == "success"
    check = scene.check(one)
    assert (check.title, check.annotations) == ("tests: 3 of 3 passed", [])
    assert f"run {run.id}, attempt 1" in scene.words(one)
    written = scene.writes()
    assert written
    payload = {"check_suite": suite_in_event(scene.repository, run.suite)}
    for action in ("requested", "completed"):
        scene.world.github.emit("check_suite", action, payload, scene.repository, sender=run.actor)
    assert await scene.judged(one) == "success"
    assert scene.writes(written) == []


@told
async def test_a_check_suite_that_completes_twice_is_written_once(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, GOOD)
    assert await scene.judged(one) == "success"
    before = scene.said(one)
    payload = {"check_suite": suite_in_event(scene.repository, run.suite)}
    scene.world.github.emit("check_suite", "completed", payload, scene.repository, sender=run.actor)
    assert await scene.judged(one) == "success"
    assert scene.said(one) == before


@told
async def test_a_run_that_is_requested_after_it_has_completed_changes_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, GOOD)
    assert await scene.judged(one) == "success"
    before = scene.said(one)
    workflows.tell_run(scene.repository, run, "requested")
    assert await scene.judged(one) == "success"
    assert scene.said(one) == before


@told
async def test_failed_jobs_that_run_again_inherit_the_artifacts_of_the_others(scene: Scene) -> None:
    scene.begin(LEGS)
    one = scene.propose()
    run = scene.start(one, jobs=("linux", "mac"))
    ended = [PlannedJob("linux"), PlannedJob("mac", "failure")]
    workflows.finish_run(scene.repository, run, Outcome(ended, {"junit-linux": {"junit.xml": junit(2)}}))
    assert await scene.judged(one) == "failure"
    assert "1 report of the 2 that tests is to leave" in scene.words(one)
    scene.again(run, ("mac",))
    scene.end(run, {"junit-mac": {"junit.xml": junit(3)}}, jobs=("mac",))
    assert await scene.judged(one) == "success"
    assert "5 of 5 passed" in scene.words(one)
    assert scene.words(one).count("inherited from an earlier attempt") == 1


@told
async def test_what_jobs_left_that_all_ran_again_is_no_evidence(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, GOOD, "failure")
    assert await scene.judged(one) == "failure"
    scene.again(run)
    scene.end(run)
    assert await scene.judged(one) == "failure"
    assert "every job has run again since, and none left another" in scene.words(one)


@told
async def test_a_report_of_a_job_that_ran_again_and_left_none_is_no_good_news(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.start(one, jobs=("lint",))
    scene.end(run, jobs=("lint",))
    scene.again(run)
    scene.end(run, GOOD, "failure")
    assert await scene.judged(one) == "failure"
    scene.again(run)
    scene.end(run)
    assert await scene.judged(one) == "failure"
    assert "the job that did has run again and left none" in scene.words(one)


@told
async def test_a_run_that_starts_again_while_it_is_judged_is_waited_for(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, BAD, "failure")
    scene.again(run)
    assert await scene.judged(one) == "in_progress"
    scene.end(run, GOOD)
    assert await scene.judged(one) == "success"


@told
async def test_a_run_for_another_base_does_not_replace_one_that_failed(scene: Scene) -> None:
    scene.begin(TESTS)
    scene.repository.commit("lax", {"b.txt": "b\n"}, "Another base")
    one = scene.propose()
    run = scene.ci(one, BAD, "failure")
    assert await scene.judged(one) == "failure"
    scene.repository.open_pull("To lax", one.branch, base="lax")
    scene.ci(one, GOOD)
    assert await scene.judged(one) == "failure"
    assert "pull requests to lax and main propose this commit" in scene.words(one)
    scene.again(run)
    scene.end(run, GOOD)
    assert await scene.judged(one) == "success"


@told
async def test_two_pushes_within_a_second_are_judged_each_for_itself(scene: Scene) -> None:
    scene.begin(TESTS)
    first = scene.propose()
    second = scene.commit("topic")
    scene.ci(first, BAD, "failure")
    scene.ci(second, GOOD)
    assert await scene.judged(second) == "success"
    assert scene.check(first).conclusion == "failure"


@told
async def test_a_push_back_to_an_old_commit_finds_its_own_verdict(scene: Scene) -> None:
    scene.begin(TESTS)
    first = scene.propose()
    scene.ci(first, GOOD)
    assert await scene.judged(first) == "success"
    second = scene.commit("topic")
    scene.ci(second, BAD, "failure")
    assert await scene.judged(second) == "failure"
    ref = "refs/heads/topic"
    scene.repository.git.set_ref(ref, first.sha, second.sha)
    pushes.ref_moved(scene.repository, ref, second.sha, first.sha, scene.repository.owner)
    assert await scene.judged(first) == "success"
    assert scene.check(second).conclusion == "failure"


@told
async def test_a_commit_that_two_pull_requests_propose_is_judged_by_the_worse(scene: Scene) -> None:
    scene.begin(DIFF)
    scene.commit("stacked", {"anvil/a.py": source(4)})
    scene.repository.git.set_ref("refs/heads/topic", scene.repository.git.resolve("stacked") or "", None)
    one = scene.propose({"anvil/a.py": source(4) + "more = 1\n"}, base="stacked")
    scene.ci(one, {"coverage": {"c.xml": cobertura({"anvil/a.py": {**lines(3, 4), 5: 1}})}})
    assert await scene.judged(one) == "success"
    other = scene.repository.open_pull("Merge it all", "topic", base="main")
    assert await scene.judged(one) == "failure"
    assert f"#{other.number}" in scene.words(one) or f"pull request {other.number}" in scene.words(one)


@told
async def test_a_base_branch_that_moves_does_not_change_what_a_change_owes(scene: Scene) -> None:
    scene.begin(DIFF)
    one = scene.propose({"anvil/a.py": source(4)})
    scene.ci(one, {"coverage": {"c.xml": cobertura({"anvil/a.py": lines(4, 4)})}})
    assert await scene.judged(one) == "success"
    check = scene.check(one)
    assert (check.title, check.annotations) == ("coverage: 100.00 % (4 of 4 lines)", [])
    assert "main moved on" not in scene.words(one)
    scene.commit("main", {"anvil/b.py": source(9)})
    assert one.pull is not None
    retold = {"title": {"from": "x"}}
    pulling.tell(scene.repository, one.pull, "edited", scene.repository.owner, changes=retold)
    assert await scene.judged(one) == "success"
    assert scene.check(one) is check
    assert (check.title, check.annotations) == ("coverage: 100.00 % (4 of 4 lines)", [])
    assert "4 of 4 added lines" in scene.words(one)
    assert "main moved on since this branch left it" in scene.words(one)
    written = scene.writes()
    scene.commit("main", {"anvil/b.py": source(8)})
    pulling.tell(scene.repository, one.pull, "edited", scene.repository.owner, changes=retold)
    assert await scene.judged(one) == "success"
    assert scene.writes(written) == []


@told
async def test_a_base_branch_that_moves_in_the_same_file_makes_the_lines_of_a_merge_doubtful(
    scene: Scene,
) -> None:
    scene.begin(DIFF, {"anvil/a.py": source(4)})
    one = scene.propose({"anvil/a.py": source(4) + "more = 1\n"})
    scene.ci(one, {"coverage": {"c.xml": cobertura({"anvil/a.py": lines(5, 5)})}})
    assert await scene.judged(one) == "success"
    assert "1 of 1" in scene.words(one)
    scene.commit("main", {"anvil/a.py": "first = 0\n" + source(4)})
    assert one.pull is not None
    retold = {"title": {"from": "x"}}
    pulling.tell(scene.repository, one.pull, "edited", scene.repository.owner, changes=retold)
    assert await scene.judged(one) == "failure"
    check = scene.check(one)
    assert check.title == (
        "coverage: main changed anvil/a.py since, so the report's line numbers may be off there: bring the branch up to date"
    )
    assert check.annotations == []


@told
async def test_a_pull_request_with_another_base_is_judged_for_that_one(scene: Scene) -> None:
    scene.begin(DIFF)
    scene.commit("stacked", {"anvil/a.py": source(4)})
    scene.repository.git.set_ref("refs/heads/topic", scene.repository.git.resolve("stacked") or "", None)
    one = scene.propose({"anvil/a.py": source(4) + "more = 1\n"}, base="stacked")
    scene.ci(one, {"coverage": {"c.xml": cobertura({"anvil/a.py": {**lines(3, 4), 5: 1}})}})
    assert await scene.judged(one) == "success"
    pull = one.pull
    assert pull is not None
    was, pull.base_ref = pull.base_ref, "main"
    pull.base_sha = scene.repository.git.resolve("main") or ""
    changes = {"base": {"ref": {"from": was}, "sha": {"from": pull.base_sha}}}
    pulling.tell(scene.repository, pull, "edited", scene.repository.owner, changes=changes)
    assert await scene.judged(one) == "failure"
    assert "4 of 5" in scene.words(one)


@told
async def test_two_artifacts_of_one_name_and_attempt_both_count(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.start(one)
    for each in (BAD, GOOD):
        workflows.add_artifact(scene.repository, run, "junit", each["junit"])
    scene.end(run)
    assert await scene.judged(one) == "failure"
    assert "5 of 6 passed" in scene.words(one)
    assert "junit: 2 artifacts of one attempt have this name" in scene.words(one)


@told
async def test_two_good_artifacts_of_one_name_and_attempt_are_not_believed(scene: Scene) -> None:
    scene.begin(LEGS)
    one = scene.propose()
    run = scene.start(one, jobs=("linux", "mac"))
    for _ in range(2):
        workflows.add_artifact(scene.repository, run, "junit", GOOD["junit"])
    scene.end(run, jobs=("linux", "mac"))
    assert await scene.judged(one) == "failure"
    assert "junit: 2 artifacts of one attempt have this name" in (scene.check(one).title or "")


@told
async def test_an_artifact_of_an_older_attempt_gives_way_to_one_of_its_name(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, BAD, "failure")
    assert await scene.judged(one) == "failure"
    scene.again(run)
    scene.end(run, GOOD)
    assert await scene.judged(one) == "success"
    assert "3 of 3 passed" in scene.words(one)


@told
async def test_a_merge_group_is_answered_on_its_own_commit(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, GOOD)
    assert await scene.judged(one) == "success"
    assert one.pull is not None
    sha = merge_queue.enqueue(scene.repository, one.pull, scene.repository.owner)
    scene.ci(Proposal("gh-readonly-queue/main/pr-1", sha), GOOD, event="merge_group")
    assert await scene.judged(sha) == "success"


@told
async def test_a_waiver_of_a_pull_request_counts_in_its_merge_group(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, BAD, "failure")
    assert await scene.judged(one) == "failure"
    assert one.pull is not None
    keeper = scene.world.github.add_account(f"{scene.name}-keeper")
    scene.repository.collaborators[keeper.id] = "maintain"
    last = datetime.now(UTC).date() + timedelta(days=7)
    add_comment(
        scene.repository,
        one.pull.number,
        f"/hephaestus waive tests until {last} because it is known",
        keeper,
    )
    assert await until(lambda: scene.check(one).conclusion == "success")  # by a timer: no webhook says it
    await scene.settled()
    sha = merge_queue.enqueue(scene.repository, one.pull, scene.repository.owner)
    scene.ci(Proposal("gh-readonly-queue/main/pr-1", sha), BAD, "failure", event="merge_group")
    assert await scene.judged(sha) == "success"
    assert "it is known" in scene.words(sha)
    add_comment(scene.repository, one.pull.number, "/hephaestus unwaive tests", keeper)
    assert await until(lambda: scene.check(sha).conclusion == "failure")
