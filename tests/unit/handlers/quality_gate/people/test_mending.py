"""Tools' fixes in a file: whole or not at all, and never two in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.findings import Replacement
from handlers.quality_gate.evidence.people import SourceFile
from handlers.quality_gate.people.mending import Fix, mended

TEXT = "import os\nimport sys\n\nx = (1)\n"


def file(text: str = TEXT, path: str = "a.py") -> SourceFile:
    return SourceFile(path, text.encode(), "100644")


def piece(start: tuple[int, int], end: tuple[int, int], text: str = "", path: str = "a.py") -> Replacement:
    return Replacement(path, *start, *end, text)


def after(*fixes: Fix, text: str = TEXT) -> tuple[str | None, int, int]:
    """The file as it should be (None: as it is), how many fixes went in, how many did not."""
    found = mended([file(text)], fixes)
    content = found.changes[0].content if found.changes else None
    return None if content is None else content.decode(), found.applied, found.left


def test_a_part_of_a_line_is_replaced() -> None:
    assert after((piece((4, 5), (4, 8), "1"),)) == ("import os\nimport sys\n\nx = 1\n", 1, 0)


def test_fixes_that_only_meet_all_go_in() -> None:
    lines = (piece((1, 1), (2, 1)),), (piece((2, 1), (3, 1)),)
    assert after(*lines) == ("\nx = (1)\n", 2, 0)


def test_of_fixes_that_overlap_the_first_goes_in() -> None:
    found = after((piece((1, 1), (3, 1), "import os, sys\n"),), (piece((2, 1), (3, 1)),))
    assert found == ("import os, sys\n\nx = (1)\n", 1, 1)


def test_two_insertions_in_one_place_have_no_order() -> None:
    assert after((piece((3, 1), (3, 1), "a\n"),), (piece((3, 1), (3, 1), "b\n"),))[1:] == (1, 1)


def test_the_same_fix_of_two_reports_goes_in_once() -> None:
    fix = (piece((4, 5), (4, 8), "1"),)
    assert after(fix, fix)[1:] == (1, 0)


def test_a_fix_goes_in_whole_or_not_at_all() -> None:
    half = (piece((4, 5), (4, 8), "1"), piece((9, 1), (9, 2)))
    assert after(half) == (None, 0, 1)
    elsewhere = (piece((4, 5), (4, 8), "1"), piece((1, 1), (1, 2), path="b.py"))
    assert after(elsewhere) == (None, 0, 1)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((0, 1), (1, 1)),
        ((1, 0), (1, 1)),
        ((1, 11), (1, 12)),
        ((6, 1), (6, 1)),
        ((2, 1), (1, 1)),
        ((1, 1), (9, 1)),
    ],
)
def test_a_place_that_is_not_there_is_left_alone(start: tuple[int, int], end: tuple[int, int]) -> None:
    assert after((piece(start, end, "x"),)) == (None, 0, 1)


@pytest.mark.parametrize("text", ["x = (1)\r\n", "\ufeffx = (1)\n"])
def test_a_file_of_another_form_is_left_alone(text: str) -> None:
    assert after((piece((1, 1), (1, 2), "y"),), text=text) == (None, 0, 1)


def test_bytes_that_are_no_text_are_left_alone() -> None:
    found = mended([SourceFile("a.py", b"\xff\n", "100644")], [(piece((1, 1), (1, 1), "y"),)])
    assert (found.changes, found.left) == ((), 1)


def test_columns_beyond_ascii_are_not_counted() -> None:
    text = "é = (1)\nx = 1\n"
    assert after((piece((1, 5), (1, 8), "1"),), text=text) == (None, 0, 1)
    assert after((piece((1, 1), (2, 1)),), text=text) == ("x = 1\n", 1, 0)


def test_a_fix_that_changes_nothing_is_no_change() -> None:
    assert after((piece((1, 1), (1, 7), "import"),)) == (None, 1, 0)


places = st.tuples(st.integers(-1, 8), st.integers(-1, 14))


@given(st.lists(st.tuples(places, places, st.text(max_size=5)), max_size=8))
def test_any_fixes_leave_a_text_or_nothing(found: list[tuple[tuple[int, int], tuple[int, int], str]]) -> None:
    fixes = [(piece(start, end, text),) for start, end, text in found]
    result = mended([file()], fixes)
    assert result.applied + result.left == len(dict.fromkeys(fixes))
    assert all(change.path == "a.py" for change in result.changes)
