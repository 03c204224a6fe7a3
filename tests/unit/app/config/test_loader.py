"""The repository's file: what is read, what is refused, and where."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app.config.composing import parse_sections
from app.config.document import MAX_BYTES
from handlers.quality_gate.section import Defaults, QualityGate
from handlers.release_verification.section import ReleaseVerification

SECTIONS: dict[str, type[BaseModel]] = {
    "quality_gate": QualityGate,
    "release_verification": ReleaseVerification,
}


def errors(text: str | bytes) -> list[tuple[int, int, str, str]]:
    raw = text.encode() if isinstance(text, str) else text
    return [
        (each.line, each.column, each.path, each.message) for each in parse_sections(raw, SECTIONS).errors
    ]


def test_the_defaults_are_switched_on_by_use() -> None:
    parsed = parse_sections(b"version: 1\nuse: default\n", SECTIONS)
    assert parsed.errors == ()
    assert parsed.section("quality_gate") == QualityGate()
    assert parsed.section("release_verification") == ReleaseVerification()


def test_without_use_only_written_sections_are_in_force() -> None:
    parsed = parse_sections(b"version: 1\nquality_gate: {defaults: {deadline: 2h}}\n", SECTIONS)
    assert parsed.section("release_verification") is None
    assert parsed.section("quality_gate") == QualityGate(defaults=Defaults(deadline="2h"))


def test_lines_of_dotted_paths_are_known() -> None:
    parsed = parse_sections(b"version: 1\nquality_gate:\n  defaults: {deadline: 2h}\n", SECTIONS)
    assert dict(parsed.lines)["quality_gate.defaults.deadline"] == 3


def test_what_was_parsed_travels_between_processes() -> None:
    parsed = parse_sections(b"version: 1\nuse: default\n", SECTIONS)
    assert pickle.loads(pickle.dumps(parsed)) == parsed  # noqa: S301 (our own bytes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, 1, "", "the file must be a mapping that begins with: version: 1")),
        ("use: default\n", (1, 1, "version", "the file needs: version: 1")),
        ("version: '1'\n", (1, 1, "version", "the only version is 1")),
        ("version: true\n", (1, 1, "version", "the only version is 1")),
        ("version: 1\nuse: all\n", (2, 1, "use", "the only value is: default")),
        ("version: 1\nextends: x\n", (2, 1, "extends", "extends names one repository: owner/name")),
        ("version: 1\nqualty_gate: {}\n", (2, 1, "qualty_gate", "unknown key; did you mean quality_gate?")),
        (
            "version: 1\nquality_gate:\n  deadlin: 5m\n",
            (3, 3, "quality_gate.deadlin", "unknown key"),
        ),
        (
            "version: 1\nquality_gate:\n  gates:\n    tests: {from: ci}\n",
            (4, 13, "quality_gate.gates.tests.from", "no such producer; declared are: none"),
        ),
        (
            "version: 1\nquality_gate: {gates: {}}\n",
            (
                2,
                16,
                "quality_gate.gates",
                "at least one gate is needed: without one nothing would be checked",
            ),
        ),
        (
            "version: 1\nquality_gate: {gates: {coverage: {total: 85%}}}\n",
            (2, 35, "quality_gate.gates.coverage.total", 'a threshold reads ">= 85%", from 0 to 100'),
        ),
        (
            "version: 1\nquality_gate:\n  producers:\n    a: {artifact: x}\n",
            (4, 5, "quality_gate.producers.a.workflow", "this key is required"),
        ),
        ("version: 1\nversion: 1\n", (2, 1, "version", "this key is written twice")),
        ("a: &x 1\n", (1, 4, "", "anchors and aliases are not allowed: write the value again")),
        ("version: !!int 1\nx: !y {}\n", (2, 4, "x", "tags are not allowed")),
        ("1: x\n", (1, 1, "", "keys must be text; put it in quotes")),
        ("version: 0x1\n", (1, 10, "version", "write whole numbers in decimal digits")),
        ("version: 1\n---\nversion: 1\n", (2, 1, "", "only one YAML document is allowed")),
        ("[" * 5000, (1, 21, "", "nested too deeply, or too many values")),
        (b"version: \xff\n", (1, 1, "", "the file is not UTF-8 text")),
        (b"#" * (MAX_BYTES + 1), (1, 1, "", "the file is larger than 256 KiB")),
    ],
)
def test_a_mistake_is_placed_and_explained(text: str | bytes, expected: tuple[int, int, str, str]) -> None:
    assert errors(text)[0] == expected


def test_broken_yaml_is_placed_where_it_breaks() -> None:
    assert errors("version: 1\n\tx: 2\n")[0][:2] == (2, 1)


def test_every_mistake_is_told_in_the_order_of_lines() -> None:
    text = "version: 3\nquality_gate: {defaults: {deadline: 99h}}\nrelease_verification: {wait_minutes: -1}\nnew: 1\n"
    assert [line for line, *_ in errors(text)] == [1, 2, 3, 4]


def test_a_word_that_older_yaml_took_for_a_truth_value_stays_text() -> None:
    assert errors("version: 1\non: yes\n")[0][2] == "on"


@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet="a:-{}[]&*!|>'\"#%@\n\t ,?1", max_size=200).map(str.encode)
    )
)
def test_no_bytes_raise(raw: bytes) -> None:
    assert parse_sections(raw, SECTIONS).sections == ()
