"""The button *Fix*: what of the tools' fixes reaches the branch."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.quality_gate.people import person, press
from tests.acceptance.quality_gate.stage import Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINT = """
producers:
  lint: {workflow: .github/workflows/ci.yml, artifact: lint, format: ruff-json}
gates:
  lint: {from: lint}
"""
UNUSED = "import os\nx = 1\ny = 2\n"


def unused(path: str, row: int) -> bytes:
    """A report of an unused import in this row, with ruff's fix."""
    edit = {
        "content": "",
        "location": {"row": row, "column": 1},
        "end_location": {"row": row + 1, "column": 1},
    }
    found = {
        "cell": None,
        "code": "F401",
        "filename": path,
        "message": "unused",
        "noqa_row": row,
        "url": None,
        "location": {"row": row, "column": 8},
        "end_location": {"row": row, "column": 10},
        "fix": {"applicability": "safe", "message": "Remove", "edits": [edit]},
    }
    return json.dumps([found]).encode()


@told
async def test_a_writer_has_what_a_tool_calls_safe_committed(scene: Scene) -> None:
    scene.begin(LINT, {"a.py": UNUSED})
    one = scene.propose({"b.txt": "b\n"})
    scene.ci(one, {"lint": {"ruff.json": unused("a.py", 1)}}, "failure")
    assert await scene.judged(one) == "failure"
    press(scene, one, "Fix", person(scene, "writer", "write"))
    await scene.settled()
    assert scene.repository.git.resolve("topic") != one.sha


@told
async def test_a_fix_for_lines_that_the_base_moved_is_not_offered(scene: Scene) -> None:
    scene.begin(LINT, {"a.py": UNUSED})
    one = scene.propose({"b.txt": "b\n"})
    scene.repository.commit("main", {"a.py": f"# 1\n{UNUSED}"}, "Move the lines")
    scene.ci(one, {"lint": {"ruff.json": unused("a.py", 2)}}, "failure")
    assert await scene.judged(one) == "failure"
    assert [each["label"] for each in scene.check(one).actions] == ["Re-evaluate", "Request waiver"]
