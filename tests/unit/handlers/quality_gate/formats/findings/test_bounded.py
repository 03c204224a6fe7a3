"""No finding is lost, whatever its texts and places are."""

from __future__ import annotations

import pytest

from app.domain.findings import Level
from handlers.quality_gate.formats.findings.bounded import MAX_PLACE, Span, after, finding


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Span(), Span()),
        (Span(3), Span(3)),
        (Span(3, 5, 3, 9), Span(3, 5, 3, 9)),
        (Span(3, 5, 4, 1), Span(3, 5, 4, 1)),
        (Span(3, 5, 3, 5), Span(3, 5, 3, 5)),
        (Span(3, 5, 3, 4), Span(3, 5)),
        (Span(3, 5, 2, 9), Span(3, 5)),
        (Span(3, 5, None, 9), Span(3, 5)),
        (Span(3, 0, 4, 0), Span(3, None, 4)),
        (Span(0, 5, 3, 9), Span()),
        (Span(-1, 5), Span()),
        (Span(MAX_PLACE + 1), Span()),
        (Span(3, MAX_PLACE + 1, MAX_PLACE + 1, 1), Span(3)),
    ],
)
def test_places_that_make_no_sense_are_dropped(given: Span, kept: Span) -> None:
    found = finding("t", "r", Level.ERROR, "m", "p", given)
    assert Span(found.line, found.column, found.end_line, found.end_column) == kept


def test_texts_are_cut() -> None:
    long = "x" * 5000
    found = finding(long, long, Level.ERROR, long, long, snippet=long)
    lengths = [len(text or "") for text in (found.tool, found.rule, found.message, found.path, found.snippet)]
    assert lengths == [300, 300, 2000, 1000, 1000]


def test_an_empty_path_is_none() -> None:
    assert finding("t", "r", Level.ERROR, "m", "").path is None


@pytest.mark.parametrize(("number", "next_one"), [(0, 1), (None, None), (-1, 0)])
def test_the_next_place_of_none_is_none(number: int | None, next_one: int | None) -> None:
    assert after(number) == next_one
