"""Coverage of an ancestor that stands for a group of paths which no report names, as long as nothing in it changed. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers.quality_gate.evidence.changes import Carried, Change
from handlers.quality_gate.gates.areas import Area
from handlers.quality_gate.gates.asking import Question
from handlers.quality_gate.gates.based import distant
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import NOTHING, Share, share_of_sums, words
from handlers.quality_gate.section import GroupCoverage, carrying
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Joining:
    """What carried groups without a total of their own add to the gate's, for one change; `notes` say where it is from."""

    number: int | None = None
    share: Share = NOTHING
    notes: tuple[str, ...] = ()


ALONE = Joining()


def carried(question: Question, gate: CoverageGate, area: Area) -> tuple[GateVerdict, ...]:
    """One verdict for each change of the commit; none where the policy carries nothing for the group."""
    if area.group is None or area.group not in carrying(question.section):
        return ()
    return tuple(_judged(question, gate, area, change) for change in question.evidence.changes)


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


def _without_total(question: Question) -> list[str]:
    rules = question.section.paths
    return [
        group
        for group in carrying(question.section)
        if isinstance(rule := rules[group].coverage, GroupCoverage) and rule.total is None
    ]


def _joining(question: Question, gate: CoverageGate, change: Change) -> Joining:
    share, notes = NOTHING, list[str]()
    for group in _without_total(question):
        found = _found(change, group)
        if found is not None and not _problem(question, group, change):
            part = share_of_sums(found.sums, gate)
            share = share.plus(part)
            notes.append(f"{_note(question, found)}: {part.text(*words(gate))} of the total")
    return Joining(change.number, share, tuple(notes))


def _judged(question: Question, gate: CoverageGate, area: Area, change: Change) -> GateVerdict:
    one, many = words(gate)
    group = area.group or ""

    def verdict(state: State, value: str, reason: str, **more: object) -> GateVerdict:
        bar = f"{area.threshold} of {many} in {group}"
        return replace(
            question.verdict(state, value, reason, rule=area.rule, number=change.number, **more),
            threshold=bar,
        )

    found = _found(change, group)
    if (why := _problem(question, group, change)) or found is None:
        return verdict(State.INCONCLUSIVE, "nothing measured", why)
    share, least = share_of_sums(found.sums, gate), parse_threshold(area.threshold or "")
    if share.valid == 0:
        source = _source(question, found)
        return verdict(State.INCONCLUSIVE, "nothing measured", f"{source}, without any {one}")
    value, notes = share.text(one, many), (_note(question, found),)
    if share.reaches(least):
        return verdict(State.PASS, value, f"enough {many} in {group} are covered", notes=notes)
    lacking = share.lacking(least)
    reason = f"{lacking} more covered {one if lacking == 1 else many} needed in {group}"
    return verdict(State.FAIL, value, reason, remedy=reason, notes=notes)


def _found(change: Change, group: str) -> Carried | None:
    return next((each for each in change.carried if each.group == group), None)


def _source(question: Question, found: Carried) -> str:
    return f"{distant(found.sha, found.distance)} measured it {counted(_age(question, found), 'day')} ago"


def _note(question: Question, found: Carried) -> str:
    return (
        f"coverage in {found.group} is carried: {_source(question, found)}, and nothing in it changed since"
    )


def _age(question: Question, found: Carried) -> int:
    return max(0, (question.evidence.last_activity_at - found.measured_at) // DAY)


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
