"""A stored decision comes out the same, or what differs is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.domain.effects import Effect
from app.domain.verdicts import KeptVerdict
from handlers.quality_gate.backtest.replaying import replayed
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.policy import decide
from tests.unit.handlers.quality_gate.commit import AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, evidence_of

EVIDENCE: TypeAdapter[GateEvidence] = TypeAdapter(GateEvidence)
EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)


@pytest.fixture
async def kept(tmp_path: Path) -> KeptVerdict:
    evidence = await evidence_of(AtGitHub(tmp_path))
    decision = decide(evidence)
    return KeptVerdict(
        "one",
        decision.verdict.value,
        tuple((each.code, each.text) for each in decision.reasons),
        EVIDENCE.dump_json(evidence),
        (EFFECT.dump_json(check_of(decision)).decode(),),
    )


async def test_the_same_evidence_gives_the_same_bytes(kept: KeptVerdict) -> None:
    found = replayed(kept)
    assert (found.same, found.diff, found.now) == (True, "", "pass")
    assert found.readers[0] == found.readers[1] != ""
    assert {each.producer for each in found.sources} == {"unit", "cov"}
    assert dict(found.rules)["coverage"].startswith("hephaestus.yml@")


async def test_one_byte_of_the_check_run_is_a_difference(kept: KeptVerdict) -> None:
    changed = replace(kept, checks=(kept.checks[0].replace("90.00", "99.00"),))
    assert changed != kept
    found = replayed(changed)
    assert not found.same
    assert "-title: " in found.diff
    assert "+title: " in found.diff


async def test_another_verdict_is_a_difference(kept: KeptVerdict) -> None:
    assert "-verdict: fail\n+verdict: pass" in replayed(replace(kept, verdict="fail")).diff


@pytest.mark.parametrize("evidence", [None, b"{}", b"\xff"])
async def test_evidence_that_is_gone_or_foreign_decides_nothing(
    kept: KeptVerdict, evidence: bytes | None
) -> None:
    found = replayed(replace(kept, evidence=evidence))
    assert (found.now, found.same, bool(found.problem)) == (None, False, True)


@pytest.mark.parametrize(
    "place", [(), ("policy",), ("policy", "section", "gates"), ("producers", 0, "runs", 0, "reports")]
)
async def test_evidence_with_what_this_version_does_not_know_is_not_called_the_same(
    kept: KeptVerdict, place: tuple[str | int, ...]
) -> None:
    evidence = json.loads(kept.evidence or b"")
    part = evidence
    for step in place:
        part = part[step]
    part["of_tomorrow"] = []
    found = replayed(replace(kept, evidence=json.dumps(evidence).encode()))
    assert found.problem == "the evidence is of a version that this one cannot read"


async def test_evidence_that_lacks_what_this_version_added_is_decided_as_without_it(
    kept: KeptVerdict,
) -> None:
    evidence = json.loads(kept.evidence or b"")
    del evidence["joined"], evidence["clicks"]
    assert replayed(replace(kept, evidence=json.dumps(evidence).encode())).same
