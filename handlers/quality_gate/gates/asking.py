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
from handlers.quality_gate.gates.parts import Part, as_one, runs_of
from handlers.quality_gate.globs import matches
from handlers.quality_gate.reports.promises import strange_files
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import Gate
from handlers.quality_gate.section.values import TrustLevel, parse_duration

Concerns = Callable[[Reports], bool]
Judge = Callable[[RunReading, Reports], Sequence[GateVerdict]]
"""Judges what a run reports, all of its producers' together."""
QUIET = frozenset({"success", "skipped", "neutral"})
"""Ends of a run after which nothing need have been reported."""


KNOWN_FORMAT = "write it in a known format, or name its format in producers.{producer}.format"


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
    """The verdicts on each run, and on what is not there.

    What several producers have of one run is judged together; each run alone: two must not mend each other's holes.
    """
    spared = spared_by(question)
    if spared is not None:
        return (question.verdict(State.NOT_APPLICABLE, "not needed", spared, rule=f"paths.{spared}"),)
    found: list[GateVerdict] = []
    known = readings(question)
    runs = runs_of(known)
    for reading in known:
        found += _of_producer(question, reading, runs, judge)
    if not found:
        found.append(_without_evidence(question))
    return tuple(found)


def readings(question: Question) -> tuple[ProducerReading, ...]:
    """The producers that the gate names, or all workflows of the commit."""
    wanted: tuple[str | None, ...] = question.gate.producers or (None,)
    known = {reading.name: reading for reading in question.evidence.producers}
    return tuple(known.get(name, ProducerReading(name)) for name in wanted)


def runs(question: Question) -> tuple[RunReading, ...]:
    """The runs of the gate's producers, each once, with all that these have of it."""
    known = readings(question)
    found = {(run.run_id, run.attempt): run for reading in known for run in reading.runs}
    for key, parts in runs_of(known).items():
        found[key] = as_one(parts, question.concerns) or found[key]
    return tuple(found.values())


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
            group = group_of(question.section, path, question.name)
            if group is None or not rules[group].spares(question.name):
                return None
            deciding.add(group)
    return min(deciding)


def group_of(section: QualityGate, path: str, rule: str) -> str | None:
    """The group of paths that decides about a file: the last one that matches and speaks of the rule (`PathRule.speaks_of`).

    One that is about something else leaves the file in the group in which it is.
    """
    found = None
    for glob, each in section.paths.items():
        if each.speaks_of(rule) and matches(path, glob):
            found = glob
    return found


def _of_producer(
    question: Question, reading: ProducerReading, runs: dict[tuple[int, int], list[Part]], judge: Judge
) -> list[GateVerdict]:
    """The verdicts on a producer's runs; one that an earlier producer shares is not in `runs` any more."""
    found = []
    if reading.problem:
        found.append(question.verdict(State.INCONCLUSIVE, "not all read", reading.problem))
    for run in reading.runs:
        parts = runs.pop((run.run_id, run.attempt), [])
        if parts := [part for part in parts if _is_asked(question, part)]:
            found += _of_run(question, parts, judge)
    pending = [run for run in reading.runs if not run.is_complete]
    if not is_overdue(question.evidence) and (pending or not reading.runs):
        what = awaited(question, reading, pending)
        found.append(question.verdict(State.WAITING, "no report", what))
    elif pending:
        ids = tuple(run.run_id for run in pending)
        found.append(question.verdict(State.MISSING, "no report", "a run has not ended in time", run_ids=ids))
    elif not reading.runs and reading.name is not None:
        found.append(missing(question, f"its workflow did not run on this commit in time ({reading.name})"))
    return found


def awaited(question: Question, reading: ProducerReading, pending: list[RunReading]) -> str:
    """What is waited for, by the workflow's file where it is known."""
    if pending:
        paths = sorted({run.path for run in pending})
        return f"{' and '.join(paths)} {'has' if len(paths) == 1 else 'have'} not ended"
    producer = question.section.producers.get(reading.name or "")
    return f"{producer.workflow if producer else 'no workflow'} has {'not ' if producer else ''}begun on this commit"


def _is_asked(question: Question, part: Part) -> bool:
    """Of a declared producer every run counts; otherwise the runs that report on this gate, or cannot be read."""
    return (
        part.producer is not None
        or question.concerns(part.reports)
        or bool(_problems(question, part.reports))
    )


