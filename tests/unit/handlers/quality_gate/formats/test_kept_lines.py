"""Which added lines only moved."""

from __future__ import annotations

import pytest

from handlers.quality_gate.formats.kept_lines import kept


@pytest.mark.parametrize(
    ("added", "removed", "numbers"),
    [
        (["def f(a):"], ["def f(a):"], [1]),
        (["    def f(a):\r"], ["\tdef f(a):"], [1]),
        (["def g(a):"], ["def f(a):"], []),
        (["a", "a"], ["a"], [1]),
        (["a", "b", "a"], ["a", "a"], [1, 3]),
        (["x = 1  "], ["x = 1"], []),
        (["x = 1 \r"], ["x = 1\t"], [1]),
        (["x = 1"], ["x = 1 "], [1]),
        (["x = 1", "x = 1 "], ["x = 1 ", "x = 1"], [1, 2]),
        (["x\u00a0"], ["x"], []),
    ],
    ids=[
        "moved",
        "indented anew",
        "another",
        "once for each removed line",
        "as often as it went",
        "blanks gained",
        "blanks changed",
        "blanks lost",
        "the closest first",
        "another character",
    ],
)
def test_an_added_line_is_kept_where_a_removed_one_had_its_text(
    added: list[str], removed: list[str], numbers: list[int]
) -> None:
    assert kept(enumerate(added, 1), removed) == numbers
