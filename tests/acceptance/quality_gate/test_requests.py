"""What a judgement costs at GitHub: a pull request with thirty artifacts, judged, and judged again when nothing has changed."""

from __future__ import annotations

from collections import Counter

import pytest

from app.standin.github.contract import Contract
from app.standin.github.shapes.checks import suite_in_event
from tests.acceptance.quality_gate.reports import cobertura, junit, lines, sarif, source
from tests.acceptance.quality_gate.stage import Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = """
producers:
  tests: {workflow: .github/workflows/ci.yml, artifact: "junit-*", format: junit, min_reports: 10}
  coverage: {workflow: .github/workflows/ci.yml, artifact: "coverage-*", format: cobertura, min_reports: 10}
  lint: {workflow: .github/workflows/ci.yml, artifact: "lint-*", format: sarif, min_reports: 10}
gates:
  tests: {from: tests}
  coverage: {from: coverage, total: ">= 85%", diff: ">= 85%"}
  lint: {from: lint, findings: 0}
"""
MOST_AGAIN = 7
"""Reads of a judgement on what has not changed; GitHub counts none of them against the limit."""
THIRTY = {
    name: files
    for leg in range(10)
    for name, files in (
        (f"junit-{leg}", {"junit.xml": junit(20)}),
        (f"coverage-{leg}", {"coverage.xml": cobertura({"anvil/a.py": lines(100, 100)})}),
        (f"lint-{leg}", {"ruff.sarif": sarif(0)}),
    )
}


def calls(scene: Scene, before: int = 0) -> list[str]:
    """What GitHub was asked about the repository after the first so many requests: method, what of it, status."""
    name = f"/repos/{scene.repository.full_name}"
    made = [
        each for each in scene.world.github.part(Contract).calls if f"{each.path}/".startswith(f"{name}/")
    ]
    return [f"{each.method} {each.path.removeprefix(name)} {each.status}" for each in made[before:]]


@told
async def test_each_artifact_is_downloaded_once_and_nothing_when_nothing_changed(scene: Scene) -> None:
    scene.begin(POLICY, {"anvil/a.py": source(99)})
    one = scene.propose({"anvil/a.py": source(100)})
    assert await scene.judged(one) == "in_progress"
    proposed = len(calls(scene))
    run = scene.ci(one, THIRTY)
    assert await scene.judged(one) == "success"
    first = calls(scene, proposed)
    news = [each for each in first if not each.endswith(" 304")]
    assert Counter(each.partition(" /")[0] for each in news) == {"GET": 36, "PATCH": 1}
    assert len({each for each in news if "/zip " in each}) == len(THIRTY)
    assert len(set(news)) == len(news)
    payload = {"check_suite": suite_in_event(scene.repository, run.suite)}
    scene.world.github.emit("check_suite", "completed", payload, scene.repository, sender=run.actor)
    await scene.settled()
    again = calls(scene, proposed + len(first))
    assert 0 < len(again) <= MOST_AGAIN
    assert {each.rpartition(" ")[2] for each in again} == {"304"}
