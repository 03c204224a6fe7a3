"""What is shown beside the code: order, limits, places; nothing that is wrong with one mark costs the others."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from app.domain.effects import Annotation, AnnotationLevel
from handlers.quality_gate.annotations import MAX_ANNOTATIONS, Beside, beside, repository_path
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight

MARK = Mark("lint", "src/a.py", 3, Weight.FAILS, "ruff: F401", "unused import", source="ruff", rule="F401")


def gate(*marks: Mark, state: State = State.FAIL, required: bool = True) -> GateVerdict:
    return GateVerdict("lint", state, "1 finding", "none", "there are findings", required, marks=marks)


def placed(*marks: Mark) -> tuple[Annotation, ...]:
    return beside((gate(*marks),)).annotations


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_a.py", "tests/test_a.py"),
        ("./tests/test_a.py", "tests/test_a.py"),
        ("tests\\test_a.py", "tests/test_a.py"),
        ("/home/runner/work/tool/tool/tests/test_a.py", "tests/test_a.py"),
        ("D:\\a\\tool\\tool\\tests\\test_a.py", "tests/test_a.py"),
        ("/usr/lib/python3/unittest.py", None),
        ("../../etc/passwd", None),
        ("https://evil.example/a.py", None),
        ("src/\u202ea.py", None),
        ("a" * 1001, None),
        ("", None),
    ],
)
def test_a_path_of_a_report_leads_into_the_repository_or_nowhere(path: str, expected: str | None) -> None:
    assert repository_path(path) == expected


def test_what_fails_comes_first_then_what_lies_in_the_change_then_the_level_the_path_and_the_line() -> None:
    expected = [
        replace(MARK, path="z.py", in_change=True),
        replace(MARK, path="b.py", line=2),
        replace(MARK, path="b.py", line=10),
        replace(MARK, path="z.py", weight=Weight.WARNS, in_change=True, title="w"),
        replace(MARK, path="z.py", weight=Weight.INFORMS, in_change=True, title="n"),
        replace(MARK, path="a.py", weight=Weight.WARNS),
        replace(MARK, path="a.py", weight=Weight.INFORMS, title="n"),
    ]
    found = placed(*reversed(expected))
    assert [(each.path, each.start_line, each.title) for each in found] == [
        (each.path, each.line, each.title) for each in expected
    ]


def test_what_reads_the_same_at_one_place_is_shown_once_as_its_worst() -> None:
    light = replace(MARK, weight=Weight.INFORMS)
    (found,) = beside((gate(light, state=State.PASS), gate(MARK))).annotations
    assert found.level is AnnotationLevel.FAILURE


@pytest.mark.parametrize(
    ("state", "required"), [(State.FAIL, False), (State.PASS, True), (State.WAIVED, True)]
)
def test_nothing_fails_in_a_gate_that_is_good_or_only_informs(state: State, *, required: bool) -> None:
    (found,) = beside((gate(MARK, state=state, required=required),)).annotations
    assert found.level is AnnotationLevel.WARNING


@pytest.mark.parametrize(
    ("line", "end_line", "column", "end_column", "expected"),
    [
        (3, None, None, None, (3, 3, None, None)),
        (None, None, 4, 5, (1, 1, 4, 4)),
        (0, None, None, None, (1, 1, None, None)),
        (-5, -9, 0, 0, (1, 1, None, None)),
        (3, 2, 4, 9, (3, 3, 4, 8)),
        (3, 5, 4, 9, (3, 5, None, None)),
        (3, 3, 4, 4, (3, 3, 4, 4)),
        (3, 3, 9, 4, (3, 3, 9, 9)),
        (3, 3, 2**70, None, (3, 3, None, None)),
        (3, 2**70, None, None, (3, 10_000_000, None, None)),
    ],
)
def test_lines_and_columns_become_some_that_github_takes(
    line: int | None,
    end_line: int | None,
    column: int | None,
    end_column: int | None,
    expected: tuple[int, int, int | None, int | None],
) -> None:
    (found,) = placed(replace(MARK, line=line, end_line=end_line, column=column, end_column=end_column))
    assert (found.start_line, found.end_line, found.start_column, found.end_column) == expected


def test_three_invalid_marks_among_a_hundred_and_twenty_are_counted_and_cost_nothing_else() -> None:
    good = [replace(MARK, line=number) for number in range(1, 118)]
    bad = [replace(MARK, path="../x"), replace(MARK, path=""), replace(MARK, line=2**40)]
    found = beside((gate(*bad, *good),))
    assert (found.shown, found.placeless, found.total, len(found.annotations)) == (117, 3, 120, 117)
    assert {mark.path for mark in found.rest} == {"../x", "", "src/a.py"}


def test_what_is_wrong_with_the_file_takes_its_room_first() -> None:
    wrong = Annotation(".github/hephaestus.yml", 1, 1, AnnotationLevel.FAILURE, "unknown key")
    marks = [replace(MARK, line=number) for number in range(1, MAX_ANNOTATIONS + 1)]
    found = beside((gate(*marks),), (wrong,))
    assert (found.annotations[0], len(found.annotations)) == (wrong, MAX_ANNOTATIONS)
    assert (found.shown, len(found.rest)) == (MAX_ANNOTATIONS - 1, 1)


def test_twenty_thousand_findings_leave_three_hundred_annotations_at_once() -> None:
    marks = tuple(
        replace(MARK, path=f"src/{number % 700}.py", line=number, message="x" * 5_000)
        for number in range(20_000)
    )
    start = perf_counter()
    found = beside((gate(*marks),))
    seconds = perf_counter() - start
    assert (found.shown, len(found.rest)) == (MAX_ANNOTATIONS, 20_000 - MAX_ANNOTATIONS)
    assert sum(len(each.message) for each in found.annotations) <= MAX_ANNOTATIONS * 2_000
    assert seconds < 10, "of the order of a tenth of a second: far more means that it is quadratic"


def test_a_mark_without_words_says_that_it_has_none() -> None:
    (found,) = placed(replace(MARK, title="\x1b[31m", message="\u202e"))
    assert (found.title, found.message) == ("without a name", "no message")


def test_without_marks_there_is_nothing_to_show() -> None:
    assert beside((gate(),)) == Beside()
