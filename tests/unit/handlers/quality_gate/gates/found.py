"""Findings as runs report them, and a base that had some: evidence without a GitHub."""

from __future__ import annotations

from dataclasses import replace

from app.domain.findings import Finding, FindingReport, Level
from app.domain.ids import CommitSha
from handlers.quality_gate.evidence.changes import Baseline
from handlers.quality_gate.evidence.runs import RunReading
from handlers.quality_gate.gates.selected import prints_now, tools_of
from handlers.quality_gate.history.measures import Measured
from handlers.quality_gate.reports.fingerprints import joined_all
from handlers.quality_gate.reports.found import Found
from handlers.quality_gate.reports.readings import ReportFile, Reports
from handlers.quality_gate.reports.tree import Tree
from handlers.quality_gate.section.gates import FindingsGate
from tests.unit.handlers.quality_gate.commit import CI, NOW
from tests.unit.handlers.quality_gate.gates.changed import of_run

TREE = ("a.py", "b.py", "c.py", "one/d.py", "two/d.py")


def finding(
    path: str | None = "a.py",
    line: int | None = 3,
    rule: str = "F401",
    tool: str = "ruff",
    message: str = "unused",
    level: Level = Level.ERROR,
) -> Finding:
    return Finding(tool, rule, level, message, path, line)


def reports_of(
    *findings: Finding,
    tools: tuple[str, ...] = ("ruff",),
    tree: tuple[str, ...] | None = TREE,
    artifact: str = "lint",
) -> Reports:
    """One artifact with a report of each tool."""
    found = Found(None if tree is None else Tree(tree))
    for tool in tools:
        mine = tuple(each for each in findings if each.tool == tool)
        found.add(artifact, f"{tool}-json", (tool,), FindingReport(mine))
    files = tuple(ReportFile(artifact, tool, f"{tool}-json", "findings") for tool in tools)
    return Reports(files=files, findings=found.tools())


def linted(
    *findings: Finding,
    tools: tuple[str, ...] = ("ruff",),
    tree: tuple[str, ...] | None = TREE,
    path: str = CI,
    artifact: str = "lint",
) -> RunReading:
    return of_run(reports_of(*findings, tools=tools, tree=tree, artifact=artifact), path=path)


def base_found(*findings: Finding, tools: tuple[str, ...] = ("ruff",), distance: int = 0) -> Baseline:
    """A base that recorded these findings for the gate `lint`."""
    reports, gate = reports_of(*findings, tools=tools), FindingsGate()
    prints = joined_all(prints_now(tools_of(reports, "lint", gate), gate).elements())
    ran = tuple(("lint", CI, tool) for tool in tools)
    measured = Measured((("lint", CI),), findings=(("lint", prints),), tools=ran)
    return Baseline(CommitSha("b" * 40), distance, measured, NOW)


def at(finding: Finding, path: str, line: int) -> Finding:
    return replace(finding, path=path, line=line)
