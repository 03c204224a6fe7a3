"""The button *Fix*: when it is there, whose press counts, and what is committed."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from app.domain.decision import Decision
from app.domain.effects import CommitFixes
from app.domain.events import Actor, ButtonClicked
from app.domain.ids import CommitSha, RepositoryId
from app.domain.pulls import ChangedFile, FileContent
from app.errors import InvalidInput
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, MAIN, OPENED, REPOSITORY, SHA, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided

LINT = f"""version: 1
quality_gate:
  producers: {{lint: {{workflow: {CI}, format: ruff-json}}}}
  gates: {{lint: {{from: lint}}}}
"""
OLD = CommitSha("d" * 40)
WRITER, READER = Actor(3, "writer", is_bot=False), Actor(4, "reader", is_bot=False)


def linted(path: str, applicability: str = "safe") -> Run:
    """A report of an unused import in the first line, with ruff's fix."""
    start, end = {"row": 1, "column": 1}, {"row": 2, "column": 1}
    edit = {"content": "", "location": start, "end_location": end}
    found = {
        "code": "F401",
        "message": "unused",
        "filename": path,
        "location": start,
        "end_location": end,
        "fix": {"applicability": applicability, "message": "Remove", "edits": [edit]},
        "noqa_row": 1,
        "url": None,
        "cell": None,
    }
    return Run({"ruff": {"ruff.json": json.dumps([found]).encode()}}, conclusion="failure")


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    return AtGitHub(
        tmp_path,
        runs=[linted("src/a.py")],
        config=LINT,
        pulls=(OPENED,),
        roles={WRITER.id: "write"},
        everywhere={"src/a.py": "import os\nx = 1\n"},
        heads={"topic": SHA},
        unprotected=("topic",),
    )


def press(by: Actor = WRITER) -> ButtonClicked:
    return ButtonClicked(REPOSITORY, SHA, 7, 4, "hephaestus/quality-gate", "", "fix", by)


def commits(decision: Decision[GateState]) -> list[CommitFixes]:
    return [each for each in decision.effects if isinstance(each, CommitFixes)]


def labels(decision: Decision[GateState]) -> list[str]:
    return [each.label for each in check_of(decision).buttons]


async def test_a_writer_has_the_fixes_committed_on_the_branch_of_the_pull_request(github: AtGitHub) -> None:
    assert labels(await decided(github, OPENED)) == ["Re-evaluate", "Request waiver", "Fix"]
    decision = await decided(github, press())
    (commit,) = commits(decision)
    assert (commit.branch, commit.head_sha) == ("topic", SHA)
    assert [(each.path, each.content) for each in commit.changes] == [("src/a.py", b"x = 1\n")]
    assert [each.limit for each in commit.reservations] == [10]
    assert "asked for a commit of 1 fix in 1 file" in check_of(decision).summary


async def test_a_readers_press_commits_nothing(github: AtGitHub) -> None:
    decision = await decided(github, press(READER))
    assert commits(decision) == []
    assert "reader may not use this button" in check_of(decision).summary


async def test_nothing_is_committed_without_a_press(github: AtGitHub) -> None:
    assert commits(await decided(github, OPENED)) == []


@pytest.mark.parametrize("applicability", ["unsafe", "display"])
async def test_only_what_the_tool_calls_safe_is_offered(github: AtGitHub, applicability: str) -> None:
    github.runs = [linted("src/a.py", applicability)]
    assert "Fix" not in labels(await decided(github, OPENED))


async def test_what_github_runs_is_never_fixed(github: AtGitHub) -> None:
    github.paths = (".github/scripts/a.py",)
    github.runs = [linted(".github/scripts/a.py")]
    assert "Fix" not in labels(await decided(github, OPENED))
    assert commits(await decided(github, press())) == []


async def test_a_fork_is_not_written_to(github: AtGitHub) -> None:
    github.pulls = (replace(OPENED, head_repository_id=RepositoryId(9)),)
    assert "Fix" not in labels(await decided(github, OPENED))
    decision = await decided(github, press())
    assert commits(decision) == []
    assert "is not in this repository" in check_of(decision).summary


async def test_on_a_fork_it_is_said_before_any_press_why_there_is_no_button(github: AtGitHub) -> None:
    fork = replace(OPENED, head_repository_id=RepositoryId(9))
    github.pulls = (fork,)
    said = check_of(await decided(github, fork)).summary
    assert "1 safe fix of the tools could be committed, but there is no button Fix here" in said
    assert "the branch is in a fork" in said
    github.pulls = (fork, replace(OPENED, number=4))
    decision = await decided(github, fork)
    assert ("Fix" in labels(decision), "no button" in check_of(decision).summary) == (True, False)


