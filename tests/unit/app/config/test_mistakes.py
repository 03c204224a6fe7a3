"""A value that may have several shapes: one mistake is told once, in words of the file."""

from __future__ import annotations

import pytest

from app.config.composing import Layers, compose, parse_sections
from handlers.builtin import ORGANISATIONS, SECTIONS

GATES = "'tests', 'coverage', 'lint', 'types', 'audit', 'build', 'drift' or 'checks'"


def told(section: str) -> list[tuple[str, str]]:
    parsed = parse_sections(f"version: 1\nquality_gate:\n  {section}\n".encode(), SECTIONS)
    return [(each.path.removeprefix("quality_gate."), each.message) for each in parsed.errors]


@pytest.mark.parametrize(
    ("section", "path", "message"),
    [
        ("gates: {tests: {from: 3}}", "gates.tests.from", "must be text, or a list"),
        ("gates: {tests: {from: {a: b}}}", "gates.tests.from", "must be text, or a list"),
        ("gates: {tests: {from: [unit, 3]}}", "gates.tests.from.1", "must be text"),
        ("gates: {tests: {from: []}}", "gates.tests.from", "must have at least 1 entry"),
        (
            "gates: {tests: {from: a b}}",
            "gates.tests.from",
            "must match pattern '^[a-z][a-z0-9_-]{0,39}$'",
        ),
        ("informational: [3]", "informational.0", f"must be {GATES}, or a mapping"),
        ("informational: [{gate: tests}]", "informational.0.until", "this key is required"),
        (
            "paths: {'a/**': {coverage: 3}}",
            "paths.a/**.coverage",
            "must be a mapping, or 'not_applicable'",
        ),
        ("paths: {'a/**': {coverage: {totl: 3}}}", "paths.a/**.coverage.totl", "unknown key"),
    ],
)
def test_a_value_of_several_shapes_is_explained_once(section: str, path: str, message: str) -> None:
    assert told(section) == [(path, message)]


def test_what_is_wrong_with_a_value_of_the_right_shape_is_all_that_is_told() -> None:
    [(path, message)] = told("producers: {p: {workflow: .github/workflows/ci.yml, format: [junit, junt]}}")
    assert path == "producers.p.format.1"
    assert message.startswith("no such report format; known are: junit,")


def test_each_of_two_values_in_a_list_has_its_own_mistake() -> None:
    assert told("informational: [{gate: tests}, foo]") == [
        ("informational.0.until", "this key is required"),
        ("informational.1", f"must be {GATES}, or a mapping"),
    ]


def test_a_name_that_cannot_be_one_is_placed_at_the_name() -> None:
    assert told("producers: {Bad Name: {workflow: .github/workflows/ci.yml}}") == [
        ("producers.Bad Name", "must match pattern '^[a-z][a-z0-9_-]{0,39}$'")
    ]


def test_a_value_of_another_files_is_told_at_the_line_that_names_that_file() -> None:
    layers = Layers(
        b"version: 1\nextends: forge/policy\n",
        shared=b"version: 1\nquality_gate: {gates: {tests: {from: 3}}}\n",
    )
    [error] = compose(layers, SECTIONS, ORGANISATIONS).errors
    assert (error.path, error.message) == ("quality_gate.gates.tests.from", "must be text, or a list")
