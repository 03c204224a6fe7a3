"""Coverage of an ancestor that stands for a group of paths which no report names, as long as nothing in it changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from app.domain.coverage import LineMap
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Carried, Change
from handlers.quality_gate.gates.areas import Area
from handlers.quality_gate.gates.asking import Question
from handlers.quality_gate.gates.based import distant
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import NOTHING, PERCENT, Share, total_of, words
from handlers.quality_gate.gates.strictest import Strictest, doubt
from handlers.quality_gate.gates.waiving import all_waived
from handlers.quality_gate.history.measures import MeasuredCoverage
from handlers.quality_gate.reports.variants import sets_of
from handlers.quality_gate.section import GroupCoverage, carrying
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

DAY = timedelta(days=1)
LEAST = ">= 0%"


@dataclass(frozen=True, slots=True)
class Joining:
    """What carried groups without a total of their own add to the gate's, for one change; `notes` say where it is from.

    `strict` is the same by the strictest of reports that differ in which lines of the files `doubted` could run.
    """

    number: int | None = None
    share: Share = NOTHING
    strict: Share = NOTHING
    doubted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


ALONE = Joining()


def carried(question: Question, gate: CoverageGate, area: Area) -> tuple[GateVerdict, ...]:
    """One verdict for each change of the commit; none where the policy carries nothing for the group."""
    if area.group is None or area.group not in carrying(question.section):
        return ()
    changes = question.evidence.changes
    return tuple(verdict for change in changes for verdict in _judged(question, gate, area, change))


def joining(question: Question, gate: CoverageGate) -> tuple[Joining, ...]:
    """What is added to the gate's total for each change; empty where nothing is carried that counts there."""
    found = tuple(_joining(question, gate, change) for change in question.evidence.changes)
    return found if any(each.share.valid for each in found) else ()


def not_joining(question: Question, named: Container[str | None]) -> list[GateVerdict]:
    """Groups that should count in the gate's total, and do not: no report names a file of them, and nothing can be carried.

    `named` are the groups of the files that reports name.
    """
    found = []
    for group in _without_total(question):
        for change in question.evidence.changes if group not in named else ():
            if why := _problem(question, group, change):
                rule = f"paths.{group}.coverage.carry"
                more = {"rule": rule, "number": change.number}
                found.append(question.verdict(State.INCONCLUSIVE, "nothing measured", why, **more))
    return found


def ends_at(evidence: GateEvidence) -> datetime | None:
    """The first moment at which something that stands now is older than the policy carries it; None where nothing will be."""
    section = evidence.policy.section
    rules = {} if section is None else {group: section.paths[group].coverage for group in carrying(section)}
    ends = [
        each.measured_at + (rule.carry + 1) * DAY
        for change in evidence.changes
        for each in change.carried
        if isinstance(rule := rules.get(each.group), GroupCoverage) and rule.carry
    ]
    return min((end for end in ends if end > evidence.now), default=None)


def _without_total(question: Question) -> list[str]:
    rules = question.section.paths
    return [
        group
        for group in carrying(question.section)
        if isinstance(rule := rules[group].coverage, GroupCoverage) and rule.total is None
    ]


def _joining(question: Question, gate: CoverageGate, change: Change) -> Joining:
    """Of each group the part that is the worst for the total: no part mends another's holes."""
    found, least = Joining(change.number), parse_threshold(gate.total or LEAST)
    for group in _without_total(question):
        of_group = _found(change, group)
        if of_group is None or _problem(question, group, change):
            continue
        reports = [_reports(each, gate) for each in of_group.parts]
        share = min((total_of(each.lines, each.lines.files, gate) for each in reports), key=_worst_for(least))
        strict, doubted = min(
            (each.over(each.lines.files, least) for each in reports),
            key=lambda each: _worst_for(least)(each[0]),
        )
        found = Joining(
            change.number,
            found.share.plus(share),
            found.strict.plus(strict),
            (*found.doubted, *doubted),
            (*found.notes, f"{_note(question, of_group)}: {share.text(*words(gate))} of the total"),
        )
    return found


