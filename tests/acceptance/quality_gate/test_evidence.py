"""Evidence that is missing, empty, broken, gone or hostile: never a pass, and every time a reason."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from datetime import timedelta

import pytest

from app.standin.github.faults import Fault, Faults
from app.standin.github.runs import Outcome, PlannedJob, WorkflowRun
from app.standin.github.workflows import add_artifact, finish_run
from tests.acceptance.quality_gate.reports import junit, sarif, zipped
from tests.acceptance.quality_gate.stage import Artifacts, Proposal, Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
LEGS = TESTS.replace("format: junit}", "format: junit, min_reports: 2}")
GOOD = {"junit": {"junit.xml": junit()}}
BOMB = zipped(("junit.xml", b"<testsuites>" + b" " * (8 * 1024 * 1024) + b"</testsuites>"))
LINK = "link.xml is not read: a link, or no regular file"
SLIP = zipped(("junit.xml", junit()), ("../../other.xml", junit()))


def symlink() -> zipfile.ZipInfo:
    """A member that is a link."""
    link = zipfile.ZipInfo("link.xml")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return link


@told
async def test_a_leg_of_a_matrix_that_dies_without_an_artifact_is_missed(scene: Scene) -> None:
    scene.begin(LEGS)
    one = scene.propose()
    run = scene.start(one, jobs=("linux", "mac"))
    scene.end(run, {"junit-linux": {"junit.xml": junit()}}, jobs=("linux", "mac"))
    assert await scene.judged(one) == "failure"
    assert "1 report of the 2 that tests is to leave" in scene.words(one)


@told
async def test_a_run_whose_only_job_was_skipped_passes_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = jobs_end(scene, one, {}, test="skipped")
    assert run.last.conclusion == "skipped"
    assert await scene.judged(one) == "failure"
    assert scene.check(one).title == f"tests: run {run.id} has no report of tests"


@told
async def test_a_job_that_was_skipped_in_a_good_run_passes_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = jobs_end(scene, one, {"lint": {"ruff.json": b"[]"}}, test="skipped", lint="success")
    assert run.last.conclusion == "success"
    assert await scene.judged(one) == "failure"
    assert scene.check(one).title == f"tests: run {run.id} has no report of tests"


@told
async def test_a_leg_that_was_skipped_in_a_good_run_is_missed(scene: Scene) -> None:
    scene.begin(LEGS)
    one = scene.propose()
    run = jobs_end(scene, one, {"junit-linux": {"junit.xml": junit()}}, linux="success", mac="skipped")
    assert run.last.conclusion == "success"
    assert await scene.judged(one) == "failure"
    assert scene.check(one).title == f"tests: run {run.id} left 1 report of the 2 that tests is to leave"


@told
async def test_a_skipped_job_that_leaves_no_reports_spoils_none(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    jobs_end(scene, one, GOOD, test="success", deploy="skipped")
    assert await scene.judged(one) == "success"
    assert scene.check(one).title == "tests: 3 of 3 passed"


def jobs_end(scene: Scene, one: Proposal, artifacts: Artifacts, **conclusions: str) -> WorkflowRun:
    """A run whose jobs come each to a conclusion of its own."""
    run = scene.start(one, jobs=tuple(conclusions))
    planned = [PlannedJob(*each) for each in conclusions.items()]
    finish_run(scene.repository, run, Outcome(planned, artifacts))
    return run


@told
async def test_a_workflow_that_never_starts_is_waited_for_until_the_deadline(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    assert await scene.judged(one) == "in_progress"
    assert "has not begun on this commit" in scene.words(one)
    assert "counts as missing" in scene.words(one)


@told
async def test_an_artifact_that_has_expired_is_no_evidence(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.start(one)
    artifact = add_artifact(scene.repository, run, "junit", GOOD["junit"])
    artifact.expires_at = scene.world.github.now() - timedelta(days=1)
    scene.end(run)
    assert await scene.judged(one) == "failure"
    assert "expired" in scene.words(one)


@told
async def test_an_artifact_that_is_deleted_after_it_was_listed_is_no_evidence(scene: Scene) -> None:
    await lost(scene, Fault.NOT_FOUND)


@told
async def test_an_artifact_that_expires_after_it_was_listed_is_no_evidence(scene: Scene) -> None:
    await lost(scene, Fault.GONE)


async def lost(scene: Scene, fault: Fault) -> None:
    """The list of a run's artifacts has one more than can be downloaded."""
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.start(one)
    add_artifact(scene.repository, run, "junit-a", GOOD["junit"])
    gone = add_artifact(scene.repository, run, "junit-b", GOOD["junit"])
    place = re.escape(f"/repos/{scene.repository.full_name}/actions/artifacts/{gone.id}/zip")
    rule = scene.world.github.part(Faults).inject(fault, path=place, times=None)
    scene.end(run)
    assert await scene.judged(one) == "failure"
    assert rule.hits >= 1
    assert "junit-b: GitHub does not keep this artifact any more" in scene.words(one)


