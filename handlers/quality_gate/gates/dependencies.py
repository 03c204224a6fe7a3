"""Dependencies that no audit looked at, though the base's audit did or a bill of materials names them. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from app.domain.audits import Component
from app.domain.hashes import apart
from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.asking import Question, readings
from handlers.quality_gate.gates.based import named, speaks_here
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.packages import dependency
from handlers.quality_gate.section.gates import AuditGate

SILENT = 20
"""One of so many may go without a change to a file that declares dependencies: what is not locked changes by itself."""
NO_PACKAGE = ("pkg:generic/", "pkg:github/", "pkg:oci/", "pkg:docker/")
"""Parts of a bill of materials that no audit of packages knows."""
DECLARING = (
    "*requirements*.txt",
    "*requirements*.in",
    "*.lock",
    "*.lockb",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "go.mod",
    "go.sum",
    "Cargo.toml",
    "Gemfile*",
    "composer.json",
    "pom.xml",
    "build.gradle*",
    "*.csproj",
    "packages.lock.json",
    "environment.y*ml",
)
"""Names of files that declare dependencies."""


def gone(question: Question) -> list[GateVerdict]:
    """What became of the dependencies that the base's audit looked at, for each change.

    Known by hashes, so that names are shown only of those that a bill of materials still has. A pass here is only a note.
    """
    runs = [run for reading in readings(question) for run in reading.runs]
    audits = [run.reports.audit for run in runs if run.reports is not None and run.reports.audit is not None]
    if not all(audit.lists_all for audit in audits):
        return []
    now = _audited(runs)
    found = []
    for change in question.evidence.changes:
        base = change.baseline
        if base is None or base.measured.audited is None or not _all_speak(question, base, change, runs):
            continue
        before = apart(base.measured.audited)
        lost = before - now
        if lost:
            found.append(_lost(question, change, base, before, lost))
    return found


def uncovered(question: Question, gate: AuditGate) -> list[GateVerdict]:
    """Components of a bill of materials that no audit names: a note, or no pass where the policy asks for them."""
    runs = [run for reading in readings(question) for run in reading.runs]
    audits = [run.reports.audit for run in runs if run.reports is not None and run.reports.audit is not None]
    now = _audited(runs)
    missed = tuple(each.name for each in _components(question) if dependency(each.name) not in now)
    if not missed or not all(audit.lists_all for audit in audits):
        return []
    said = f"{counted(len(missed), 'component')} of a bill of materials that no audit names: {few(missed)}"
    if gate.require_components:
        rule = "gates.audit.require_components"
        return [question.verdict(State.INCONCLUSIVE, "not all components audited", said, rule=rule)]
    return [question.verdict(State.PASS, "", "", notes=(said,))]


def _lost(
    question: Question, change: Change, base: Baseline, before: frozenset[bytes], lost: frozenset[bytes]
) -> GateVerdict:
    still = tuple(each.name for each in _components(question) if dependency(each.name) in lost)
    value = f"{len(lost)} of {len(before)} not audited any more"
    said = f"{value}: {named(base)} had them audited"
    if still:
        said = f"{said}, and a bill of materials still names {few(still)}"
    elif base.distance or not change.complete or _declares(change) or SILENT * len(lost) <= len(before):
        return question.verdict(State.PASS, "", "", notes=(said,))
    else:
        said = f"{said}, and the change touches no file that declares dependencies"
    return question.verdict(State.INCONCLUSIVE, value, said, number=change.number)


def _audited(runs: list[RunReading]) -> frozenset[bytes]:
    return frozenset(
        dependency(each.name)
        for run in runs
        if run.reports is not None and run.reports.audit is not None
        for each in run.reports.audit.dependencies
        if not each.skipped
    )


def _all_speak(question: Question, base: Baseline, change: Change, runs: list[RunReading]) -> bool:
    """Whether all workflows that audited the base ran here: which of them audited what is not recorded."""
    workflows = {workflow for gate, workflow in base.measured.reported if gate == question.name}
    return all(speaks_here(runs, change, workflow) for workflow in workflows)


def _components(question: Question) -> tuple[Component, ...]:
    """The packages of all bills of materials of the commit, each name once."""
    found: dict[bytes, Component] = {}
    for reading in question.evidence.producers:
        for run in reading.runs:
            for each in (run.reports.components or ()) if run.reports is not None else ():
                if each.purl and not each.purl.startswith(NO_PACKAGE):
                    found.setdefault(dependency(each.name), each)
    return tuple(sorted(found.values(), key=lambda each: each.name))


def _declares(change: Change) -> bool:
    paths = [path for file in change.files for path in (file.path, file.previous_path) if path]
    return any(fnmatchcase(path.rpartition("/")[2], name) for path in paths for name in DECLARING)
