"""How JSON documents are read: typed, in any Unicode encoding that is marked, each key only once."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats.documents import decoded_once


class Shape(msgspec.Struct):
    a: int = 0


DECODER = msgspec.json.Decoder(Shape, strict=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_is_read_in_any_marked_encoding(encoding: str) -> None:
    assert decoded_once('{"a": 1, "b": "ä"}'.encode(encoding), DECODER, "some-json") == Shape(1)


@pytest.mark.parametrize(
    "raw", [b'{"a": 1, "a": 2}', b'{"a": 1, "b": [{"c": 1, "c": 1}]}', b'{"a": 1, "\\u0061": 2}']
)
def test_a_key_given_twice_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        decoded_once(raw, DECODER, "some-json")
    assert refused.value.code == "report.duplicate_key"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"a": "1"}',
        b'{"a": NaN}',
        b'{"a": 1',
        b'{"b":' + b"[" * 100_000,
        b'{"b": "\xff"}',
        b'{"b": 1' + b"0" * 500 + b"}",
        b'{"b": Infinity}',
    ],
)
def test_what_is_no_document_of_the_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        decoded_once(raw, DECODER, "some-json")
    assert refused.value.code == "report.not_some_json"
