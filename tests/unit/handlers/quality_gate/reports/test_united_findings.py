"""Findings that were read for several producers are told as if they had been read together."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.findings import Finding, FindingReport, FindingTotals, Level
from app.domain.reports import Tool
from handlers.quality_gate.reports import found, united_findings
from handlers.quality_gate.reports.found import Found
from handlers.quality_gate.reports.readings import ReportFile, Reports, ToolFindings
from handlers.quality_gate.reports.tree import Tree
from handlers.quality_gate.reports.united_findings import tools_of_all
from tests.unit.handlers.quality_gate.gates.found import TREE, finding, reports_of

FINDINGS = st.lists(
    st.builds(
        finding,
        path=st.sampled_from(("a.py", "b.py", "elsewhere.py", None)),
        line=st.sampled_from((None, 1, 2)),
        rule=st.sampled_from(("F401", "E501")),
        tool=st.sampled_from(("ruff", "flake8")),
        message=st.sampled_from(("unused", "other")),
        level=st.sampled_from(Level),
    ),
    max_size=6,
)
PARTS = st.lists(
    st.tuples(FINDINGS, st.sampled_from(("ruff-json", "sarif", "checkstyle"))), min_size=1, max_size=4
)
TOOLS = ("ruff", "flake8")


def together(first: list[Finding], second: list[Finding]) -> tuple[ToolFindings, ...]:
    """Both artifacts as one producer's."""
    every = Found(Tree(TREE))
    for artifact, findings in (("a", first), ("b", second)):
        for tool in TOOLS:
            mine = tuple(each for each in findings if each.tool == tool)
            every.add(artifact, f"{tool}-json", (tool,), FindingReport(mine))
    return every.tools()


def in_format(report_format: str, *findings: Finding, artifact: str = "a") -> Reports:
    reports = reports_of(*findings, artifact=artifact)
    return replace(reports, files=(ReportFile(artifact, "x", report_format, "findings", (Tool("ruff"),)),))


@given(FINDINGS, FINDINGS)
def test_two_parts_tell_what_one_reading_of_both_would(first: list[Finding], second: list[Finding]) -> None:
    parts = [reports_of(*each, tools=TOOLS, artifact=name) for each, name in ((first, "a"), (second, "b"))]
    assert tools_of_all(parts) == together(first, second)


@given(PARTS, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_number_of_producers_changes_how_many_there_are_of_a_level(
    told: list[tuple[list[Finding], str]], random: Random
) -> None:
    told = [([replace(each, tool="ruff") for each in findings], of) for findings, of in told]
    parts = [in_format(of, *findings, artifact=f"{n}") for n, (findings, of) in enumerate(told)]
    every = Found(Tree(TREE))
    for number, (findings, report_format) in enumerate(told):
        every.add(f"{number}", report_format, ("ruff",), FindingReport(tuple(findings)))
    (one,) = every.tools()
    (all_,) = tools_of_all(parts)
    shuffled = random.sample(parts, len(parts))
    (other,) = tools_of_all(shuffled)
    assert one.totals == all_.totals == other.totals
    assert [each.level for each in all_.findings] == [each.level for each in one.findings]
    assert [(level, len(places)) for level, places in all_.places] == [
        (level, len(places)) for level, places in one.places
    ]


@pytest.mark.parametrize("order", [("sarif", "ruff-json"), ("ruff-json", "sarif")])
def test_a_finding_that_two_producers_call_differently_has_the_worse_level(order: tuple[str, str]) -> None:
    levels = {"sarif": Level.NOTE, "ruff-json": Level.WARNING}
    (tool,) = tools_of_all([in_format(each, finding(level=levels[each])) for each in order])
    assert (tool.totals, [each.level for each in tool.findings]) == (
        FindingTotals(1, warning=1),
        [Level.WARNING],
    )


def test_formats_of_one_tool_need_not_agree_on_columns_and_words() -> None:
    (tool,) = tools_of_all(
        [
            in_format("ruff-json", finding(message="unused import")),
            in_format("sarif", finding(message="`os` imported but unused"), finding(line=9)),
        ]
    )
    assert [(each.line, each.message) for each in tool.findings] == [
        (3, "`os` imported but unused"),
        (9, "unused"),
    ]


def test_a_finding_that_only_one_artifact_has_says_so() -> None:
    (tool,) = tools_of_all([reports_of(finding(), artifact="a"), reports_of(artifact="b")])
    assert (tool.artifacts, tool.legs) == (("a", "b"), ((0, 1),))


def test_findings_that_are_not_kept_in_full_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "MAX_FINDINGS", 1)
    monkeypatch.setattr(united_findings, "MAX_FINDINGS", 1)
    first = reports_of(finding(), finding(line=4), finding(line=5), artifact="a")
    second = reports_of(finding(), finding(line=6, level=Level.NOTE), artifact="b")
    (tool,) = tools_of_all([first, second])
    assert (tool.totals, len(tool.findings)) == (FindingTotals(4, error=3, note=1), 1)
    assert {level: len(places) for level, places in tool.places} == {"error": 3 * 16, "note": 16}


def test_twins_that_are_not_kept_in_full_stay_twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "MAX_FINDINGS", 1)
    same = [finding(line=line, tool=tool) for tool in TOOLS for line in (1, 2)]
    first = reports_of(*same, tools=TOOLS, artifact="a")
    flake8, ruff = tools_of_all([first, reports_of(artifact="b")])
    assert [group for _, group in flake8.twins] == [group for _, group in ruff.twins] == [0, 1]


def test_a_tool_that_no_file_names_is_taken_to_have_run_in_all_artifacts() -> None:
    part = replace(reports_of(finding(), artifact="a"), files=())
    (tool,) = tools_of_all([part, part])
    assert (tool.totals.findings, tool.legs) == (1, ())
