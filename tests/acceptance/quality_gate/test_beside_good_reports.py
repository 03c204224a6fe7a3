"""What lies beside good reports, what starts again after a verdict, and what is waited for: nothing of it is passed over."""

from __future__ import annotations

import pytest

from tests.acceptance.quality_gate.reports import junit
from tests.acceptance.quality_gate.stage import Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit*", format: junit}
gates:
  tests: {from: tests}
"""
LINT = """
producers:
  lint: {workflow: .github/workflows/ci.yml, artifact: "lint*", format: ruff-json}
gates:
  lint: {from: lint}
"""
GOOD = {"junit": {"junit.xml": junit()}}
CRASH = b'{"error": "panicked", "trace": "' + b"x" * 400 + b'"}'


@told
async def test_a_page_of_errors_in_place_of_a_report_spoils_the_good_ones(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    page = b"<html><body>502 Bad Gateway</body></html>"
    scene.ci(one, {"junit-a": {"junit.xml": junit()}, "junit-b": {"junit.xml": page}})
    assert await scene.judged(one) == "failure"


@told
async def test_a_crash_in_place_of_findings_spoils_the_good_ones(scene: Scene) -> None:
    scene.begin(LINT)
    one = scene.propose()
    scene.ci(one, {"lint-a": {"ruff.json": b"[]"}, "lint-b": {"ruff.json": CRASH}})
    assert await scene.judged(one) == "failure"


@told
async def test_an_artifact_of_a_producer_without_a_report_spoils_the_good_ones(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    scene.ci(one, {"junit-a": {"junit.xml": junit()}, "junit-b": {"readme.txt": b"nothing"}})
    assert await scene.judged(one) == "failure"


@told
async def test_a_run_that_starts_again_after_the_verdict_is_waited_for(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    run = scene.ci(one, GOOD)
    assert await scene.judged(one) == "success"
    scene.again(run)
    assert await scene.judged(one) == "in_progress"
    scene.end(run, GOOD)
    assert await scene.judged(one) == "success"


@told
async def test_what_is_waited_for_is_named(scene: Scene) -> None:
    scene.begin(TESTS)
    one = scene.propose()
    assert await scene.judged(one) == "in_progress"
    assert ".github/workflows/ci.yml" in scene.words(one)
