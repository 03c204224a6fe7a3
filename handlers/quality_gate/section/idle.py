"""Keys of the policy that change nothing as it stands: told, and no mistake. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ports.policies import Remark
from handlers.quality_gate.section.values import parse_duration

if TYPE_CHECKING:
    from handlers.quality_gate.section import QualityGate


def without_effect(held: QualityGate) -> tuple[Remark, ...]:
    """One note for each; `held` is the section in force."""
    gate, found = held.gates.coverage, list[tuple[tuple[str, ...], str]]()
    groups = [rule.coverage for rule in held.paths.values() if rule.coverage not in (None, "not_applicable")]
    if gate is not None and gate.diff is None and not any(getattr(each, "diff", None) for each in groups):
        found.append((("gates", "coverage", "diff_min_lines"), "it has no effect: nothing asks for diff"))
    if gate is not None and gate.metric == "branch":
        why = "it has no effect: with metric branch no lines are counted, so none in part"
        found.append((("gates", "coverage", "partial"), why))
    longest, own = held.defaults.deadline, held.merge_group.deadline
    if parse_duration(own) > parse_duration(longest):
        why = f"it has no effect: defaults.deadline, {longest}, is shorter and holds in a merge queue, too"
        found.append((("merge_group", "deadline"), why))
    return tuple(Remark(path, message, is_wrong=False) for path, message in found)