def _reports(part: MeasuredCoverage, gate: CoverageGate) -> Strictest:
    return Strictest(gate, LineMap.unpack(part.lines or b""), sets_of(part.variants))


def _worst_for(least: Fraction) -> Callable[[Share], Fraction]:
    return lambda share: PERCENT * share.covered - least * share.valid


def _judged(question: Question, gate: CoverageGate, area: Area, change: Change) -> list[GateVerdict]:
    found = _found(change, area.group or "")
    if (why := _problem(question, area.group or "", change)) or found is None:
        return [_verdict(question, gate, area, change, (State.INCONCLUSIVE, "nothing measured", why))]
    note = _note(question, found)
    several = len(found.parts) > 1
    return [
        replace(
            _verdict(question, gate, area, change, _of_part(question, area, found, _reports(part, gate))),
            notes=(f"{note} ({part.workflow}, {part.format})" if several else note,),
        )
        for part in found.parts
    ]


def _verdict(
    question: Question, gate: CoverageGate, area: Area, change: Change, said: tuple[State, str, str]
) -> GateVerdict:
    state, value, reason = said
    remedy = reason if state is State.FAIL else ""
    verdict = question.verdict(state, value, reason, rule=area.rule, number=change.number, remedy=remedy)
    return replace(verdict, threshold=f"{area.threshold} of {words(gate)[1]} in {area.group}")


def _of_part(question: Question, area: Area, found: Carried, reports: Strictest) -> tuple[State, str, str]:
    """State, value and reason of what one workflow's reports of one format give."""
    lines, (one, many), group = reports.lines, words(reports.gate), area.group
    share, least = total_of(lines, lines.files, reports.gate), parse_threshold(area.threshold or "")
    if share.valid == 0:
        if all_waived(question.evidence, question.section, question.name, lines, lines.files):
            return State.WAIVED, "waived", f"all that is carried in {group} is waived"
        return State.INCONCLUSIVE, "nothing measured", f"{_source(question, found)}, without any {one}"
    value = share.text(one, many)
    if lacking := share.lacking(least):
        return State.FAIL, value, f"{lacking} more covered {one if lacking == 1 else many} needed in {group}"
    strict, doubted = reports.over(lines.files, least)
    if not strict.reaches(least):
        return State.INCONCLUSIVE, value, doubt(doubted, strict, one, many)
    return State.PASS, value, f"enough {many} in {group} are covered"


def _found(change: Change, group: str) -> Carried | None:
    return next((each for each in change.carried if each.group == group), None)


def _source(question: Question, found: Carried) -> str:
    return f"{distant(found.sha, found.distance)} measured it {counted(_age(question, found), 'day')} ago"


def _note(question: Question, found: Carried) -> str:
    return (
        f"coverage in {found.group} is carried: {_source(question, found)}, and nothing in it changed since"
    )


def _age(question: Question, found: Carried) -> int:
    return max(0, (question.evidence.now - found.measured_at) // DAY)


def _problem(question: Question, group: str, change: Change) -> str:
    """Why nothing that was measured then stands for the group now; empty where something does."""
    found, rule = _found(change, group), question.section.paths[group].coverage
    if found is None:
        return f"no report names a file in {group}, and no ancestor near the base has recorded any"
    days = rule.carry if isinstance(rule, GroupCoverage) else None
    why = _stale(found, _age(question, found), days or 0)
    return f"no report names a file in {group}; {_source(question, found)}, but {why}" if why else ""


def _stale(found: Carried, age: int, days: int) -> str:
    """Why what was measured then does not stand now; empty where it does."""
    if found.changed is None:
        return "GitHub does not list all that changed since"
    if found.changed:
        return f"{few(found.changed)} changed since"
    return f"the policy carries it for {counted(days, 'day')} at most" if age > days else ""
