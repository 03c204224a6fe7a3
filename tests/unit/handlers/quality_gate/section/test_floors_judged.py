"""What the gate of a floor alone does not let pass, no section passes that was held to the floor: judged, not compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audits import Audit, Dependency, Severity, Vulnerability
from app.domain.coverage import FileLines, LineMap
from app.domain.findings import Finding, Level
from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, TestReport, Tool
from handlers.quality_gate.declarations import Declarations, Declared
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import ProducerReading, RunReading, Trusted
from handlers.quality_gate.gates import every_answer
from handlers.quality_gate.gates.judged import GOOD
from handlers.quality_gate.globs import matches
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import NOW, REPOSITORY, SHA, SUBJECT
from tests.unit.handlers.quality_gate.gates.changed import base_of, base_with, change, covered, file, of_run
from tests.unit.handlers.quality_gate.gates.found import base_found, linted

TOOLS = ("flake8", "mypy", "ruff")
SHARES = st.sampled_from([">= 0%", ">= 40%", ">= 80%", ">= 100%", None])


@dataclass(frozen=True, slots=True)
class Scene:
    """What runs of a commit left, what it changes, and the versions that its files declare."""

    runs: tuple[RunReading, ...] = ()
    changes: tuple[Change, ...] = ()
    declared: tuple[Declared, ...] = ()


def of_gate(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some keys of a gate: all but `from`, with which a repository says where its evidence comes from."""
    every = {
        "trust": st.sampled_from(["T0", "T1", "T2"]),
        "missing": st.sampled_from(["fail", "not_applicable"]),
        "when": st.sampled_from(["always", "reported"]),
    }
    return st.fixed_dictionaries({}, optional=every | more)


def some(*values: str, least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True)


FINDINGS = of_gate(
    findings=st.integers(0, 2),
    new_findings=st.integers(0, 2),
    levels=some("error", "warning", "note"),
    tools=some("ruff", "flake8", "mypy", "*", least=0),
)
GATES = {
    "tests": of_gate(
        min_tests=st.integers(0, 3),
        max_test_drop=st.sampled_from(["0%", "40%"]),
        fail_on=some("failure", "error"),
    ),
    "coverage": of_gate(
        total=SHARES,
        diff=SHARES,
        drop=st.sampled_from(["<= 0pt", "<= 20pt"]),
        metric=st.sampled_from(["line", "branch", "coveragepy"]),
        partial=st.sampled_from(["hit", "half", "miss"]),
        diff_min_lines=st.integers(0, 4),
        absent=st.sampled_from(["uncovered", "inconclusive"]),
    ).filter(
        lambda gate: any(gate.get(key) for key in ("diff", "drop")) or gate.get("total", "85") is not None
    ),
    "lint": FINDINGS,
    "types": FINDINGS,
    "audit": of_gate(
        severity=st.sampled_from(["critical", "high", "none"]),
        require_complete=st.booleans(),
        require_components=st.booleans(),
        only_fixable=st.booleans(),
    ),
    "build": of_gate(artifact=st.sampled_from(["dist*", "out", "*"]), expect=some("*.whl", "*.gz", least=0)),
    "drift": of_gate(
        files=some("pyproject.toml", "uv.lock", "a.txt"), match=st.sampled_from(["major", "minor", "exact"])
    ),
}
GROUPS = st.dictionaries(
    st.sampled_from(["a.py", "b*", "**"]),
    st.sampled_from(
        [
            {"all": "not_applicable"},
            {"coverage": "not_applicable"},
            {"coverage": {"total": ">= 40%"}},
            {"coverage": {"diff": ">= 100%"}},
            {"coverage": {"total": ">= 80%", "diff": ">= 40%"}},
            {"build": "not_applicable"},
        ]
    ),
)


@st.composite
def ran(draw: st.DrawFn) -> Scene:
    passed, failed, errors, skipped = (draw(st.integers(0, 2)) for _ in range(4))
    names = [f"t{number}" for number in range(passed + failed + errors)]
    totals = CaseTotals(len(names) + skipped, passed, failed, errors, skipped)
    unfinished = draw(st.integers(0, errors))
    tests = TestReport(totals, names=joined(map(name_hash, names)), unfinished=unfinished)
    files = (ReportFile("junit", "r.xml", "junit", "tests"),)
    vacuous = draw(st.sampled_from([(), (Problem("tests", "no test"),)]))
    base = draw(st.sampled_from([None, base_with("t0", "t1", "t2", "t3")]))
    run = of_run(Reports(files=files, tests=tests, vacuous=vacuous))
    return Scene((run,), (change(file("x.py", (1, 1)), baseline=base),))


