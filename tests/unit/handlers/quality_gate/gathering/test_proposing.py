"""A pull request that brings the first policy, or repairs one that never was valid, is told what it would be."""

from __future__ import annotations

import pytest

from app.config.policies import CONFIG_PATH
from app.domain.decision import Verdict
from app.domain.effects import CheckConclusion
from app.domain.events import WorkflowRunCompleted
from app.domain.pulls import ChangedFile
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.commit import CI, OPENED, REPOSITORY, SHA, AtGitHub
from tests.unit.handlers.quality_gate.judging import check_of, decided, evidence_of

VALID = "version: 1\nquality_gate:\n  gates:\n    tests: {}\n"
INVALID = "version: 1\nquality_gate:\n  gaits: {}\n"
ENDED = WorkflowRunCompleted(REPOSITORY, 1, 1, SHA, "t", None, CI, "push", None, None)


def proposing(github: AtGitHub, file: str | None, *, before: str | None) -> AtGitHub:
    """The commit of an open pull request that makes this of the file."""
    github.config, github.pulls = before, (OPENED,)
    github.files[CONFIG_PATH, SHA] = file
    github.changed = (ChangedFile(CONFIG_PATH, None, "modified", 1, 1, "@@ -1 +1 @@\n-a\n+b\n"),)
    return github


async def test_the_first_file_is_told_to_be_valid(github: AtGitHub) -> None:
    decision = await decided(proposing(github, VALID, before=None), OPENED)
    check = check_of(decision)
    assert (decision.verdict, check.conclusion) == (Verdict.NOT_CONFIGURED, CheckConclusion.NEUTRAL)
    assert "**This pull request adds `.github/hephaestus.yml`.**" in check.summary
    assert "Merged, it would be valid, with the gates `tests`." in check.summary
    assert check.once == ""  # the repository was not told yet how to begin


async def test_the_mistakes_of_the_first_file_are_told_at_its_lines(github: AtGitHub) -> None:
    check = check_of(await decided(proposing(github, INVALID, before=None), OPENED))
    assert "Merged, it would be invalid, and every check would ask for action:" in check.summary
    assert [(each.path, each.start_line) for each in check.annotations] == [(CONFIG_PATH, 3)]


async def test_it_is_told_also_where_the_repository_was_told_how_to_begin(github: AtGitHub) -> None:
    github.said = ("quality_gate.not_configured",)
    assert (await decided(proposing(github, INVALID, before=None), OPENED)).effects


async def test_a_later_event_does_not_take_it_back(github: AtGitHub) -> None:
    at = proposing(github, VALID, before=None)
    first = await decided(at, OPENED)
    assert isinstance(first.next_state, GateState)
    assert check_of(await decided(at, ENDED, state=first.next_state)) == check_of(first)
    assert first.next_state.proposed is None  # tried on what was merged once there is a policy in force


async def test_a_branch_that_has_the_file_and_leaves_it_alone_proposes_none(github: AtGitHub) -> None:
    at = proposing(github, VALID, before=None)
    at.changed = ()
    assert "This pull request" not in check_of(await decided(at, OPENED)).summary


async def test_a_repair_is_told_to_be_valid_and_how_to_get_past(github: AtGitHub) -> None:
    check = check_of(await decided(proposing(github, VALID, before=INVALID), OPENED))
    assert check.conclusion is CheckConclusion.ACTION_REQUIRED
    assert "**This pull request changes `.github/hephaestus.yml`.**" in check.summary
    assert "Merged, it would be valid, with the gates `tests`." in check.summary
    assert "an administrator takes the check out of the rule until it is merged" in check.summary


async def test_a_repair_that_mends_nothing_is_told_so(github: AtGitHub) -> None:
    check = check_of(await decided(proposing(github, INVALID + "# still\n", before=INVALID), OPENED))
    assert "Merged, it would be invalid, and every check would ask for action:" in check.summary
    assert "an administrator" not in check.summary
    assert [each.title for each in check.annotations][1:] == ["Invalid configuration, if it is merged"]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "It deletes it: nothing would be judged"),
        ("version: 1\n", "It has no section `quality_gate`, so nothing would be judged."),
    ],
)
async def test_a_repair_that_takes_the_gate_out_is_told_so(
    github: AtGitHub, file: str | None, words: str
) -> None:
    assert words in check_of(await decided(proposing(github, file, before=INVALID), OPENED)).summary


async def test_what_a_commit_without_a_pull_request_has_is_nobodys_proposal(github: AtGitHub) -> None:
    at = proposing(github, VALID, before=INVALID)
    at.pulls = ()
    assert (await evidence_of(at, ENDED)).proposed is None
