"""The gate `drift`: the tools that made the reports are those that the repository declares. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from app.domain.reports import Tool
from handlers.quality_gate.evidence import Declared, GateEvidence
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import DriftGate

NAME = "drift"
PARTS = {"major": 1, "minor": 2}


def judge(evidence: GateEvidence, section: QualityGate, gate: DriftGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the tools of every run."""
    declared = evidence.declared or ()

    def concerns(reports: Reports) -> bool:
        return any(True for _ in _pairs(reports, declared))

    bar = f"{gate.match} version as declared" if gate.match != "exact" else "exactly the declared version"
    question = Question(evidence, section, NAME, gate, bar, (), concerns)
    return answer(question, lambda reports: _run(question, gate, reports))


def made_by(reports: Reports) -> tuple[Tool, ...]:
    """The tools that say which version of them made a report, each once."""
    return tuple(dict.fromkeys(tool for file in reports.files for tool in file.tools if tool.version))


def _pairs(reports: Reports, declared: tuple[Declared, ...]) -> Iterable[tuple[Tool, Declared]]:
    for tool in made_by(reports):
        for each in declared:
            if normal(each.tool) == normal(tool.name):
                yield tool, each


def normal(name: str) -> str:
    """A tool's name as packages are compared (PEP 503), without what reports add to it."""
    return (
        name.strip()
        .lower()
        .replace("_", "-")
        .replace(".", "-")
        .removesuffix(".py")
        .replace("coverage-py", "coverage")
    )


def _run(question: Question, gate: DriftGate, reports: Reports) -> list[GateVerdict]:
    found, compared = [], 0
    for tool, declared in _pairs(reports, question.evidence.declared or ()):
        compared += 1
        if not agrees(tool.version, declared.specifier, gate.match):
            where = f"{declared.path}:{declared.line} declares {declared.specifier}"
            reason = f"a report was made by {tool.name} {tool.version}, {where}"
            remedy = f"run CI with {tool.name} {declared.specifier}"
            found.append(
                question.verdict(State.FAIL, tool.version, reason, rule="gates.drift.match", remedy=remedy)
            )
    if found:
        return found
    return [
        question.verdict(
            State.PASS, counted(compared, "version"), "the tools of the reports are the declared ones"
        )
    ]


def agrees(version: str, specifier: str, match: str) -> bool:
    """Whether a report's version is the declared one; a range that admits it is enough, whatever `match` says."""
    try:
        actual, wanted = Version(version), SpecifierSet(specifier)
    except (InvalidVersion, ValueError):
        return version.strip() == specifier.removeprefix("==").strip()
    if wanted.contains(actual, prereleases=True):
        return True
    pins = [
        Version(each.version) for each in wanted if each.operator in {"==", "==="} and "*" not in each.version
    ]
    if match == "exact" or not pins:
        return False
    return all(pin.release[: PARTS[match]] == actual.release[: PARTS[match]] for pin in pins)