@st.composite
def measured(draw: st.DrawFn) -> Scene:
    def lines() -> LineMap:
        found = LineMap()
        for name in draw(some("a.py", "b.py", "c.py")):
            valid, covered = draw(st.integers(1, 15)) << 1, draw(st.integers(0, 15)) << 1
            branches = {1: (draw(st.integers(0, 2)), 2)} if valid & 2 and draw(st.booleans()) else {}
            found.files[name] = FileLines(valid, covered & valid, branches=branches)
        return found

    changed = tuple(file(name, (1, draw(st.integers(1, 4)))) for name in draw(some("a.py", "b.py", "d.py")))
    base = draw(st.sampled_from([None, base_of(lines())]))
    return Scene((covered(lines()),), (change(*changed, baseline=base),))


@st.composite
def checked(draw: st.DrawFn) -> Scene:
    def findings() -> list[Finding]:
        number = draw(st.integers(0, 3))
        levels = [Level.ERROR, Level.WARNING, Level.NOTE]
        return [
            Finding(draw(st.sampled_from(tools)), "X1", draw(st.sampled_from(levels)), "bad", "a.py", line)
            for line in range(1, number + 1)
        ]

    tools = tuple(draw(some(*TOOLS)))
    base = draw(st.sampled_from([None, base_found(*findings(), tools=tools)]))
    touched = change(file("a.py", (1, draw(st.integers(1, 3)))), baseline=base)
    return Scene((linted(*findings(), tools=tools),), (touched,))


@st.composite
def audited(draw: st.DrawFn) -> Scene:
    dependencies = [Dependency("a", "1"), Dependency("b", "1", draw(st.sampled_from(["", "no index"])))]
    flaws = [
        Vulnerability("a", "1", "X-1", severity=draw(st.sampled_from(Severity)), fixed_in=fixed)
        for fixed in draw(st.lists(st.sampled_from([(), ("2",)]), max_size=2))
    ]
    files = (ReportFile("audit", "a.json", "pip-audit-json", "audit"),)
    audit = Audit(tuple(dependencies), tuple(flaws), lists_all=draw(st.booleans()))
    return Scene((of_run(Reports(files=files, audit=audit)),))


@st.composite
def built(draw: st.DrawFn) -> Scene:
    members = draw(some("dist/a.whl", "dist/a.gz", "distant/b.whl", "out/c.whl", "junit/r.xml"))
    empty = draw(some(*members, least=0))
    return Scene((of_run(Reports(members=tuple(members), empty=tuple(empty))),))


@st.composite
def declared(draw: st.DrawFn) -> Scene:
    entries = [
        Declared("ruff", f"=={draw(st.sampled_from(['1.0.0', '1.0.1', '1.1.0', '2.0.0']))}", path, 1)
        for path in ("pyproject.toml", "uv.lock", "a.txt")
    ]
    tool = Tool("ruff", draw(st.sampled_from(["1.0.0", "1.1.0", "2.0.0", ""])))
    files = (ReportFile("lint", "r.json", "sarif", "findings", (tool,)),)
    return Scene((of_run(Reports(files=files)),), declared=tuple(entries))


SCENES = {
    "tests": ran(),
    "coverage": measured(),
    "lint": checked(),
    "types": checked(),
    "audit": audited(),
    "build": built(),
    "drift": declared(),
}


def is_green(scene: Scene, section: QualityGate, gate: str) -> bool:
    """Whether the section's gate lets it pass, which must not be for want of a look."""
    asked = getattr(section.gates, gate)
    files = getattr(asked, "files", ())
    evidence = GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(configured=True, section=section),
        producers=(ProducerReading(None, scene.runs),),
        changes=scene.changes,
        declared=Declarations(
            tuple(each for each in scene.declared if any(matches(each.path, glob) for glob in files))
        ),
    )
    return all(each.state in GOOD for each in dict(every_answer(evidence, section))[gate])


@pytest.mark.parametrize("gate", GATES)
@given(data=st.data())
def test_what_a_floor_does_not_let_pass_no_section_passes(gate: str, data: st.DataObject) -> None:
    floor = data.draw(GATES[gate], label="floor")
    mine = data.draw(GATES[gate], label="mine")
    more = data.draw(st.fixed_dictionaries({}, optional={"paths": GROUPS}), label="more")
    section = QualityGate.model_validate({"gates": {gate: mine}, **more})
    held, _ = OrganisationGate.model_validate({"minimum": {gate: floor}}).hold(section)
    scene = data.draw(SCENES[gate], label="scene")
    level = data.draw(st.sampled_from([TrustLevel.T0, TrustLevel.T1, TrustLevel.T2]), label="trust")
    trusted = replace(scene, runs=tuple(replace(run, trust=Trusted(level)) for run in scene.runs))
    if not data.draw(st.booleans(), label="ran"):
        trusted = replace(trusted, runs=())
    alone = QualityGate.model_validate({"gates": {gate: floor}})
    assert is_green(trusted, alone, gate) or not is_green(trusted, held, gate)
