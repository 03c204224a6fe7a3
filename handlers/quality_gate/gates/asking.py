"""What all gates ask first: is the evidence there, can it be believed, is it trusted; then the gate's own question. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.based import speaks_here
from handlers.quality_gate.gates.ended import WAY_OUT, unexplained_end
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State, counted
from handlers.quality_gate.globs import matches
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import Gate
from handlers.quality_gate.section.values import TrustLevel, parse_duration

Concerns = Callable[[Reports], bool]
Judge = Callable[[Reports], Sequence[GateVerdict]]
QUIET = frozenset({"success", "skipped", "neutral"})
"""Ends of a run after which nothing need have been reported."""


@dataclass(frozen=True, slots=True)
class Question:
    """One gate of one commit: `bar` is its threshold in words, `kinds` the reports that speak of it.

    `concerns` says whether reports of a run that nobody declared speak of this gate; `evidence_is` is what it looks for in words,
    where that is no report of a kind.
    """

    evidence: GateEvidence
    section: QualityGate
    name: str
    gate: Gate
    bar: str
    kinds: tuple[Kind, ...]
    concerns: Concerns
    evidence_is: str = ""

    def verdict(self, state: State, value: str, reason: str, **more: object) -> GateVerdict:
        """A verdict of this gate."""
        return GateVerdict(self.name, state, value, self.bar, reason, **more)  # type: ignore[arg-type]  # its own fields

    @property
    def what(self) -> str:
        """What there must be, in words."""
        return self.evidence_is or f"report of {' or '.join(self.kinds)}"

    @property
    def least(self) -> TrustLevel:
        """The least level of trust of its evidence."""
        return TrustLevel[self.gate.trust or self.section.defaults.trust]


def answer(question: Question, judge: Judge) -> tuple[GateVerdict, ...]:
    """The verdicts on each run, and on what is not there; each run is judged alone: two must not mend each other's holes."""
    spared = spared_by(question)
    if spared is not None:
        return (question.verdict(State.NOT_APPLICABLE, "not needed", spared, rule=f"paths.{spared}"),)
    found: list[GateVerdict] = []
    for reading in readings(question):
        found += _of_producer(question, reading, judge)
    if not found:
        found.append(_without_evidence(question))
    return tuple(found)


def readings(question: Question) -> tuple[ProducerReading, ...]:
    """The producers that the gate names, or all workflows of the commit."""
    wanted: tuple[str | None, ...] = question.gate.producers or (None,)
    known = {reading.name: reading for reading in question.evidence.producers}
    return tuple(known.get(name, ProducerReading(name)) for name in wanted)


def is_overdue(evidence: GateEvidence) -> bool:
    """Whether reports had their time."""
    return evidence.now >= deadline(evidence)


def deadline_of(section: QualityGate, changes: tuple[Change, ...]) -> timedelta:
    """How long reports may take; less in a merge queue, which does not wait for ever."""
    longest = parse_duration(section.defaults.deadline)
    if any(change.is_merge_group for change in changes):
        return min(longest, parse_duration(section.merge_group.deadline))
    return longest


def deadline(evidence: GateEvidence) -> datetime:
    """When reports had their time."""
    section = evidence.policy.section or QualityGate()
    return evidence.last_activity_at + deadline_of(section, evidence.changes)


def spared_by(question: Question) -> str | None:
    """The group of paths that makes the gate not applicable to this change, or None."""
    changes = question.evidence.changes
    rules = question.section.paths
    if not rules or not changes or not all(change.complete and change.files for change in changes):
        return None
    deciding = set()
    for change in changes:
        for path in (path for file in change.files for path in (file.path, file.previous_path) if path):
            # A file that is moved away is a change of the place it leaves, too.
            group = group_of(question.section, path)
            if group is None or not rules[group].spares(question.name):
                return None
            deciding.add(group)
    return min(deciding)


def group_of(section: QualityGate, path: str) -> str | None:
    """The group of paths that a file belongs to: the last one in the file that matches."""
    found = None
    for glob in section.paths:
        if matches(path, glob):
            found = glob
    return found


def _of_producer(question: Question, reading: ProducerReading, judge: Judge) -> list[GateVerdict]:
    found = []
    if reading.problem:
        found.append(question.verdict(State.INCONCLUSIVE, "not all read", reading.problem))
    for run in reading.runs:
        if run.reports is not None and _concerns(question, run.reports, reading):
            found += _of_run(question, run, run.reports, reading, judge)
    pending = [run for run in reading.runs if not run.is_complete]
    if not is_overdue(question.evidence) and (pending or not reading.runs):
        what = awaited(question, reading, pending)
        found.append(question.verdict(State.WAITING, "no report", what))
    elif pending:
        ids = tuple(run.run_id for run in pending)
        found.append(question.verdict(State.MISSING, "no report", "a run has not ended in time", run_ids=ids))
    elif not found and reading.name is not None:
        found.append(missing(question, f"its workflow did not run on this commit in time ({reading.name})"))
    return found


