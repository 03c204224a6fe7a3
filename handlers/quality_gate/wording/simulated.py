"""What a pull request's own policy would say, for people: a block of the check's text, and marks at its mistakes. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.domain.effects import Annotation, AnnotationLevel
from app.domain.markdown import clean, code, plain
from app.ports.policies import ConfigError
from handlers.quality_gate.backtest.simulation import Judgement, Simulation, judgement
from handlers.quality_gate.evidence import GateEvidence, ProposedPolicy
from handlers.quality_gate.gates.judged import GateVerdict, counted
from handlers.quality_gate.wording.table import informs

MAX_MESSAGE = 2_000
SHOWN = 10
SHORT = 12
LAST_GOOD_STAYS = "Merged, it would be invalid, and the last good version would stay in force:"
INTRODUCTION = (
    "**This pull request changes the policy.** The default branch's decides; this is only what would be."
)


def block(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> tuple[str, ...]:
    """The simulation; nothing where the policy stays as it is."""
    proposed = evidence.proposed
    if proposed is None:
        return ()
    lines = [INTRODUCTION, *mistakes_of(proposed.errors)]
    if proposed.section is None and proposed.trouble:
        lines.append(untold("It is not tried here", proposed.trouble))
    elif proposed.untried:
        lines.append(
            f"It is not tried here: it names {proposed.untried} producers that the one in force does not."
        )
    elif proposed.section is None and not proposed.errors:
        what = (
            f"deletes {code(proposed.path)}"
            if not proposed.blob_sha
            else "takes quality_gate out of the file"
        )
        lines.append(f"It {what}: nothing would be judged, but for the organisation's floor.")
    under = under_proposed(evidence)
    if under is not None:
        lines += [*_now(under, gates), *_past(proposed)]
    return ("\n\n".join(lines),)


def under_proposed(evidence: GateEvidence) -> Judgement | None:
    """What the proposed policy says of this very evidence."""
    proposed = evidence.proposed
    if proposed is None or proposed.section is None:
        return None
    facts = replace(
        evidence,
        producers=proposed.producers,
        checks=proposed.checks,
        suites=proposed.suites,
        declared=proposed.declared,
        changes=proposed.changes,
    )
    return judgement(facts, proposed.section)


def warnings(evidence: GateEvidence) -> tuple[Annotation, ...]:
    """The mistakes of the proposed file beside its lines; they fail nothing while the file is not in force."""
    proposed = evidence.proposed
    return () if proposed is None else marks_at(proposed.path, proposed.errors)


def marks_at(path: str, errors: tuple[ConfigError, ...]) -> tuple[Annotation, ...]:
    """Mistakes of a file that is not in force, beside its lines."""
    return tuple(
        Annotation(
            path,
            error.line,
            error.line,
            AnnotationLevel.WARNING,
            clean(f"{error.path}: {error.message}" if error.path else error.message, MAX_MESSAGE),
            title="Invalid configuration, if it is merged",
            start_column=error.column,
            end_column=error.column,
        )
        for error in errors
    )


def mistakes_of(errors: tuple[ConfigError, ...], said: str = LAST_GOOD_STAYS) -> list[str]:
    """The mistakes of a file that is not in force, in a paragraph; nothing where there are none."""
    if not errors:
        return []
    shown = [
        f"- line {error.line}, column {error.column}: {_key(error)}{plain(error.message)}"
        for error in errors[:SHOWN]
    ]
    if len(errors) > SHOWN:
        shown.append(f"- and {len(errors) - SHOWN} more")
    return ["\n".join((said, "", *shown))]


def _key(error: ConfigError) -> str:
    """The key that is wrong, as code: it is the author's word."""
    return f"{code(error.path)}: " if error.path else ""


def _now(under: Judgement, gates: tuple[GateVerdict, ...]) -> list[str]:
    states = {gate.gate: gate for gate in gates}
    changed = [
        f"- {gate.gate}: {_state(states.get(gate.gate))} would be {_state(gate)}: {plain(gate.reason, 300)}"
        for gate in under.gates
        if _state(states.get(gate.gate)) != _state(gate)
    ]
    gone = [
        f"- {name}: would not be asked for"
        for name in states
        if name not in {gate.gate for gate in under.gates}
    ]
    verdict = f"With this pull request's policy the verdict would be: **{under.verdict.value}**."
    return ["\n".join((verdict, "", *changed, *gone)) if changed or gone else verdict]


def _state(gate: GateVerdict | None) -> str:
    if gate is None:
        return "not asked for"
    return f"{gate.state.value}{informs(gate)}"


def untold(what: str, trouble: str) -> str:
    """That nothing is known of a proposed file, and why; that holds up no verdict."""
    return f"{what}: {plain(trouble, 300)}. No verdict rests on it. *Re-run* tries again."


def _past(proposed: ProposedPolicy) -> list[str]:
    if proposed.trouble:
        return [untold("It is not tried on earlier pull requests", proposed.trouble)]
    simulation = Simulation(proposed.past, proposed.unreadable)
    judged = len(simulation.past) - len(simulation.undecided)
    left_out = len(simulation.undecided) + simulation.unreadable
    if not judged and not left_out:
        return ["No merged or closed pull request is recorded yet that it could be tried on."]
    said = (
        f"It would have blocked {len(simulation.blocked)} of the last {counted(judged, 'pull request')}, "
        f"and let pass {len(simulation.freed)} that {'was' if len(simulation.freed) == 1 else 'were'} blocked."
    )
    if left_out:
        said += f" Of {left_out} more the recorded evidence does not hold what it asks for."
    rows = [
        f"- {_pulls(each.numbers)}{code(each.sha[:SHORT])}: {each.then} would be {each.now}"
        for each in (*simulation.blocked, *simulation.freed)[:SHOWN]
    ]
    return ["\n".join((said, "", *rows)) if rows else said]


def _pulls(numbers: tuple[int, ...]) -> str:
    """The pull requests in words: a number behind a hash would be a reference, which GitHub shows over there."""
    return f"pull request {' and '.join(map(str, numbers))}, " if numbers else ""
