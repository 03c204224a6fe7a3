"""JSON from strangers: encodings, repeated keys, and what is refused."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.documents import decoded, decoded_lines, repeated_keys, utf8


class Shape(msgspec.Struct):
    items: list[int] = []


DECODER = msgspec.json.Decoder(Shape)


def test_the_parser_keeps_the_last_of_two_lists_and_this_is_told() -> None:
    shape, contradictions = decoded(b'{"items": [1, 2], "items": []}', DECODER, "a tool")
    assert shape.items == []
    assert contradictions == ("an object has the key 'items' twice",)


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        (b'{"a": {"b": 1, "c": [{"d": 1, "d": 2}]}}', ("d",)),
        (b'{"a": 1, "\\u0061": 2}', ("a",)),
        (b'[{"a": 1}, {"a": 1}]', ()),
        (b'{"v": 1, "v": 2, "w": 1, "w": 2, "x": 1, "x": 2, "y": 1, "y": 2}', ("v", "w", "x")),
    ],
)
def test_keys_are_repeated_within_one_object(raw: bytes, keys: tuple[str, ...]) -> None:
    assert repeated_keys(raw) == tuple(f"an object has the key '{key}' twice" for key in keys)


def test_many_repeated_keys_are_counted_in_one_go() -> None:
    raw = b"{" + b",".join(b'"%d":1,"%d":2' % (number, number) for number in range(100_000)) + b"}"
    # Counting each key anew takes minutes, and would end at the time limit of a test.
    assert len(repeated_keys(raw)) == 3


def test_a_repeated_key_is_told_in_plain_letters() -> None:
    (told,) = repeated_keys('{"\u202e\\n": 1, "\u202e\\n": 2}'.encode())
    assert told == "an object has the key '\\u202e\\n' twice"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_byte_order_are_honoured(encoding: str) -> None:
    shape, _ = decoded('{"items": [7], "é": 1}'.encode(encoding), DECODER, "a tool")
    assert shape.items == [7]


def test_bytes_that_are_not_what_their_mark_says_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        utf8(b"\xff\xfea")
    assert refused.value.code == "report.encoding"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{} {}",
        b'{"items": [1.5]}',
        b'{"items": ["1"]}',
        b'{"x": NaN}',
        b'{"x": "\\ud800"}',
        b'{"x": "\xff"}',
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_not_strict_json_of_the_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        decoded(raw, DECODER, "a tool")
    assert refused.value.code == "report.not_json"


def test_a_very_long_number_is_refused_also_where_nobody_needs_it() -> None:
    with pytest.raises(InvalidInput) as refused:
        decoded(b'{"x": ' + b"9" * 100_000 + b"}", DECODER, "a tool")
    assert refused.value.code == "report.not_json"


def test_lines_are_documents_and_blank_ones_are_left_out() -> None:
    shapes, contradictions = decoded_lines(b'{"items": [1]}\r\n\n{"items": [2], "items": [3]}', DECODER, "x")
    assert [shape.items for shape in shapes] == [[1], [3]]
    assert contradictions == ("an object has the key 'items' twice",)
