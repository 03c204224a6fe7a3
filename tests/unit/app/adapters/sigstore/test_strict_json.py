from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.strict_json import MAX_BYTES, MAX_DEPTH, parse_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_any_object_is_read_as_it_was_written(value: dict[str, object]) -> None:
    assert parse_object(json.dumps(value).encode(), "it", fold_names=False) == value


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        (b"{} {}", "not JSON"),
        (b"{}x", "not JSON"),
        (b"", "not JSON"),
        (b"null", "not a JSON object"),
        (b"[]", "not a JSON object"),
        ('{"a": 1}'.encode("utf-16"), "not JSON"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "nested deeper"),
        (b'{"a":' + b"[" * 100_000, "nested deeper"),
        (b'{"a": 1e400}', "too large"),
        (b'{"a":"' + b"x" * MAX_BYTES + b'"}', "the limit is"),
    ],
)
def test_what_others_could_read_differently_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        parse_object(raw, "it", fold_names=False)
    assert caught.value.code == "INVALID_BUNDLE"


def test_brackets_inside_strings_are_not_depth() -> None:
    raw = json.dumps({"a": "[{" * 1000 + '"\\'}).encode()
    assert parse_object(raw, "it", fold_names=False)["a"].startswith("[{")


def test_a_duplicate_key_is_refused_at_any_depth() -> None:
    with pytest.raises(Refusal, match="'b' twice") as caught:
        parse_object(b'{"a": [{"b": 1, "b": 2}]}', "it", fold_names=False)
    assert caught.value.code == "DUPLICATE_JSON_KEY"


def test_spellings_of_a_key_are_one_key_only_where_asked() -> None:
    raw = b'{"media_type": 1, "mediaType": 2}'
    assert parse_object(raw, "it", fold_names=False) == {"media_type": 1, "mediaType": 2}
    with pytest.raises(Refusal, match="twice"):
        parse_object(raw, "it", fold_names=True)


@pytest.mark.parametrize("outline", ['{"a":%s}', '{"a":%s,"b":"\\"["}', '{"a":%s,"b":["]"]}'])
def test_depth_is_counted_whatever_the_strings_hold(outline: str) -> None:
    inner = MAX_DEPTH - 1
    raw = outline % ('["]"' + ',["]"' * (inner - 1) + "]" * inner)
    assert parse_object(raw.encode(), "it", fold_names=False)
    deeper = outline % ('["]"' + ',["]"' * inner + "]" * (inner + 1))
    with pytest.raises(Refusal, match="nested deeper"):
        parse_object(deeper.encode(), "it", fold_names=False)


@pytest.mark.parametrize("text", ["", "AA==", "AAA=", "AAAA", "ab+/"])
def test_plain_base64_is_taken_where_bytes_are_due(text: str) -> None:
    raw = json.dumps({"sig": text, "hashes": [text]}).encode()
    assert parse_object(raw, "it", fold_names=False, base64=frozenset({"sig", "hashes"}))


@pytest.mark.parametrize(
    "text", ["A", "A===", "=AAA", "A=AA", "AA=A", "AAA\n", "AA-_", "AAA ", "AAA\u00e9", "AAA\ud800"]
)
def test_other_base64_is_refused_where_bytes_are_due(text: str) -> None:
    for value in (text, [text]):
        raw = json.dumps({"sig": value}).encode()
        with pytest.raises(Refusal, match="sig is not base64"):
            parse_object(raw, "it", fold_names=False, base64=frozenset({"sig"}))
