"""Files that the repository does not have are left out, and that never makes a verdict better."""

from __future__ import annotations

from handlers.quality_gate.gates.judged import State, worst
from handlers.quality_gate.gates.outside import REMEDY
from tests.unit.handlers.quality_gate.gates.changed import (
    answers,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
)

TOTAL = asking({"coverage": {"total": ">= 90%"}})
DROP = asking({"coverage": {"total": None, "drop": "<= 1pt"}})


def test_what_is_enough_only_without_them_is_inconclusive() -> None:
    (found,) = answers(TOTAL, covered(lines(b=(10, 10)), outside=lines(gone__z=(0, 100))))
    assert (found.state, found.value) == (State.INCONCLUSIVE, "100.00 % (10 of 10 lines)")
    assert found.reason == (
        "gone/z.py is not in the repository and left out: with that it is 9.09 % (10 of 110 lines)"
    )
    assert found.remedy == REMEDY


def test_what_is_enough_with_them_too_passes() -> None:
    (found,) = answers(TOTAL, covered(lines(b=(95, 100)), outside=lines(gone__z=(0, 5))))
    assert found.state is State.PASS


def test_they_turn_nothing_green() -> None:
    (found,) = answers(TOTAL, covered(lines(b=(1, 10)), outside=lines(gone__z=(1000, 1000))))
    assert found.state is State.FAIL


def test_they_count_in_the_group_that_they_would_be_in() -> None:
    section = asking({"coverage": {"total": ">= 90%"}}, paths={"core/**": {"coverage": {"total": ">= 50%"}}})
    found = answers(section, covered(lines(b=(10, 10), core__x=(5, 10)), outside=lines(core__z=(0, 1))))
    assert [(each.state, each.rule) for each in found] == [
        (State.PASS, "gates.coverage.total"),
        (State.INCONCLUSIVE, "paths.core/**.coverage.total"),
    ]


def test_where_only_a_group_has_files_of_the_repository_the_rest_is_not_measured() -> None:
    section = asking({"coverage": {"total": ">= 90%"}}, paths={"core/**": {"coverage": {"total": ">= 50%"}}})
    found = worst(answers(section, covered(lines(core__x=(5, 10)), outside=lines(gone__z=(0, 1)))))
    assert (found.state, found.value) == (State.INCONCLUSIVE, "nothing measured")


def test_a_group_that_needs_no_coverage_takes_them_out() -> None:
    groups = {"gone/**": {"coverage": "not_applicable"}}
    section = asking({"coverage": {"total": ">= 90%"}}, paths=groups)
    (found,) = answers(section, covered(lines(b=(10, 10)), outside=lines(gone__z=(0, 100))))
    assert found.state is State.PASS


def test_a_waiver_takes_them_out() -> None:
    waiver = {"gate": "coverage", "path": "gone/**", "until": "2026-11-10", "by": "ana", "why": "generated"}
    section = asking({"coverage": {"total": ">= 90%"}}, waivers=[waiver])
    (found,) = answers(section, covered(lines(b=(10, 10)), outside=lines(gone__z=(0, 100))))
    assert found.state is State.PASS


def test_where_all_that_is_the_repositorys_is_waived_they_still_count() -> None:
    waiver = {"gate": "coverage", "path": "b.py", "until": "2026-11-10", "by": "ana", "why": "generated"}
    section = asking({"coverage": {"total": ">= 90%"}}, waivers=[waiver])
    (found,) = answers(section, covered(lines(b=(10, 10)), outside=lines(gone__z=(0, 100))))
    assert found.state is State.INCONCLUSIVE


def test_a_fall_that_they_hide_is_inconclusive() -> None:
    one = change(file("a.py", (1, 1)), baseline=base_of(lines(b=(10, 10))))
    (found,) = answers(DROP, covered(lines(b=(10, 10)), outside=lines(gone__z=(0, 100))), changes=(one,))
    assert found.state is State.INCONCLUSIVE
    assert "with that it is 9.09 % (10 of 110 lines)" in found.reason


def test_what_the_base_left_out_as_well_is_no_fall() -> None:
    generated = lines(gone__z=(0, 100))
    one = change(file("a.py", (1, 1)), baseline=base_of(lines(b=(10, 10)), outside=generated))
    (found,) = answers(DROP, covered(lines(b=(10, 10)), outside=generated), changes=(one,))
    assert found.state is State.PASS


def test_lines_that_were_removed_are_no_fall_with_them_either() -> None:
    generated = lines(gone__z=(0, 100))
    base = base_of(lines(b=(100, 100)), outside=generated)
    one = change(file("b.py", removed=90), baseline=base)
    (found,) = answers(DROP, covered(lines(b=(10, 10)), outside=generated), changes=(one,))
    assert found.state is State.PASS
