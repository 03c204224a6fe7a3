"""What a change is held against: its base, else the nearest ancestor that recorded something."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Verdict
from app.domain.ids import CommitSha
from app.domain.pulls import ChangedFile, Commit
from handlers.quality_gate.evidence.changes import Baseline, Change
from handlers.quality_gate.history.records import first_parents
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, MAIN, NOW, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of
from tests.unit.handlers.quality_gate.samples import cobertura, junit

OLD = CommitSha("c" * 40)
ABSOLUTE = "version: 1\nquality_gate: {gates: {coverage: {}, tests: {}}}\n"
DROP = 'version: 1\nquality_gate: {gates: {coverage: {total: null, drop: "<= 1pt"}}}\n'
DIFF = 'version: 1\nquality_gate: {gates: {coverage: {total: null, diff: ">= 90%"}}}\n'


def sha(number: int) -> CommitSha:
    return CommitSha(f"{number:040x}")


def line(length: int) -> tuple[Commit, ...]:
    """The base and its ancestors, numbered from the base on."""
    names = [MAIN, *(sha(number) for number in range(1, length))]
    parents = [*names[1:], None]
    return tuple(
        Commit(name, "m", None, () if parent is None else (parent,))
        for name, parent in zip(names, parents, strict=True)
    )


async def left_by(tmp_path: Path, covered: int = 9, tests: bool = True) -> GateState:  # noqa: FBT001, FBT002 (a fixture's choice)
    """The state that a push to the base branch left."""
    artifacts = {"coverage": {"coverage.xml": cobertura(covered, 10)}}
    if tests:
        artifacts["junit"] = {"junit.xml": junit("", "")}
    run = Run(trigger="push", artifacts=artifacts)
    after = await decided(AtGitHub(tmp_path, runs=[run], config=ABSOLUTE))
    assert after.next_state is not None
    return after.next_state


async def change_of(github: AtGitHub) -> Change:
    (found,) = (await evidence_of(github)).changes
    return found


async def baseline_of(github: AtGitHub) -> Baseline:
    found = (await change_of(github)).baseline
    assert found is not None
    return found


def proposed(tmp_path: Path, config: str = ABSOLUTE) -> AtGitHub:
    return AtGitHub(tmp_path, config=config, pulls=(OPENED,))


async def test_a_recorded_base_is_found_without_asking_github(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    found = await baseline_of(github)
    assert (found.sha, found.distance, found.measured_at) == (MAIN, 0, NOW)
    assert found.measured.gates == ("tests", "coverage")
    assert github.listings == 0


async def test_otherwise_the_nearest_recorded_first_parent_counts(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.history = line(60)
    state = await left_by(tmp_path)
    github.kept = ((sha(14), state), (sha(20), state))
    assert (await baseline_of(github)).distance == 14
    assert github.listings == 1


@pytest.mark.parametrize(("distance", "found"), [(50, True), (51, False)])
async def test_it_may_be_fifty_commits_away(tmp_path: Path, distance: int, found: bool) -> None:  # noqa: FBT001 (a table's column)
    github = proposed(tmp_path)
    github.history = line(60)
    github.kept = ((sha(distance), await left_by(tmp_path)),)
    assert ((await change_of(github)).baseline is not None) is found


async def test_a_commit_that_recorded_less_does_not_hide_its_parent(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.history = line(4)
    github.kept = ((MAIN, await left_by(tmp_path, tests=False)), (sha(2), await left_by(tmp_path)))
    assert (await baseline_of(github)).distance == 2


async def test_of_as_many_gates_the_nearest_counts(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.history = line(4)
    half = await left_by(tmp_path, tests=False)
    github.kept = ((sha(1), half), (sha(2), half))
    assert (await baseline_of(github)).distance == 1


async def test_the_second_parent_of_a_merge_is_no_base(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.history = (Commit(MAIN, "merge", None, (sha(1), OLD)), Commit(sha(1), "m", None, ()))
    github.kept = ((OLD, await left_by(tmp_path)),)
    assert (await change_of(github)).baseline is None


async def test_without_any_recorded_ancestor_only_absolute_rules_hold(tmp_path: Path) -> None:
    github = proposed(tmp_path, DROP)
    decision = await decided(github)
    assert decision.verdict is Verdict.NOT_APPLICABLE
    assert "neither the base nor one of its ancestors" in check_of(decision).summary


async def test_a_state_of_another_version_measures_nothing(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, GateState(NOW)),)
    assert (await change_of(github)).baseline is None


async def test_a_drop_against_the_recorded_base_fails(tmp_path: Path) -> None:
    github = proposed(tmp_path, DROP)
    github.runs = [Run(artifacts={"coverage": {"coverage.xml": cobertura(7, 10)}})]
    github.changed = (ChangedFile("a.py", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    decision = await decided(github)
    assert decision.verdict is Verdict.FAIL
    assert "90.00 % (9 of 10 lines) at the base bbbbbbbbbbbb" in check_of(decision).summary


async def test_numbers_alone_still_serve_a_drop(tmp_path: Path) -> None:
    github = proposed(tmp_path, DROP)
    github.runs = [Run(artifacts={"coverage": {"coverage.xml": cobertura(7, 10)}})]
    github.changed = (ChangedFile("a.py", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),)
    state = await left_by(tmp_path)
    github.kept = ((MAIN, GateState(NOW, measured=state.measured, measured_at=NOW)),)
    assert (await decided(github)).verdict is Verdict.FAIL


async def test_lines_of_the_base_do_not_fill_the_evidence(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    assert [each.lines for each in (await baseline_of(github)).measured.coverage] == [None]


async def test_but_they_are_kept_where_coverage_of_some_files_is_waived(tmp_path: Path) -> None:
    waiver = '{gate: coverage, path: "src/**", until: 2027-01-31, by: octo, why: "old code"}'
    github = proposed(tmp_path, ABSOLUTE.replace("quality_gate: {", f"quality_gate: {{waivers: [{waiver}], "))
    github.kept = ((MAIN, await left_by(tmp_path)),)
    assert [each.lines is None for each in (await baseline_of(github)).measured.coverage] == [False]


async def test_files_that_vanished_from_the_report_are_known_by_the_tree(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    other = cobertura(9, 10).replace(b'filename="a.py"', b'filename="src/b.py"')
    github.runs = [Run(artifacts={"coverage": {"coverage.xml": other}, "junit": {"j.xml": junit("", "")}})]
    github.paths = ("a.py", "src/b.py")
    assert (await baseline_of(github)).vanished == ("a.py",)
    assert (await decided(github)).verdict is Verdict.INCONCLUSIVE
    github.paths = ("src/b.py",)
    assert (await baseline_of(github)).vanished == ()


async def test_without_a_tree_what_the_change_leaves_alone_is_still_there(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    github.runs = [
        Run(
            artifacts={
                "coverage": {"coverage.xml": cobertura(9, 10).replace(b'filename="a.py"', b'filename="b.py"')}
            }
        )
    ]
    github.paths = None
    assert (await baseline_of(github)).vanished == ("a.py",)
    github.changed = (ChangedFile("a.py", None, "removed", 0, 10, None),)
    assert (await baseline_of(github)).vanished == ()


async def test_what_the_base_changed_since_is_read_where_lines_count(tmp_path: Path) -> None:
    github = proposed(tmp_path, DIFF)
    github.merge_base = OLD
    github.moved = (ChangedFile("z.py", "y.py", "renamed", 0, 0, None),)
    assert (await change_of(github)).base_moved == ("y.py", "z.py")
    github.config = ABSOLUTE
    assert (await change_of(github)).base_moved == ()


async def test_of_what_the_base_renamed_the_files_of_the_change_are_kept(tmp_path: Path) -> None:
    github = proposed(tmp_path, DIFF)
    github.merge_base = OLD
    github.changed = (ChangedFile("y.py", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x\n"),)
    github.moved = (
        ChangedFile("z.py", "y.py", "renamed", 0, 0, None),
        ChangedFile("w.py", "v.py", "renamed", 0, 0, None),
    )
    assert (await change_of(github)).base_renames == (("y.py", "z.py"),)
    github.moved_complete = False
    assert (await change_of(github)).base_renames is None


async def test_a_push_is_held_against_its_parent_where_a_rule_compares(tmp_path: Path) -> None:
    github = AtGitHub(tmp_path, config=DROP, history=line(2))
    github.runs = [Run(trigger="push", artifacts={"coverage": {"coverage.xml": cobertura(7, 10)}})]
    github.changed = (ChangedFile("a.py", None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    assert (await change_of(github)).number is None
    assert (await decided(github)).verdict is Verdict.FAIL


async def test_a_push_asks_for_no_parent_otherwise(tmp_path: Path) -> None:
    github = AtGitHub(tmp_path, config=ABSOLUTE, history=line(2))
    assert (await evidence_of(github)).changes == ()


async def test_a_later_evaluation_is_held_against_the_same_measure(tmp_path: Path) -> None:
    github = proposed(tmp_path)
    github.kept = ((MAIN, await left_by(tmp_path)),)
    first = await baseline_of(github)
    later = await evidence_of(github, now=NOW + timedelta(days=1))
    assert [change.baseline for change in later.changes] == [first]
    assert CI in dict(first.measured.reported).values()


@given(st.integers(1, 30), st.integers(0, 40))
def test_the_line_of_first_parents_ends_where_the_list_does(length: int, cut: int) -> None:
    commits = line(length)
    found = first_parents(commits[:cut], MAIN)
    assert found[0] == MAIN
    assert len(found) == min(length, cut + 1)
    assert found == [commit.sha for commit in commits[: len(found)]]


async def test_what_the_base_changed_is_asked_for_where_findings_are_new_by_their_lines(
    tmp_path: Path,
) -> None:
    lint = {"ruff": {"ruff.json": b"[]"}}
    new = f"""version: 1
quality_gate:
  producers: {{lint: {{workflow: {CI}, format: ruff-json}}}}
  gates: {{lint: {{from: lint, new_findings: 0}}}}
"""
    github = AtGitHub(tmp_path, runs=[Run(lint)], config=new, pulls=(OPENED,), merge_base=OLD)
    github.moved = (ChangedFile("a.py", None, "modified", 4, 0, None),)
    assert (await change_of(github)).base_moved == ("a.py",)
    pushed = AtGitHub(tmp_path, runs=[Run(lint, trigger="push")], config=new)
    state = (await decided(pushed)).next_state
    assert state is not None
    github.kept = ((OLD, state),)
    assert (await change_of(github)).base_moved == ()
