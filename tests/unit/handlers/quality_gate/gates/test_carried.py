"""Coverage of an ancestor stands for a group only while nothing in the group changed, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.evidence.changes import Carried
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.history.measures import MeasuredCoverage, sums_of
from tests.unit.handlers.quality_gate.commit import CI, NOW
from tests.unit.handlers.quality_gate.gates.changed import (
    BASE,
    answers,
    asking,
    base_of,
    change,
    covered,
    file,
    lines,
)

SECTION = asking(
    {"coverage": {"total": ">= 1%"}}, paths={"core/**": {"coverage": {"total": ">= 90%", "carry": 7}}}
)


def part(
    covered: int, valid: int, *, name: str = "x", path: str = CI, variants: tuple[bytes, ...] = ()
) -> MeasuredCoverage:
    """What a workflow's Cobertura report covers of a file of the group."""
    found = lines(**{f"core__{name}": (covered, valid)} if valid else {})
    return MeasuredCoverage(path, "cobertura", sums_of(found), found.pack(), variants=variants)


GOOD = Carried("core/**", BASE, 2, NOW - timedelta(days=3), (part(9, 10),), ())
EDITED = file("a.py", (1, 1))


def judged(*carried: Carried) -> GateVerdict:
    """What is said of the group, where no report names its files."""
    changed = replace(change(EDITED), carried=carried)
    _, verdict = answers(SECTION, covered(lines(a=(1, 1))), changes=(changed,))
    assert verdict.rule == "paths.core/**.coverage.total"
    return verdict


def test_an_ancestor_stands_in_and_is_named_with_its_age() -> None:
    verdict = judged(GOOD)
    assert (verdict.state, verdict.value) == (State.PASS, "90.00 % (9 of 10 lines)")
    note, *_ = verdict.notes
    assert note.startswith(
        "coverage in core/** is carried: bbbbbbbbbbbb, 2 commits before the base measured it"
    )
    assert note.endswith("3 days ago, and nothing in it changed since")


def test_it_is_judged_like_any_other() -> None:
    verdict = judged(replace(GOOD, parts=(part(8, 10),)))
    assert (verdict.state, verdict.reason) == (State.FAIL, "1 more covered line needed in core/**")


@pytest.mark.parametrize(
    ("carried", "why"),
    [
        (replace(GOOD, changed=("core/x.py",)), "but core/x.py changed since"),
        (replace(GOOD, changed=None), "but GitHub does not list all that changed since"),
        (replace(GOOD, measured_at=NOW - timedelta(days=8)), "but the policy carries it for 7 days at most"),
        (replace(GOOD, parts=(part(0, 0),)), "without any line"),
    ],
    ids=["changed", "unknown", "old", "empty"],
)
def test_what_is_stale_is_refused_with_the_reason(carried: Carried, why: str) -> None:
    verdict = judged(carried)
    assert verdict.state is State.INCONCLUSIVE
    assert why in verdict.reason


def test_what_the_base_judged_apart_is_judged_apart() -> None:
    halves = replace(GOOD, parts=(part(9, 10), part(5, 10, path=".github/workflows/other.yml")))
    changed = replace(change(EDITED), carried=(halves,))
    _, good, bad = answers(SECTION, covered(lines(a=(1, 1))), changes=(changed,))
    assert (good.state, bad.state) == (State.PASS, State.FAIL)
    assert bad.value == "50.00 % (5 of 10 lines)"
    assert "(.github/workflows/other.yml, cobertura)" in bad.notes[0]


def test_reports_that_differed_in_which_lines_could_run_carry_the_strictest() -> None:
    few = LineMap({"core/x.py": FileLines(0b111 << 8)})
    verdict = judged(replace(GOOD, parts=(part(9, 10, variants=(few.pack(),)),)))
    assert verdict.state is State.INCONCLUSIVE
    assert verdict.reason == (
        "reports differ in which lines of core/x.py could run: by the strictest it is 66.66 % (2 of 3 lines)"
    )


def test_a_waiver_of_paths_reaches_what_is_carried() -> None:
    waiver = {"gate": "coverage", "path": "core/old.py", "until": NOW.date(), "by": "ada", "why": "it goes"}
    both = lines(core__x=(10, 10), core__old=(0, 10))
    old = replace(GOOD, parts=(MeasuredCoverage(CI, "cobertura", sums_of(both), both.pack()),))
    changed = replace(change(EDITED), carried=(old,))
    _, all_ = answers(SECTION, covered(lines(a=(1, 1))), changes=(changed,))
    assert all_.value == "50.00 % (10 of 20 lines)"
    _, spared = answers(SECTION | {"waivers": [waiver]}, covered(lines(a=(1, 1))), changes=(changed,))
    assert (spared.state, spared.value) == (State.PASS, "100.00 % (10 of 10 lines)")
    every = waiver | {"path": "core/**"}
    _, nothing = answers(SECTION | {"waivers": [every]}, covered(lines(a=(1, 1))), changes=(changed,))
    assert (nothing.state, nothing.reason) == (State.WAIVED, "all that is carried in core/** is waived")


