"""The gate `build`: the build left what it was to leave, and none of it is empty. Pure.

A build that the base had and this commit has not is told in a note and is not missed: many workflows leave one only on the
default branch, or for a tag. Whom it should fail states so: `when: always`, or a producer.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import Question, answer, runs, spared_by
from handlers.quality_gate.gates.based import named, speaks_here
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
        return has_build(reports, gate)

    what = f"artifact {gate.artifact} with a file"
    question = Question(evidence, section, NAME, gate, _bar(gate), (), concerns, what)
    first, *others = answer(question, lambda _, reports: _run(question, gate, reports))
    return replace(first, notes=(*first.notes, *_gone(question, gate))), *others


def has_build(reports: Reports, gate: BuildGate) -> bool:
    """Whether a run left an artifact that holds the build, with a file."""
    return bool(_built(reports.members, gate))


def _gone(question: Question, gate: BuildGate) -> tuple[str, ...]:
    """That workflows left a build at the base, and have ended here without one."""
    ran = runs(question)
    if spared_by(question) is not None or not all(run.is_complete for run in ran):
        return ()
    here = {run.path for run in ran if run.reports is not None and has_build(run.reports, gate)}
    said = []
    for change in question.evidence.changes:
        base = change.baseline
        before = [path for name, path in base.measured.reported if name == NAME] if base else []
        gone = [path for path in before if path not in here and speaks_here(ran, change, path)]
        if base is not None and gone:
            left = f"{named(base)} had an artifact {gate.artifact} of {few(sorted(gone))}"
            said.append(f"{left}, and this commit has none of {'it' if len(gone) == 1 else 'them'}")
    return tuple(said)


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
