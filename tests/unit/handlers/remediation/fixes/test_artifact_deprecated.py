"""The edit of retired artifact actions: exactly that, or nothing and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.remediation.fixes import apply
from handlers.remediation.fixes.edit import Edit

WORKFLOW = """\
# built on every push 🚀
name: "ci"   # the name
on: [push]

jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "actions/upload-artifact@v3"
      - name: keep
        uses: 'actions/upload-artifact@v3'   # the report
        with: { name: report, path: out/ }
  publish:
    steps:
    - uses: "actions/download-artifact@v3.0.2"
      with:
          name: report
"""
WANTED = WORKFLOW.replace("uses: 'actions/upload-artifact@v3'", "uses: 'actions/upload-artifact@v4'").replace(
    "download-artifact@v3.0.2", "download-artifact@v4"
)


def one_step(uses: str, more: str = "", job: str = "") -> bytes:
    return f"jobs:\n  a:\n{job}    steps:\n      - uses: {uses}\n{more}".encode()


def test_only_the_references_change() -> None:
    fixed = apply("artifact_deprecated", WORKFLOW.encode())
    assert fixed.content == WANTED
    assert fixed.edits == (
        Edit(12, "actions/upload-artifact@v3", "actions/upload-artifact@v4"),
        Edit(16, "actions/download-artifact@v3.0.2", "actions/download-artifact@v4"),
    )


def test_a_second_time_nothing_is_left_to_edit() -> None:
    fixed = apply("artifact_deprecated", WANTED.encode())
    assert fixed.content is None
    assert "no retired artifact action" in fixed.why


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_stay(prefix: str) -> None:
    fixed = apply("artifact_deprecated", (prefix + WORKFLOW.replace("\n", "\r\n")).encode())
    assert fixed.content == prefix + WANTED.replace("\n", "\r\n")


@pytest.mark.parametrize("ref", ["v1", "v2", "v2.3", "v3", "v3.1.2"])
def test_every_retired_reference_becomes_v4(ref: str) -> None:
    fixed = apply("artifact_deprecated", one_step(f"actions/upload-artifact@{ref}"))
    assert fixed.content == one_step("actions/upload-artifact@v4").decode()


REFUSED = {
    "a pinned commit": (one_step(f"actions/upload-artifact@{'a' * 40} # v3"), "pins the action to a commit"),
    "one name in a matrix": (
        one_step("actions/upload-artifact@v3", job="    strategy: {matrix: {os: [a, b]}}\n"),
        "the jobs of a matrix upload one artifact",
    ),
    "one name twice": (
        one_step("actions/upload-artifact@v3", "      - uses: actions/upload-artifact@v3\n"),
        "several steps upload an artifact of the same name",
    ),
    "a v1 download without path": (one_step("actions/download-artifact@v1"), "v1 downloads into a folder"),
    "an alias": (
        one_step("&x actions/upload-artifact@v3", "      - uses: *x\n"),
        "YAML aliases",
    ),
    "a folded scalar": (one_step(">-\n          actions/upload-artifact@v3"), "in an unusual way"),
    "a duplicate key": (one_step("actions/upload-artifact@v3", "on: 1\non: 2\n"), "not valid YAML"),
    "another action": (one_step("example/upload-artifact@v3"), "no retired artifact action"),
    "no jobs": (b"on: push\n", "no retired artifact action"),
    "broken YAML": (b"jobs: [", "not valid YAML"),
    "another encoding": (b"\xff\xfe", "not UTF-8"),
    "too much": (b"#" * 300_000, "larger than"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_surely_right_is_left_to_people(content: bytes, why: str) -> None:
    fixed = apply("artifact_deprecated", content)
    assert (fixed.content, fixed.edits) == (None, ())
    assert why in fixed.why


def test_a_matrix_with_its_own_names_is_edited() -> None:
    job = "    strategy: {matrix: {os: [a, b]}}\n"
    more = "        with:\n          name: ${{ matrix.os }}\n"
    fixed = apply("artifact_deprecated", one_step("actions/upload-artifact@v3", more, job))
    assert fixed.content == one_step("actions/upload-artifact@v4", more, job).decode()


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content: bytes) -> None:
    assert apply("artifact_deprecated", content).content is None


@given(st.text(alphabet=" \n-:{}[]'\"#&*!|>%@abv3", max_size=60))
def test_no_yaml_around_the_step_breaks_it(more: str) -> None:
    fixed = apply("artifact_deprecated", one_step("actions/upload-artifact@v3", more))
    assert fixed.content is None or fixed.content == one_step("actions/upload-artifact@v4", more).decode()
