"""What the gate decided is decided again, from the ledger and from a file; and a policy is tried on the ledger."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.demo_world import POLICY
from app.cli.root import root
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.slow
PASSES = POLICY.replace("85%", "70%").replace("min_tests: 3", "fail_on: [error]")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a service that has judged a pull request and is stopped."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    command = [sys.executable, "-m", "app", "demo", "--once", "--scene", "1", "--keep", str(folder)]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
    subprocess.run(command, cwd=REPOSITORY, env=env, check=True, capture_output=True, timeout=110)
    return folder / "data"


def run(data: Path, *arguments: str) -> Result:
    return CliRunner(env={"HEPHAESTUS_DATA_DIR": str(data)}).invoke(root, [*arguments])


def delivery(data: Path, verdict: str = "fail") -> str:
    """The newest delivery on which the gate decided so."""
    rows = map(json.loads, run(data, "deliveries", "list", "--json").stdout.splitlines())
    return next(
        str(row["delivery"])
        for row in rows
        if any((each["handler"], each["verdict"]) == ("quality_gate", verdict) for each in row["handlers"])
    )


def test_a_verdict_is_replayed_to_the_same_bytes_and_names_the_source_of_each_number(
    data: Path,
) -> None:
    guid = delivery(data)
    result = run(data, "gate", "verify", guid, "--json")
    (line,) = result.stdout.splitlines()
    told = json.loads(line)
    assert (result.exit_code, told["same"], told["verdict"], told["diff"]) == (0, True, "fail", None)
    source = {each["producer"]: each for each in told["sources"]}["coverage"]
    assert (source["attempt"], source["workflow"]) == (1, ".github/workflows/ci.yml")
    assert [len(each["sha256"]) for each in source["artifacts"]] == [64]
    assert told["policy"].startswith(".github/hephaestus.yml@")
    assert told["rules"]["coverage"].endswith(":9")
    assert told["reader"]["then"] == told["reader"]["now"]


def test_an_exported_verdict_is_replayed_without_the_ledger(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdict.json"
    file.write_text(run(data, "gate", "export", delivery(data)).stdout, encoding="utf-8")
    assert CliRunner().invoke(root, ["gate", "verify", str(file)]).exit_code == 0
    changed = json.loads(file.read_text(encoding="utf-8"))
    changed["verdict"] = "pass"
    file.write_text(json.dumps(changed), encoding="utf-8")
    result = CliRunner().invoke(root, ["gate", "verify", str(file)])
    assert result.exit_code == 1
    assert "-verdict: pass\n+verdict: fail\n" in result.stderr


def test_a_verdict_whose_evidence_is_gone_is_undecided(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    with sqlite3.connect(copy / "hephaestus.db") as database:
        database.execute("UPDATE evaluation SET evidence = NULL")
    result = run(copy, "gate", "verify", delivery(copy))
    assert result.exit_code == 3
    assert "no evidence was kept" in result.stderr


def test_a_policy_is_tried_on_recorded_commits(data: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(PASSES, encoding="utf-8")
    result = run(data, "gate", "backtest", "--policy", str(policy), "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["judged"], told["blocked"], told["unblocked"], told["flip_rate"]) == (1, 0, 1, "1/1")
    policy.write_text(POLICY.replace("artifact: coverage", "artifact: other"), encoding="utf-8")
    assert run(data, "gate", "backtest", "--policy", str(policy)).exit_code == 3
    other = run(data, "gate", "backtest", "--policy", str(policy), "--repository", "forge/other")
    assert "evidence is kept of: forge/anvil" in str(other.exception)


def test_a_delivery_on_which_nothing_was_decided_is_said(data: Path) -> None:
    rows = [json.loads(line) for line in run(data, "deliveries", "list", "--json").stdout.splitlines()]
    silent = next(row["delivery"] for row in rows if not row["handlers"])
    result = run(data, "gate", "verify", silent)
    assert result.exit_code == 2
    assert "decided nothing" in result.stderr
