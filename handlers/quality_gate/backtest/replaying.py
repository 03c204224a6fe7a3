"""A stored decision, decided again: the same evidence and policy give the same bytes. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from app.domain.decision import Decision
from app.domain.effects import Effect, PublishCheckRun
from app.domain.verdicts import KeptVerdict, NumberSource, ReplayedVerdict
from handlers.quality_gate import policy
from handlers.quality_gate.backtest.simulation import EVIDENCE, judgement
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gathering.identity import reader
from handlers.quality_gate.state import GateState
from handlers.quality_gate.wording.places import rule_place

EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)
"""As plans are stored; the bytes of it are compared."""


def replayed(kept: KeptVerdict) -> ReplayedVerdict:
    """What this program makes of the evidence, and how that differs from what was stored."""
    if kept.evidence is None:
        return ReplayedVerdict(kept.evaluation, kept.verdict, problem="no evidence was kept")
    evidence = _read(kept.evidence)
    if evidence is None:
        return ReplayedVerdict(
            kept.evaluation, kept.verdict, problem="the evidence is of a version that this one cannot read"
        )
    decision = policy.decide(evidence)
    found = judgement(evidence)
    source = evidence.policy.source
    return ReplayedVerdict(
        evaluation=kept.evaluation,
        then=kept.verdict,
        now=decision.verdict.value,
        diff=_difference(kept, decision),
        policy="" if source is None else f"{source.label}@{source.blob_sha}",
        rules=tuple((gate.gate, rule_place(evidence.policy, gate)) for gate in found.gates) if found else (),
        sources=tuple(_sources(evidence)),
        readers=(evidence.reader, reader()),
    )


def _read(stored: bytes) -> GateEvidence | None:
    """The evidence; None where some of it would be left out: what another version wrote down may have mattered to its verdict."""
    try:
        evidence = EVIDENCE.validate_json(stored)
    except ValidationError:
        return None
    return evidence if _has_all(from_json(stored), from_json(EVIDENCE.dump_json(evidence))) else None


def _has_all(stored: object, known: object) -> bool:
    """Whether every key of one JSON value is in the other; that may have more, which have their defaults."""
    if isinstance(stored, dict):
        return isinstance(known, dict) and all(
            key in known and _has_all(value, known[key]) for key, value in stored.items()
        )
    if isinstance(stored, list):
        return isinstance(known, list) and len(stored) == len(known) and all(map(_has_all, stored, known))
    return True


def _difference(kept: KeptVerdict, decision: Decision[GateState]) -> str:
    """A unified diff of what was stored and what is said now; empty where both are the same bytes."""
    reasons = tuple((each.code, each.text) for each in decision.reasons)
    checks = tuple(
        EFFECT.dump_json(each).decode() for each in decision.effects if isinstance(each, PublishCheckRun)
    )
    if (kept.verdict, kept.reasons, kept.checks) == (decision.verdict.value, reasons, checks):
        return ""
    then = _lines(kept.verdict, kept.reasons, kept.checks)
    now = _lines(decision.verdict.value, reasons, checks)
    return "\n".join(difflib.unified_diff(then, now, "then", "now", lineterm="", n=1))


def _lines(verdict: str, reasons: Iterable[tuple[str, str]], checks: Iterable[str]) -> list[str]:
    found = [f"verdict: {verdict}", *(f"{code}: {text}" for code, text in reasons)]
    for check in checks:
        for key, value in json.loads(check).items():
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
            found += [f"{key}: {line}" for line in shown.split("\n")]
    return found


def _sources(evidence: GateEvidence) -> Iterable[NumberSource]:
    for producer in evidence.producers:
        for run in producer.runs:
            yield NumberSource(
                producer=producer.name,
                workflow=run.path,
                run_id=run.run_id,
                attempt=run.attempt,
                event=run.trigger,
                trust=run.trust.level.name,
                artifacts=tuple((each.name, each.sha256) for each in run.artifacts),
            )
