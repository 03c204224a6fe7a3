"""Exact numbers: shares, added lines, renames, deletions, and bases that say nothing."""

from __future__ import annotations

import pytest

from tests.acceptance.quality_gate.reports import cobertura, lines, source
from tests.acceptance.quality_gate.stage import CONFIG, Scene, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOTAL = "gates:\n  coverage: {total: '>= 85%'}\n"
DIFF = "gates:\n  coverage: {total: '>= 0%', diff: '>= 90%'}\n"
DROP = "gates:\n  coverage: {total: '>= 0%', drop: '<= 0.10pt'}\n"
A, B = "anvil/a.py", "anvil/b.py"


def report(**files: dict[int, int]) -> dict[str, dict[str, bytes]]:
    """A coverage report of modules of `anvil`."""
    return {
        "coverage": {"coverage.xml": cobertura({f"anvil/{name}.py": hits for name, hits in files.items()})}
    }


def branches(taken: int, valid: int) -> dict[str, dict[str, bytes]]:
    """A coverage report of two lines that ran, one of which branches."""
    document = (
        f'<coverage><packages><package><classes><class name="{A}" filename="{A}"><lines>'
        f'<line number="1" hits="1" branch="true" condition-coverage="{100 * taken // valid}% ({taken}/{valid})"/>'
        '<line number="2" hits="1"/></lines></class></classes></package></packages></coverage>'
    )
    return {"coverage": {"coverage.xml": document.encode()}}


@told
async def test_84_996_percent_are_not_85(scene: Scene) -> None:
    scene.begin(TOTAL, {A: source(25_000)})
    one = scene.propose()
    scene.ci(one, report(a=lines(21_249, 25_000)))
    assert await scene.judged(one) == "failure"
    assert "84.99" in scene.words(one)
    assert "85.00" not in scene.words(one)
    assert "1 more covered line" in scene.words(one)


@told
async def test_a_change_without_a_line_that_could_run_owes_no_coverage(scene: Scene) -> None:
    scene.begin(DIFF.replace("'>= 0%'", "null"), {A: source(9), "README.md": "anvil\n"})
    one = scene.propose({"README.md": "anvil\nhammer\n"})
    scene.ci(one, report(a=lines(5, 9)))
    assert await scene.judged(one) == "success"
    assert "100%" not in scene.words(one)
    assert "Not applicable, of what the change adds, none of 0 lines could run" in scene.words(one)
    assert "not looked at: 1 line in files of kinds that the report names none of, README.md" in scene.words(
        one
    )


@told
async def test_a_pure_rename_owes_no_coverage(scene: Scene) -> None:
    scene.begin(DIFF, {A: source(20)})
    one = scene.propose({A: None, B: source(20)})
    scene.ci(one, report(b=lines(5, 20)))
    assert await scene.judged(one) == "success"
    assert "none of the 0 lines that the change adds could run" in scene.words(one)


@told
async def test_a_rename_with_three_more_lines_owes_three(scene: Scene) -> None:
    scene.begin(DIFF, {A: source(20)})
    one = scene.propose({A: None, B: source(20) + source(3, "more")})
    scene.ci(one, report(b=lines(20, 23)))
    assert await scene.judged(one) == "failure"
    assert "0 of 3" in scene.words(one)
    assert f"{B}:21-23" in scene.words(one)


@told
async def test_removing_covered_code_is_no_drop(scene: Scene) -> None:
    scene.begin(DROP, {A: source(100)})
    await scene.measured(report(a=lines(90, 100)))
    one = scene.propose({A: "".join(source(100).splitlines(keepends=True)[50:])})
    scene.ci(one, report(a=lines(40, 50)))
    assert await scene.judged(one) == "success"


@told
async def test_covering_less_is_a_drop_with_both_fractions(scene: Scene) -> None:
    scene.begin(DROP, {A: source(100)})
    await scene.measured(report(a=lines(90, 100)))
    one = scene.propose({A: source(100) + "more = 1\n"})
    scene.ci(one, report(a=lines(80, 101)))
    assert await scene.judged(one) == "failure"
    assert "80 of 101" in scene.words(one)
    assert "90 of 100" in scene.words(one)


@told
async def test_without_a_result_of_the_base_a_drop_is_not_judged(scene: Scene) -> None:
    scene.begin(DROP, {A: source(10)})
    one = scene.propose({A: source(11)})
    scene.ci(one, report(a=lines(3, 11)))
    assert await scene.judged(one) == "success"
    told = "neither the base nor one of its ancestors near it has recorded coverage to compare with"
    assert told in scene.words(one)


@told
async def test_a_base_whose_report_lacks_the_metric_is_not_compared(scene: Scene) -> None:
    scene.begin(DROP.replace("{", "{metric: branch, "), {A: source(10)})
    base = await scene.measured(report(a=lines(9, 10)))
    one = scene.propose({A: source(11)})
    scene.ci(one, branches(1, 2))
    assert await scene.judged(one) == "success"
    assert f"50.00 % (1 of 2 branches): the base {base[:12]} was measured by another metric" in scene.words(
        one
    )


@told
async def test_a_base_that_was_judged_by_another_metric_is_compared_by_the_one_asked_for_now(
    scene: Scene,
) -> None:
    scene.begin(DROP, {A: source(10)})
    await scene.measured(branches(2, 2))
    by_branch = DROP.replace("{", "{metric: branch, ").strip().replace("\n", "\n  ")
    scene.commit("main", {CONFIG: f"version: 1\nquality_gate:\n  {by_branch}\n"})
    one = scene.propose({A: source(11)})
    scene.ci(one, branches(1, 2))
    assert await scene.judged(one) == "failure"
    assert "50.00 % (1 of 2 branches), 100.00 % (2 of 2 branches) at" in scene.words(one)
    assert "1 more covered branch needed" in scene.words(one)


@told
async def test_a_base_that_was_measured_in_another_format_is_not_compared(scene: Scene) -> None:
    scene.begin(DROP, {A: source(10)})
    lcov = f"SF:{A}\n" + "".join(f"DA:{line},1\n" for line in range(1, 11)) + "end_of_record\n"
    await scene.measured({"coverage": {"lcov.info": lcov.encode()}})
    one = scene.propose({A: source(11)})
    scene.ci(one, report(a=lines(3, 11)))
    assert await scene.judged(one) == "success"
    assert "no cobertura coverage to compare with" in scene.words(one)
