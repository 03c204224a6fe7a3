"""Coverage that stands in where no report names a group's files: judged as it was at the base."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.cli.demo_world import CI
from tests.acceptance.quality_gate.reports import cobertura, lines, source
from tests.acceptance.quality_gate.stage import Proposal, Scene, told
from tests.acceptance.tenants import WORKFLOW

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = ".github/workflows/other.yml"
CARRY = """
gates:
  coverage: {total: '>= 50%'}
paths:
  "libs/**": {coverage: {total: '>= 90%', carry: 30}}
"""
ONLY_APP = {"coverage": {"coverage.xml": cobertura({"app/b.py": lines(10, 10)})}}


@told
async def test_two_halves_of_the_base_do_not_make_a_whole(scene: Scene) -> None:
    scene.begin(CARRY, {OTHER: WORKFLOW, "libs/a.py": source(10), "app/b.py": source(10)})
    head = scene.repository.git.resolve("main")
    assert head is not None
    base = Proposal("main", head)
    for path, first in ((CI, range(1, 6)), (OTHER, range(6, 11))):
        half = {number: int(number in first) for number in range(1, 11)}
        report = cobertura({"libs/a.py": half, "app/b.py": lines(10, 10)})
        scene.ci(base, {"coverage": {"coverage.xml": report}}, event="push", path=path)
    await scene.settled()
    one = scene.propose()
    scene.ci(one, ONLY_APP)
    assert await scene.judged(one) == "failure"
    assert "4 more covered lines needed in libs/**" in scene.words(one)


@told
async def test_a_waived_path_is_not_carried(scene: Scene) -> None:
    last = datetime.now(UTC).date() + timedelta(days=7)
    waiver = f'waivers: [{{gate: coverage, path: "libs/old.py", until: {last}, by: ada, why: it goes}}]\n'
    files = {"libs/new.py": source(10), "libs/old.py": source(10), "app/b.py": source(10)}
    scene.begin(CARRY + waiver, files)
    report = cobertura({"libs/new.py": lines(10, 10), "libs/old.py": lines(0, 10), "app/b.py": lines(10, 10)})
    await scene.measured({"coverage": {"coverage.xml": report}})
    one = scene.propose()
    scene.ci(one, ONLY_APP)
    assert await scene.judged(one) == "success"
    assert "libs/old.py" in scene.words(one)
