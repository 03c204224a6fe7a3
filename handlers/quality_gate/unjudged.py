"""What `hephaestus gate evaluate` cannot judge of a policy, for want of an option. Pure."""

from __future__ import annotations

from app.domain.gates import GateFolders
from handlers.quality_gate.gates.areas import Areas
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import FindingsGate


def unjudged(section: QualityGate, folders: GateFolders) -> tuple[str, ...]:
    """Sentences: rules that hold reports against a base or a diff, where none is given; the service judges them."""
    coverage, tests = section.gates.coverage, section.gates.tests
    found: list[str] = []
    if folders.diff is None and coverage is not None:
        found += [_told(area.rule, "--diff") for area in Areas(section, coverage, "diff").all]
    if folders.base is None and coverage is not None and coverage.drop is not None:
        found.append(_told("gates.coverage.drop", "--base"))
    if folders.base is None and tests is not None and tests.max_test_drop is not None:
        found.append(_told("gates.tests.max_test_drop", "--base"))
    if folders.base is None and folders.diff is None:
        found += [
            _told(f"gates.{name}.new_findings", "--base or --diff")
            for name, gate in section.gates
            if isinstance(gate, FindingsGate) and gate.new_findings is not None
        ]
    return tuple(found)


def _told(rule: str, option: str) -> str:
    return f"{rule} is not judged without {option}"
