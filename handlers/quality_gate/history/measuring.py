"""What of a commit's evidence its descendants are held against. Pure.

Only commits that can become a base are measured: those that ran something as themselves (a push, a merge queue, a schedule, a
person's start), and those without an open pull request. A run of a pull request ran the merge of it with its base, which is no
commit that anybody builds on; and a base must not be what a stranger's open pull request reported. Of each workflow one run
speaks, the one whose trigger is the most like a change's.

Only what was believed is measured: a run that ended well or whose failure its own reports show, reports without a problem, trust
as the gate asks. A gate that fails measures all the same: that a base is bad is what its descendants must not make worse.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.coverage import LineMap
from app.domain.hashes import WIDTH, apart, joined
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates import audit, build, coverage, findings, tests
from handlers.quality_gate.gates.asking import Concerns, Question, readings, runs
from handlers.quality_gate.gates.ended import unexplained_end, with_shown_failures
from handlers.quality_gate.history.measures import Measured, MeasuredCoverage, MeasuredTests, sums_of
from handlers.quality_gate.packages import dependency
from handlers.quality_gate.reports.fingerprints import counted as prints_of
from handlers.quality_gate.reports.fingerprints import joined_all
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import BuildGate, FindingsGate, Gate

OWN_TRIGGERS = ("push", "merge_group", "workflow_dispatch", "schedule")
"""Runs of the commit itself, those that are most like a change's first."""
WITHOUT_PULL = (*OWN_TRIGGERS, "pull_request")
"""Others, such as `pull_request_target` and `workflow_run`, lie on a commit of the default branch but speak of another one."""
MAX_LINES_BYTES = 1024 * 1024
MAX_NAMES_BYTES = 512 * 1024
MAX_PRINTS_BYTES = 256 * 1024
"""What is larger is not kept: the numbers still are."""


@dataclass(frozen=True, slots=True)
class Believed:
    """A run that speaks for a gate."""

    run: RunReading
    reports: Reports


def measure(evidence: GateEvidence, section: QualityGate) -> Measured | None:
    """What the commit was found to have; None where it cannot become a base, or nothing could be believed."""
    triggers = _triggers(evidence)
    found = Measured()
    for name, gate in section.gates.each():
        told = with_shown_failures(evidence, name, gate)
        for each in _believed(told, section, name, gate, triggers):
            found = _with(replace(found, reported=(*found.reported, (name, each.run.path))), name, gate, each)
    return found if found.reported else None


def _triggers(evidence: GateEvidence) -> tuple[str, ...]:
    runs = [run for producer in evidence.producers for run in producer.runs]
    if any(run.trigger in OWN_TRIGGERS for run in runs):
        return OWN_TRIGGERS
    is_proposed = any(change.number is not None for change in evidence.changes)
    return () if is_proposed else WITHOUT_PULL


def _believed(
    evidence: GateEvidence, section: QualityGate, name: str, gate: Gate, triggers: tuple[str, ...]
) -> tuple[Believed, ...]:
    """The runs that speak for a gate, one for each workflow, in the order of their paths."""
    asked = _question(evidence, section, name, gate)
    if asked is None:
        return ()
    found: dict[str, Believed] = {}
    unread = {run.run_id for reading in readings(asked) if reading.problem for run in reading.runs}
    believed = (run for run in runs(asked) if run.run_id not in unread)
    for run in sorted(believed, key=lambda each: (each.path, _place(each, triggers), each.run_id)):
        if run.trigger in triggers and run.reports is not None and _is_believed(asked, run, run.reports):
            found.setdefault(run.path, Believed(run, run.reports))
    return tuple(found.values())


def _place(run: RunReading, triggers: tuple[str, ...]) -> int:
    return triggers.index(run.trigger) if run.trigger in triggers else len(triggers)


