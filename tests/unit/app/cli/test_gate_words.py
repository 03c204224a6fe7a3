"""What `hephaestus gate` says beside its answer, or instead of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.gate import gate
from tests.unit.app.cli.test_gate import GOOD, run

LINES = json.dumps(
    {"gates": {"tests": {}, "coverage": {"total": None, "diff": ">= 90%", "when": "reported"}}}
)


def test_a_rule_about_added_lines_is_told_to_be_unjudged_where_there_is_no_diff(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": GOOD}, "--json", policy=LINES)
    assert "gates.coverage.diff is not judged without --diff\n" in result.stderr
    assert "without --diff" not in result.stdout


@pytest.mark.parametrize("name", ["gone.json", "verdicts/gone"])
def test_a_file_that_is_not_there_is_no_delivery(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(gate, ["verify", str(tmp_path / name), "--json"])
    document = json.loads(result.stdout)
    assert (result.exit_code, document["error"]["code"]) == (2, "verdict.unreadable")
    assert document["error"]["message"].endswith("No such file or directory")
