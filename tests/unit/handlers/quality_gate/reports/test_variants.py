"""Which lines could run, as each report has it."""

from __future__ import annotations

from handlers.quality_gate.reports.variants import MAX_VARIANTS, Variants, sets_of


def seen(*sets: int) -> Variants:
    variants, before = Variants(), 0
    for each in sets:
        variants.see("a.py", before, each)
        before |= each
    return variants


def test_of_files_that_all_reports_know_alike_nothing_is_kept() -> None:
    assert seen(0b110, 0b110, 0).maps() == ()


def test_each_set_of_lines_is_kept_once() -> None:
    assert sets_of(seen(0b110, 0b10, 0b110, 0b100, 0b10).maps()) == {"a.py": (0b110, 0b10, 0b100)}


def test_a_report_that_names_no_line_of_a_file_differs_in_none() -> None:
    assert seen(0, 0b110).maps() == ()


def test_more_sets_than_are_kept_are_a_problem() -> None:
    sets = [1 << line for line in range(1, MAX_VARIANTS + 1)]
    assert seen(*sets).problems() == ()
    assert seen(*sets, 1 << 100).problems() == (
        "more than 32 reports each name other lines of a.py that could run; let them be made from the same files",
    )
