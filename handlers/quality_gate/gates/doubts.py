"""Reasons not to believe reports of coverage that each look good: they deny each other, or leave out what they had. Pure."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from app.domain.coverage import LineMap
from handlers.quality_gate.evidence.runs import OF_MERGE, RunReading
from handlers.quality_gate.gates.areas import TOTAL, Area, Areas
from handlers.quality_gate.gates.asking import Question, group_of, readings
from handlers.quality_gate.gates.based import named
from handlers.quality_gate.gates.carried import carried, not_joining
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import PERCENT, Share, percent, words
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section.gates import CoverageGate

ROUNDING = 100
"""Two reports agree where their shares differ by less than one of so many parts of a percentage point."""


def contradictions(
    question: Question, reports: Reports, maps: list[tuple[str, LineMap]]
) -> list[GateVerdict]:
    """Formats that tell of one measurement, in the same artifacts, must agree on the lines that both name."""
    found = []
    for (one, first), (other, second) in combinations(maps, 2):
        if _artifacts(reports, one) != _artifacts(reports, other):
            continue
        left, right = _common(first, second), _common(second, first)
        if left.valid and differ(left, right):
            value = f"{percent(left)} and {percent(right)}"
            reason = f"{one} and {other} of the same artifacts disagree on the lines of files that both name"
            found.append(question.verdict(State.INCONCLUSIVE, value, reason))
    return found


def _artifacts(reports: Reports, report_format: str) -> frozenset[str]:
    return frozenset(file.artifact for file in reports.files if file.format == report_format)


def _common(mine: LineMap, theirs: LineMap) -> Share:
    """How much of the lines that both know ran, as one of them says."""
    covered = valid = 0
    for name, file in mine.files.items():
        other = theirs.files.get(name)
        if other is not None:
            both = file.valid & other.valid
            valid += both.bit_count()
            covered += (file.covered & both).bit_count()
    return Share(Fraction(covered), valid)


def differ(left: Share, right: Share) -> bool:
    """Whether two shares of the same lines differ by more than rounding explains."""
    return abs(left.covered - right.covered) * PERCENT * ROUNDING > left.valid


def unmeasured(question: Question, gate: CoverageGate) -> list[GateVerdict]:
    """Groups with a threshold that no report of the commit has files of: their absence is no pass, unless coverage is carried."""
    areas = Areas(question.section, gate, "total")
    # What is waived has a name and no lines.
    has_waivers = any(each.gate == question.name for each in question.section.waivers)
    names = {
        name
        for reading in readings(question)
        for run in reading.runs
        if run.reports is not None
        for _, packed in run.reports.coverage
        for name in (LineMap.unpack(packed).files if has_waivers else LineMap.names(packed))
    }
    seen = {areas.of(name) for name in names}
    found = [
        verdict
        for area in areas.all
        if area.group is not None and area not in seen
        for verdict in (carried(question, gate, area) or (_absent(question, gate, area),))
    ]
    return found + not_joining(question, {group_of(question.section, name, TOTAL) for name in names})


def _absent(question: Question, gate: CoverageGate, area: Area) -> GateVerdict:
    reason = f"no report names a file in {area.group}"
    bar = f"{area.threshold} of {words(gate)[1]} in {area.group}"
    return GateVerdict(question.name, State.INCONCLUSIVE, "nothing measured", bar, reason, rule=area.rule)


def vanished(question: Question, runs: list[RunReading]) -> list[GateVerdict]:
    """Files that were measured at the base, are still there, and are not measured now: a total over fewer files proves less."""
    areas = Areas(question.section, CoverageGate(), "total")
    merged = any(run.trigger in OF_MERGE for run in runs)
    found = []
    for change in question.evidence.changes:
        base = change.baseline
        carried_groups = {each.group for each in change.carried}
        gone = [
            name
            for name in (base.vanished if base else ())
            if areas.of(name) is not None and group_of(question.section, name, TOTAL) not in carried_groups
            if not (merged and name in change.base_moved)
        ]
        if base is not None and gone:
            reason = f"{named(base)} has coverage of files that are still there and that no report names now: {few(gone)}"
            value = f"{counted(len(gone), 'file')} not measured any more"
            found.append(question.verdict(State.INCONCLUSIVE, value, reason, number=change.number))
    return found
