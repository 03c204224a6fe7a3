"""Waivers: what need not hold for some time, of the policy's file or granted by a command. Pure.

A waiver of a whole gate makes it `waived`, and says what it would be. One of the file may be narrower: of a rule (findings, a
vulnerability by any of its ids) or of paths (findings, lines of coverage); what it covers is taken out, and the rest is judged. A
granted one is for its pull request: where a commit is proposed by several, each needs one, since they share the check run. In a
merge group it counts where every pull request that the group's commit holds has one.

Of a tool with more findings than are kept in full, those that are not cannot be taken out: they count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from app.domain.audits import Audit
from app.domain.coverage import FileLines, LineMap
from app.domain.findings import Finding
from app.domain.markdown import code, plain
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.people import GrantedWaiver
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State, Weight
from handlers.quality_gate.globs import matches
from handlers.quality_gate.history.measures import CoverageSums, MeasuredCoverage, sums_of
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate, Waiver
from handlers.quality_gate.section.waivers import is_short_enough

REMINDED = timedelta(days=14)
"""So long an expired waiver is named: it explains what turned red."""


@dataclass(frozen=True, slots=True)
class Used:
    """A waiver that made a difference: what it covers, who answers for it, why, and its last day."""

    gate: str
    covers: str
    until: date
    by: str
    why: str


def spared(evidence: GateEvidence, section: QualityGate, gate: str) -> Callable[[Finding], bool]:
    """Whether a finding is waived for a gate by its rule or path."""
    waivers = _partial(evidence, section, gate)
    return lambda finding: any(_covers(each, (finding.rule,), finding.path) for each in waivers)


def all_waived(
    evidence: GateEvidence, section: QualityGate, gate: str, lines: LineMap, names: Iterable[str]
) -> bool:
    """Whether waivers take out all that a report has of these files; `lines` are those of `without_waived`."""
    waivers = _partial(evidence, section, gate)
    known = tuple(names) if waivers else ()
    return any(any(_covers(each, (), name) for each in waivers) for name in known) and not any(
        lines.files[name].valid or lines.files[name].branches for name in known
    )


def without_waived(evidence: GateEvidence, section: QualityGate, gate: str) -> GateEvidence:
    """The evidence for a gate, without the vulnerabilities or the lines of files that are waived for it.

    Findings are spared where they are counted (`spared`), since several tools may tell the same one.
    """
    waivers = _partial(evidence, section, gate)
    if not waivers or gate not in {"audit", "coverage"}:
        return evidence
    producers = tuple(
        replace(each, runs=tuple(_run(run, gate, waivers) for run in each.runs))
        for each in evidence.producers
    )
    if gate == "audit":
        return replace(evidence, producers=producers)
    changes = tuple(_change(each, waivers) for each in evidence.changes)
    return replace(evidence, producers=producers, changes=changes)


def waived(evidence: GateEvidence, section: QualityGate, answer: GateVerdict) -> GateVerdict:
    """The answer of a gate, waived where the whole gate is: it says which state that covers."""
    if answer.state in GOOD:
        return answer
    used = _whole(evidence, section, answer)
    if not used:
        return answer
    return replace(
        answer,
        state=State.WAIVED,
        reason=f"waived until {used[0].until.isoformat()}; without that {answer.state.value}: {answer.reason}",
        remedy="",
        only_trust=False,
        marks=tuple(replace(mark, weight=Weight.INFORMS) for mark in answer.marks),
    )


def used(evidence: GateEvidence, gates: Iterable[GateVerdict]) -> tuple[Used, ...]:
    """The waivers that make a difference to these verdicts."""
    found: list[Used] = []
    for gate, section in ((gate, section) for gate in gates for section in evidence.policy.sections):
        if gate.state is State.WAIVED:
            found += _whole(evidence, section, gate)
        partial = [
            waiver
            for waiver in _partial(evidence, section, gate.gate)
            if _makes_a_difference(evidence, waiver)
        ]
        found += [_of_file(waiver) for waiver in partial]
    return tuple(dict.fromkeys(found))


def expired(evidence: GateEvidence) -> tuple[Used, ...]:
    """The waivers that ended in the last two weeks."""
    sections, today = evidence.policy.sections, evidence.now.date()
    if not sections:
        return ()
    every = [
        *dict.fromkeys(_of_file(each) for section in sections for each in section.waivers),
        *(
            Used(each.gate, f"pull request {each.number}", each.until, each.by, each.why)
            for each in evidence.waivers
        ),
    ]
    return tuple(each for each in every if each.until < today <= each.until + REMINDED)


def ends_at(found: Iterable[Used]) -> datetime | None:
    """The first moment at which one of them does not hold any more."""
    days = [each.until for each in found]
    return datetime.combine(min(days) + timedelta(days=1), time(), UTC) if days else None


def block(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> tuple[str, ...]:
    """The waivers that are used, and those that ended lately, as Markdown."""
    lines = [f"- {_words(each)}" for each in used(evidence, gates)]
    ended = [f"- {_words(each)}" for each in expired(evidence)]
    found = []
    if lines:
        found.append("\n".join(("**Waivers in use:**", "", *lines)))
    if ended:
        found.append("\n".join(("**Waivers that ended:**", "", *ended)))
    return tuple(found)


def _words(each: Used) -> str:
    covers = f" for {plain(each.covers, 300)}" if each.covers else ""
    return f"{code(each.gate)}{covers}, until {each.until.isoformat()}, by {plain(each.by, 100)}: {plain(each.why)}"


def _of_file(waiver: Waiver) -> Used:
    covers = " in ".join(each for each in (waiver.rule, waiver.path) if each)
    return Used(waiver.gate, covers, waiver.until, waiver.by, waiver.why)


def _in_force(evidence: GateEvidence, section: QualityGate, gate: str) -> list[Waiver]:
    return [each for each in section.waivers if each.gate == gate and _holds(evidence, section, each)]


def _holds(evidence: GateEvidence, section: QualityGate, waiver: Waiver | GrantedWaiver) -> bool:
    """Whether a waiver holds today: it has begun and not ended, and is no longer than the policy lets one be."""
    today = evidence.now.date()
    holds = (waiver.since is None or waiver.since <= today) and today <= waiver.until
    return holds and is_short_enough(waiver.since, waiver.until, section.longest_waiver_days)


def _partial(evidence: GateEvidence, section: QualityGate, gate: str) -> list[Waiver]:
    return [each for each in _in_force(evidence, section, gate) if each.rule or each.path]


def _whole(evidence: GateEvidence, section: QualityGate, answer: GateVerdict) -> list[Used]:
    """The waivers of the whole gate: one of the file, else the granted ones of every pull request that the answer is about."""
    for waiver in _in_force(evidence, section, answer.gate):
        if not waiver.rule and not waiver.path:
            return [_of_file(waiver)]
    granted = {
        each.number: each
        for each in evidence.waivers
        if each.gate == answer.gate
        and each.gate not in section.waived_in_file_only
        and _holds(evidence, section, each)
    }
    numbers = [number for change in evidence.changes for number in _numbers(evidence, change)]
    about = numbers if answer.number is None else [answer.number]
    if not about or any(number is None or number not in granted for number in about):
        return []
    found = [granted[number] for number in about if number is not None]
    return [Used(each.gate, f"pull request {each.number}", each.until, each.by, each.why) for each in found]


def _numbers(evidence: GateEvidence, change: Change) -> tuple[int | None, ...]:
    """The pull requests that a change is of; None where one is not known: then nothing that was granted is for all of it."""
    base = (change.base_ref, change.base_sha)
    groups = [each for each in evidence.merge_groups if (each.base_ref, each.base_sha) == base]
    if change.is_merge_group and groups and all(each.numbers for each in groups):
        return tuple(number for each in groups for number in each.numbers)
    return (change.number,)


def _covers(waiver: Waiver, rules: Iterable[str], path: str | None) -> bool:
    if waiver.rule is not None and waiver.rule.casefold() not in {each.casefold() for each in rules}:
        return False
    return waiver.path is None or (path is not None and matches(path, waiver.path))


def _run(run: RunReading, gate: str, waivers: list[Waiver]) -> RunReading:
    if run.reports is None:
        return run
    left = _audited(run.reports, waivers) if gate == "audit" else _covered(run.reports, waivers)
    return replace(run, reports=left)


def _audited(reports: Reports, waivers: list[Waiver]) -> Reports:
    if reports.audit is None:
        return reports
    audit: Audit = reports.audit
    left = tuple(
        each
        for each in audit.vulnerabilities
        if not any(_covers(waiver, (each.id, *each.aliases), None) for waiver in waivers)
    )
    return replace(reports, audit=replace(audit, vulnerabilities=left))


def _covered(reports: Reports, waivers: list[Waiver]) -> Reports:
    left, outside = (
        tuple((name, _lines(packed, waivers).pack()) for name, packed in each)
        for each in (reports.coverage, reports.outside)
    )
    return replace(reports, coverage=left, outside=outside)


def _lines(packed: bytes, waivers: list[Waiver]) -> LineMap:
    lines = LineMap.unpack(packed)
    for path, file in [
        each for each in lines.files.items() if any(_covers(one, (), each[0]) for one in waivers)
    ]:
        if file.valid or file.branches:
            lines.files[path] = FileLines()  # its name stays: what is waived was not left out
        else:
            del lines.files[path]
    return lines


def _change(change: Change, waivers: list[Waiver]) -> Change:
    """Without the files; the base's numbers without them too, or unknown where only its sums are kept; nor is it carried.

    That a waived file changed since stays known: it may be what the others of its group are tested with.
    """
    files = tuple(
        each for each in change.files if not any(_covers(waiver, (), each.path) for waiver in waivers)
    )
    carried = tuple(
        replace(each, parts=tuple(_measured(part, waivers) for part in each.parts)) for each in change.carried
    )
    change = replace(change, files=files, carried=carried)
    if change.baseline is None:
        return change
    measured = change.baseline.measured
    kept = [_measured(each, waivers) for each in measured.coverage if each.lines is not None]
    vanished = tuple(
        each for each in change.baseline.vanished if not any(_covers(waiver, (), each) for waiver in waivers)
    )
    baseline = replace(change.baseline, measured=replace(measured, coverage=tuple(kept)), vanished=vanished)
    return replace(change, baseline=baseline)


def _measured(each: MeasuredCoverage, waivers: list[Waiver]) -> MeasuredCoverage:
    lines = _lines(each.lines or b"", waivers)
    # Of files that the repository does not have only sums are kept: what is waived in them is not known.
    return replace(each, sums=sums_of(lines), lines=lines.pack(), outside=CoverageSums())


def _makes_a_difference(evidence: GateEvidence, waiver: Waiver) -> bool:
    """Whether there is anything that a narrower waiver takes out."""
    if waiver.gate == "coverage" and any(
        _covers(waiver, (), name)
        for change in evidence.changes
        for carried in change.carried
        for part in carried.parts
        for name in LineMap.names(part.lines or b"")
    ):
        return True
    for run in (run for reading in evidence.producers for run in reading.runs):
        reports = run.reports
        if reports is None:
            continue
        match waiver.gate:
            case "audit":
                found = _audited(reports, [waiver]) != reports
            case "coverage":
                found = any(
                    _covers(waiver, (), name)
                    for _, packed in (*reports.coverage, *reports.outside)
                    for name in LineMap.names(packed)
                )
            case _:
                found = any(
                    _covers(waiver, (each.rule,), each.path)
                    for tool in reports.findings
                    for each in tool.findings
                )
        if found:
            return True
    return False
