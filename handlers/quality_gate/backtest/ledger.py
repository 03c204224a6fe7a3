"""A policy tried on the ledger: which commits it would have blocked, and which of its gates are flaky. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from app.domain.verdicts import Backtest, FlakyGate, TriedCommit
from handlers.quality_gate.backtest.simulation import EVIDENCE, judged_under, simulate
from handlers.quality_gate.evidence import GateEvidence, PastCommit
from handlers.quality_gate.gates.judged import State
from handlers.quality_gate.section import QualityGate

BLOCKED, UNBLOCKED = "blocked", "unblocked"
Stored = Sequence[Sequence[bytes]]


def backtest(section: QualityGate, stored: Stored) -> Backtest:
    """What the policy would have said; `stored` is the evidence of each commit's evaluations, the newest of each first."""
    unreadable = 0
    histories: list[list[GateEvidence]] = []
    for each in stored:
        history = []
        for raw in each:
            try:
                history.append(EVIDENCE.validate_json(raw))
            except ValidationError:
                unreadable += 1
        if history:
            histories.append(history)
    tried = simulate(section, (history[0] for history in histories))
    return Backtest(tuple(_commit(each) for each in tried), _flaky(section, histories), unreadable)


def _commit(past: PastCommit) -> TriedCommit:
    change = ""
    if past.now is not None and past.passed != past.passes:
        change = BLOCKED if past.passed else UNBLOCKED
    return TriedCommit(past.sha, past.numbers, past.then, past.now, change)


def _flaky(section: QualityGate, histories: Iterable[list[GateEvidence]]) -> tuple[FlakyGate, ...]:
    """Gates that said something else of a commit after one of its runs was repeated, under one and the same policy."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for history in histories:
        states: dict[str, dict[State, set[tuple[tuple[int, int], ...]]]] = {}
        for evidence in history:
            judgement = judged_under(evidence, section)
            attempts = _attempts(evidence)
            for gate in judgement.gates if judgement else ():
                if gate.state is not State.WAITING:
                    states.setdefault(gate.gate, {}).setdefault(gate.state, set()).add(attempts)
        for name, seen in states.items():
            if len(seen) > 1 and _is_repeated(set().union(*seen.values())):
                found[name][history[0].head_sha] = None
    return tuple(FlakyGate(name, tuple(shas)) for name, shas in sorted(found.items()))


def _attempts(evidence: GateEvidence) -> tuple[tuple[int, int], ...]:
    runs = {
        (run.run_id, run.attempt)
        for producer in evidence.producers
        for run in producer.runs
        if run.is_complete
    }
    return tuple(sorted(runs))


def _is_repeated(seen: set[tuple[tuple[int, int], ...]]) -> bool:
    """Whether a run was read in two attempts: a run that only came later explains a change by itself."""
    attempts: dict[int, set[int]] = defaultdict(set)
    for runs in seen:
        for run_id, attempt in runs:
            attempts[run_id].add(attempt)
    return any(len(each) > 1 for each in attempts.values())