def _question(evidence: GateEvidence, section: QualityGate, name: str, gate: Gate) -> Question | None:
    """What the gate asks, None for one whose evidence nothing is held against."""
    asked: tuple[Kind | None, Concerns]
    if isinstance(gate, FindingsGate):
        of_gate = gate
        asked = Kind.FINDINGS, lambda reports: bool(findings.tools_of(reports, name, of_gate))
    elif name == tests.NAME:
        asked = Kind.TESTS, tests.has_tests
    elif name == coverage.NAME:
        asked = Kind.COVERAGE, coverage.has_coverage
    elif name == audit.NAME:
        asked = Kind.AUDIT, audit.has_audit
    elif isinstance(gate, BuildGate):
        built = gate
        asked = None, lambda reports: build.has_build(reports, built)
    else:
        return None
    kinds = () if asked[0] is None else (asked[0],)
    return Question(evidence, section, name, gate, "", kinds, asked[1])


def _is_believed(question: Question, run: RunReading, reports: Reports) -> bool:
    kinds = [kind.value for kind in question.kinds] or [""]
    return (
        run.is_complete
        and question.concerns(reports)
        and not any(reports.problems_of(kind) or reports.vacuous_of(kind) for kind in kinds)
        and not unexplained_end(question.gate, run)
        and (run.trust.level >= question.least or run.accepted)
    )


def _with(found: Measured, name: str, gate: Gate, believed: Believed) -> Measured:
    run, reports = believed.run, believed.reports
    if isinstance(gate, FindingsGate):
        return _with_findings(found, name, gate, believed)
    match name:
        case tests.NAME:
            return _with_tests(found, run.path, reports)
        case coverage.NAME:
            measured = tuple(_coverage(run, reports, *each) for each in reports.coverage)
            return replace(found, coverage=(*found.coverage, *measured))
        case audit.NAME:
            return _with_audit(found, reports)
        case _:  # of a build only that it was there
            return found


def _with_tests(found: Measured, workflow: str, reports: Reports) -> Measured:
    if reports.tests is None:
        return found
    totals, names = reports.tests.totals, reports.tests.names
    kept = names if len(names) <= MAX_NAMES_BYTES else None
    return replace(found, tests=(*found.tests, MeasuredTests(workflow, totals.tests - totals.skipped, kept)))


def _coverage(run: RunReading, reports: Reports, report_format: str, packed: bytes) -> MeasuredCoverage:
    outside = dict(reports.outside).get(report_format)
    variants = tuple(each for name, each in reports.variants if name == report_format)
    fits = len(packed) + sum(map(len, variants)) <= MAX_LINES_BYTES
    return MeasuredCoverage(
        run.path,
        report_format,
        sums_of(LineMap.unpack(packed)),
        packed if fits else None,
        sums_of(LineMap() if outside is None else LineMap.unpack(outside)),
        variants if fits else (),
        _made_at(run, {file.artifact for file in reports.files if file.format == report_format}),
    )


def _made_at(run: RunReading, artifacts: set[str]) -> datetime | None:
    """When the oldest of these artifacts was made: another run, or another job, that reports later does not renew them."""
    times = [each.created_at for each in run.artifacts if each.name in artifacts and each.created_at]
    return min(times, default=None)


def _with_findings(found: Measured, name: str, gate: FindingsGate, believed: Believed) -> Measured:
    """A finding that two runs report is one that the base has, not two."""
    tools = findings.tools_of(believed.reports, name, gate)
    found = replace(found, tools=(*found.tools, *((name, believed.run.path, each.tool) for each in tools)))
    before: Counter[bytes] = prints_of(dict(found.findings).get(name, b""))
    both = before | findings.prints_now(tools, gate)
    prints = joined_all(both.elements())
    others = tuple(each for each in found.findings if each[0] != name)
    return replace(found, findings=(*others, (name, prints))) if len(prints) <= MAX_PRINTS_BYTES else found


def _with_audit(found: Measured, reports: Reports) -> Measured:
    """Formats that name only what is vulnerable say nothing of what was looked at."""
    if reports.audit is None or not reports.audit.lists_all:
        return found
    now = (dependency(each.name) for each in reports.audit.dependencies if not each.skipped)
    audited = joined((*apart(found.audited or b""), *now))
    number = len(audited) // WIDTH
    return replace(found, audited=audited if len(audited) <= MAX_NAMES_BYTES else None, audited_number=number)