@pytest.mark.parametrize("applicability", ["unsafe", "safe"])
async def test_no_button_is_missed_where_there_is_nothing_safe_to_fix_or_no_fork(
    github: AtGitHub, applicability: str
) -> None:
    if applicability == "unsafe":
        github.pulls = (replace(OPENED, head_repository_id=RepositoryId(9)),)
    github.runs = [linted("src/a.py", applicability)]
    assert "no button" not in check_of(await decided(github, OPENED)).summary


async def test_a_branch_that_moved_on_or_is_protected_is_not_written_to(github: AtGitHub) -> None:
    github.heads["topic"] = MAIN
    decision = await decided(github, press())
    assert (commits(decision), "has moved on" in check_of(decision).summary) == ([], True)
    github.pulls = ()
    decision = await decided(github, press())
    said = check_of(decision).summary
    assert (commits(decision), "has moved on, or its pull request is closed" in said) == ([], True)
    github.pulls, github.heads["topic"], github.unprotected = (OPENED,), SHA, ()
    decision = await decided(github, press())
    assert (commits(decision), "is protected" in check_of(decision).summary) == ([], True)


@pytest.mark.parametrize(("path", "offered"), [("src/a.py", False), ("src/b.py", True)])
async def test_a_file_that_the_base_changed_meanwhile_is_not_fixed(
    github: AtGitHub, path: str, *, offered: bool
) -> None:
    github.merge_base = OLD
    github.moved = (ChangedFile(path, None, "modified", 4, 0, None),)
    assert ("Fix" in labels(await decided(github, OPENED))) is offered
    assert bool(commits(await decided(github, press()))) is offered


@pytest.mark.parametrize(
    ("merge_base", "complete", "incomparable"),
    [(OLD, False, ()), (OLD, True, (MAIN,)), (MAIN, True, (SHA,))],
)
async def test_where_nobody_knows_what_the_base_changed_nothing_is_fixed(
    github: AtGitHub, merge_base: CommitSha, incomparable: tuple[str, ...], *, complete: bool
) -> None:
    github.merge_base, github.moved_complete, github.incomparable = merge_base, complete, incomparable
    assert "Fix" not in labels(await decided(github, OPENED))
    assert commits(await decided(github, press())) == []


async def test_a_link_is_never_replaced_by_the_file_that_it_leads_to(github: AtGitHub) -> None:
    github.odd = {"src/a.py": "120000"}
    decision = await decided(github, press())
    assert commits(decision) == []
    assert "none of the fixes can be committed" in check_of(decision).summary


async def test_a_program_stays_one(github: AtGitHub) -> None:
    github.odd = {"src/a.py": "100755"}
    (commit,) = commits(await decided(github, press()))
    assert [each.mode for each in commit.changes] == ["100755"]


async def test_where_github_does_not_list_all_files_nothing_is_fixed(github: AtGitHub) -> None:
    github.paths = None
    decision = await decided(github, press())
    assert commits(decision) == []
    assert "GitHub does not list all files of the commit" in check_of(decision).summary


async def test_modes_are_asked_for_only_where_somebody_pressed(github: AtGitHub) -> None:
    await decided(github, OPENED)
    assert github.listings_of_modes == 0


class TooLarge(AtGitHub):
    """Gives no source, since it is larger than GitHub's limit."""

    async def file(self, path: str, ref: str) -> FileContent | None:
        if path == "src/a.py":
            raise InvalidInput("github.file_too_large", f"{path} is larger than the 1 MiB that GitHub gives")
        return await super().file(path, ref)


async def test_a_file_that_github_does_not_give_is_left_alone_and_the_verdict_stands(
    github: AtGitHub,
) -> None:
    large = TooLarge(**{each.name: getattr(github, each.name) for each in fields(github)})
    decision = await decided(large, press())
    assert commits(decision) == []
    assert "none of the fixes can be committed" in check_of(decision).summary


async def test_a_report_that_is_not_trusted_enough_fixes_nothing(github: AtGitHub) -> None:
    github.files[CI, SHA] = "on: pull_request\n"
    assert "Fix" not in labels(await decided(github, OPENED))
    assert commits(await decided(github, press())) == []
