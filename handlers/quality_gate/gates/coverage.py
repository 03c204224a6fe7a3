"""The gate `coverage`: total, per group of paths, of the lines a change adds, and against the base. Pure.

Every format of every run is judged alone, whichever producers have its reports, and the worst counts: runs must not mend each
other's holes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.domain.coverage import LineMap
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import OF_MERGE, RunReading
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.areas import Area, Areas
from handlers.quality_gate.gates.asking import Question, answer, readings
from handlers.quality_gate.gates.based import named
from handlers.quality_gate.gates.carried import ALONE, Joining, joining
from handlers.quality_gate.gates.doubts import contradictions, unmeasured, vanished
from handlers.quality_gate.gates.drop import RULE, drop
from handlers.quality_gate.gates.judged import GateVerdict, State, worst
from handlers.quality_gate.gates.lacking import uncovered
from handlers.quality_gate.gates.outside import REMEDY, left_out, measured
from handlers.quality_gate.gates.patch import diff
from handlers.quality_gate.gates.places import places
from handlers.quality_gate.gates.shares import total_of, words
from handlers.quality_gate.gates.strictest import Strictest, doubt, strictest_of, way_out
from handlers.quality_gate.gates.waiving import all_waived
from handlers.quality_gate.history.measures import MeasuredCoverage, sums_of
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

NAME = "coverage"


def judge(evidence: GateEvidence, section: QualityGate, gate: CoverageGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the coverage of every run."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.COVERAGE,), has_coverage)
    answers = answer(question, lambda run, reports: _run(question, gate, run, reports))
    read = [run for reading in readings(question) for run in reading.runs if run.reports is not None]
    if not any(run.reports is not None and run.reports.coverage for run in read):
        return answers
    if any(each.state is State.WAITING for each in answers):
        return told(answers)  # what is not there yet is not lost
    return told((*answers, *unmeasured(question, gate), *vanished(question, read)))


def told(answers: tuple[GateVerdict, ...]) -> tuple[GateVerdict, ...]:
    """The answers; all but the one that decides also say their numbers in a note, since only that one is shown as a whole."""
    decides = worst(answers)
    return tuple(
        each if each is decides else replace(each, notes=(*each.notes, _said(each))) for each in answers
    )


def _said(answer: GateVerdict) -> str:
    about = f" (pull request {answer.number})" if answer.number is not None else ""
    return f"{answer.value}: {answer.reason}{about}"


def has_coverage(reports: Reports) -> bool:
    """Whether a report of coverage was read."""
    return bool(reports.coverage)


def _bar(gate: CoverageGate) -> str:
    _, many = words(gate)
    parts = [f"{gate.total} of {many}"] if gate.total else []
    parts += [f"{gate.diff} of added {many}"] if gate.diff else []
    parts += [f"{gate.drop} below the base"] if gate.drop else []
    return ", ".join(parts)


def _run(question: Question, gate: CoverageGate, run: RunReading, reports: Reports) -> list[GateVerdict]:
    maps = [(name, LineMap.unpack(packed)) for name, packed in reports.coverage]
    found = [
        question.verdict(State.INCONCLUSIVE, "nothing measured", reason)
        for reason in reports.vacuous_of(Kind.COVERAGE)
    ]
    if not any(lines.files for _, lines in maps):  # why nothing was measured says more than that nothing was
        problems = reports.problems_of(Kind.COVERAGE)[:1]
        found += [question.verdict(State.INCONCLUSIVE, "nothing measured", each) for each in problems]
    found += contradictions(question, reports, maps)
    for report_format, lines in maps:
        strictest = strictest_of(reports, report_format, lines, gate)
        now = MeasuredCoverage(run.path, report_format, sums_of(lines), outside=sums_of(strictest.outside))
        found += _totals(question, report_format, strictest)
        found += _relative(question, run, now, strictest)
    return found


def _totals(question: Question, report_format: str, strictest: Strictest) -> list[GateVerdict]:
    """One verdict for every area that the report has files of; the gate's own also where it has none at all."""
    areas = Areas(question.section, strictest.gate, "total")
    names: dict[Area, list[str]] = {}
    for name in strictest.lines.files:
        area = areas.of(name)
        if area is not None:
            names.setdefault(area, []).append(name)
    for name in measured(strictest.outside):
        if (area := areas.of(name)) is not None:
            names.setdefault(area, [])
    joined = joining(question, strictest.gate)
    if joined or not names:
        names.setdefault(areas.rest, [])
    return [
        _total(question, report_format, strictest, area, names[area], more)
        for area in areas.all
        if area in names
        for more in ((area.group is None and joined) or (ALONE,))
    ]


