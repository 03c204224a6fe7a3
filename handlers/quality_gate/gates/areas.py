"""Which thresholds hold for which files: groups of paths have their own, all others the gate's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handlers.quality_gate.gates.asking import group_of
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import CoverageGate

What = Literal["total", "diff"]
TOTAL = "coverage.total"
"""The rule whose groups decide also which files are carried."""


@dataclass(frozen=True, slots=True)
class Area:
    """Files that are counted together: those of a group with a threshold of its own, or (`group` None) all others.

    `threshold` is as the policy writes it, None where nothing is asked of them; `rule` is its dotted path.
    """

    group: str | None
    threshold: str | None
    rule: str


class Areas:
    """The areas of a policy, for its totals or for the lines that changes add."""

    def __init__(self, section: QualityGate, gate: CoverageGate, what: What) -> None:
        self._section = section
        self._what = what
        self.rest = Area(None, getattr(gate, what), f"gates.coverage.{what}")
        self._groups = {glob: area for glob in section.paths if (area := self._own(glob)) is not None}

    @property
    def all(self) -> tuple[Area, ...]:
        """Every area with a threshold, the files in no group first, then in the policy's order."""
        return tuple(each for each in (self.rest, *self._groups.values()) if each.threshold is not None)

    def of(self, path: str) -> Area | None:
        """The area of a file; None where the policy needs no coverage of it."""
        group = group_of(self._section, path, f"coverage.{self._what}")
        if group is None:
            return self.rest
        if self._section.paths[group].spares("coverage"):
            return None
        return self._groups.get(group, self.rest)

    def _own(self, glob: str) -> Area | None:
        rule = self._section.paths[glob].coverage
        threshold = None if rule is None or isinstance(rule, str) else getattr(rule, self._what)
        return None if threshold is None else Area(glob, threshold, f"paths.{glob}.coverage.{self._what}")
