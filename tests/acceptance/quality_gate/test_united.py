"""Several reports of one thing: what one of them says is not taken back by another."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.quality_gate.stage import Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINT = """
producers:
  sarif: {workflow: .github/workflows/ci.yml, artifact: lint-sarif, format: sarif}
  json: {workflow: .github/workflows/ci.yml, artifact: lint-json, format: ruff-json}
gates:
  lint: {from: [sarif, json]}
"""
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "ruff"}},
            "invocations": [{"executionSuccessful": True}],
            "results": [
                {
                    "ruleId": "F401",
                    "level": "note",
                    "message": {"text": "imported but unused"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "a.py"},
                                "region": {"startLine": 1},
                            }
                        }
                    ],
                }
            ],
        }
    ],
}
RUFF = [
    {
        "cell": None,
        "code": "F401",
        "filename": "a.py",
        "message": "`os` imported but unused",
        "noqa_row": 1,
        "url": None,
        "location": {"row": 1, "column": 8},
        "end_location": {"row": 1, "column": 10},
        "fix": None,
    }
]


@told
async def test_a_note_of_one_producer_does_not_take_back_the_warning_of_another(scene: Scene) -> None:
    scene.begin(LINT, {"a.py": "import os\n"})
    one = scene.propose()
    sarif, ruff = json.dumps(SARIF).encode(), json.dumps(RUFF).encode()
    scene.ci(one, {"lint-sarif": {"ruff.sarif": sarif}, "lint-json": {"ruff.json": ruff}})
    assert await scene.judged(one) == "failure"
    assert (scene.check(one).title or "").startswith("lint: 1 finding")
