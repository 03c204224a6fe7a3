"""Where a rule stands in the policy's file. Pure."""

from __future__ import annotations

from handlers.quality_gate.evidence import PolicyFacts
from handlers.quality_gate.gates.judged import GateVerdict

SECTION = "quality_gate"
SHORT = 12


def rule_place(policy: PolicyFacts, gate: GateVerdict) -> str:
    """`hephaestus.yml@0123456789ab:17`; of a rule that only follows from others the nearest line above it, empty without one."""
    if policy.source is None:
        return ""
    lines = dict(policy.lines)
    line = next((lines[each] for each in _nearest(gate.rule or f"gates.{gate.gate}") if each in lines), None)
    if line is None:
        return ""
    name = policy.source.path.rpartition("/")[2]
    return f"{name}@{policy.source.blob_sha[:SHORT]}:{line}"


def _nearest(rule: str) -> list[str]:
    """A dotted path and those above it, the nearest first; at last what switches the defaults on."""
    parts = f"{SECTION}.{rule}".split(".")
    return [*(".".join(parts[:end]) for end in range(len(parts), 0, -1)), "use"]
