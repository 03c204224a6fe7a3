"""Where a rule stands in the policy's file. Pure."""

from __future__ import annotations

from app.ports.policies import PolicySource
from handlers.quality_gate.evidence import PolicyFacts
from handlers.quality_gate.gates.judged import GateVerdict

SECTION = "quality_gate"
SHORT = 12


def rule_place(policy: PolicyFacts, gate: GateVerdict) -> str:
    """`hephaestus.yml@0123456789ab:17`; of a rule that only follows from others the nearest line above it, empty without one.

    It is in the file that states the rule: that of a protected branch where the gate is asked by it, or is stricter for it.
    """
    rule = gate.rule or f"gates.{gate.gate}"
    source, stated = _stating(policy, gate.branch, rule)
    lines = dict(stated)
    line = next((lines[each] for each in _nearest(rule) if each in lines), None)
    if source is None or line is None:
        return ""
    return f"{source.path.rpartition('/')[2]}@{source.blob_sha[:SHORT]}:{line}"


def _stating(
    policy: PolicyFacts, branch: str, rule: str
) -> tuple[PolicySource | None, tuple[tuple[str, int], ...]]:
    """The file that states a rule, with its lines; of several branches the last one that made it stricter."""
    for each in reversed(policy.branches):
        is_its = each.source.ref == branch if branch else any(_is_in(rule, stated) for stated in each.rules)
        if is_its:
            return each.source, each.lines
    return policy.source, policy.lines


def _is_in(rule: str, stated: str) -> bool:
    return rule == stated or rule.startswith(f"{stated}.")


def _nearest(rule: str) -> list[str]:
    """A dotted path and those above it, the nearest first; at last what switches the defaults on."""
    parts = f"{SECTION}.{rule}".split(".")
    return [*(".".join(parts[:end]) for end in range(len(parts), 0, -1)), "use"]
