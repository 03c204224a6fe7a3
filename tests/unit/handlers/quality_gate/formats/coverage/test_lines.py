"""What no source file has is refused, and a summary above what is listed is noted."""

from __future__ import annotations

import pytest

from app.domain.coverage import MAX_LINE
from app.errors import InvalidInput
from handlers.quality_gate.formats.coverage.lines import MAX_BITS, MAX_NAME, Gathering, number, ran


@pytest.mark.parametrize("lines", [[0, 1], [-1], [MAX_LINE + 1]])
def test_an_impossible_line_is_refused(lines: list[int]) -> None:
    gathering = Gathering("lcov")
    with pytest.raises(InvalidInput) as refused:
        gathering.bits(lines)
    assert refused.value.code == "report.not_lcov"
    with pytest.raises(InvalidInput):
        gathering.branches(gathering.file("a"), [(lines[0], (0, 1))])


def test_a_small_report_cannot_ask_for_much_memory() -> None:
    gathering = Gathering("lcov")
    for _ in range(MAX_BITS // MAX_LINE):
        gathering.bits([MAX_LINE])
    with pytest.raises(InvalidInput) as refused:
        gathering.bits([MAX_LINE])
    assert refused.value.code == "report.too_large"


@pytest.mark.parametrize("name", [None, "", "a" * (MAX_NAME + 1)])
def test_a_file_without_a_name_or_with_an_endless_one_is_refused(name: str | None) -> None:
    with pytest.raises(InvalidInput):
        Gathering("lcov").file(name)


def test_more_branches_taken_than_there_are_is_a_contradiction() -> None:
    gathering = Gathering("lcov")
    with pytest.raises(InvalidInput) as refused:
        gathering.branches(gathering.file("a"), [(1, (3, 2))])
    assert refused.value.code == "report.contradiction"


@pytest.mark.parametrize(
    ("declared", "is_noted"),
    [
        ((1, 4), False),
        ((0, 2), False),
        ((None, None), False),
        ((2, 4), True),
        ((1, 5), True),
        ((None, 5), True),
    ],
)
def test_a_summary_is_noted_where_it_counts_more_than_is_listed(
    declared: tuple[int | None, int | None],
    is_noted: bool,  # noqa: FBT001 (a table's column)
) -> None:
    gathering = Gathering("lcov")
    gathering.check(declared, (1, 4))
    assert bool(gathering.report().contradictions) is is_noted


def test_numbers_are_decimal_digits_and_nothing_else() -> None:
    assert [number(text) for text in ("12", "0", None, "", "-1", "1.0", "1" * 19)] == [12, 0, *[None] * 5]


def test_hits_may_be_longer_than_any_machine_word() -> None:
    assert [ran(text) for text in ("00", "1" * 5_000, "0", "-1", "", None)] == [
        False,
        True,
        False,
        None,
        None,
        None,
    ]