def test_nothing_to_carry_is_no_pass() -> None:
    assert judged().state is State.INCONCLUSIVE


JOINING = asking(
    {"coverage": {"total": ">= 80%"}}, paths={"core/**": {"coverage": {"diff": ">= 90%", "carry": 7}}}
)
"""A policy that carries a group without a total of its own: its files are the gate's."""


def joined(*carried: Carried, lines_of_a: tuple[int, int] = (3, 10)) -> list[GateVerdict]:
    changed = replace(change(EDITED), carried=carried)
    found = answers(JOINING, covered(lines(a=lines_of_a)), changes=(changed,))
    return [each for each in found if each.rule != "gates.coverage.diff"]


def test_a_group_without_a_total_counts_in_the_gates() -> None:
    (total, *_) = joined(GOOD)
    assert (total.state, total.value) == (State.FAIL, "60.00 % (12 of 20 lines)")
    assert total.reason == "4 more covered lines needed"
    (total, *_) = joined(GOOD, lines_of_a=(7, 10))
    assert (total.state, total.value) == (State.PASS, "80.00 % (16 of 20 lines)")
    assert total.notes[0].endswith(
        "3 days ago, and nothing in it changed since: 90.00 % (9 of 10 lines) of the total"
    )


def test_what_is_carried_is_as_much_of_the_total_as_what_is_reported() -> None:
    (total, *_) = joined(replace(GOOD, parts=(part(1, 10),)), lines_of_a=(10, 10))
    assert (total.state, total.value) == (State.FAIL, "55.00 % (11 of 20 lines)")


def test_the_worst_part_of_a_group_counts_in_the_total() -> None:
    parts = (part(9, 10), part(1, 10, path=".github/workflows/other.yml"))
    (total, *_) = joined(replace(GOOD, parts=parts), lines_of_a=(10, 10))
    assert (total.state, total.value) == (State.FAIL, "55.00 % (11 of 20 lines)")


def test_the_strictest_of_what_is_carried_counts_in_the_total() -> None:
    few = LineMap({"core/x.py": FileLines(0b1 << 10)})
    (total, *_) = joined(replace(GOOD, parts=(part(9, 10, variants=(few.pack(),)),)), lines_of_a=(8, 10))
    assert total.state is State.INCONCLUSIVE
    assert total.reason.startswith("reports differ in which lines of core/x.py could run")


@pytest.mark.parametrize(
    ("carried", "why"),
    [
        ((), "no ancestor near the base has recorded any"),
        ((replace(GOOD, changed=("core/x.py",)),), "but core/x.py changed since"),
        (
            (replace(GOOD, measured_at=NOW - timedelta(days=8)),),
            "but the policy carries it for 7 days at most",
        ),
    ],
    ids=["none", "changed", "old"],
)
def test_a_total_without_the_group_that_belongs_to_it_is_not_believed(
    carried: tuple[Carried, ...], why: str
) -> None:
    total, missing = joined(*carried, lines_of_a=(10, 10))
    assert (total.state, total.value) == (State.PASS, "100.00 % (10 of 10 lines)")
    assert (missing.state, missing.rule) == (State.INCONCLUSIVE, "paths.core/**.coverage.carry")
    assert why in missing.reason


def test_a_group_that_a_report_names_is_not_carried() -> None:
    found = answers(JOINING, covered(lines(a=(10, 10), core__x=(10, 10))), changes=(change(EDITED),))
    assert "paths.core/**.coverage.carry" not in {each.rule for each in found}


def test_a_later_group_about_something_else_does_not_end_what_is_carried() -> None:
    paths = {"core/**": {"coverage": {"carry": 7}}, "**/*.py": {"build": "not_applicable"}}
    section = asking({"coverage": {"total": ">= 80%"}}, paths=paths)
    found = answers(section, covered(lines(a=(10, 10), core__x=(10, 10))), changes=(change(EDITED),))
    assert {each.state for each in found} == {State.PASS}


def test_a_commit_without_a_change_carries_nothing() -> None:
    assert [each.state for each in answers(SECTION, covered(lines(a=(1, 1))))] == [
        State.PASS,
        State.INCONCLUSIVE,
    ]


def test_files_of_a_carried_group_did_not_vanish() -> None:
    base = base_of(lines(a=(1, 1), core__x=(9, 10)), vanished=("core/x.py",))
    changed = replace(change(EDITED, baseline=base), carried=(GOOD,))
    found = answers(SECTION, covered(lines(a=(1, 1))), changes=(changed,))
    assert {each.state for each in found} == {State.PASS}