def _problems(question: Question, reports: Reports) -> list[str]:
    """Also of a gate that asks for no kind of report: an artifact that cannot be read may be what it asks for."""
    kinds = [kind.value for kind in question.kinds] or [""]
    return list(dict.fromkeys(text for kind in kinds for text in reports.problems_of(kind)))


def _of_run(question: Question, parts: list[Part], judge: Judge) -> list[GateVerdict]:
    """The verdicts on one run: on what its parts report together, and on what each of them lacks."""
    found: list[GateVerdict] = []
    run = as_one(parts, question.concerns)
    if run is not None and run.reports is not None:
        ids = (run.run_id,)
        found += [replace(each, run_ids=each.run_ids or ids) for each in judge(run, run.reports)]
        known = {text for part in parts for text in _problems(question, part.reports)}
        found += [
            question.verdict(State.INCONCLUSIVE, "contradictory", text, run_ids=ids)
            for text in _problems(question, run.reports)
            if text not in known
        ]
    found += [each for part in parts for each in _lacking(question, part)]
    if run is None or not all(each.state in GOOD for each in found):
        return found
    return [*found, *_not_believed(question, run, found[0].value)]


def _lacking(question: Question, part: Part) -> list[GateVerdict]:
    """What one producer's part of a run does not have, or has in vain; another's cannot stand for it."""
    ids = (part.run.run_id,)
    problems = _problems(question, part.reports)
    if not problems and not question.concerns(part.reports):
        return [_nothing_from(question, part)]
    found = []
    if problems:
        found.append(question.verdict(State.INCONCLUSIVE, "unreadable", problems[0], run_ids=ids))
    producer = question.section.producers.get(part.producer or "")
    files = sum(len(part.reports.files_of(kind.value)) for kind in question.kinds)
    if producer is not None and question.kinds and files < producer.min_reports:
        left = f"run {part.run.run_id} left {counted(files, 'report')}"
        reason = f"{left} of the {producer.min_reports} that {part.producer} is to leave"
        found.append(question.verdict(State.MISSING, "not all reports", reason, run_ids=ids))
    return found


def _not_believed(question: Question, run: RunReading, value: str) -> list[GateVerdict]:
    """Why a run is not believed though all that it reports is good."""
    ids = (run.run_id,)
    if unexplained := unexplained_end(question.gate, run):
        remedy = WAY_OUT if run.conclusion == "failure" else "run it again"
        return [question.verdict(State.INCONCLUSIVE, value, unexplained, remedy=remedy, run_ids=ids)]
    if run.trust.level < question.least and not run.accepted:
        reason = f"its evidence has trust T{run.trust.level:d}, the policy asks for {question.least.name}: {run.trust.why}"
        return [question.verdict(State.INCONCLUSIVE, value, reason, run_ids=ids, only_trust=True)]
    return []


def _nothing_from(question: Question, part: Part) -> GateVerdict:
    """A run without evidence: what the policy lets pass is that there was nothing to report, not that a job died before."""
    run = part.run
    ids = (run.run_id,)
    reason, remedy = f"run {run.run_id} has no {question.what}", ""
    if question.kinds and (strange := (*part.reports.unknown, *part.reports.blank)):
        reason, remedy = f"{reason}; {strange_files(strange)}", KNOWN_FORMAT.format(producer=part.producer)
    if run.conclusion in QUIET:
        return replace(missing(question, reason, ids), remedy=remedy)
    reason = f"{reason}, and ended with {run.conclusion or 'nothing'}"
    return question.verdict(State.MISSING, "no report", reason, remedy=remedy, run_ids=ids)


def _without_evidence(question: Question) -> GateVerdict:
    if question.gate.when == "reported" and not question.gate.producers and not _had_evidence(question):
        return question.verdict(State.NOT_APPLICABLE, "not reported", "no run of this commit reports it")
    return missing(question, f"no run of this commit has any {question.what}")


def _had_evidence(question: Question) -> bool:
    """Whether the base had reports for the gate that can be missed here: then their loss is no absence of a need."""
    if not question.kinds:
        return False  # a build, which need not be left for every change
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
