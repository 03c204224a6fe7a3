"""What can never hold, or changes nothing, is told where it is written."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from app.config.composing import parse_sections
from handlers.quality_gate.section import QualityGate

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
CI = "workflow: .github/workflows/ci.yml"
WAIVER = "gate: tests, by: octo, why: known"


def policy(*lines: str) -> bytes:
    return "\n".join(("version: 1", "quality_gate:", *(f"  {line}" for line in lines), "")).encode()


@pytest.mark.parametrize(
    ("lines", "path", "message"),
    [
        (
            ["gates: {coverage: {}}", "paths: {a.d/**: {coverage: {}}}"],
            "paths.a.d/**.coverage",
            "states nothing",
        ),
        (
            ["gates: {tests: {}}", "paths: {./src/**: {all: not_applicable}}"],
            "paths../src/**",
            "write src/**",
        ),
        (["gates: {tests: {}}", "paths: {/src/**: {all: not_applicable}}"], "paths./src/**", "write src/**"),
        (["gates: {tests: {}}", "paths: {src/: {all: not_applicable}}"], "paths.src/", "write src/**"),
        (["gates: {tests: {}}", "paths: {/a.py: {all: not_applicable}}"], "paths./a.py", "in every folder"),
        (
            ["gates: {tests: {}}", "paths: {../a: {all: not_applicable}}"],
            "paths.../a",
            "no file of a repository",
        ),
        (["gates: {tests: {}}", 'paths: {"a[b": {all: not_applicable}}'], "paths.a[b", "no ] behind it"),
        ([f"producers: {{t: {{{CI}, events: [pull_requests]}}}}"], "producers.t.events.0", "pull_request"),
        (
            [f"producers: {{c: {{{CI}, format: cobertura}}}}", "gates: {tests: {from: c}}"],
            "gates.tests.from",
            "c has format cobertura, which tests cannot be judged by",
        ),
        (
            ["gates: {tests: {}}", f"waivers: [{{{WAIVER}, until: 1798761600}}]"],
            "waivers.0.until",
            "2027-01-31",
        ),
        (["gates: {coverage: {total: 85}}"], "gates.coverage.total", 'a threshold reads ">= 85%"'),
    ],
)
def test_what_can_never_hold_is_a_mistake_at_its_place(lines: list[str], path: str, message: str) -> None:
    (error,) = parse_sections(policy(*lines), SECTIONS).wrong
    assert error.path == f"quality_gate.{path}"
    assert message in error.message
    assert error.line == len(lines) + 2


@pytest.mark.parametrize("glob", ["src/**", "*.py", "**", "a[bc]/[!a-c].py", "a[b/c]d", "src/**/x"])
def test_globs_that_can_match_are_taken(glob: str) -> None:
    parsed = parse_sections(
        policy("gates: {tests: {}}", f'paths: {{"{glob}": {{all: not_applicable}}}}'), SECTIONS
    )
    assert (parsed.wrong == ()) is (glob != "a[b/c]d")


def test_formats_of_several_kinds_are_enough_where_one_speaks_of_the_gate() -> None:
    producer = f"producers: {{c: {{{CI}, format: [cobertura, junit]}}}}"
    assert parse_sections(policy(producer, "gates: {tests: {from: c}}"), SECTIONS).wrong == ()
    bills = f"producers: {{c: {{{CI}, format: cobertura}}}}"
    assert parse_sections(policy(bills, "gates: {build: {from: c}}"), SECTIONS).wrong == ()


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        (["gates: {coverage: {diff_min_lines: 9}}"], ["gates.coverage.diff_min_lines"]),
        (["gates: {coverage: {diff_min_lines: 9, diff: '>= 9%'}}"], []),
        (["gates: {coverage: {diff_min_lines: 9}}", "paths: {a/**: {coverage: {diff: '>= 9%'}}}"], []),
        (["gates: {coverage: {metric: branch, partial: miss}}"], ["gates.coverage.partial"]),
        (["gates: {coverage: {metric: coveragepy, partial: miss}}"], []),
        (["gates: {tests: {}}", "merge_group: {deadline: 2h}"], ["merge_group.deadline"]),
        (["gates: {tests: {}}", "defaults: {deadline: 3h}", "merge_group: {deadline: 2h}"], []),
        (["gates: {tests: {}}", "defaults: {deadline: 10m}"], []),
    ],
)
def test_what_changes_nothing_is_noted_and_no_mistake(lines: list[str], paths: list[str]) -> None:
    parsed = parse_sections(policy(*lines), SECTIONS)
    assert parsed.wrong == ()
    assert [each.path for each in parsed.notes] == [f"quality_gate.{path}" for path in paths]
