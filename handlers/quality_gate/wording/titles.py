"""A check run's title: one line of plain text that says what decides. Pure."""

from __future__ import annotations

from app.domain.decision import Verdict
from app.domain.markdown import clean
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State, awaited

MAX_TITLE = 200
INVALID = "The configuration is invalid"


def title(gates: tuple[GateVerdict, ...], verdict: Verdict) -> str:
    """The title of a verdict, at most 200 characters."""
    return clean(_title(gates, verdict), MAX_TITLE)


def awaits_a_person(gates: tuple[GateVerdict, ...]) -> bool:
    """Whether nothing is in the way but the trust of the evidence, which a person can accept."""
    red = red_gates(gates)
    return bool(red) and all(gate.only_trust for gate in red)


def red_gates(gates: tuple[GateVerdict, ...]) -> list[GateVerdict]:
    """The required gates that keep the check from being green."""
    return [gate for gate in gates if gate.required and gate.state not in GOOD]


def _title(gates: tuple[GateVerdict, ...], verdict: Verdict) -> str:
    match verdict:
        case Verdict.ACTION_REQUIRED:
            return INVALID
        case Verdict.WAITING:
            waiting = [gate.gate for gate in gates if gate.state is State.WAITING]
            return f"Waiting for {_and(waiting) or 'reports'}"
        case Verdict.PASS | Verdict.WAIVED | Verdict.NOT_APPLICABLE:
            return _of_good(gates)
        case _:
            return _of_red(gates, verdict)


def _of_good(gates: tuple[GateVerdict, ...]) -> str:
    red = [gate for gate in gates if gate.state not in GOOD | {State.WAITING}]
    if red:
        return f"informational: {_short(red[0])}{_more(len(red))}"
    said = [_good(gate) for gate in gates if gate.state in GOOD - {State.NOT_APPLICABLE}]
    if waiting := awaited(gates):
        said.append(f"informational, still awaited: {_and(waiting)}")
    return "; ".join(said) or "No gate applies here"


def _of_red(gates: tuple[GateVerdict, ...], verdict: Verdict) -> str:
    red = red_gates(gates)
    if awaits_a_person(gates):
        return f"Evidence to accept: {_and([gate.gate for gate in red])}"
    deciding = [gate for gate in red if gate.state.value == verdict.value]
    if not deciding:
        return "No report of a known format"
    return _short(deciding[0]) + _more(len(red))


def _more(number: int) -> str:
    return f" (and {number - 1} more)" if number > 1 else ""


def _good(gate: GateVerdict) -> str:
    return f"{gate.gate}: waived" if gate.state is State.WAIVED else f"{gate.gate}: {gate.value}"


def _short(gate: GateVerdict) -> str:
    value = f"{gate.value}: " if gate.state is State.FAIL else ""
    return clean(f"{gate.gate}: {value}{gate.reason}", MAX_TITLE - 20)


def _and(names: list[str]) -> str:
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last
