"""Which artifacts are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.handlers.quality_gate.commit import DEFAULT, AtGitHub, Run, evidence_of, packed


@pytest.mark.parametrize(("name", "is_read"), [("dist-all", True), ("logs", False)])
async def test_a_build_is_read_though_it_is_larger_than_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, is_read: bool
) -> None:
    monkeypatch.setattr(
        "handlers.quality_gate.reading.MAX_UNDECLARED_BYTES", len(packed({"a.whl": b"x"})) - 1
    )
    evidence = await evidence_of(AtGitHub(tmp_path, [Run({name: {"a.whl": b"x"}})], DEFAULT))
    ((run,),) = [each.runs for each in evidence.producers]
    assert run.reports is not None
    assert run.reports.members == ((f"{name}/a.whl",) if is_read else ())
