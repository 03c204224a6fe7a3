"""The gates in short: a table, what does not apply, what is waited for, and the smallest thing that turns it green. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timedelta

from app.domain.markdown import code, plain
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import deadline
from handlers.quality_gate.gates.judged import GateVerdict, State, awaited
from handlers.quality_gate.wording.titles import red_gates

MARKS = {
    State.PASS: "✅ pass",
    State.WAIVED: "☑️ waived",
    State.NOT_APPLICABLE: "— not applicable",
    State.FAIL: "❌ fail",
    State.INCONCLUSIVE: "❔ inconclusive",
    State.MISSING: "❌ missing",
    State.WAITING: "⏳ waiting",
}
OURS = re.compile(r"(?!.*www\.)[a-z0-9 .,%()]{0,200}")
NEEDS = {
    State.MISSING: "let a workflow of this commit upload such a report as an artifact",
    State.INCONCLUSIVE: "bring a report that can be believed",
}
"""What turns a gate green that names no remedy of its own."""
LONG = 600
QUARTER = timedelta(minutes=15)


def table(gates: tuple[GateVerdict, ...]) -> list[str]:
    """The gates that apply."""
    rows = [_row(gate) for gate in gates if gate.state is not State.NOT_APPLICABLE]
    head = ("| Gate | State | Value | Threshold | Why |", "|---|---|---|---|---|")
    return ["\n".join((*head, *rows))] if rows else []


def spared(gates: tuple[GateVerdict, ...]) -> list[str]:
    """The gates that do not apply, in one line."""
    groups: dict[str, list[str]] = defaultdict(list)
    for gate in gates:
        if gate.state is State.NOT_APPLICABLE:
            groups[_why_spared(gate)].append(gate.gate)
    return ["; ".join(f"{why}: {', '.join(names)}" for why, names in groups.items()) + "."] if groups else []


def remedies(gates: tuple[GateVerdict, ...]) -> list[str]:
    """The least that turns each red gate green; nothing is said of those that are waited for."""
    red = [gate for gate in red_gates(gates) if gate.state is not State.WAITING and not gate.only_trust]
    lines = [f"- {_name(gate)}: {plain(_remedy(gate), LONG)}" for gate in red]
    return ["\n".join(("**To turn this green:**", *lines))] if lines else []


def still_awaited(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> list[str]:
    """What a verdict did not wait for; nothing where every gate is decided that only informs."""
    names = awaited(gates)
    if not names:
        return []
    said = f"Not waited for, since it only informs: {', '.join(names)}. This check is updated when it is decided."
    return [said, *until(evidence)]


def until(evidence: GateEvidence) -> list[str]:
    """Until when what is missing is waited for: a quarter of an hour, so that not every event changes the text."""
    end = f"{_quarter(deadline(evidence)):%Y-%m-%d %H:%M} UTC"
    return [f"What is not there by {end} counts as missing, if nothing happens on the commit until then."]


def notes(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> list[str]:
    """What is worth knowing besides."""
    lines = [f"- {gate.gate}: {plain(note, LONG)}" for gate in gates for note in gate.notes]
    lines += [f"- {plain(note, LONG)}" for note in evidence.notes]
    return ["\n".join(("**Notes:**", *dict.fromkeys(lines)))] if lines else []


def informs(gate: GateVerdict) -> str:
    """What is said behind a gate that does not make the check red: until when, where the policy names the day."""
    if gate.required:
        return ""
    return f" (informational until {gate.counts_from})" if gate.counts_from else " (informational)"


def _row(gate: GateVerdict) -> str:
    about = f" (pull request {gate.number})" if gate.number is not None else ""
    reason = plain(f"{gate.reason}{about}", 300)
    bar = code(gate.threshold) if gate.threshold else ""
    return f"| {_name(gate)} | {MARKS[gate.state]} | {_value(gate.value)} | {bar} | {reason} |"


def _value(value: str) -> str:
    """Numbers as they are written; what may hold a stranger's word is escaped."""
    return value if OURS.fullmatch(value) else plain(value, 200)


def _name(gate: GateVerdict) -> str:
    return f"{gate.gate}{informs(gate)}"


def _why_spared(gate: GateVerdict) -> str:
    if gate.value == "not reported":
        return "Not reported"
    return (
        f"Not needed for {code(gate.reason)}"
        if gate.value == "not needed"
        else f"Not applicable, {plain(gate.reason, 300)}"
    )


def _remedy(gate: GateVerdict) -> str:
    return gate.remedy or NEEDS.get(gate.state, gate.reason)


def _quarter(moment: datetime) -> datetime:
    """The first quarter of an hour that is not before."""
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + QUARTER if over else moment
