"""A policy on recorded commits: what it would have changed, and which gates are flaky."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from handlers.quality_gate.backtest.ledger import backtest
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.section import QualityGate
from tests.unit.handlers.quality_gate.commit import DECLARED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import evidence_of
from tests.unit.handlers.quality_gate.samples import cobertura, junit

EVIDENCE = TypeAdapter(GateEvidence)
FAILURE = "<failure message='no'/>"


async def stored(
    folder: Path, covered: int = 9, *, attempt: int = 1, run_id: int = 1, case: str = ""
) -> bytes:
    """Evidence of a commit as the ledger keeps it."""
    artifacts = {"junit-py": {"junit.xml": junit(case, "")}, "coverage": {"c.xml": cobertura(covered, 10)}}
    conclusion = "failure" if case else "success"
    run = Run(artifacts, attempt=attempt, id=run_id, conclusion=conclusion)
    return EVIDENCE.dump_json(await evidence_of(AtGitHub(folder, runs=[run])))


async def section(folder: Path, config: str = DECLARED) -> QualityGate:
    found = (await evidence_of(AtGitHub(folder, config=config))).policy.section
    assert found is not None
    return found


async def test_what_would_change_is_counted_in_both_directions(tmp_path: Path) -> None:
    commits = [[await stored(tmp_path, covered)] for covered in (9, 8, 10)]
    strict = backtest(await section(tmp_path, DECLARED.replace("85%", "95%")), commits)
    assert [each.change for each in strict.commits] == ["blocked", "", ""]
    lax = backtest(await section(tmp_path, DECLARED.replace("85%", "10%")), commits)
    assert [each.change for each in lax.commits] == ["", "unblocked", ""]
    assert (lax.count("unblocked"), len(lax.judged), lax.unreadable) == (1, 3, 0)


async def test_what_cannot_be_read_or_judged_is_counted_apart(tmp_path: Path) -> None:
    other = await section(tmp_path, DECLARED.replace("junit-*", "other-*"))
    found = backtest(other, [[await stored(tmp_path)], [b"{}"]])
    assert (len(found.commits), found.judged, found.unreadable) == (1, (), 1)


async def test_a_gate_that_changes_when_a_run_is_repeated_is_flaky(tmp_path: Path) -> None:
    history = [await stored(tmp_path, attempt=2), await stored(tmp_path, case=FAILURE)]
    found = backtest(await section(tmp_path), [history])
    assert [each.gate for each in found.flaky] == ["tests"]


async def test_a_gate_that_changes_with_another_run_is_not(tmp_path: Path) -> None:
    history = [await stored(tmp_path, run_id=2), await stored(tmp_path, case=FAILURE)]
    assert backtest(await section(tmp_path), [history]).flaky == ()
