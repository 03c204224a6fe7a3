"""The gate `build`: the build left what it was to leave. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import BuildGate

NAME = "build"


def judge(evidence: GateEvidence, section: QualityGate, gate: BuildGate) -> tuple[GateVerdict, ...]:
    """The verdicts on what every run left."""

    def concerns(reports: Reports) -> bool:
        return bool(_built(reports, gate))

    question = Question(evidence, section, NAME, gate, _bar(gate), (), concerns)
    return answer(question, lambda reports: _run(question, gate, reports))


def _built(reports: Reports, gate: BuildGate) -> list[str]:
    """The files in the artifacts that hold the build, without the artifact's name."""
    return [
        name
        for artifact, _, name in (member.partition("/") for member in reports.members)
        if fnmatchcase(artifact, gate.artifact)
    ]


def _bar(gate: BuildGate) -> str:
    return ", ".join(gate.expect) if gate.expect else f"an artifact {gate.artifact}"


def _run(question: Question, gate: BuildGate, reports: Reports) -> list[GateVerdict]:
    names = _built(reports, gate)
    value = counted(len(names), "file")
    lacking = [glob for glob in gate.expect if not any(_fits(name, glob) for name in names)]
    if lacking:
        reason = f"no file is called {' or '.join(lacking)}"
        return [
            question.verdict(
                State.FAIL, value, reason, rule="gates.build.expect", remedy=f"build {', '.join(lacking)}"
            )
        ]
    return [question.verdict(State.PASS, value, "the build left what it was to leave")]


def _fits(name: str, glob: str) -> bool:
    return fnmatchcase(name if "/" in glob else name.rpartition("/")[2], glob)