def awaited(question: Question, reading: ProducerReading, pending: list[RunReading]) -> str:
    """What is waited for, by the workflow's file where it is known."""
    if pending:
        paths = sorted({run.path for run in pending})
        return f"{' and '.join(paths)} {'has' if len(paths) == 1 else 'have'} not ended"
    producer = question.section.producers.get(reading.name or "")
    return f"{producer.workflow if producer else 'no workflow'} has {'not ' if producer else ''}begun on this commit"


def _concerns(question: Question, reports: Reports, reading: ProducerReading) -> bool:
    """Of a declared producer every run counts; otherwise the runs that report on this gate, or cannot be read."""
    return reading.name is not None or question.concerns(reports) or bool(_problems(question, reports))


def _problems(question: Question, reports: Reports) -> list[str]:
    """Also of a gate that asks for no kind of report: an artifact that cannot be read may be what it asks for."""
    kinds = [kind.value for kind in question.kinds] or [""]
    return list(dict.fromkeys(text for kind in kinds for text in reports.problems_of(kind)))


def _of_run(
    question: Question, run: RunReading, reports: Reports, reading: ProducerReading, judge: Judge
) -> list[GateVerdict]:
    ids = (run.run_id,)
    found: list[GateVerdict] = []
    if question.concerns(reports):
        found += [replace(each, run_ids=each.run_ids or ids) for each in judge(reports)]
    problems = _problems(question, reports)
    if problems:
        found.append(question.verdict(State.INCONCLUSIVE, "unreadable", problems[0], run_ids=ids))
    if not found:
        return [_nothing_from(question, run)]
    producer = question.section.producers.get(reading.name or "")
    files = sum(len(reports.files_of(kind.value)) for kind in question.kinds)
    if producer is not None and question.kinds and files < producer.min_reports:
        reason = f"run {run.run_id} left {counted(files, 'report')} of the {producer.min_reports} that {reading.name} is to leave"
        found.append(question.verdict(State.MISSING, "not all reports", reason, run_ids=ids))
    if not all(each.state in GOOD for each in found):
        return found
    if unexplained := unexplained_end(question.gate, run):
        remedy = WAY_OUT if run.conclusion == "failure" else "run it again"
        found.append(
            question.verdict(State.INCONCLUSIVE, found[0].value, unexplained, remedy=remedy, run_ids=ids)
        )
    elif run.trust.level < question.least and not run.accepted:
        reason = f"its evidence has trust T{run.trust.level:d}, the policy asks for {question.least.name}: {run.trust.why}"
        found.append(
            question.verdict(State.INCONCLUSIVE, found[0].value, reason, run_ids=ids, only_trust=True)
        )
    return found


def _nothing_from(question: Question, run: RunReading) -> GateVerdict:
    """A run without evidence: what the policy lets pass is that there was nothing to report, not that a job died before."""
    ids = (run.run_id,)
    reason = f"run {run.run_id} has no {question.what}"
    if run.conclusion in QUIET:
        return missing(question, reason, ids)
    reason = f"{reason}, and ended with {run.conclusion or 'nothing'}"
    return question.verdict(State.MISSING, "no report", reason, run_ids=ids)


def _without_evidence(question: Question) -> GateVerdict:
    if question.gate.when == "reported" and not question.gate.producers and not _had_evidence(question):
        return question.verdict(State.NOT_APPLICABLE, "not reported", "no run of this commit reports it")
    return missing(question, f"no run of this commit has any {question.what}")


def _had_evidence(question: Question) -> bool:
    """Whether the base had evidence for the gate that can be missed here: then its loss is no absence of a need."""
    runs = [run for reading in question.evidence.producers for run in reading.runs]
    return any(
        gate == question.name and speaks_here(runs, change, workflow)
        for change in question.evidence.changes
        if change.baseline is not None
        for gate, workflow in change.baseline.measured.reported
    )


def missing(question: Question, reason: str, run_ids: tuple[int, ...] = ()) -> GateVerdict:
    """What it means that there is no evidence; late enough the policy may let that pass."""
    if question.gate.missing == "not_applicable" and is_overdue(question.evidence):
        return question.verdict(State.NOT_APPLICABLE, "no report", f"{reason}; the policy lets that pass")
    return question.verdict(State.MISSING, "no report", reason, run_ids=run_ids)
