"""The gate `drift`: reports are made by the declared tools, and lock files hold what the repository requires. Pure."""

from __future__ import annotations

from collections import defaultdict

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from app.domain.reports import Tool
from handlers.quality_gate.declarations import Declarations, Declared, Unlocked
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer, spared_by
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.locked import Conflict, conflicts
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.packages import normal_name
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import DriftGate

NAME = "drift"
PARTS = {"major": 1, "minor": 2}


def judge(evidence: GateEvidence, section: QualityGate, gate: DriftGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the tools of every run, and on the lock files of the commit."""
    declared = evidence.declared or Declarations()

    def concerns(reports: Reports) -> bool:
        return bool(_compared(reports, declared))

    bar = f"{gate.match} version as declared" if gate.match != "exact" else "exactly the declared version"
    kinds = tuple(Kind) if declared.entries else ()
    what = "report of a tool whose version is declared"
    question = Question(evidence, section, NAME, gate, bar, kinds, concerns, what)
    found = answer(question, lambda _, reports: _run(question, gate, reports, declared))
    if spared_by(question) is not None:
        return found
    unread = (
        question.verdict(State.INCONCLUSIVE, "unreadable", each, rule="gates.drift.files")
        for each in declared.problems
    )
    locks = (_of_lock(question, each) for each in conflicts(declared.entries))
    return (*found, *unread, *locks, *(_unlocked(question, each) for each in declared.unlocked))


def made_by(reports: Reports) -> tuple[Tool, ...]:
    """The tools that say which version of them made a report, each once."""
    return tuple(dict.fromkeys(tool for file in reports.files for tool in file.tools if tool.version))


def normal(name: str) -> str:
    """A tool's name as packages are compared (PEP 503), without what reports add to it."""
    plain = normal_name(name)
    return {"coverage-py": "coverage", "npm-audit": "npm"}.get(plain, plain)


def _compared(reports: Reports, declared: Declarations) -> list[tuple[Tool, list[Declared]]]:
    """Each tool of a report with what one file declares of it: several there are for different environments."""
    by_tool: dict[str, dict[str, list[Declared]]] = defaultdict(lambda: defaultdict(list))
    for each in declared.entries:
        by_tool[normal(each.tool)][each.path].append(each)
    return [
        (tool, entries)
        for tool in made_by(reports)
        for entries in by_tool.get(normal(tool.name), {}).values()
    ]


def _run(question: Question, gate: DriftGate, reports: Reports, declared: Declarations) -> list[GateVerdict]:
    compared = _compared(reports, declared)
    notes = _notes(reports, {tool for tool, _ in compared})
    found = []
    for tool, entries in compared:
        if not any(agrees(tool.version, each.specifier, gate.match) for each in entries):
            first = entries[0]
            reason = (
                f"a report was made by {tool.name} {tool.version}, "
                f"{first.path}:{first.line} declares {first.specifier}"
            )
            remedy = f"run CI with {tool.name} {first.specifier}, or declare {tool.version}"
            found.append(
                question.verdict(
                    State.FAIL,
                    f"{tool.name} {tool.version}",
                    reason,
                    rule="gates.drift.match",
                    remedy=remedy,
                    notes=notes,
                )
            )
    if found:
        return found
    value, reason = counted(len(compared), "version"), "the tools of the reports are the declared ones"
    return [question.verdict(State.PASS, value, reason, notes=notes)]


def _notes(reports: Reports, compared: set[Tool]) -> tuple[str, ...]:
    """What could not be compared, by name."""
    silent = sorted(
        {
            file.tools[0].name if file.tools else file.format
            for file in reports.files
            if not any(tool.version for tool in file.tools)
        }
    )
    undeclared = sorted(
        {f"{tool.name} {tool.version}" for tool in made_by(reports)}
        - {f"{t.name} {t.version}" for t in compared}
    )
    notes = []
    if silent:
        notes.append(f"not comparable, as the reports name no version: {few(silent)}")
    if undeclared:
        notes.append(f"not comparable, as no file declares them: {few(undeclared)}")
    return tuple(notes)


def _of_lock(question: Question, conflict: Conflict) -> GateVerdict:
    needs, pin = conflict.requirement, conflict.pin
    reason = (
        f"{needs.path}:{needs.line} requires {needs.tool} {needs.specifier}, "
        f"{pin.path}:{pin.line} has {pin.specifier.removeprefix('==')}"
    )
    remedy = f"lock {pin.path} again"
    value = f"{pin.tool} {pin.specifier.removeprefix('==')}"
    return question.verdict(State.FAIL, value, reason, rule="gates.drift.files", remedy=remedy)


def _unlocked(question: Question, lack: Unlocked) -> GateVerdict:
    reason = f"{lack.path} requires {few(lack.names)}, which {lack.lock} does not have"
    value = f"{counted(len(lack.names), 'requirement')} not locked"
    remedy = f"lock {lack.lock} again"
    return question.verdict(State.FAIL, value, reason, rule="gates.drift.files", remedy=remedy)


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
