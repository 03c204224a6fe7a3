"""Line maps survive being packed, and no bytes break the reader."""

from __future__ import annotations

import random
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage import LAYOUT, MAX_LINE, FileLines, LineMap, bitmap
from app.domain.packing import MAX_BODY_BYTES
from app.errors import InvalidInput

LINES = st.lists(st.integers(1, 400), max_size=60)
BRANCHES = st.dictionaries(
    st.integers(1, 400),
    st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda two: (two[0], sum(two))),
)


@st.composite
def maps(draw: st.DrawFn) -> LineMap:
    lines = LineMap(sources=tuple(draw(st.lists(st.text(max_size=9), max_size=3))))
    for name in draw(st.lists(st.text(max_size=9), max_size=4)):
        lines.files[name] = FileLines(branches=draw(BRANCHES))
        lines.files[name].see(covered=bitmap(draw(LINES)), missed=bitmap(draw(LINES)))
    return lines


@given(lines=maps())
def test_a_map_comes_back_as_it_was(lines: LineMap) -> None:
    assert LineMap.unpack(lines.pack()) == lines


@given(lines=maps())
def test_equal_maps_give_equal_bytes(lines: LineMap) -> None:
    turned = LineMap(dict(reversed(lines.files.items())), lines.sources)
    assert turned.pack() == lines.pack()


@given(raw=st.binary(max_size=80), compressed=st.booleans())
def test_any_bytes_are_read_or_refused(raw: bytes, compressed: bool) -> None:  # noqa: FBT001 (hypothesis passes by name)
    with suppress(InvalidInput):
        assert isinstance(
            LineMap.unpack(bytes((LAYOUT,)) + zlib.compress(raw) if compressed else raw), LineMap
        )


@given(lines=maps(), data=st.data())
def test_no_piece_of_a_map_is_taken_for_a_map(lines: LineMap, data: st.DataObject) -> None:
    packed = lines.pack()
    with pytest.raises(InvalidInput) as refused:
        LineMap.unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])
    assert refused.value.code == "packed.broken"


@pytest.mark.parametrize(
    "body",
    [
        b"\x00" * (MAX_BODY_BYTES + 1),
        b"\x00\x00\x00",
        b"\x00\x02" + b"\x01a\x00\x00\x00\x00" * 2,
        b"\x00\x01\x01\xff\x00\x00\x00\x00",
        b"\x00\x01\x01a\x01\x00\x00\x00\x01",
        b"\x00\x01\x01a\x01\x01\x00\x00\x02\x02",
        b"\xff" * 12,
    ],
    ids=["bomb", "more", "twice", "not UTF-8", "line 0", "flags beyond lines", "number"],
)
def test_a_body_that_no_map_has_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        LineMap.unpack(bytes((LAYOUT,)) + zlib.compress(body))
    assert refused.value.code == "packed.broken"


def test_a_line_beyond_the_last_possible_is_refused() -> None:
    lines = LineMap({"a": FileLines(valid=1 << MAX_LINE + 1)})
    with pytest.raises(InvalidInput):
        LineMap.unpack(lines.pack())


def test_three_hundred_files_take_less_than_twenty_kilobytes() -> None:
    # Like code: blocks of lines that could run between others, one block in eight not run, a branch in one of six lines.
    chance = random.Random(7)  # noqa: S311 (no secret)
    lines = LineMap()
    for number in range(300):
        file, line, seen = lines.file(f"app/package_{number % 20}/module_{number}.py"), 1, 0
        while seen < 200:
            line += chance.choice((1, 1, 2, 3))
            block = range(line, line + chance.randint(1, 12))
            missed = chance.random() < 1 / 8
            file.see(covered=0 if missed else bitmap(block), missed=bitmap(block) if missed else 0)
            file.see_branches(dict.fromkeys(block[::6], (0 if missed else 2, 2)))
            line, seen = block[-1], seen + len(block)
    assert len(lines.pack()) < 20_000
