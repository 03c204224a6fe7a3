"""Which runs of a commit count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.decision import Verdict
from handlers.quality_gate.proposals import Proposal
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, MAIN, NOW, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import GOOD, junit

BAD = GOOD | {"junit-py": {"r.xml": junit("<failure/>")}}
TO_MAIN, TO_LAX = OPENED, replace(OPENED, number=4, base_ref="lax")


def github_of(tmp_path: Path, *pulls: object, runs: list[Run] | None = None) -> AtGitHub:
    """A run that failed, and a newer one that passed."""
    found = runs or [Run(BAD, id=1, conclusion="failure"), Run(id=2, first_id=200)]
    return AtGitHub(tmp_path, found, pulls=pulls, heads={"lax": MAIN})  # type: ignore[arg-type]  # pull requests


async def test_the_newest_run_replaces_older_ones_of_its_base(tmp_path: Path) -> None:
    for pulls in ((), (TO_MAIN,), (TO_MAIN, replace(TO_MAIN, number=4))):
        assert (await decided(github_of(tmp_path, *pulls))).verdict is Verdict.PASS


async def test_while_the_commit_goes_to_several_bases_every_run_counts(tmp_path: Path) -> None:
    github = github_of(tmp_path, TO_MAIN, TO_LAX)
    decision = await decided(github)
    assert decision.verdict is Verdict.FAIL
    note = f"all 2 runs of {CI} (pull_request) count"
    assert note in check_of(decision).summary.replace("\\", "")


@pytest.mark.parametrize(
    "was", [Proposal(TO_LAX.number, "lax"), Proposal(TO_MAIN.number, "lax")], ids=["closed", "retargeted"]
)
async def test_a_run_for_a_base_that_the_commit_was_proposed_to_hides_no_failure_either(
    tmp_path: Path, was: Proposal
) -> None:
    github = github_of(tmp_path, TO_MAIN)
    before = GateState(NOW, proposals=(was, Proposal(TO_MAIN.number, "main")))
    decision = await decided(github, state=before)
    assert decision.verdict is Verdict.FAIL
    assert "pull requests to lax and main propose this commit or did" in check_of(decision).summary


async def test_an_older_run_that_passed_leaves_the_verdict_to_the_others(tmp_path: Path) -> None:
    runs = [Run(id=1), Run(id=2, first_id=200)]
    assert (await decided(github_of(tmp_path, TO_MAIN, TO_LAX, runs=runs))).verdict is Verdict.PASS


async def test_an_older_run_that_left_nothing_is_no_evidence_for_its_base(tmp_path: Path) -> None:
    runs = [Run({}, id=1, conclusion="cancelled"), Run(id=2, first_id=200)]
    assert (await decided(github_of(tmp_path, TO_MAIN, TO_LAX, runs=runs))).verdict is Verdict.MISSING


@pytest.mark.parametrize(
    ("older", "counted"),
    [
        (Run(id=1), [1, 2]),
        (Run(id=1, trigger="pull_request_target"), [2, 1]),
        (Run({}, id=1, conclusion="skipped"), [2]),
    ],
    ids=["its own", "another event", "skipped"],
)
async def test_only_runs_that_did_something_are_kept_apart(
    tmp_path: Path, older: Run, counted: list[int]
) -> None:
    github = github_of(tmp_path, TO_MAIN, TO_LAX, runs=[older, Run(id=2, first_id=200)])
    (first, *_) = (await evidence_of(github)).producers
    assert [run.run_id for run in first.runs] == counted


async def test_a_push_is_about_no_base(tmp_path: Path) -> None:
    runs = [Run(BAD, id=1, trigger="push", conclusion="failure"), Run(id=2, trigger="push", first_id=200)]
    decision = await decided(github_of(tmp_path, TO_MAIN, TO_LAX, runs=runs))
    assert decision.verdict is Verdict.PASS
    assert "propose this commit" not in check_of(decision).summary