def _total(
    question: Question,
    report_format: str,
    strictest: Strictest,
    area: Area,
    names: list[str],
    more: Joining,
) -> GateVerdict:
    gate, lines = strictest.gate, strictest.lines
    one, many = words(gate)
    where = f" in {area.group}" if area.group else ""
    bar = f"{area.threshold} of {many}{where}" if area.group else question.bar

    def verdict(state: State, value: str, reason: str, remedy: str = "") -> GateVerdict:
        found = GateVerdict(NAME, state, value, bar, reason, rule=area.rule, remedy=remedy)
        return replace(found, number=more.number, notes=more.notes)

    areas = Areas(question.section, gate, "total")
    outside = [name for name in measured(strictest.outside) if areas.of(name) == area]
    share = total_of(lines, names, gate).plus(more.share)
    if not more.share.valid and not outside and _is_waived(question, lines, names):
        reason = f"all that the {report_format} report measures{where} is waived"
        return verdict(State.WAIVED, "waived", reason)
    if share.valid == 0:
        reason = f"the {report_format} report measures no {one}{where}: that is no evidence"
        return verdict(State.INCONCLUSIVE, "nothing measured", reason)
    value, least = share.text(one, many), parse_threshold(area.threshold or "")
    if lacking := share.lacking(least):
        reason = f"{lacking} more covered {one if lacking == 1 else many} needed{where}"
        remedy = f"{reason}, any of {places(uncovered(question.evidence, gate, lines, lambda path: areas.of(path) == area))}"
        return verdict(State.FAIL, value, reason, remedy)
    strict, doubted = strictest.over(names, least)
    strict, doubted = strict.plus(more.strict), (*doubted, *more.doubted)
    if not strict.reaches(least):
        reason = doubt(doubted, strict, one, many)
        return verdict(State.INCONCLUSIVE, value, reason, way_out(strict, least, one, many))
    every = strict.plus(total_of(strictest.outside, outside, gate))
    if not every.reaches(least):
        return verdict(State.INCONCLUSIVE, value, left_out(outside, every, one, many), REMEDY)
    return verdict(State.PASS, value, f"enough {many}{where} are covered")


def _is_waived(question: Question, lines: LineMap, names: Iterable[str]) -> bool:
    return all_waived(question.evidence, question.section, NAME, lines, names)


def _relative(
    question: Question, run: RunReading, now: MeasuredCoverage, strictest: Strictest
) -> list[GateVerdict]:
    """What is held against a base, for each change that the commit is proposed for."""
    found: list[GateVerdict] = []
    gate, changes = strictest.gate, question.evidence.changes
    for change in changes:
        judged = diff(question, change, run, strictest)
        if gate.drop is not None:
            judged.append(_dropped(question, change, now, strictest, gate.drop))
        found += [_about(each, change, run) for each in judged]
    if not changes and (gate.drop is not None or Areas(question.section, gate, "diff").all):
        reason = "there is no change to hold against a base"
        found.append(question.verdict(State.NOT_APPLICABLE, "no change", reason))
    return found


def _dropped(
    question: Question, change: Change, now: MeasuredCoverage, strictest: Strictest, tolerance: str
) -> GateVerdict:
    if not _is_waived(question, strictest.lines, strictest.lines.files):
        return drop(question, change, now, strictest, tolerance)
    reason = f"all that the {now.format} report measures is waived"
    return question.verdict(State.WAIVED, "waived", reason, rule=RULE, number=change.number)


def _about(verdict: GateVerdict, change: Change, run: RunReading) -> GateVerdict:
    """The verdict with what it was held against."""
    notes = list(verdict.notes)
    if change.baseline is not None and change.baseline.distance:
        notes.append(f"held against {named(change.baseline)}: nothing nearer was recorded")
    if run.trigger in OF_MERGE and change.base_sha != change.merge_base_sha:
        notes.append(
            f"{change.base_ref} moved on since this branch left it, and the run may have tested both together"
        )
    return replace(verdict, notes=tuple(notes))
