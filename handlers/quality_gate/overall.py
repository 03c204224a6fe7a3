"""How the gates' answers become one verdict. Pure."""

from __future__ import annotations

from app.domain.decision import Verdict
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import deadline
from handlers.quality_gate.gates.judged import GOOD, ORDER, GateVerdict, State


def verdict_of(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> Verdict:
    """The worst required gate; where none is red, what must be said all the same.

    Where nothing but trust is in the way, a gate that waits comes first: a person is asked once it is known what for. A gate that
    only informs holds nothing back, neither red nor waiting.
    """
    required = [gate for gate in gates if gate.required]
    red = [gate for gate in required if gate.state not in GOOD]
    decided = [gate for gate in red if gate.state is not State.WAITING]
    if any(not gate.only_trust for gate in decided) or (decided and decided == red):
        return Verdict(min(red, key=lambda gate: ORDER[gate.state]).state.value)
    if any(gate.state is State.WAITING for gate in required):
        return Verdict.WAITING
    if evidence.policy.errors:
        return Verdict.ACTION_REQUIRED
    if is_empty(evidence, gates):
        return Verdict.WAITING if evidence.now < deadline(evidence) else Verdict.MISSING
    states = {gate.state for gate in required} - {State.NOT_APPLICABLE}
    if State.WAIVED in states:
        return Verdict.WAIVED
    return Verdict.PASS if states else Verdict.NOT_APPLICABLE


def is_empty(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> bool:
    """Whether every gate only asks where something is reported, and nothing is: no evidence is never a pass."""
    section = evidence.policy.section
    return (
        section is not None
        and all(gate.when == "reported" and not gate.producers for _, gate in section.gates.each())
        and all(gate.state is State.NOT_APPLICABLE and not gate.rule for gate in gates)
    )
