"""Walking through XML: what is called for which element and text."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats import xml

RAW = b"<a> 1 <b>2<c n='1'>3</c>4</b> 5 <c n='2'/><b>6</b></a>"


def test_the_element_that_is_there_often_is_told_in_place_of_its_start_and_end() -> None:
    seen: list[str] = []
    often: list[dict[str, str]] = []
    xml.walk(
        RAW,
        lambda name, _: seen.append(name),
        lambda name: seen.append(f"/{name}"),
        often=("c", often.append),
    )
    assert (seen, often) == (["a", "b", "/b", "b", "/b", "/a"], [{"n": "1"}, {"n": "2"}])


def test_text_is_told_from_where_an_element_that_is_asked_for_begins_to_its_end() -> None:
    told: list[str] = []
    xml.walk(RAW, lambda _name, _attributes: None, text=told.append, text_in=frozenset({"b"}))
    assert "".join(told) == "2346"


def test_all_text_is_told_where_no_element_is_named() -> None:
    told: list[str] = []
    xml.walk(RAW, lambda _name, _attributes: None, text=told.append)
    assert "".join(told) == " 1 234 5 6"


def test_elements_that_are_there_often_are_bounded_like_all_others() -> None:
    deep = b"<c>" * (xml.MAX_DEPTH + 1)
    with pytest.raises(InvalidInput, match="nested too deeply"):
        xml.walk(deep, lambda _name, _attributes: None, often=("c", lambda _attributes: None))
