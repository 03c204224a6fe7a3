"""Which ancestor gives coverage to a group of paths that no report names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.domain.effects import WakeAt
from app.domain.ids import CommitSha
from app.domain.pulls import ChangedFile, Commit, Comparison
from app.domain.repo import Subject, SubjectKind
from handlers.quality_gate.codecov import imported
from handlers.quality_gate.evidence.changes import Carried
from handlers.quality_gate.gates import every_answer, judge
from handlers.quality_gate.history.measures import CoverageSums
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, MAIN, NOW, OPENED, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import decided, evidence_of
from tests.unit.handlers.quality_gate.samples import cobertura, junit

PARENT = CommitSha("e" * 40)
CARRY = """version: 1
quality_gate:
  gates: {coverage: {total: ">= 1%"}}
  paths: {"src/**": {coverage: {total: ">= 90%", carry: 7}}}
"""


class WithPast(AtGitHub):
    """A commit whose base has a parent; `since` is what lies between them."""

    since: tuple[ChangedFile, ...] = ()

    async def compare(self, base: str, head: str) -> Comparison:
        if (base, head) == (PARENT, MAIN):
            return Comparison(PARENT, 1, 0, self.since, complete=True)
        return await super().compare(base, head)


def touched(path: str) -> tuple[ChangedFile, ...]:
    return (ChangedFile(path, None, "modified", 1, 0, "@@ -0,0 +1 @@\n+x"),)


async def left_by(tmp_path: Path, name: str) -> GateState:
    """What a push left whose report names this file."""
    report = cobertura(9, 10).replace(b'filename="a.py"', f'filename="{name}"'.encode())
    run = Run(trigger="push", artifacts={"coverage": {"coverage.xml": report}})
    config = "version: 1\nquality_gate: {gates: {coverage: {}}}\n"
    after = await decided(AtGitHub(tmp_path, runs=[run], config=config))
    assert after.next_state is not None
    return after.next_state


async def proposed(tmp_path: Path) -> WithPast:
    """A pull request whose reports name only `a.py`; the base's too, its parent's name `src/a.py`."""
    github = WithPast(tmp_path, config=CARRY, pulls=(OPENED,))
    github.history = (Commit(MAIN, "m", None, (PARENT,)), Commit(PARENT, "m", None, ()))
    github.kept = ((MAIN, await left_by(tmp_path, "a.py")), (PARENT, await left_by(tmp_path, "src/a.py")))
    return github


async def carried(github: AtGitHub) -> tuple[Carried, ...]:
    (change,) = (await evidence_of(github)).changes
    return change.carried


async def test_the_nearest_ancestor_that_measured_the_group_counts(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    (found,) = await carried(github)
    assert (found.group, found.sha, found.distance, found.measured_at) == ("src/**", PARENT, 1, NOW)
    assert [(each.workflow, each.format, each.sums) for each in found.parts] == [
        (CI, "cobertura", CoverageSums(9, 10, files=1))
    ]


class CountingMemory(WithPast):
    """Counts the questions to our memory about commits."""

    questions: int = 0

    async def states(
        self, capability: str, subjects: tuple[Subject, ...]
    ) -> tuple[tuple[Subject, bytes], ...]:
        self.questions += all(each.kind is SubjectKind.SHA for each in subjects)
        return await super().states(capability, subjects)


async def test_our_memory_is_asked_once_for_all_groups_and_the_baseline(tmp_path: Path) -> None:
    few = await proposed(tmp_path)
    groups = "".join(
        f'\n    "g{number}/**": {{coverage: {{total: ">= 80%", carry: 7}}}}' for number in range(5)
    )
    config = "version: 1\nquality_gate:\n  gates: {coverage: {}}\n  paths:" + groups + "\n"
    many = CountingMemory(tmp_path, config=config, pulls=(OPENED,))
    many.history, many.kept = few.history, few.kept
    assert await carried(many) == ()
    assert many.questions == 2


async def test_a_run_of_something_else_does_not_renew_what_was_measured(tmp_path: Path) -> None:
    report = cobertura(9, 10).replace(b'filename="a.py"', b'filename="src/a.py"')
    measured = Run(trigger="push", artifacts={"coverage": {"coverage.xml": report}})
    nightly = Run(
        trigger="schedule",
        id=2,
        first_id=200,
        path=".github/workflows/nightly.yml",
        made_at=NOW,
        artifacts={"junit": {"junit.xml": junit("")}},
    )
    measured.made_at = NOW - timedelta(days=10)
    config = "version: 1\nquality_gate: {gates: {coverage: {}}}\n"
    after = (await decided(AtGitHub(tmp_path, runs=[measured, nightly], config=config))).next_state
    assert after is not None
    github = WithPast(tmp_path, config=CARRY, pulls=(OPENED,), kept=((MAIN, after),))
    assert [each.measured_at for each in await carried(github)] == [NOW - timedelta(days=10)]


async def test_a_timer_is_set_for_the_moment_at_which_it_does_not_stand_any_more(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    wakes = [each.at for each in (await decided(github)).effects if isinstance(each, WakeAt)]
    assert wakes == [NOW + timedelta(days=8)]
    later = replace(await evidence_of(github), now=wakes[0])
    assert later.policy.section is not None
    *_, stale = (each for _, answers in every_answer(later, later.policy.section) for each in answers)
    assert "but the policy carries it for 7 days at most" in stale.reason


async def test_workflows_and_variants_stay_apart(tmp_path: Path) -> None:
    names = ("a", "b")
    runs = [
        Run(
            trigger="push",
            id=number,
            first_id=100 * number,
            path=f".github/workflows/{name}.yml",
            artifacts={
                f"{name}-1": {"coverage.xml": of_files(src__a=(5, 10))},
                f"{name}-2": {"coverage.xml": of_files(src__a=(5, 9))},
            },
        )
        for number, name in enumerate(names, 1)
    ]
    config = "version: 1\nquality_gate: {gates: {coverage: {}}}\n"
    after = (await decided(AtGitHub(tmp_path, runs=runs, config=config))).next_state
    assert after is not None
    github = WithPast(tmp_path, config=CARRY, pulls=(OPENED,), kept=((MAIN, after),))
    (found,) = await carried(github)
    assert [(each.workflow, len(each.variants)) for each in found.parts] == [
        (".github/workflows/a.yml", 2),
        (".github/workflows/b.yml", 2),
    ]


async def test_a_change_of_the_group_is_seen(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    github.changed = touched("src/a.py")
    assert [each.changed for each in await carried(github)] == [("src/a.py",)]


async def test_a_change_between_the_ancestor_and_the_base_is_seen(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    github.since = touched("src/a.py")
    assert [each.changed for each in await carried(github)] == [("src/a.py",)]


async def test_a_change_elsewhere_does_not_matter(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    github.changed, github.since = touched("a.py"), touched("a.py")
    assert [each.changed for each in await carried(github)] == [()]


async def test_where_not_all_changes_are_listed_nothing_is_known(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    github.complete = False
    assert [each.changed for each in await carried(github)] == [None]


async def test_a_group_that_a_report_names_needs_nothing(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    report = cobertura(9, 10).replace(b'filename="a.py"', b'filename="src/a.py"')
    github.runs = [Run(artifacts={"coverage": {"coverage.xml": report}})]
    assert await carried(github) == ()
    assert github.listings == 0


DROP = CARRY.replace('{coverage: {total: ">= 1%"}}', '{coverage: {total: null, drop: "<= 0pt"}}')


def of_files(**files: tuple[int, int]) -> bytes:
    """A report of some files, `src__a` for `src/a.py`, each with lines that ran and lines that could have."""
    classes = []
    for name, (ran, valid) in files.items():
        lines = "".join(
            f'<line number="{number}" hits="{int(number <= ran)}"/>' for number in range(1, valid + 1)
        )
        path = name.replace("__", "/")
        classes.append(f'<class name="x" filename="{path}.py"><lines>{lines}</lines></class>')
    inside = "".join(classes)
    return (
        f"<coverage><packages><package><classes>{inside}</classes></package></packages></coverage>".encode()
    )


async def held_against(tmp_path: Path, **base: tuple[int, int]) -> list[str]:
    """What is decided of a commit with 9 of 10 lines in `a.py` only, whose base measured this."""
    run = Run(trigger="push", artifacts={"coverage": {"coverage.xml": of_files(**base)}})
    config = "version: 1\nquality_gate: {gates: {coverage: {}}}\n"
    kept = (await decided(AtGitHub(tmp_path, runs=[run], config=config))).next_state
    assert kept is not None
    github = AtGitHub(tmp_path, config=DROP, pulls=(OPENED,), kept=((MAIN, kept),))
    github.runs = [Run(artifacts={"coverage": {"coverage.xml": of_files(a=(9, 10))}})]
    (gate,) = judge(await evidence_of(github))
    return [gate.state.value, gate.value, *gate.notes]


async def test_a_drop_leaves_a_carried_group_out_of_both_sides(tmp_path: Path) -> None:
    found = await held_against(tmp_path, a=(9, 10), src__a=(90, 90))
    assert found[:3] == [
        "pass",
        "90.00 % (9 of 10 lines), 90.00 % (9 of 10 lines) at the base bbbbbbbbbbbb",
        "the drop is that of the files outside of src/**, which no report of this commit names",
    ]


async def test_a_carried_group_hides_no_drop_of_the_others(tmp_path: Path) -> None:
    found = await held_against(tmp_path, a=(10, 10), src__a=(81, 90))
    assert found[:2] == [
        "fail",
        "90.00 % (9 of 10 lines), 100.00 % (10 of 10 lines) at the base bbbbbbbbbbbb",
    ]


async def test_a_base_that_measured_only_what_is_carried_has_nothing_to_compare_with(tmp_path: Path) -> None:
    found = await held_against(tmp_path, src__a=(90, 90))
    assert any("has no cobertura coverage to compare with" in each for each in found)


async def test_what_is_imported_of_a_flag_that_is_carried_forward_counts_in_the_total(tmp_path: Path) -> None:
    github = await proposed(tmp_path)
    asked = {
        "coverage": {"status": {"project": {"default": {"target": "90%"}}}},
        "flags": {"src": {"paths": ["src/"], "carryforward": True}},
    }
    github.config = imported(asked, {}, CI).text
    assert [each.group for each in await carried(github)] == ["src/**"]
    (gate,) = judge(await evidence_of(github))
    assert (gate.state.value, gate.value) == ("pass", "90.00 % (18 of 20 lines)")
