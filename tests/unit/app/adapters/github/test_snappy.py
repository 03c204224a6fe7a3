from __future__ import annotations

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.github import snappy
from app.errors import InvalidInput


@given(st.binary(max_size=5_000))
def test_a_block_gives_the_bytes_that_went_in(data: bytes) -> None:
    assert snappy.decode(bytes(cramjam.snappy.compress_raw(data)), 5_000) == data


def test_the_declared_size_is_held_to_the_limit_before_anything_is_unpacked() -> None:
    bomb = b"\xff\xff\xff\xff\x0f" + b"\x00" * 10
    with pytest.raises(InvalidInput, match=r"download\.too_large"):
        snappy.decode(bomb, 1_000_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_unpacked_within_the_limit_or_refused(data: bytes) -> None:
    try:
        size = len(snappy.decode(data, 1_000))
    except InvalidInput:
        size = 0
    assert size <= 1_000
