"""Whether good reports speak for a run that ended badly: a job that died leaves none, and those of others look good. Pure.

An artifact does not say which job left it, so what explains the end of a run is narrow: tests that failed explain it for every
gate, since nothing lets them pass unseen; findings and vulnerabilities only for the gate that judges them. A finding that the
policy allows must not explain why a job of tests was killed.
"""

from __future__ import annotations

from dataclasses import replace

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.selected import tools_of
from handlers.quality_gate.reports.readings import Reports, ToolFindings
from handlers.quality_gate.section.gates import AuditGate, FindingsGate, Gate

LEVELS_THAT_FAIL = frozenset({"error", "warning"})
"""Tools end badly for these; for notes only some do, and then a gate that counts notes is explained by them."""
WAY_OUT = (
    "look at the failed job, and mend it or run it again; state `min_reports`, so that a job that dies is missed; "
    "only where a job ended badly for what the policy allows, move it to a workflow of its own, or let it end well "
    "(`continue-on-error: true`): then nothing else tells that it died"
)


def unexplained_end(gate: Gate, run: RunReading) -> str:
    """Why good reports of a run do not speak for it: it ended badly, and none shows a cause; empty where they speak for it.

    The run is one of `with_shown_failures`.
    """
    if run.conclusion == "success" or (run.conclusion == "failure" and run.shown_to_fail):
        return ""
    if run.conclusion != "failure":
        return f"run {run.run_id} ended with {run.conclusion or 'nothing'}: not all of it may have reported"
    return f"run {run.run_id} ended with failure, and no report shows {_cause(gate)}: a job may have died unheard"


def with_shown_failures(evidence: GateEvidence, name: str, gate: Gate) -> GateEvidence:
    """The evidence with `shown_to_fail` at every run of which a report shows what it can have failed for, to this gate.

    That may be a report which is read for another producer, or a failure that is waived: waivers are applied after this.
    """
    of_gate: tuple[str | None, ...] = gate.producers or (None,)
    told = {
        (run.run_id, run.attempt)
        for reading in evidence.producers
        for run in reading.runs
        if run.reports is not None
        and (
            _has_failed_tests(run.reports) or (reading.name in of_gate and _explains(run.reports, name, gate))
        )
    }
    producers = tuple(
        replace(
            reading,
            runs=tuple(replace(run, shown_to_fail=(run.run_id, run.attempt) in told) for run in reading.runs),
        )
        for reading in evidence.producers
    )
    return replace(evidence, producers=producers)


def _has_failed_tests(reports: Reports) -> bool:
    tests = reports.tests
    return tests is not None and tests.totals.failed + tests.totals.errors > 0


def _explains(reports: Reports, name: str, gate: Gate) -> bool:
    """Whether there is what the gate itself judges, enough of it or not."""
    if isinstance(gate, FindingsGate):
        levels = LEVELS_THAT_FAIL | set(gate.levels)
        return any(_has_level(tool, levels) for tool in tools_of(reports, name, gate))
    if isinstance(gate, AuditGate):
        return reports.audit is not None and reports.audit.totals.vulnerable > 0
    return False


def _has_level(tool: ToolFindings, levels: frozenset[str]) -> bool:
    totals = tool.totals
    numbers = {"error": totals.error, "warning": totals.warning, "note": totals.note}
    return any(numbers.get(level, 0) for level in levels)


def _cause(gate: Gate) -> str:
    if isinstance(gate, FindingsGate):
        return "a finding or a failed test"
    return "a vulnerability or a failed test" if isinstance(gate, AuditGate) else "a failed test"
