"""The workflow that repositories install to attest past releases: what it may do, and what its script makes of its inputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.domain.effects import DispatchWorkflow
from app.domain.ids import AppKey
from app.domain.repo import Subject, SubjectKind
from handlers.release_verification.backfill.models import (
    PREDICATE_TYPE,
    Answer,
    BackfillEvidence,
    BackfillState,
)
from handlers.release_verification.backfill.running import next_run
from tests.unit.handlers.release_verification.backfill.items import MISSING, NOW, REPOSITORY, planned

PATH = Path(__file__).parents[2] / "manifests/workflows/sigstore-backfill.yml"
COMMIT, CONTENT = "1" * 40, b"the tool\n"
DIGEST = sha256(CONTENT).hexdigest()
GH = """\
#!{python}
import json, os, sys
answers = json.load(open(os.environ["ANSWERS"]))
found = answers.get(sys.argv[2])
if found is None:
    sys.exit(1)
sys.stdout.write(found if isinstance(found, str) else json.dumps(found))
"""


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(PATH.read_text(encoding="utf-8"))
    return found


def test_it_may_read_contents_ask_for_a_certificate_and_attest_and_nothing_else(
    workflow: dict[str, Any],
) -> None:
    job = workflow["jobs"]["attest"]
    assert (workflow["permissions"], list(workflow["jobs"])) == ({}, ["attest"])
    assert job["permissions"] == {"contents": "read", "id-token": "write", "attestations": "write"}
    assert job["environment"] == "sigstore-backfill"
    assert workflow["concurrency"] == {"group": "sigstore-backfill", "cancel-in-progress": False}


def test_it_uses_one_action_pinned_by_its_commit_and_checks_nothing_out(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for step in workflow["jobs"]["attest"]["steps"] if "uses" in step]
    assert len(used) == 1
    assert re.fullmatch(r"actions/attest@[0-9a-f]{40}", used[0])


def test_its_inputs_are_those_that_are_sent_and_reach_its_scripts_as_variables_only(
    workflow: dict[str, Any],
) -> None:
    plan = planned(MISSING)
    subject = Subject(AppKey("api.github.com/7"), REPOSITORY.id, SubjectKind.REPOSITORY, "1001")
    evidence = BackfillEvidence(REPOSITORY, subject, NOW, (), None, None)
    state = BackfillState(Answer("run", is_done=True, text="", at=NOW), plan=plan)
    begun = next_run(evidence, state, plan)
    assert begun is not None
    (dispatch,) = [each for each in begun[1] if isinstance(each, DispatchWorkflow)]
    assert set(workflow["on"]["workflow_dispatch"]["inputs"]) == set(dict(dispatch.inputs))
    assert workflow["run-name"].endswith("${{ inputs.correlation }}")
    assert not [step for step in workflow["jobs"]["attest"]["steps"] if "${{" in step.get("run", "")]


def test_it_signs_the_predicate_that_the_gate_looks_for(workflow: dict[str, Any]) -> None:
    (step,) = [each for each in workflow["jobs"]["attest"]["steps"] if "uses" in each]
    assert step["with"]["predicate-type"] == PREDICATE_TYPE


class Runner:
    """Runs the script with a `gh` that answers from a file."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder, self.script = folder, script
        gh = folder / "gh"
        gh.write_text(GH.format(python=sys.executable), encoding="utf-8")
        gh.chmod(0o755)
        api = "repos/octo/tool"
        self.answers: dict[str, Any] = {
            f"{api}/releases/11": {"tag_name": "v1", "draft": False, "published_at": "2024-03-01T00:00:00Z"},
            f"{api}/releases/11/assets?per_page=100": [[{"id": 5, "name": "tool.bin"}]],
            f"{api}/git/ref/tags/v1": {"object": {"type": "tag", "sha": "2" * 40}},
            f"{api}/git/tags/{'2' * 40}": {"object": {"type": "commit", "sha": COMMIT}},
            f"{api}/releases/assets/5": CONTENT.decode(),
        }

    def run(self, assets: str = f"5/11/{COMMIT}/{DIGEST}/E1", plan: str = "a" * 16) -> tuple[int, str]:
        """The exit code, and what it said."""
        (self.folder / "answers.json").write_text(json.dumps(self.answers), encoding="utf-8")
        told = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "ANSWERS": str(self.folder / "answers.json"),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_REPOSITORY": "octo/tool",
            "ASSETS": assets,
            "PLAN_ID": plan,
            "PLAN_SHA256": "a" * 64,
        }
        ended = subprocess.run(
            [sys.executable, "-c", self.script], env=told, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stderr

    @property
    def wrote(self) -> bool:
        return (self.folder / "subjects.txt").exists()


@pytest.fixture
def runner(tmp_path: Path, workflow: dict[str, Any]) -> Runner:
    (step,) = [each for each in workflow["jobs"]["attest"]["steps"] if each.get("shell") == "python"]
    return Runner(tmp_path, step["run"])


def test_its_script_hashes_the_assets_again_and_says_what_they_are_attached_to(runner: Runner) -> None:
    assert runner.run() == (0, "")
    assert (runner.folder / "subjects.txt").read_text() == f"{DIGEST}  tool.bin\n"
    predicate = json.loads((runner.folder / "predicate.json").read_text())
    assert predicate["assets"] == [
        {
            "release_id": 11,
            "tag": "v1",
            "tag_commit": COMMIT,
            "asset_id": 5,
            "name": "tool.bin",
            "sha256": DIGEST,
            "published_at": "2024-03-01T00:00:00Z",
            "evidence_level": "E1",
        }
    ]


@pytest.mark.parametrize(
    "entry",
    [
        f"5/11/{COMMIT}/{'e' * 64}/E1",
        f"5/11/{'3' * 40}/{DIGEST}/E1",
        f"6/11/{COMMIT}/{DIGEST}/E1",
        f"5/12/{COMMIT}/{DIGEST}/E1",
        f"5/11/{COMMIT}/{DIGEST}/E1;",
        "$(id)",
    ],
)
def test_its_script_aborts_at_the_first_difference(runner: Runner, entry: str) -> None:
    code, said = runner.run(f"5/11/{COMMIT}/{DIGEST}/E1;{entry}")
    assert code != 0, said
    assert not runner.wrote


def test_its_script_wants_a_plan_whose_id_is_how_its_digest_begins(runner: Runner) -> None:
    assert runner.run(plan="b" * 16)[0] != 0
