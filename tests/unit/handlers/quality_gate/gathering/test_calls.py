"""What a workflow's text calls in its own repository."""

from __future__ import annotations

import time

import pytest

from handlers.quality_gate.gathering.calls import called_by


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("- uses: ./.github/actions/setup", [".github/actions/setup"]),
        ("    uses: './.github/workflows/reused.yml'", [".github/workflows/reused.yml"]),
        ('- {name: x, "uses" : "./a//b/", with: {}}', ["a/b"]),
        ("- uses: ./", [""]),
        ("- uses: ./a/../../c", ["../c"]),
        ("- uses: .//etc", ["etc"]),
        ("- uses: actions/checkout@v5", []),
        ("# uses: ./a", []),
        ("- run: make # uses: ./a", []),
        ("- reuses: ./a", []),
        ("- {name: C#, uses: ./a}", ["a"]),
        ("- uses:\n    ./a", ["a"]),
        ("- uses: >-\n    './a'", ["a"]),
        ("- uses: actions/checkout@v5\n- run: ./a", []),
        ("- uses: ./a\n- uses: ./a\n- uses: ./b", ["a", "b"]),
    ],
)
def test_what_is_used_from_the_repository_is_found(text: str, paths: list[str]) -> None:
    assert [each.path for each in called_by(text.encode())] == paths


def test_a_hostile_text_costs_no_time() -> None:
    begin = time.perf_counter()
    for piece in (b"uses: ", b"- ", b"uses:./", b"{uses", b"uses:\n", b"x#"):
        called_by(piece * (1024 * 1024 // len(piece)))
    assert time.perf_counter() - begin < 5
