"""Where something is missing in a report of coverage, for remedies. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.domain.coverage import LineMap
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.shares import lacking_lines
from handlers.quality_gate.gathering.changes import bitmap_of
from handlers.quality_gate.section.gates import CoverageGate


def uncovered(
    evidence: GateEvidence, gate: CoverageGate, lines: LineMap, counts: Callable[[str], bool]
) -> Iterator[tuple[str, int]]:
    """Files that count with bitmaps of the lines that lack something: lines that a change adds first, then by path."""
    added: dict[str, int] = {}
    for file in (file for change in evidence.changes for file in change.files):
        if file.path in lines.files and counts(file.path):
            added[file.path] = added.get(file.path, 0) | bitmap_of(file.added)
    for path in sorted(added):
        yield path, lacking_lines(lines.files[path], gate, added[path])
    for path in sorted(lines.files):
        if counts(path):
            yield path, lacking_lines(lines.files[path], gate, ~added.get(path, 0))
