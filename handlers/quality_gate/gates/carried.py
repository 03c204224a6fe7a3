"""Coverage of an ancestor that stands for a group of paths which no report names, as long as nothing in it changed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.quality_gate.evidence.changes import Carried, Change
from handlers.quality_gate.gates.areas import Area
from handlers.quality_gate.gates.asking import Question
from handlers.quality_gate.gates.based import distant
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.shares import share_of_sums, words
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

DAY = timedelta(days=1)


def carried(question: Question, gate: CoverageGate, area: Area) -> tuple[GateVerdict, ...]:
    """One verdict for each change of the commit; none where the policy carries nothing for the group."""
    days = _days(question, area)
    if days is None:
        return ()
    return tuple(_judged(question, gate, area, change, days) for change in question.evidence.changes)


def _days(question: Question, area: Area) -> int | None:
    """For how long coverage of the group may be carried."""
    rule = question.section.paths[area.group or ""].coverage
    return None if rule is None or isinstance(rule, str) else rule.carry


def _judged(question: Question, gate: CoverageGate, area: Area, change: Change, days: int) -> GateVerdict:
    one, many = words(gate)
    found = next((each for each in change.carried if each.group == area.group), None)

    def verdict(state: State, value: str, reason: str, **more: object) -> GateVerdict:
        bar = f"{area.threshold} of {many} in {area.group}"
        return replace(
            question.verdict(state, value, reason, rule=area.rule, number=change.number, **more),
            threshold=bar,
        )

    if found is None:
        reason = f"no report names a file in {area.group}, and no ancestor near the base has recorded any"
        return verdict(State.INCONCLUSIVE, "nothing measured", reason)
    age = max(0, (question.evidence.last_activity_at - found.measured_at) // DAY)
    source = f"{distant(found.sha, found.distance)} measured it {counted(age, 'day')} ago"
    if why := _stale(found, age, days):
        reason = f"no report names a file in {area.group}; {source}, but {why}"
        return verdict(State.INCONCLUSIVE, "nothing measured", reason)
    share, least = share_of_sums(found.sums, gate), parse_threshold(area.threshold or "")
    notes = (f"coverage in {area.group} is carried: {source}, and nothing in it changed since",)
    if share.valid == 0:
        return verdict(State.INCONCLUSIVE, "nothing measured", f"{source}, without any {one}")
    value = share.text(one, many)
    if share.reaches(least):
        return verdict(State.PASS, value, f"enough {many} in {area.group} are covered", notes=notes)
    lacking = share.lacking(least)
    reason = f"{lacking} more covered {one if lacking == 1 else many} needed in {area.group}"
    return verdict(State.FAIL, value, reason, remedy=reason, notes=notes)


def _stale(found: Carried, age: int, days: int) -> str:
    """Why what was measured then does not stand now; empty where it does."""
    if found.changed is None:
        return "GitHub does not list all that changed since"
    if found.changed:
        return f"{few(found.changed)} changed since"
    return f"the policy carries it for {counted(days, 'day')} at most" if age > days else ""
