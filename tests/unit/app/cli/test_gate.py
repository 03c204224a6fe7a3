"""`hephaestus gate evaluate` as a public interface: keys, streams, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.gate import Tools, gate
from app.domain.gates import GateOutcome
from handlers.quality_gate.directory import evaluate_directory
from handlers.quality_gate.section import QualityGate

GOOD = b"<testsuite><testcase name='a'/></testsuite>"
BAD = b"<testsuite><testcase name='a' file='a.py' line='3'><failure message='no'/></testcase></testsuite>"
COVERAGE = b"<coverage><class filename='a.py'><lines><line number='1' hits='1'/></lines></class></coverage>"


def evaluate_as_json(policy: bytes, reports: Path) -> GateOutcome:
    return evaluate_directory(QualityGate.model_validate_json(policy), reports)


def run(tmp_path: Path, files: dict[str, bytes], *more: str, policy: str = "{}") -> Result:
    (tmp_path / "policy").write_text(policy, encoding="utf-8")
    reports = tmp_path / "reports"
    reports.mkdir()
    for name, raw in files.items():
        (reports / name).parent.mkdir(exist_ok=True)
        (reports / name).write_bytes(raw)
    arguments = ["evaluate", "--policy", str(tmp_path / "policy"), "--reports", str(reports), *more]
    return CliRunner().invoke(gate, arguments, obj=Tools(evaluate_as_json))


@pytest.mark.parametrize(
    ("files", "verdict", "code"),
    [
        ({"junit/r.xml": GOOD, "cov/c.xml": COVERAGE}, "pass", 0),
        ({"junit/r.xml": BAD, "cov/c.xml": COVERAGE}, "fail", 1),
        ({"junit/r.xml": GOOD}, "pass", 0),
        ({}, "missing", 3),
        ({"junit/r.xml": GOOD[:-1], "cov/c.xml": COVERAGE}, "inconclusive", 3),
    ],
)
def test_the_verdict_and_the_exit_code_agree(
    tmp_path: Path, files: dict[str, bytes], verdict: str, code: int
) -> None:
    result = run(tmp_path, files, "--json")
    document = json.loads(result.stdout)
    assert (document["verdict"], result.exit_code) == (verdict, code)
    assert list(document) == ["verdict", "gates", "annotations"]
    keys = {tuple(each) for each in document["gates"]}
    assert keys == {("gate", "state", "value", "threshold", "reason")}
    assert [each["gate"] for each in document["gates"]][:2] == ["tests", "coverage"]


def test_a_failed_test_is_an_annotation(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": BAD, "cov/c.xml": COVERAGE}, "--json")
    (annotation,) = json.loads(result.stdout)["annotations"]
    assert (annotation["path"], annotation["start_line"], annotation["message"]) == ("a.py", 3, "no")


def test_only_the_producers_artifacts_count(tmp_path: Path) -> None:
    policy = {
        "producers": {"unit": {"workflow": ".github/workflows/ci.yml", "artifact": "junit-*"}},
        "gates": {"tests": {"from": "unit"}},
    }
    result = run(tmp_path, {"other/r.xml": GOOD}, "--json", policy=json.dumps(policy))
    assert json.loads(result.stdout)["verdict"] == "missing"


def test_markdown_is_what_the_check_run_would_say(tmp_path: Path) -> None:
    result = run(tmp_path, {"junit/r.xml": GOOD, "cov/c.xml": COVERAGE}, "--markdown")
    assert result.stdout.startswith("# tests: 1 of 1 passed; coverage: 100.00 % (1 of 1 line)\n")