@told
async def test_a_zip_bomb_is_no_evidence(scene: Scene) -> None:
    await refused(scene, BOMB, "packed too tightly to be a report")


@told
async def test_a_zip_whose_paths_lead_out_is_no_evidence(scene: Scene) -> None:
    await refused(scene, SLIP, "a file of the artifact has a path that leads out of it")


@told
async def test_a_zip_with_a_link_for_a_report_is_no_evidence(scene: Scene) -> None:
    await refused(scene, zipped((symlink(), junit())), LINK)


@told
async def test_a_link_beside_a_report_is_named_and_counts_nothing(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, {"junit": zipped(("junit.xml", junit(3)), (symlink(), junit(4)))})
    await scene.settled()
    assert LINK in scene.words(one)
    assert "3 of 3 passed" in scene.words(one)


async def refused(scene: Scene, archive: bytes, why: str) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, {"junit": archive})
    assert await scene.judged(one) == "failure"
    assert why in scene.words(one)


@told
async def test_an_empty_report_among_good_ones_spoils_them(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, {"junit-a": {"junit.xml": junit()}, "junit-b": {"junit.xml": b""}})
    assert await scene.judged(one) == "failure"
    assert "junit-b" in scene.words(one)
    assert "empty" in scene.words(one)


@told
async def test_a_tool_that_crashed_and_found_nothing_proves_nothing(scene: Scene) -> None:
    scene.begin("gates:\n  lint: {findings: 0}\n")
    one = scene.propose()
    scene.ci(one, {"lint": {"ruff.sarif": sarif(0, successful=False)}})
    assert await scene.judged(one) == "failure"
    assert "lint/ruff.sarif: the tool says that its run failed" in scene.words(one)


@told
async def test_a_tool_that_says_null_for_its_findings_proves_nothing(scene: Scene) -> None:
    scene.begin("gates:\n  lint: {findings: 0}\n")
    one = scene.propose()
    run = {"tool": {"driver": {"name": "ruff"}}, "results": None}
    scene.ci(one, {"lint": {"ruff.sarif": json.dumps({"version": "2.1.0", "runs": [run]}).encode()}})
    assert await scene.judged(one) == "failure"
    assert "lint/ruff.sarif" in scene.words(one)


@told
async def test_a_linter_that_found_nothing_in_a_failed_run_proves_nothing(scene: Scene) -> None:
    scene.begin("gates:\n  lint: {findings: 0}\n")
    one = scene.propose()
    scene.ci(one, {"lint": {"ruff.sarif": sarif(0)}}, "failure")
    assert await scene.judged(one) == "failure"


@told
async def test_an_audit_that_skipped_everything_proves_nothing(scene: Scene) -> None:
    scene.begin("gates:\n  audit: {}\n")
    one = scene.propose()
    skipped = {"dependencies": [{"name": "anvil", "skip_reason": "not on the index"}], "fixes": []}
    scene.ci(one, {"audit": {"audit.json": json.dumps(skipped).encode()}})
    assert await scene.judged(one) == "failure"
    assert "skipped" in scene.words(one)


@told
async def test_an_artifact_that_names_another_pull_request_speaks_for_its_own_commit(scene: Scene) -> None:
    scene.begin(TESTS)
    victim = scene.propose(branch="victim")
    attack = scene.propose(branch="attack")
    claim = {"pr_number.txt": b"1", "event.json": json.dumps({"number": 1, "sha": victim.sha}).encode()}
    scene.ci(attack, {"junit": {**GOOD["junit"], **claim}})
    assert await scene.judged(attack) == "success"
    assert await scene.judged(victim) == "in_progress"
