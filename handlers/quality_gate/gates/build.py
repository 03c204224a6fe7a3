"""The gate `build`: the build left what it was to leave, and none of it is empty. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.globs import matches
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import BuildGate

NAME = "build"


def judge(evidence: GateEvidence, section: QualityGate, gate: BuildGate) -> tuple[GateVerdict, ...]:
    """The verdicts on what every run left."""

    def concerns(reports: Reports) -> bool:
        return bool(_built(reports.members, gate))

    what = f"artifact {gate.artifact} with a file"
    question = Question(evidence, section, NAME, gate, _bar(gate), (), concerns, what)
    return answer(question, lambda _, reports: _run(question, gate, reports))


def _built(members: tuple[str, ...], gate: BuildGate) -> list[str]:
    """The files in the artifacts that hold the build, without the artifact's name."""
    return [
        name
        for artifact, _, name in (member.partition("/") for member in members)
        if fnmatchcase(artifact, gate.artifact)
    ]


def _bar(gate: BuildGate) -> str:
    return ", ".join(gate.expect) if gate.expect else f"an artifact {gate.artifact}"


def _run(question: Question, gate: BuildGate, reports: Reports) -> list[GateVerdict]:
    """With names that are expected, each file of such a name has content; without, one file at least."""
    names, empty = _built(reports.members, gate), set(_built(reports.empty, gate))
    value = counted(len(names), "file")
    lacking = [glob for glob in gate.expect if not any(matches(name, glob) for name in names)]
    if lacking:
        reason = f"no file is called {' or '.join(lacking)}"
        remedy = f"build {', '.join(lacking)}"
        return [question.verdict(State.FAIL, value, reason, rule="gates.build.expect", remedy=remedy)]
    expected = [name for name in names if any(matches(name, glob) for glob in gate.expect)]
    hollow = sorted(name for name in (expected or names) if name in empty)
    if hollow and (gate.expect or len(hollow) == len(names)):
        reason = f"without content: {few(hollow)}"
        rule = "gates.build.expect" if gate.expect else "gates.build.artifact"
        return [question.verdict(State.FAIL, value, reason, rule=rule, remedy="build them with content")]
    notes = (f"without content: {few(hollow)}",) if hollow else ()
    return [question.verdict(State.PASS, value, "the build left what it was to leave", notes=notes)]
