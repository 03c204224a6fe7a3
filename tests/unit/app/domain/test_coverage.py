"""Lines as bitmaps, files and reports put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import FEW_LINES, FileLines, LineMap, bitmap, lines_of, span_bitmap
from app.errors import InvalidInput


@given(lines=st.lists(st.integers(1, 5_000), max_size=4 * FEW_LINES))
def test_a_bitmap_holds_exactly_its_lines(lines: list[int]) -> None:
    assert lines_of(bitmap(lines)) == tuple(sorted(set(lines)))


@given(
    spans=st.lists(
        st.tuples(st.integers(1, 300), st.integers(0, 40)).map(lambda two: range(two[0], two[0] + two[1]))
    )
)
def test_runs_of_lines_that_overlap_are_one_bitmap(spans: list[range]) -> None:
    assert lines_of(span_bitmap(spans)) == tuple(sorted({line for span in spans for line in span}))


def test_a_line_that_any_report_saw_run_is_covered() -> None:
    file = FileLines()
    file.see(covered=bitmap([1]), missed=bitmap([2, 3]))
    file.see(covered=bitmap([2]), missed=bitmap([1]))
    assert (lines_of(file.valid), lines_of(file.covered)) == ((1, 2, 3), (1, 2))


def test_of_branches_the_largest_count_of_one_report_is_taken() -> None:
    file = FileLines()
    for counts in ((1, 2), (0, 4), (1, 2)):
        file.see_branches({7: counts})
    file.see_branches({})
    assert file.branches == {7: (1, 4)}


def test_a_partial_line_ran_and_lacks_a_branch() -> None:
    file = FileLines()
    file.see(covered=bitmap([1, 2]), missed=bitmap([3]))
    file.see_branches({3: (0, 2), 1: (1, 2), 2: (2, 2)})
    assert lines_of(file.partial) == (1,)


@given(
    st.dictionaries(
        st.integers(0, 2**64 - 1), st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
    )
)
def test_branches_are_kept_in_the_order_of_their_lines(branches: dict[int, tuple[int, int]]) -> None:
    file = FileLines(branches=branches)
    assert list(file.branches.items()) == sorted(branches.items())
    assert file.branch_sums == (sum(c for c, _ in branches.values()), sum(v for _, v in branches.values()))


def test_reports_are_put_together_by_the_names_of_their_files() -> None:
    one, two = LineMap(sources=("/a",)), LineMap(sources=("/b", "/a"))
    one.file("x").see(covered=bitmap([1]))
    two.file("x").see(missed=bitmap([1, 2]))
    two.file("y").see(missed=bitmap([1]))
    one.add(two)
    totals = one.totals()
    assert (totals.files, totals.lines_covered, totals.lines_valid) == (2, 1, 3)
    assert one.sources == ("/a", "/b")


def test_the_names_of_a_packed_map_are_those_with_lines() -> None:
    lines = LineMap({"a.py": FileLines(valid=0b110), "empty.py": FileLines()}, sources=("/src",))
    assert LineMap.names(lines.pack()) == ("a.py",)


@pytest.mark.parametrize("spoilt", [b"", b"\x01not zlib", b"\xff", None])
def test_what_is_no_packed_map_is_refused(spoilt: bytes | None) -> None:
    packed = LineMap({"a.py": FileLines(valid=0b110)}).pack()
    bad = packed[:1] + b"no zlib" if spoilt is None else spoilt
    with pytest.raises(InvalidInput):
        LineMap.unpack(bad)
